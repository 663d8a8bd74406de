// SPDX-License-Identifier: BSD-3-Clause
// The syndrome of an abort that a vCPU gets, worked out by hand (R13; Arm ARM D24.2.37).
#include <gtest/gtest.h>

#include "core/tower.hpp"
#include "core/vcpu/vcpu_state.hpp"
#include "tests/unit/cpu/rig.hpp"

namespace redoubt::test {
namespace {

constexpr u64 kVm = 1, kVcpu = 2, kId = kVm * VCPU_PER_VM + kVcpu;
constexpr u64 kEl1 = 5, kEl0 = 0;
constexpr u64 kOnWalk = 1u << 7, kWrite = 1u << 6, kLength32 = 1u << 25;

struct Abort {
  u64 todo, esr, pstate, walk;
};

// ESR_EL1 of the vCPU after the exception; the emulation says that the walk was at `walk`.
u64 injected(Abort const& abort) {
  Concrete domain;
  State<P> start = full_state(domain, HOSTVISOR, 0);
  start.cpu.shadow.write(kId, ctxt::DIRTY, abort.todo);
  start.cpu.shadow.write(kId, ctxt::ESR_EL2, abort.esr);
  start.cpu.shadow.write(kId, ctxt::PSTATE, abort.pstate);
  start.oracles.doracle = State<P>::Map(domain, "doracle", [&](u64, u64) { return abort.walk; });
  Machine machine{domain, start};
  tower::VcpuOpsAuxLayer<Machine> code{machine};
  code.update_exception_gp_regs(Vm(kVm), Vcpu(kVcpu));
  return machine.cpu().shadow.read(kId, ctxt::ESR_EL1);
}

constexpr u64 lower(u64 exception_class) { return exception_class << 26 | kLength32; }

TEST(GuestAbort, OnAWalkHasItsLevel) {
  // level -1: 0b010011; 0 to 3: 0b010100 to 0b010111
  for (u64 walk = 0; walk <= 4; ++walk) {
    const u64 status = 0x13 + walk;
    EXPECT_EQ(injected({dirty::kDataAbort, lower(0x24) | kOnWalk | 5, kEl1, walk}), lower(0x25) | status);
    EXPECT_EQ(injected({dirty::kDataAbort, lower(0x24) | kOnWalk | 5, kEl0, walk}), lower(0x24) | status);
    EXPECT_EQ(injected({dirty::kInstructionAbort, lower(0x20) | kOnWalk | 7, kEl1, walk}),
              lower(0x21) | status);
    EXPECT_EQ(injected({dirty::kInstructionAbort, lower(0x20) | kOnWalk | 7, kEl0, walk}),
              lower(0x20) | status);
  }
}

TEST(GuestAbort, KeepsWhatTheAccessWas) {
  EXPECT_EQ(injected({dirty::kDataAbort, lower(0x24) | kOnWalk | kWrite | 4, kEl1, 2}),
            lower(0x25) | kWrite | 0x15);
}

TEST(GuestAbort, LevelsThatDoNotExistAreLevel0) {
  for (const u64 walk : {u64{5}, u64{6}, u64{1} << 63, ~u64{0}}) {
    EXPECT_EQ(injected({dirty::kDataAbort, lower(0x24) | kOnWalk | 5, kEl1, walk}), lower(0x25) | 0x14);
  }
}

TEST(GuestAbort, NotOnAWalkIsPlain) {
  for (const u64 walk : {u64{0}, u64{3}, ~u64{0}}) {
    EXPECT_EQ(injected({dirty::kDataAbort, lower(0x24) | 5, kEl1, walk}), lower(0x25) | 0x10);
    EXPECT_EQ(injected({dirty::kInstructionAbort, lower(0x20) | 7, kEl0, walk}), lower(0x20) | 0x10);
  }
}

TEST(GuestAbort, UndefinedIsNoAbort) {
  EXPECT_EQ(injected({dirty::kUndefined, u64{0x18} << 26 | kLength32 | kOnWalk, kEl1, 2}), kLength32);
}

}  // namespace
}  // namespace redoubt::test
