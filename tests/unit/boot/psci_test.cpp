// SPDX-License-Identifier: BSD-3-Clause
// PSCI against a firmware played by the test: answers, argument checks, and the states under any order of
// calls.
#include "boot/psci.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <set>
#include <vector>

namespace redoubt {
namespace {

constexpr std::uint64_t kGoodEntry = 0x4040'0000, kBadEntry = 0x0900'0000, kCoreEntry = 0x4020'0400;
constexpr std::size_t kCpus = 4;

struct Firmware {
  std::set<std::uint64_t> running{0};
  std::int64_t refuse = 0;  // answer to the next CPU_ON, CPU_OFF
  unsigned starts = 0;
  bool locked = false;
  std::uint64_t self = 0;

  std::int64_t firmware(std::uint32_t function, std::uint64_t a, std::uint64_t b, std::uint64_t c) {
    EXPECT_FALSE(locked) << "the lock is never held across a firmware call";
    if (function == psci::kAffinityInfo64) return running.contains(a) ? 0 : 1;
    if (refuse != 0) return refuse;
    if (function == psci::kCpuOff) {
      running.erase(self);
      return 0;
    }
    if (function != psci::kCpuOn64) return 0;
    EXPECT_EQ(b, kCoreEntry);
    EXPECT_EQ(c, a >> 8 | (a & 0xff));  // the index, see affinity_of
    if (!running.insert(a).second) return psci::already_on;
    ++starts;
    return 0;
  }
  bool host_may_run_at(std::uint64_t address) { return address == kGoodEntry; }
  std::uint64_t core_entry() { return kCoreEntry; }
  void lock() {
    EXPECT_FALSE(locked);
    locked = true;
  }
  void unlock() { locked = false; }
  void log_cpu_on(std::uint64_t) {}
  void log_cpu_off(std::size_t) {}
  void log_system_off(std::uint64_t) {}
};

constexpr std::uint64_t affinity_of(std::size_t index) { return index; }

struct Machine {
  Firmware firmware;
  Psci<8> psci{};
  Machine() {
    std::vector<std::uint64_t> affinities;
    for (std::size_t i = 0; i < kCpus; ++i) affinities.push_back(affinity_of(i));
    psci.init(affinities, 0);
  }
  std::int64_t call(std::uint32_t function, std::uint64_t a = 0, std::uint64_t b = 0, std::uint64_t c = 0,
                    std::size_t self = 0) {
    firmware.self = affinity_of(self);
    return psci.call(firmware, self, function, {a, b, c});
  }
};

TEST(Psci, SaysWhatItOffers) {
  Machine m;
  EXPECT_EQ(m.call(psci::kVersion), 0x10001);
  EXPECT_EQ(m.call(psci::kMigrateInfoType), 2);
  for (std::uint32_t const function :
       {0x8400'0000u, 0x8400'0002u, 0x8400'0003u, 0xc400'0003u, 0x8400'0004u, 0xc400'0004u, 0x8400'0006u,
        0x8400'0008u, 0x8400'0009u, 0x8400'000au, 0x8000'0000u})
    EXPECT_EQ(m.call(psci::kFeatures, function), 0) << std::hex << function;
  // CPU_SUSPEND, MIGRATE, SYSTEM_SUSPEND, SYSTEM_RESET2, MEM_PROTECT, SDEI, TRNG
  for (std::uint32_t const function :
       {0x8400'0001u, 0xc400'0001u, 0x8400'0005u, 0x8400'000eu, 0xc400'000eu, 0x8400'0012u, 0xc400'0012u,
        0x8400'0013u, 0xc400'0020u, 0x8400'0050u}) {
    EXPECT_EQ(m.call(psci::kFeatures, function), -1) << std::hex << function;
    EXPECT_EQ(m.call(function), -1) << std::hex << function;
  }
}

TEST(Psci, CpuOnChecksItsArguments) {
  Machine m;
  EXPECT_EQ(m.call(psci::kCpuOn64, 9, kGoodEntry), psci::invalid_parameters);
  EXPECT_EQ(m.call(psci::kCpuOn64, 1ull << 31 | 1, kGoodEntry), psci::invalid_parameters);
  EXPECT_EQ(m.call(psci::kCpuOn64, 1, kBadEntry), psci::invalid_address);
  EXPECT_EQ(m.call(psci::kCpuOn64, 1, kGoodEntry + 2), psci::invalid_address);
  EXPECT_EQ(m.call(psci::kCpuOn64, 0, kGoodEntry), psci::already_on);
  EXPECT_EQ(m.firmware.starts, 0u);
}

TEST(Psci, CpuLifeCycle) {
  Machine m;
  EXPECT_EQ(m.call(psci::kAffinityInfo64, 1, 0), 1);
  EXPECT_EQ(m.call(psci::kCpuOn64, 1, kGoodEntry, 77), 0);
  EXPECT_EQ(m.call(psci::kAffinityInfo64, 1, 0), 2);
  EXPECT_EQ(m.call(psci::kCpuOn64, 1, kGoodEntry, 88), psci::on_pending);
  auto const start = m.psci.arrived(m.firmware, 1);
  EXPECT_EQ(start.entry, kGoodEntry);
  EXPECT_EQ(start.context, 77u);  // the second call changed nothing
  EXPECT_EQ(m.call(psci::kAffinityInfo64, 1, 0), 0);
  EXPECT_EQ(m.call(psci::kCpuOn64, 1, kGoodEntry), psci::already_on);
  m.call(psci::kCpuOff, 0, 0, 0, 1);
  m.firmware.running.erase(1);
  // A real CPU_OFF does not return; the test's does, and the core then takes the CPU for refused.
  EXPECT_EQ(m.psci.state(1), Psci<8>::State::on);
}

TEST(Psci, ThirtyTwoBitCallsUseLowHalves) {
  Machine m;
  EXPECT_EQ(m.call(psci::kCpuOn32, 0xffff'ffff'0000'0001, 0xffff'ffff'0000'0000 | kGoodEntry, ~0ull), 0);
  EXPECT_EQ(m.psci.arrived(m.firmware, 1).context, 0xffff'ffffu);
  EXPECT_EQ(m.call(psci::kAffinityInfo32, 0xffff'ffff'0000'0002, 0), 1);
}

TEST(Psci, FirmwareRefusalsArePassedOn) {
  Machine m;
  m.firmware.refuse = psci::internal_failure;
  EXPECT_EQ(m.call(psci::kCpuOn64, 2, kGoodEntry), psci::internal_failure);
  EXPECT_EQ(m.psci.state(2), Psci<8>::State::off);
  m.firmware.refuse = psci::denied;
  EXPECT_EQ(m.call(psci::kCpuOff), psci::denied);
  EXPECT_EQ(m.psci.state(0), Psci<8>::State::on);
  m.firmware.refuse = 0;
  EXPECT_EQ(m.call(psci::kCpuOn64, 2, kGoodEntry), 0);
}

TEST(Psci, ACpuThatHasNotStoppedYetIsNotOff) {
  Machine m;
  m.firmware.running.insert(3);  // off for the core, still on its way down in the firmware
  EXPECT_EQ(m.call(psci::kAffinityInfo64, 3, 0), 0);
  EXPECT_EQ(m.call(psci::kCpuOn64, 3, kGoodEntry), psci::already_on);
  EXPECT_EQ(m.psci.state(3), Psci<8>::State::off);
  EXPECT_EQ(m.call(psci::kAffinityInfo64, 3, 1), psci::invalid_parameters);
}

RC_GTEST_PROP(PsciProperty, OnlyOffCpusAreStarted, ()) {
  Machine m;
  auto const steps = *rc::gen::inRange(1, 60);
  for (int i = 0; i < steps; ++i) {
    auto const target = *rc::gen::inRange<std::size_t>(0, kCpus + 1);
    if (*rc::gen::arbitrary<bool>() && target < kCpus && m.psci.state(target) == Psci<8>::State::on_pending) {
      RC_ASSERT(m.psci.arrived(m.firmware, target).entry == kGoodEntry);
      continue;
    }
    auto const entry = *rc::gen::element(kGoodEntry, kBadEntry);
    bool const was_off = target < kCpus && m.psci.state(target) == Psci<8>::State::off;
    unsigned const before = m.firmware.starts;
    auto const result = m.call(psci::kCpuOn64, affinity_of(target), entry);
    RC_ASSERT((result == 0) == (was_off && entry == kGoodEntry));
    RC_ASSERT(m.firmware.starts == before + (result == 0));
  }
}

}  // namespace
}  // namespace redoubt
