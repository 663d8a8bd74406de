// SPDX-License-Identifier: BSD-3-Clause
// A vCPU's interrupts in the list registers: presenting, acknowledging, ending, levels, SPIs, WFI.
#include "tests/unit/vcpu/fake_cpu.hpp"

namespace redoubt::test {
namespace {

constexpr u64 kIsenabler = 0x1'0100, kIcenabler = 0x1'0180, kIspendr = 0x1'0200, kIcpendr = 0x1'0280,
              kIsactiver = 0x1'0300, kIcactiver = 0x1'0380;

void offer(Rig& rig, std::vector<OfferedSpi> const& spis) {
  rig.leave();
  std::array<OfferedSpi, 4> all{};
  for (std::size_t i = 0; i < spis.size(); ++i) all[i] = spis[i];
  rig.vcpu.begin(all, static_cast<unsigned>(spis.size()));
  rig.enter();
}

TEST(Vgic, NothingIsThereAtReset) {
  FakeCpu cpu;
  GuestInterrupts vcpu;
  vcpu.reset();
  TimerState host;
  vcpu.enter(cpu, host, 0);
  EXPECT_EQ(cpu.used_lists(), 0u);
  EXPECT_EQ(cpu.read<reg::ich_hcr_el2>(), 1u);
  EXPECT_EQ(cpu.read<reg::ich_vmcr_el2>(), 0u);
  EXPECT_EQ(cpu.enables, 1u);
  EXPECT_FALSE(cpu.held);
}

TEST(Vgic, AnSgiIsPresentedAcknowledgedAndEnded) {
  Rig rig;
  rig.write(kIspendr, 1u << 5);
  EXPECT_EQ(rig.cpu.used_lists(), 1u);
  EXPECT_EQ(rig.cpu.list(0), u64{1} << 62 | u64{1} << 60 | u64{0xa0} << 48 | 5);
  EXPECT_EQ(rig.cpu.guest_acknowledge(), 5u);
  EXPECT_EQ(rig.read(kIspendr), 0u);
  EXPECT_EQ(rig.read(kIsactiver), 1u << 5);
  rig.cpu.guest_end(5);
  EXPECT_EQ(rig.read(kIsactiver), 0u);
  EXPECT_EQ(rig.cpu.used_lists(), 0u);
}

TEST(Vgic, WhatIsDisabledStaysPendingAndIsNotPresented) {
  Rig rig;
  rig.write(kIcenabler, 1u << 3);
  rig.write(kIspendr, 1u << 3);
  EXPECT_EQ(rig.cpu.used_lists(), 0u);
  EXPECT_EQ(rig.read(kIspendr), 1u << 3);
  rig.write(kIsenabler, 1u << 3);
  EXPECT_EQ(rig.cpu.guest_peek(), 3u);
  rig.write(kIcpendr, 1u << 3);
  EXPECT_EQ(rig.cpu.guest_peek(), 1023u);
}

TEST(Vgic, PendingAgainWhileActiveComesAgainAfterTheEnd) {
  Rig rig;
  rig.write(kIspendr, 1u << 2);
  EXPECT_EQ(rig.cpu.guest_acknowledge(), 2u);
  rig.write(kIspendr, 1u << 2);
  EXPECT_EQ(rig.cpu.list(0) >> 62, 3u);
  EXPECT_EQ(rig.cpu.guest_peek(), 1023u);
  rig.cpu.guest_end(2);
  EXPECT_EQ(rig.cpu.guest_acknowledge(), 2u);
  rig.cpu.guest_end(2);
  EXPECT_EQ(rig.cpu.guest_peek(), 1023u);
}

TEST(Vgic, PendingAgainWhileActiveAndDisabledIsKept) {
  Rig rig;
  rig.write(kIspendr, 1u << 2);
  EXPECT_EQ(rig.cpu.guest_acknowledge(), 2u);
  rig.write(kIcenabler, 1u << 2);
  rig.write(kIspendr, 1u << 2);
  rig.cpu.guest_end(2);
  rig.write(kIsenabler, 1u << 2);
  EXPECT_EQ(rig.cpu.guest_acknowledge(), 2u);
}

TEST(Vgic, HigherPriorityPreempts) {
  Rig rig;
  rig.write(0x1'0400 + 7, 0x40, 1);
  rig.write(kIspendr, 1u << 6);
  EXPECT_EQ(rig.cpu.guest_acknowledge(), 6u);
  rig.write(kIspendr, 1u << 7 | 1u << 8);
  EXPECT_EQ(rig.cpu.guest_acknowledge(), 7u);
  EXPECT_EQ(rig.cpu.guest_acknowledge(), 1023u);  // 8 is no better than 6
  rig.cpu.guest_end(7);
  EXPECT_EQ(rig.cpu.guest_peek(), 1023u);
  rig.cpu.guest_end(6);
  EXPECT_EQ(rig.cpu.guest_acknowledge(), 8u);
}

TEST(Vgic, ActiveStateCanBeSetAndClearedByRegister) {
  Rig rig;
  rig.write(kIsactiver, 1u << 9);
  EXPECT_EQ(rig.cpu.list(0) >> 62, 2u);
  rig.write(kIspendr, 1u << 9);
  EXPECT_EQ(rig.cpu.guest_peek(), 1023u);
  rig.write(kIcactiver, 1u << 9);
  EXPECT_EQ(rig.cpu.guest_peek(), 9u);
}

TEST(Vgic, StateSurvivesTheHostsTurns) {
  Rig rig;
  rig.write(0x1'0404, 0x20, 1);
  rig.write(kIspendr, 1u << 4 | 1u << 9);
  EXPECT_EQ(rig.cpu.guest_acknowledge(), 4u);
  u64 const vmcr = rig.cpu.read<reg::ich_vmcr_el2>(), active = rig.cpu.get(reg::ich_ap1r_el2(0));
  rig.leave();
  EXPECT_EQ(rig.cpu.used_lists(), 0u) << "INV-VGIC-1";
  EXPECT_EQ(rig.cpu.read<reg::ich_hcr_el2>(), 0u) << "INV-VGIC-1";
  rig.cpu.write<reg::ich_vmcr_el2>(0x1234);
  rig.cpu.write<reg::ich_ap1r_el2(0)>(0xff);
  rig.enter();
  EXPECT_EQ(rig.cpu.read<reg::ich_vmcr_el2>(), vmcr);
  EXPECT_EQ(rig.cpu.get(reg::ich_ap1r_el2(0)), active);
  rig.cpu.guest_end(4);
  EXPECT_EQ(rig.cpu.guest_acknowledge(), 9u);
}

TEST(Vgic, UnusedListRegistersAreCleared) {
  Rig rig;
  rig.write(kIspendr, 0xf);
  EXPECT_EQ(rig.cpu.used_lists(), 4u);
  rig.write(kIcpendr, 0xe);
  EXPECT_EQ(rig.cpu.used_lists(), 1u);
  rig.write(kIcpendr, 1);
  EXPECT_EQ(rig.cpu.used_lists(), 0u);
}

// --- SPIs ---

TEST(VgicSpi, IsDeliveredTakenActiveAndEnded) {
  Rig rig;
  offer(rig, {{33, 0x80}, {40, 0x90}});
  EXPECT_EQ(rig.cpu.guest_acknowledge(), 33u);
  rig.leave();
  EXPECT_EQ(rig.vcpu.taken(), 1u);  // 40 was not
  EXPECT_EQ(rig.vcpu.active_spis(0), u64{1} << 33);
  rig.vcpu.begin({}, 0);
  rig.enter();
  EXPECT_EQ(rig.cpu.used_lists(), 1u);  // what was not taken is gone
  rig.cpu.guest_end(33);
  rig.leave();
  EXPECT_EQ(rig.vcpu.active_spis(0), 0u);
  EXPECT_EQ(rig.vcpu.taken(), 0u);
}

TEST(VgicSpi, TakenAndEndedInOneRun) {
  Rig rig;
  offer(rig, {{255, 0x80}});
  EXPECT_EQ(rig.cpu.guest_acknowledge(), 255u);
  rig.cpu.guest_end(255);
  rig.trap();
  rig.leave();
  EXPECT_EQ(rig.vcpu.taken(), 1u);
  for (unsigned word = 0; word < 4; ++word) EXPECT_EQ(rig.vcpu.active_spis(word), 0u);
}

TEST(VgicSpi, BadOffersAreNotDelivered) {
  Rig rig;
  offer(rig, {{0, 0}, {31, 0}, {256, 0}, {0xffff, 0}});
  EXPECT_EQ(rig.cpu.used_lists(), 0u);
  offer(rig, {{50, 0}, {50, 0}});
  EXPECT_EQ(rig.cpu.used_lists(), 1u);
  EXPECT_EQ(rig.cpu.guest_acknowledge(), 50u);
  rig.leave();
  EXPECT_EQ(rig.vcpu.taken(), 1u);
  rig.vcpu.vgic().offer(4, 60, 0);  // no such position
  rig.enter();
  EXPECT_EQ(rig.cpu.used_lists(), 1u);
}

TEST(VgicSpi, PrioritiesHaveFiveBits) {
  Rig rig;
  offer(rig, {{70, 0x7f}});
  EXPECT_EQ(gic::List::Priority::get(rig.cpu.list(0)), 0x78u);
}

TEST(VgicSpi, OfferedAgainWhileActiveItKeepsItsPriority) {
  Rig rig;
  offer(rig, {{33, 0x80}});
  EXPECT_EQ(rig.cpu.guest_acknowledge(), 33u);
  offer(rig, {{33, 0x20}});
  EXPECT_EQ(rig.cpu.list(0) >> 62, 3u);
  rig.cpu.guest_end(33);
  EXPECT_EQ(rig.cpu.guest_acknowledge(), 33u);
  rig.leave();
  EXPECT_EQ(rig.vcpu.taken(), 1u);
}

TEST(VgicSpi, TooManyActiveOnesMakeTheHostWait) {
  Rig rig(16);
  rig.cpu.guest_interface(true, 0xf8, true);
  for (std::uint16_t i = 0; i < Vgic::kSpiSlots; ++i) {  // acknowledged and never deactivated
    auto const intid = static_cast<std::uint16_t>(100 + i);
    offer(rig, {{intid, 0x80}});
    EXPECT_EQ(rig.cpu.guest_acknowledge(), intid);
    rig.cpu.guest_end(intid);
  }
  offer(rig, {{200, 0x80}});
  EXPECT_EQ(rig.cpu.guest_acknowledge(), 1023u);
  EXPECT_FALSE(rig.cpu.guest_deactivate(103));
  rig.leave();
  EXPECT_EQ(rig.vcpu.taken(), 0u);
  offer(rig, {{200, 0x80}});
  EXPECT_EQ(rig.cpu.guest_acknowledge(), 200u);
}

// --- WFI ---

TEST(VgicWait, EndsForWhatTheGuestWouldTake) {
  Rig rig;
  EXPECT_FALSE(rig.vcpu.on_wfi(rig.cpu, 0).resume);
  rig.write(kIspendr, 2);
  EXPECT_TRUE(rig.vcpu.on_wfi(rig.cpu, 0).resume);
  rig.cpu.guest_interface(true, 0xa0);  // the priority mask holds it back
  EXPECT_FALSE(rig.vcpu.on_wfi(rig.cpu, 0).resume);
  rig.cpu.guest_interface(false, 0xf8);  // group 1 is off
  EXPECT_FALSE(rig.vcpu.on_wfi(rig.cpu, 0).resume);
  rig.cpu.guest_interface(true, 0xf8);
  rig.write(kIcenabler, 2);
  EXPECT_FALSE(rig.vcpu.on_wfi(rig.cpu, 0).resume);
}

TEST(VgicWait, EndsForAPostedSgiAndAnOfferedSpi) {
  Rig rig;
  EXPECT_TRUE(rig.vcpu.vgic().post(1u << 4));
  EXPECT_TRUE(rig.vcpu.on_wfi(rig.cpu, 0).resume);
  EXPECT_EQ(rig.cpu.guest_acknowledge(), 4u);
  EXPECT_FALSE(rig.vcpu.on_wfi(rig.cpu, 0).resume);
  rig.cpu.guest_end(4);
  offer(rig, {{90, 0x80}});
  EXPECT_TRUE(rig.vcpu.on_wfi(rig.cpu, 0).resume);
  EXPECT_EQ(rig.cpu.guest_acknowledge(), 90u);
  EXPECT_FALSE(rig.vcpu.on_wfi(rig.cpu, 0).resume);
}

// --- physical interrupts ---

TEST(VgicIrq, WhatIsTheHostsGoesToTheHost) {
  Rig rig;
  for (u64 const intid : {2u, 30u, 45u, 1023u, 25u, 27u}) {  // 25, 27: made pending by the host
    rig.cpu.host_interrupt = intid;
    EXPECT_EQ(rig.vcpu.on_irq(rig.cpu), IrqOutcome::exit) << intid;
  }
}

}  // namespace
}  // namespace redoubt::test
