// SPDX-License-Identifier: BSD-3-Clause
// More interrupts than list registers.
#include "tests/unit/vcpu/fake_cpu.hpp"

namespace redoubt::test {
namespace {

constexpr u64 kIspendr = 0x1'0200, kIsactiver = 0x1'0300, kIpriorityr = 0x1'0400;

// Serves the core's own physical interrupts until there is none.
void settle(Rig& rig) {
  for (unsigned i = 0; i < 100 && rig.cpu.physical() == 25; ++i)
    ASSERT_EQ(rig.vcpu.on_irq(rig.cpu), IrqOutcome::resume);
  EXPECT_EQ(rig.cpu.physical(), 1023u) << "it never ends";
}

class Overflow : public testing::TestWithParam<unsigned> {};
INSTANTIATE_TEST_SUITE_P(Lists, Overflow, testing::Values(1u, 2u, 4u, 8u, 16u));

TEST_P(Overflow, EveryPendingInterruptIsDeliveredBestFirst) {
  Rig rig(GetParam());
  for (u64 i = 0; i < 27; ++i) rig.write(kIpriorityr + i, (27 - i) * 8, 1);
  rig.write(kIspendr, 0x7ff'ffff);
  for (unsigned i = 27; i-- > 0;) {
    settle(rig);
    ASSERT_EQ(rig.cpu.guest_acknowledge(), i);
    settle(rig);
    EXPECT_EQ(rig.cpu.guest_acknowledge(), 1023u) << "none is better than the active one";
    rig.cpu.guest_end(i);
  }
  settle(rig);
  EXPECT_EQ(rig.cpu.guest_acknowledge(), 1023u);
  EXPECT_EQ(rig.read(kIspendr) | rig.read(kIsactiver), 0u);
}

TEST_P(Overflow, NestedInterruptsEndInOrder) {
  Rig rig(GetParam());
  constexpr unsigned depth = 20;
  for (u64 i = 0; i < depth; ++i) {
    rig.write(kIpriorityr + i, (depth - i) * 8, 1);
    rig.write(kIspendr, u64{1} << i);
    settle(rig);
    ASSERT_EQ(rig.cpu.guest_acknowledge(), i);
    settle(rig);
  }
  EXPECT_EQ(rig.read(kIsactiver), (1u << depth) - 1);
  for (unsigned i = depth; i-- > 0;) {
    rig.cpu.guest_end(i);
    settle(rig);
    EXPECT_EQ(rig.read(kIsactiver), (1u << i) - 1);
  }
}

TEST_P(Overflow, SplitEndDeactivatesWhatTheGuestNames) {
  Rig rig(GetParam());
  rig.cpu.guest_interface(true, 0xf8, true);
  for (u64 i = 0; i < 20; ++i) {  // all active at once, priorities dropped
    rig.write(kIspendr, u64{1} << i);
    settle(rig);
    ASSERT_EQ(rig.cpu.guest_acknowledge(), i);
    rig.cpu.guest_end(i);
    settle(rig);
  }
  std::uint32_t left = 0xf'ffff;
  for (u64 const i : {7u, 0u, 19u, 3u, 12u}) {
    if (rig.cpu.guest_deactivate(i)) rig.vcpu.on_deactivate(rig.cpu, i);
    left &= ~(1u << i);
    settle(rig);
    EXPECT_EQ(rig.read(kIsactiver), left);
  }
}

TEST(Overflow, APendingOneComesInThoughAllActiveOnesFillTheRegisters) {
  Rig rig(4);
  rig.write(kIsactiver, 0xff00);  // at 0xa0, so no priority is active
  rig.write(kIpriorityr + 1, 0x40, 1);
  rig.write(kIspendr, 2);
  EXPECT_EQ(rig.cpu.guest_acknowledge(), 1u);
}

TEST(Overflow, WithoutTrapOfDeactivationTheInterfaceCounts) {
  Rig rig(4, false);
  rig.cpu.guest_interface(true, 0xf8, true);
  rig.write(kIsactiver, 0xff);
  EXPECT_EQ(gic::Control::TrapDeactivate::get(rig.cpu.read<reg::ich_hcr_el2>()), 0u);
  for (u64 i = 0; i < 8; ++i) {
    EXPECT_FALSE(rig.cpu.guest_deactivate(i));
    settle(rig);
  }
  EXPECT_EQ(rig.read(kIsactiver), 0u);
}

TEST(Overflow, ACountOfEndsThatNeverHappenedHarmsNobody) {
  Rig rig(4);
  rig.cpu.write<reg::ich_hcr_el2>(1 | u64{31} << 27);
  rig.trap();
  EXPECT_EQ(rig.read(kIsactiver), 0u);
  EXPECT_EQ(rig.cpu.read<reg::ich_hcr_el2>(), 1u);
}

TEST(Overflow, AllThatThereCanBe) {
  Rig rig(4);
  rig.leave();
  rig.vcpu.begin({{{33, 0}, {34, 8}, {35, 16}, {36, 24}}}, 4);
  rig.enter();
  rig.write(kIspendr, 0x7ff'ffff);
  unsigned count = 0;
  for (settle(rig); rig.cpu.guest_peek() != 1023; settle(rig), ++count) {
    u64 const intid = rig.cpu.guest_acknowledge();
    settle(rig);
    rig.cpu.guest_end(intid);
  }
  EXPECT_EQ(count, 31u);
  rig.leave();
  EXPECT_EQ(rig.vcpu.taken(), 0xfu);
}

}  // namespace
}  // namespace redoubt::test
