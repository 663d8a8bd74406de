// SPDX-License-Identifier: BSD-3-Clause
// A guest's accesses to its redistributors: every register, every width, its own and those of other vCPUs.
#include <set>

#include "tests/unit/vcpu/fake_cpu.hpp"

namespace redoubt::test {
namespace {

constexpr u64 kSgi = 0x1'0000, kOther = 0x2'0000;

TEST(Redistributor, SaysWhatItIs) {
  Rig rig;
  EXPECT_EQ(rig.read(0x0), 0u);  // CTLR
  EXPECT_EQ(rig.read(0x4), gic::kIdentification);
  EXPECT_EQ(rig.read(0xffe8) & 0xf0, 0x30u);
  EXPECT_EQ(rig.read(kOther + 0xffe8) & 0xf0, 0x30u);
  EXPECT_EQ(rig.read(0x8, 8), 0u);
  EXPECT_EQ(rig.read(kOther + 0x8, 8), u64{1} << 32 | 1u << 8 | 1u << 4);  // affinity 1, number 1, last
  EXPECT_EQ(rig.read(kOther + 0x8), 1u << 8 | 1u << 4);
  EXPECT_EQ(rig.read(kOther + 0xc), 1u);
  rig.count = 1;
  EXPECT_EQ(rig.read(0x8, 8), 1u << 4);
}

TEST(Redistributor, WakerShakesHands) {
  Rig rig;
  EXPECT_EQ(rig.read(0x14), 6u);
  rig.write(0x14, 0);
  EXPECT_EQ(rig.read(0x14), 0u);
  rig.write(0x14, ~0u);
  EXPECT_EQ(rig.read(0x14), 6u);
}

TEST(Redistributor, ConfigurationIsFixed) {
  Rig rig;
  rig.write(kSgi + 0x80, 0);
  rig.write(kSgi + 0xc00, 0);
  rig.write(kSgi + 0xc04, ~0u);
  rig.write(kSgi + 0xd00, ~0u);
  rig.write(kSgi + 0xe00, ~0u);
  EXPECT_EQ(rig.read(kSgi + 0x80), 0xffff'ffffu);   // all are group 1
  EXPECT_EQ(rig.read(kSgi + 0xc00), 0xaaaa'aaaau);  // SGIs: edges
  EXPECT_EQ(rig.read(kSgi + 0xc04), 0u);            // PPIs: levels
  EXPECT_EQ(rig.read(kSgi + 0xd00), 0u);
  EXPECT_EQ(rig.read(kSgi + 0xe00), 0u);
}

TEST(Redistributor, BitRegistersSetAndClear) {
  for (u64 const set : {0x100u, 0x200u, 0x300u}) {
    Rig rig;
    rig.write(kSgi + set + 0x80, ~0u);
    EXPECT_EQ(rig.read(kSgi + set), 0u);
    rig.write(kSgi + set, 0x8001'0001);
    rig.write(kSgi + set, 0x10);
    EXPECT_EQ(rig.read(kSgi + set), 0x8001'0011u);
    EXPECT_EQ(rig.read(kSgi + set + 0x80), 0x8001'0011u);
    rig.write(kSgi + set + 0x80, 0x8000'0010);
    EXPECT_EQ(rig.read(kSgi + set), 0x1'0001u);
  }
}

TEST(Redistributor, PrioritiesInBytesAndWords) {
  Rig rig;
  rig.write(kSgi + 0x400, 0x1122'33ff);
  EXPECT_EQ(rig.read(kSgi + 0x400), 0x1020'30f8u);
  EXPECT_EQ(rig.read(kSgi + 0x402, 1), 0x20u);
  rig.write(kSgi + 0x41f, 0xabcd, 1);
  EXPECT_EQ(rig.read(kSgi + 0x41c), 0xc8a0'a0a0u);
  EXPECT_EQ(rig.vcpu.vgic().interrupts().priority[31], 0xc8u);
}

// Every other offset and width reads as zero, changes nothing, and never runs over.
TEST(Redistributor, NothingElseIsThere) {
  std::set<u64> const words{0x4,          0x8,          0xc,          0x14,         0xffe8,
                            kSgi + 0x80,  kSgi + 0x100, kSgi + 0x180, kSgi + 0x200, kSgi + 0x280,
                            kSgi + 0x300, kSgi + 0x380, kSgi + 0xc00, kSgi + 0xffe8};
  Rig rig;
  for (u64 offset = 0; offset < kOther; ++offset) {
    u64 const inside = offset % kSgi;
    if (inside >= 0x1000 && inside < 0xffc0 && inside % 0xff1 != 0) continue;
    for (unsigned const bytes : {1u, 2u, 4u, 8u}) {
      bool const is_priority = offset >= kSgi + 0x400 && offset + bytes <= kSgi + 0x420 &&
                               offset % bytes == 0 && (bytes == 1 || bytes == 4);
      if (is_priority || (bytes == 4 && words.contains(offset)) || (bytes == 8 && offset == 8)) continue;
      PrivateInterrupts const before = rig.vcpu.vgic().interrupts();
      ASSERT_EQ(rig.read(offset, bytes), 0u) << std::hex << offset << ' ' << bytes;
      rig.write(offset, ~u64{0}, bytes);
      PrivateInterrupts const& after = rig.vcpu.vgic().interrupts();
      ASSERT_TRUE(before.enabled == after.enabled && before.latched == after.latched &&
                  before.active == after.active && before.priority == after.priority)
          << std::hex << offset << ' ' << bytes;
    }
  }
}

TEST(Redistributor, FramesOfOthersAreReadOnlyButForPendingSgis) {
  Rig rig;
  rig.vcpus[1].reset();
  rig.write(kOther + kSgi + 0x100, ~0u);
  rig.write(kOther + kSgi + 0x400, 0);
  rig.write(kOther + 0x14, 0);
  EXPECT_EQ(rig.read(kOther + kSgi + 0x100), 0u);
  EXPECT_EQ(rig.read(kOther + 0x14), 0u);
  EXPECT_EQ(rig.vcpus[1].vgic().interrupts().enabled, 0u);
  std::uint32_t wake = 0;
  rig.access(kOther + kSgi + 0x200, 4, true, 0xffff'0004, &wake);
  EXPECT_EQ(wake, 2u);
  rig.access(kOther + kSgi + 0x200, 4, true, 0x8, &wake);
  EXPECT_EQ(wake, 0u);  // it has been told
  rig.leave();
  rig.vcpus[1].enter(rig.cpu, rig.host, 0);
  EXPECT_EQ(rig.vcpus[1].vgic().interrupts().latched, 0xcu);  // PPIs cannot be made pending by others
}

}  // namespace
}  // namespace redoubt::test
