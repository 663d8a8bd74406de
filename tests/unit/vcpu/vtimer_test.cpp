// SPDX-License-Identifier: BSD-3-Clause
// The guest's timer and the host's deadline: armed, fired, masked, armed again, across runs.
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "tests/unit/vcpu/fake_cpu.hpp"

namespace redoubt::test {
namespace {

constexpr u64 kTimer = u64{1} << 27;
constexpr u64 kIspendr = 0x1'0200, kIcpendr = 0x1'0280, kIsactiver = 0x1'0300, kIcenabler = 0x1'0180,
              kIsenabler = 0x1'0100;

// The guest's handler: acknowledge, program the next time, end.
void handle(Rig& rig, u64 ctl, u64 cval) {
  ASSERT_EQ(rig.cpu.guest_acknowledge(), 27u);
  rig.cpu.guest_timer(ctl, cval);
  rig.cpu.guest_end(27);
}

TEST(Vtimer, FiresOnceForEachTime) {
  Rig rig;
  rig.cpu.guest_timer(1, 2000);
  EXPECT_EQ(rig.cpu.physical(), 1023u);
  rig.cpu.now = 2000;
  ASSERT_EQ(rig.cpu.physical(), 27u);
  EXPECT_EQ(rig.vcpu.on_irq(rig.cpu), IrqOutcome::resume);
  EXPECT_EQ(rig.cpu.physical(), 1023u) << "held while the guest has it";
  EXPECT_EQ(rig.cpu.read<reg::cntv_ctl_el0>(), 5u) << "the guest sees the timer as it set it";
  handle(rig, 1, 3000);
  EXPECT_EQ(rig.cpu.physical(), 1023u);
  rig.cpu.now = 3001;
  EXPECT_EQ(rig.cpu.physical(), 27u);
  EXPECT_EQ(rig.vcpu.on_irq(rig.cpu), IrqOutcome::resume);
  EXPECT_EQ(rig.cpu.guest_peek(), 27u);
}

// A guest that only writes CVAL, or nothing at all.
TEST(Vtimer, IsALevel) {
  Rig rig;
  rig.cpu.guest_timer(1, 0);
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(rig.cpu.physical(), 27u);
    EXPECT_EQ(rig.vcpu.on_irq(rig.cpu), IrqOutcome::resume);
    EXPECT_EQ(rig.cpu.guest_acknowledge(), 27u);
    rig.cpu.guest_end(27);
  }
  EXPECT_EQ(rig.vcpu.on_irq(rig.cpu), IrqOutcome::resume);
  rig.cpu.write<reg::cntv_cval_el0>(5000);
  EXPECT_EQ(rig.cpu.guest_peek(), 27u);  // a request that has been made
  rig.trap();
  EXPECT_EQ(rig.cpu.guest_peek(), 1023u);  // is withdrawn at the next trap
  EXPECT_FALSE(rig.cpu.held);
}

TEST(Vtimer, MaskedByTheGuestItIsSilent) {
  Rig rig;
  rig.cpu.guest_timer(3, 0);
  EXPECT_EQ(rig.cpu.physical(), 1023u);
  rig.cpu.guest_timer(1, 0);
  EXPECT_EQ(rig.vcpu.on_irq(rig.cpu), IrqOutcome::resume);
  handle(rig, 3, 0);  // as Linux does: masks, then arms
  EXPECT_EQ(rig.cpu.physical(), 1023u);
}

TEST(Vtimer, DueWhileTheHostRunsItIsPendingAtEntry) {
  Rig rig;
  rig.cpu.guest_timer(1, 5000);
  rig.leave();
  rig.cpu.now = 6000;
  EXPECT_EQ(rig.cpu.physical(), 1023u);  // the guest's time is nothing to the host
  rig.enter();
  EXPECT_TRUE(rig.cpu.held);
  EXPECT_EQ(rig.cpu.physical(), 1023u);
  EXPECT_EQ(rig.cpu.guest_peek(), 27u);
}

TEST(Vtimer, ActiveAcrossARunItIsHeldAgain) {
  Rig rig;
  rig.cpu.guest_timer(1, 0);
  EXPECT_EQ(rig.vcpu.on_irq(rig.cpu), IrqOutcome::resume);
  EXPECT_EQ(rig.cpu.guest_acknowledge(), 27u);
  rig.leave();
  EXPECT_FALSE(rig.cpu.held) << "INV-VGIC-1";
  rig.enter();
  EXPECT_TRUE(rig.cpu.held) << "INV-VGIC-3";
  EXPECT_EQ(rig.cpu.list(0) >> 61, 5u);  // active, with the physical one
  rig.cpu.guest_end(27);
  EXPECT_EQ(rig.cpu.physical(), 27u);  // the line is still high
}

TEST(Vtimer, DisabledInTheRedistributorItStaysHeld) {
  Rig rig;
  rig.write(kIcenabler, kTimer);
  rig.cpu.guest_timer(1, 0);
  EXPECT_EQ(rig.vcpu.on_irq(rig.cpu), IrqOutcome::resume);
  EXPECT_EQ(rig.cpu.physical(), 1023u) << "no storm";
  EXPECT_EQ(rig.cpu.guest_peek(), 1023u);
  EXPECT_EQ(rig.read(kIspendr), kTimer);
  rig.write(kIcpendr, kTimer);
  EXPECT_EQ(rig.read(kIspendr), kTimer);  // the line holds it
  EXPECT_EQ(rig.vcpu.on_wfi(rig.cpu, 0).deadline, timer::kNever);
  rig.write(kIsenabler, kTimer);
  EXPECT_EQ(rig.cpu.guest_peek(), 27u);
}

TEST(Vtimer, MadePendingAndActiveByRegister) {
  Rig rig;
  rig.write(kIspendr, kTimer);
  EXPECT_TRUE(rig.cpu.held);
  EXPECT_EQ(rig.cpu.guest_acknowledge(), 27u);
  EXPECT_EQ(rig.read(kIspendr), 0u);
  rig.cpu.guest_end(27);
  EXPECT_FALSE(rig.cpu.held);
  rig.write(kIsactiver, kTimer);
  EXPECT_TRUE(rig.cpu.held);
  rig.write(kIspendr, kTimer);
  rig.write(0x1'0380, kTimer);
  EXPECT_EQ(rig.cpu.guest_acknowledge(), 27u);  // pending was kept while it was active
}

TEST(Vtimer, WhoeverTakesTheHoldAwayGetsTheCpuBack) {
  Rig rig;
  rig.cpu.guest_timer(1, 0);
  EXPECT_EQ(rig.vcpu.on_irq(rig.cpu), IrqOutcome::resume);
  rig.cpu.held = false;  // by the host, from another CPU
  EXPECT_EQ(rig.cpu.physical(), 27u);
  EXPECT_EQ(rig.vcpu.on_irq(rig.cpu), IrqOutcome::exit);
  rig.cpu.held = true;  // fake_cpu counts stores for nothing
  rig.leave();
  rig.enter();
  EXPECT_TRUE(rig.cpu.held);
}

TEST(Vtimer, ActiveWithoutAListRegisterItIsReleasedWhenItEnds) {
  Rig rig(1);
  rig.cpu.guest_timer(1, 0);
  EXPECT_EQ(rig.vcpu.on_irq(rig.cpu), IrqOutcome::resume);
  EXPECT_EQ(rig.cpu.guest_acknowledge(), 27u);
  rig.write(0x1'0400, 0x20, 1);
  rig.write(kIspendr, 1);  // takes the only list register
  EXPECT_EQ(rig.cpu.guest_acknowledge(), 0u);
  rig.cpu.guest_timer(0, 0);
  rig.cpu.guest_end(0);
  rig.cpu.guest_end(27);
  EXPECT_TRUE(rig.cpu.held);
  EXPECT_EQ(rig.vcpu.on_irq(rig.cpu), IrqOutcome::resume);
  EXPECT_FALSE(rig.cpu.held);
  EXPECT_EQ(rig.read(kIsactiver), 0u);
}

// --- the host's deadline ---

TEST(HostTimer, IsSavedArmedElsewhereAndComesBack) {
  Rig rig;
  EXPECT_EQ(rig.cpu.get(reg::cnthp_ctl_el2), 1u);
  EXPECT_EQ(rig.cpu.get(reg::cnthp_cval_el2), 1'000'000u);
  rig.cpu.guest_timer(1, 77);
  rig.cpu.now = 1'000'000;
  EXPECT_EQ(rig.cpu.physical(), 26u);
  EXPECT_EQ(rig.vcpu.on_irq(rig.cpu), IrqOutcome::exit);
  rig.leave();
  EXPECT_EQ(rig.cpu.get(reg::cnthp_ctl_el2), 0u);
  EXPECT_EQ(rig.cpu.get(reg::cntv_cval_el0), 1'000'000u);
  EXPECT_EQ(rig.cpu.get(reg::cntv_ctl_el0), 1u);
  EXPECT_EQ(rig.cpu.physical(), 27u);  // now the host takes it
}

TEST(HostTimer, OffOrMaskedItArmsNothing) {
  for (u64 const ctl : {0u, 2u, 3u}) {
    Rig rig;
    rig.leave();
    rig.cpu.write<reg::cntv_ctl_el0>(ctl);
    rig.enter();
    EXPECT_EQ(rig.cpu.get(reg::cnthp_ctl_el2), 0u);
    rig.leave();
    EXPECT_EQ(rig.cpu.get(reg::cntv_ctl_el0), ctl);
  }
}

TEST(HostTimer, OffsetsAreTheGuestsOwn) {
  Rig rig;
  rig.leave();
  rig.offset = 900;
  rig.enter();
  EXPECT_EQ(rig.cpu.get(reg::cntvoff_el2), 900u);
  rig.cpu.guest_timer(1, 150);  // the guest's 150 is 1050
  WfiOutcome const outcome = rig.vcpu.on_wfi(rig.cpu, rig.offset);
  EXPECT_FALSE(outcome.resume);
  EXPECT_EQ(outcome.deadline, 1050u);
  rig.leave();
  EXPECT_EQ(rig.cpu.get(reg::cntvoff_el2), 0u) << "INV-VTIMER-1";
  rig.cpu.now = 1050;
  rig.enter();
  EXPECT_TRUE(rig.vcpu.on_wfi(rig.cpu, rig.offset).resume);
}

TEST(HostTimer, NoDateIsNoDeadline) {
  Rig rig;
  EXPECT_EQ(rig.vcpu.on_wfi(rig.cpu, 0).deadline, timer::kNever);  // off
  rig.cpu.guest_timer(3, 5000);
  EXPECT_EQ(rig.vcpu.on_wfi(rig.cpu, 0).deadline, timer::kNever);  // masked
  rig.cpu.guest_timer(1, ~u64{0} - 5);
  EXPECT_EQ(rig.vcpu.on_wfi(rig.cpu, 100).deadline, timer::kNever);  // beyond the counter
}

// Any guest timer and any order of runs: what the guest sees of its timer is what it wrote, and the host's is
// whole whenever the host runs.
RC_GTEST_PROP(VtimerProperty, NobodySeesTheOthersTimer, ()) {
  Rig rig;
  rig.leave();
  rig.offset = *rc::gen::inRange<u64>(0, 1000);
  u64 host_ctl = *rc::gen::inRange<u64>(0, 4), host_cval = *rc::gen::arbitrary<u64>();
  u64 guest_ctl = 0, guest_cval = 0;
  int const runs = *rc::gen::inRange(1, 20);
  for (int i = 0; i < runs; ++i) {
    rig.cpu.guest_timer(host_ctl, host_cval);  // the host is loaded
    rig.enter();
    RC_ASSERT((rig.cpu.read<reg::cntv_ctl_el0>() & 3) == guest_ctl);
    RC_ASSERT(rig.cpu.get(reg::cntv_cval_el0) == guest_cval);
    RC_ASSERT((rig.cpu.get(reg::cnthp_ctl_el2) == 1) == ((host_ctl & 3) == 1));
    guest_ctl = *rc::gen::inRange<u64>(0, 4);
    guest_cval = *rc::gen::arbitrary<u64>();
    rig.cpu.guest_timer(guest_ctl, guest_cval);
    rig.cpu.now += *rc::gen::inRange<u64>(0, 1000);
    rig.leave();
    RC_ASSERT((rig.cpu.read<reg::cntv_ctl_el0>() & 3) == host_ctl);
    RC_ASSERT(rig.cpu.get(reg::cntv_cval_el0) == host_cval);
    RC_ASSERT(rig.cpu.get(reg::cnthp_ctl_el2) == 0);
    RC_ASSERT(!rig.cpu.held);
    host_ctl = *rc::gen::inRange<u64>(0, 4);
  }
}

}  // namespace
}  // namespace redoubt::test
