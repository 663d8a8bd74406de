// SPDX-License-Identifier: BSD-3-Clause
// The VM's distributor: its registers, and which interrupts it offers to whom.
#include "host/cli/gicd.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace redoubt::cli {
namespace {

constexpr std::uint64_t kControl = 0, kType = 4, kGroup = 0x80, kSetEnable = 0x100, kClearEnable = 0x180,
                        kSetPending = 0x200, kClearPending = 0x280, kSetActive = 0x300, kPriority = 0x400,
                        kConfiguration = 0xc00, kRoute = 0x6000, kIdentity = 0xffe8;
constexpr unsigned kUart = 33;

std::uint64_t word_of(unsigned intid) { return intid / 32 * 4; }
std::uint64_t bit_of(unsigned intid) { return std::uint64_t{1} << intid % 32; }

// A distributor that is on, with one interrupt enabled for a vCPU.
Gicd with(unsigned intid, unsigned vcpu = 0) {
  Gicd gicd(2);
  gicd.write(kControl, 4, 0x12);
  gicd.write(kGroup + word_of(intid), 4, bit_of(intid));
  gicd.write(kSetEnable + word_of(intid), 4, bit_of(intid));
  gicd.write(kRoute + std::uint64_t{8} * intid, 8, vcpu);
  return gicd;
}

bool offered(Gicd const& gicd, unsigned vcpu) { return !gicd.offers(vcpu, 4).empty(); }

TEST(Gicd, SaysWhatItIs) {
  Gicd const gicd(1);
  EXPECT_EQ(gicd.read(kIdentity, 4) >> 4 & 0xf, 3U);  // GICv3
  EXPECT_EQ(gicd.read(kType, 4) & 0x1f, 1U);          // 64 interrupts
  EXPECT_EQ(gicd.read(kControl, 4), 0x50U);           // one security state, affinity routing, off
}

TEST(Gicd, OffersALevelWhileItIsHigh) {
  Gicd gicd = with(kUart);
  EXPECT_FALSE(offered(gicd, 0));
  gicd.set_line(kUart, true);
  EXPECT_TRUE(offered(gicd, 0));
  gicd.taken(kUart);
  gicd.set_active(0, {std::uint64_t{1} << kUart, 0, 0, 0});
  EXPECT_TRUE(offered(gicd, 0));  // for when the guest has ended it
  EXPECT_EQ(gicd.read(kSetActive + 4, 4), bit_of(kUart));
  gicd.set_line(kUart, false);
  EXPECT_FALSE(offered(gicd, 0));
}

TEST(Gicd, OffersAnEdgeOnce) {
  Gicd gicd = with(kUart);
  gicd.write(kConfiguration + kUart / 16 * 4, 4, std::uint64_t{2} << kUart % 16 * 2);
  gicd.set_line(kUart, true);
  gicd.set_line(kUart, false);
  EXPECT_TRUE(offered(gicd, 0));
  gicd.taken(kUart);
  EXPECT_FALSE(offered(gicd, 0));
  gicd.set_line(kUart, true);
  EXPECT_TRUE(offered(gicd, 0));
}

TEST(Gicd, GoesWhereItIsRouted) {
  Gicd gicd = with(kUart, 1);
  gicd.set_line(kUart, true);
  EXPECT_FALSE(offered(gicd, 0));
  EXPECT_TRUE(offered(gicd, 1));
  gicd.write(kRoute + 8 * kUart, 8, std::uint64_t{1} << 31);
  EXPECT_TRUE(offered(gicd, 0));
  gicd.write(kRoute + 8 * kUart, 8, 7);  // a vCPU that does not exist
  EXPECT_FALSE(offered(gicd, 0) || offered(gicd, 1) || offered(gicd, 7));
}

TEST(Gicd, NeedsGroupEnableAndControl) {
  for (auto const& [offset, value] : {std::pair<std::uint64_t, std::uint64_t>{kControl, 0},
                                      {kGroup + 4, 0},
                                      {kClearEnable + 4, bit_of(kUart)}}) {
    Gicd gicd = with(kUart);
    gicd.set_line(kUart, true);
    EXPECT_TRUE(offered(gicd, 0));
    gicd.write(offset, 4, value);
    EXPECT_FALSE(offered(gicd, 0)) << offset;
  }
}

TEST(Gicd, CanBeMadePendingBySoftware) {
  Gicd gicd = with(kUart);
  gicd.write(kSetPending + 4, 4, bit_of(kUart));
  EXPECT_TRUE(offered(gicd, 0));
  EXPECT_EQ(gicd.read(kSetPending + 4, 4), bit_of(kUart));
  gicd.write(kClearPending + 4, 4, bit_of(kUart));
  EXPECT_FALSE(offered(gicd, 0));
}

TEST(Gicd, OffersTheMostUrgentFirst) {
  Gicd gicd(1);
  gicd.write(kControl, 4, 2);
  gicd.write(kGroup + 4, 4, 0xffffffff);
  gicd.write(kSetEnable + 4, 4, 0xffffffff);
  gicd.write(kSetPending + 4, 4, 0xffffffff);
  for (unsigned intid = 32; intid < 64; ++intid) gicd.write(kPriority + intid, 1, 0xf0 - intid);
  auto const offers = gicd.offers(0, 4);
  ASSERT_EQ(offers.size(), 4U);
  EXPECT_EQ(offers[0].intid, 63);
  EXPECT_EQ(offers[3].intid, 60);
}

TEST(Gicd, LeavesPrivateInterruptsAlone) {
  Gicd gicd(1);
  gicd.write(kControl, 4, 2);
  for (std::uint64_t const array : {kGroup, kSetEnable, kSetPending}) gicd.write(array, 4, 0xffffffff);
  gicd.set_line(27, true);
  EXPECT_EQ(gicd.read(kSetEnable, 4), 0U);
  EXPECT_EQ(gicd.read(kSetPending, 4), 0U);
  EXPECT_FALSE(offered(gicd, 0));
}

// Any accesses: reads change nothing, and only what is enabled and pending is offered, each to one vCPU.
RC_GTEST_PROP(Gicd, StaysConsistent,
              (std::vector<std::tuple<std::uint16_t, std::uint8_t, std::uint64_t>> const& accesses)) {
  Gicd gicd(2);
  for (auto const& [place, kind, value] : accesses) {
    unsigned const size = 1U << kind % 4;
    std::uint64_t const offset = place / size * size;
    gicd.write(offset, size, value);
    auto const once = gicd.read(offset, size);
    RC_ASSERT(gicd.read(offset, size) == once);
    gicd.set_line(kind, (value & 1) != 0);
  }
  auto const first = gicd.offers(0, 256), second = gicd.offers(1, 256);
  RC_ASSERT(gicd.offers(2, 256).empty());
  for (Offer const offer : first) {
    RC_ASSERT((gicd.read(kSetEnable + word_of(offer.intid), 4) & bit_of(offer.intid)) != 0);
    RC_ASSERT((gicd.read(kSetPending + word_of(offer.intid), 4) & bit_of(offer.intid)) != 0);
    RC_ASSERT(std::ranges::none_of(second, [&](Offer other) { return other.intid == offer.intid; }));
  }
}

}  // namespace
}  // namespace redoubt::cli
