// SPDX-License-Identifier: BSD-3-Clause
// ICC_SGI1R_EL1: who gets the interrupt, and who must be told.
#include "tests/unit/vcpu/fake_cpu.hpp"

namespace redoubt::test {
namespace {

TEST(Sgi, ToItselfNeedsNobody) {
  Rig rig;
  EXPECT_EQ(rig.sgi(Rig::sgi_value(7, 1)), 0u);
  EXPECT_EQ(rig.cpu.guest_acknowledge(), 7u);
  EXPECT_EQ(rig.sgi(Rig::sgi_value(7, 1)), 0u);  // again while it is active
  rig.cpu.guest_end(7);
  EXPECT_EQ(rig.cpu.guest_acknowledge(), 7u);
}

TEST(Sgi, ToAnotherIsPostedOnceUntilItIsMerged) {
  Rig rig;
  GuestInterrupts& other = rig.vcpus[1];
  other.reset();
  EXPECT_EQ(rig.sgi(Rig::sgi_value(3, 2)), 2u);
  EXPECT_EQ(rig.sgi(Rig::sgi_value(4, 2)), 0u);
  EXPECT_EQ(rig.cpu.guest_peek(), 1023u);
  rig.leave();
  other.vgic().interrupts().enabled = 0xffff;
  other.enter(rig.cpu, rig.host, 0);
  rig.cpu.guest_interface(true, 0xf8);
  EXPECT_EQ(rig.cpu.guest_acknowledge(), 3u);
  rig.cpu.guest_end(3);
  EXPECT_EQ(rig.cpu.guest_acknowledge(), 4u);
  (void)other.leave(rig.cpu, rig.host);
  rig.enter();
  EXPECT_EQ(rig.sgi(Rig::sgi_value(3, 2)), 2u);  // to be told again
}

TEST(Sgi, AllOthers) {
  Rig rig;
  EXPECT_EQ(rig.sgi(u64{1} << 40 | Rig::sgi_value(1, 1), 0x2f), 0x2eu);
  EXPECT_EQ(rig.cpu.guest_peek(), 1023u);
}

TEST(Sgi, OnlyVcpusThatAreOnGetIt) {
  Rig rig;
  EXPECT_EQ(rig.sgi(Rig::sgi_value(1, 0xffff), 0x05), 0x04u);
  EXPECT_EQ(rig.cpu.guest_peek(), 1u);
}

TEST(Sgi, OtherClustersDoNotExist) {
  Rig rig;
  for (unsigned const bit : {16u, 23u, 32u, 39u, 44u, 47u, 48u, 55u})
    EXPECT_EQ(rig.sgi(Rig::sgi_value(1, 0xffff) | u64{1} << bit, 0xff), 0u) << bit;
  EXPECT_EQ(rig.cpu.guest_peek(), 1023u);
}

TEST(Sgi, ResetForgetsWhatWasPosted) {
  Rig rig;
  EXPECT_EQ(rig.sgi(Rig::sgi_value(3, 2)), 2u);
  rig.vcpus[1].reset();
  rig.leave();
  rig.vcpus[1].enter(rig.cpu, rig.host, 0);
  EXPECT_EQ(rig.vcpus[1].vgic().interrupts().latched, 0u);
}

}  // namespace
}  // namespace redoubt::test
