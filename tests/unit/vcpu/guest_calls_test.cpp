// SPDX-License-Identifier: BSD-3-Clause
// Calls of a guest: answers, states of vCPUs, hostile arguments.
#include "core/vcpu/guest_calls.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace redoubt {
namespace {

using Next = GuestCallOutcome::Next;
constexpr u64 kMemory = 0x4000'0000, kMemorySize = 0x800'0000;

struct Environment {
  [[nodiscard]] bool is_guest_memory(u64 ipa) const { return ipa >= kMemory && ipa - kMemory < kMemorySize; }
  [[nodiscard]] std::int64_t workaround_features(std::uint32_t function) const {
    return function == guest_call::kWorkaround1 ? 0 : function == guest_call::kWorkaround2 ? 1 : -1;
  }
  std::int64_t workaround(std::uint32_t, u64) {
    ++workarounds;
    return 0;
  }
  [[nodiscard]] bool has_random() const { return rndr; }
  bool random(u64& value) {
    if (entropy == 0) return false;
    --entropy;
    value = ~u64{0};
    return true;
  }
  bool rndr = true;
  unsigned entropy = 100, workarounds = 0;
};

struct Vm {
  Environment environment;
  VcpuPower power;
  explicit Vm(u64 vcpus = 2) {
    power.reset();
    for (u64 i = 0; i < vcpus; ++i) power.create(i, {kMemory, 0x4800'0000});
    power.started(0);
  }
  GuestCallOutcome call(u64 x0, u64 x1 = 0, u64 x2 = 0, u64 x3 = 0, u64 self = 0) {
    return GuestCalls(environment, power, self).answer({{x0, x1, x2, x3}});
  }
  std::int64_t code(u64 x0, u64 x1 = 0, u64 x2 = 0, u64 x3 = 0) {
    GuestCallOutcome const outcome = call(x0, x1, x2, x3);
    EXPECT_EQ(outcome.next, Next::resume);
    EXPECT_EQ(outcome.results, 1u);
    return static_cast<std::int64_t>(outcome.x[0]);
  }
};

TEST(GuestCalls, SaysWhatItOffers) {
  Vm vm;
  EXPECT_EQ(vm.code(0x8400'0000), 0x1'0001);
  EXPECT_EQ(vm.code(0x8000'0000), 0x1'0001);
  EXPECT_EQ(vm.code(0x8400'0006), 2);
  for (u64 const function :
       {0x8400'0000u, 0x8400'0002u, 0x8400'0003u, 0xc400'0003u, 0x8400'0004u, 0xc400'0004u, 0x8400'0006u,
        0x8400'0008u, 0x8400'0009u, 0x8400'000au, 0x8000'0000u})
    EXPECT_EQ(vm.code(0x8400'000a, function), 0) << std::hex << function;
  for (u64 const function :
       {0x8400'0001u, 0xc400'0001u, 0x8400'0005u, 0xc400'000eu, 0xc400'0012u, 0xc400'0020u})
    EXPECT_EQ(vm.code(0x8400'000a, function), -1) << std::hex << function;
}

TEST(GuestCalls, WhatDoesNotExistIsNotSupported) {
  Vm vm;
  // CPU_SUSPEND, MIGRATE, SYSTEM_SUSPEND, SYSTEM_RESET2, SDEI, the host's calls, PSCI's SMC64 twins that are
  // none
  for (u64 const function : {0xc400'0001u, 0x8400'0001u, 0x8400'0005u, 0xc400'000eu, 0xc400'0012u,
                             0xc400'0020u, 0xc600'0100u, 0xc600'0116u, 0xc600'0001u, 0x8600'0003u,
                             0xc400'0008u, 0xc400'0002u, 0x0u, 0xffff'ffffu, 0x8400'0054u, 0xc400'0050u})
    EXPECT_EQ(vm.code(function), -1) << std::hex << function;
  EXPECT_EQ(vm.power.runnable(), 1u);
}

TEST(GuestCalls, UpperHalfAndSveHintAreIgnored) {
  Vm vm;
  EXPECT_EQ(vm.code(0xffff'ffff'8401'0000), 0x1'0001);
  EXPECT_EQ(vm.code(0x8400'0004, 0xffff'ffff'0000'0001, u64{1} << 32), 1);
  EXPECT_EQ(vm.code(0xc400'0004, 0xffff'ffff'0000'0001), -2);
}

TEST(GuestPsci, CpuOnChecksItsArguments) {
  Vm vm;
  for (u64 const target : {u64{2}, u64{7}, u64{8}, u64{1} << 8 | 1, u64{1} << 31, u64{1} << 32, ~u64{0}})
    EXPECT_EQ(vm.code(0xc400'0003, target, kMemory), -2) << target;
  for (u64 const entry : {u64{0}, kMemory - 4, kMemory + 2, kMemory + kMemorySize, ~u64{3}})
    EXPECT_EQ(vm.code(0xc400'0003, 1, entry), -9) << entry;
  EXPECT_EQ(vm.code(0xc400'0003, 0, kMemory), -4);
  EXPECT_EQ(vm.power.runnable(), 1u);
}

TEST(GuestPsci, LifeOfAVcpu) {
  Vm vm;
  EXPECT_EQ(vm.code(0xc400'0004, 1), 1);
  GuestCallOutcome const on = vm.call(0xc400'0003, 1, kMemory + 0x100, 77);
  EXPECT_EQ(on.next, Next::exit);
  EXPECT_EQ(on.exit, REDOUBT_EXIT_CPU_ON);
  EXPECT_EQ(on.results, 1u);
  EXPECT_EQ(on.x[0], 0u);
  EXPECT_EQ(vm.power.runnable(), 3u);
  EXPECT_EQ(vm.code(0xc400'0004, 1), 2);
  EXPECT_EQ(vm.code(0xc400'0003, 1, kMemory, 88), -5);
  EXPECT_EQ(vm.power.start(1).entry, kMemory + 0x100);
  EXPECT_EQ(vm.power.start(1).context, 77u);
  vm.power.started(1);
  EXPECT_EQ(vm.code(0xc400'0004, 1), 0);
  EXPECT_EQ(vm.code(0xc400'0003, 1, kMemory), -4);
  GuestCallOutcome const off = vm.call(0x8400'0002, 0, 0, 0, 1);
  EXPECT_EQ(off.next, Next::exit);
  EXPECT_EQ(off.exit, REDOUBT_EXIT_CPU_OFF);
  EXPECT_EQ(off.results, 0u);
  EXPECT_FALSE(vm.power.can_run(1));
  EXPECT_EQ(vm.code(0xc400'0004, 1), 1);
  EXPECT_EQ(vm.call(0x8400'0003, 1, 0xffff'ffff'0000'0000 | kMemory, ~u64{0}).exit, REDOUBT_EXIT_CPU_ON);
  EXPECT_EQ(vm.power.start(1).entry, kMemory);
  EXPECT_EQ(vm.power.start(1).context, 0xffff'ffffu);
}

TEST(GuestPsci, AffinityInfoKnowsOneLevel) {
  Vm vm;
  EXPECT_EQ(vm.code(0xc400'0004, 0), 0);
  EXPECT_EQ(vm.code(0xc400'0004, 2), -2);
  EXPECT_EQ(vm.code(0xc400'0004, 1, 1), -2);
  EXPECT_EQ(vm.code(0xc400'0004, ~u64{0}), -2);
}

TEST(GuestPsci, TheWholeSystem) {
  Vm vm;
  EXPECT_EQ(vm.call(0x8400'0008).exit, REDOUBT_EXIT_SYSTEM_OFF);
  EXPECT_EQ(vm.call(0x8400'0009).exit, REDOUBT_EXIT_SYSTEM_RESET);
  EXPECT_EQ(vm.call(0x8400'0009).next, Next::exit);
}

TEST(GuestPsci, ANewVmHasNoVcpus) {
  Vm vm(8);
  EXPECT_EQ(vm.power.count(), 8u);
  vm.power.reset();
  EXPECT_EQ(vm.power.count(), 0u);
  EXPECT_EQ(vm.power.runnable(), 0u);
  vm.power.create(0, {1, 2});
  EXPECT_TRUE(vm.power.can_run(0));
  EXPECT_EQ(vm.power.start(0).entry, 1u);
  vm.power.create(1, {1, 2});
  EXPECT_FALSE(vm.power.can_run(1));
}

TEST(GuestCalls, Identity) {
  Vm vm;
  GuestCallOutcome const uid = vm.call(REDOUBT_SMCCC_VENDOR_UID);
  EXPECT_EQ(uid.results, 4u);
  EXPECT_EQ(uid.x, (std::array<u64, 4>{REDOUBT_UID_0, REDOUBT_UID_1, REDOUBT_UID_2, REDOUBT_UID_3}));
  EXPECT_EQ(vm.call(REDOUBT_GUEST_FEATURES).x, (std::array<u64, 4>{0x1d, 0, 0, 0}));
}

TEST(GuestCalls, WorkaroundsAreTheFirmwares) {
  Vm vm;
  EXPECT_EQ(vm.code(0x8000'0001, 0x8000'0000), 0);
  EXPECT_EQ(vm.code(0x8000'0001, 0x8000'0001), 0);
  EXPECT_EQ(vm.code(0x8000'0001, 0x8000'8000), 0);
  EXPECT_EQ(vm.code(0x8000'0001, 0x8000'7fff), 1);
  EXPECT_EQ(vm.code(0x8000'0001, 0x8000'3fff), -1);
  EXPECT_EQ(vm.code(0x8000'0001, 0x8400'0000), -1);
  EXPECT_EQ(vm.code(0x8000'8000), 0);
  EXPECT_EQ(vm.code(0x8000'3fff), -1);
  EXPECT_EQ(vm.environment.workarounds, 1u);
}

TEST(GuestCalls, Sharing) {
  Vm vm;
  EXPECT_EQ(vm.code(REDOUBT_GUEST_MEMINFO), 4096);
  EXPECT_EQ(vm.code(REDOUBT_GUEST_MEMINFO, 0, 1), -2);
  GuestCallOutcome const share = vm.call(REDOUBT_GUEST_MEM_SHARE, kMemory + 0x5000);
  EXPECT_EQ(share.next, Next::share);
  EXPECT_EQ(share.address, kMemory + 0x5000);
  EXPECT_EQ(vm.call(REDOUBT_GUEST_MEM_UNSHARE, kMemory).next, Next::unshare);
  EXPECT_EQ(vm.code(REDOUBT_GUEST_MEM_SHARE, kMemory + 8), -2);
  EXPECT_EQ(vm.code(REDOUBT_GUEST_MEM_SHARE, 0x0900'0000), -2);
  EXPECT_EQ(vm.code(REDOUBT_GUEST_MEM_SHARE, kMemory, 1), -2);
  EXPECT_EQ(vm.code(REDOUBT_GUEST_MEM_UNSHARE, kMemory, 0, 1), -2);
}

TEST(GuestTrng, ComesFromTheCpuOrNotAtAll) {
  Vm vm;
  EXPECT_EQ(vm.code(0x8400'0050), 0x1'0000);
  EXPECT_EQ(vm.code(0x8400'0051, 0xc400'0053), 0);
  EXPECT_EQ(vm.code(0x8400'0051, 0x8400'0000), -1);
  EXPECT_EQ(vm.call(0x8400'0052).results, 4u);
  EXPECT_EQ(vm.call(0xc400'0053, 192).x, (std::array<u64, 4>{0, ~u64{0}, ~u64{0}, ~u64{0}}));
  EXPECT_EQ(vm.call(0xc400'0053, 65).x, (std::array<u64, 4>{0, 0, 1, ~u64{0}}));
  EXPECT_EQ(vm.call(0xc400'0053, 1).x, (std::array<u64, 4>{0, 0, 0, 1}));
  EXPECT_EQ(vm.call(0x8400'0053, 96).x, (std::array<u64, 4>{0, 0xffff'ffff, 0xffff'ffff, 0xffff'ffff}));
  EXPECT_EQ(vm.code(0x8400'0053, 97), -2);
  EXPECT_EQ(vm.code(0xc400'0053, 0), -2);
  EXPECT_EQ(vm.code(0xc400'0053, 193), -2);
  EXPECT_EQ(vm.code(0xc400'0053, ~u64{0}), -2);
  vm.environment.entropy = 2;
  EXPECT_EQ(vm.code(0xc400'0053, 192), -3);
  vm.environment.rndr = false;
  for (u64 const function : {0x8400'0050u, 0x8400'0051u, 0x8400'0052u, 0x8400'0053u, 0xc400'0053u})
    EXPECT_EQ(vm.code(function, 64), -1);
}

// Any call with any arguments: it ends, powers only vCPUs that exist, starts them only in the VM's memory.
RC_GTEST_PROP(GuestCallsProperty, HostileArguments, ()) {
  Vm vm(3);
  int const steps = *rc::gen::inRange(1, 40);
  for (int i = 0; i < steps; ++i) {
    u64 const known = *rc::gen::element<u64>(0xc400'0003, 0x8400'0003, 0x8400'0002, 0xc400'0004, 0xc600'0003,
                                             0x8400'0008, 0xc400'0053, 0x8000'0001);
    u64 const function =
        *rc::gen::weightedOneOf<u64>({{8, rc::gen::just(known)}, {1, rc::gen::arbitrary<u64>()}});
    auto const argument =
        rc::gen::oneOf(rc::gen::inRange<u64>(0, 9), rc::gen::arbitrary<u64>(),
                       rc::gen::map(rc::gen::inRange<u64>(0, 64), [](u64 n) { return kMemory + n * 2; }));
    u64 const x1 = *argument, x2 = *argument, x3 = *argument, self = *rc::gen::inRange<u64>(0, 3);
    std::uint32_t const before = vm.power.runnable();
    GuestCallOutcome const outcome = vm.call(function, x1, x2, x3, self);
    RC_ASSERT(outcome.results <= 4u);
    RC_ASSERT((vm.power.runnable() & ~7u) == 0u);
    std::uint32_t const changed = before ^ vm.power.runnable();
    bool const on = outcome.next == Next::exit && outcome.exit == REDOUBT_EXIT_CPU_ON;
    bool const off = outcome.next == Next::exit && outcome.exit == REDOUBT_EXIT_CPU_OFF;
    RC_ASSERT((changed == 0u || on || off));
    if (on) {
      u64 const target = static_cast<u64>(std::countr_zero(changed));
      RC_ASSERT(changed == 1u << target);
      RC_ASSERT(vm.environment.is_guest_memory(vm.power.start(target).entry));
      if (*rc::gen::arbitrary<bool>()) vm.power.started(target);
    }
    if (off) RC_ASSERT((changed & ~(1u << self)) == 0u);
    if (outcome.next == Next::share || outcome.next == Next::unshare)
      RC_ASSERT((outcome.address % 4096 == 0 && vm.environment.is_guest_memory(outcome.address)));
  }
}

}  // namespace
}  // namespace redoubt
