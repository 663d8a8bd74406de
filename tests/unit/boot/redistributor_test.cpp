// SPDX-License-Identifier: BSD-3-Clause
// R11: every access to a redistributor's first page, exhaustively.
#include "boot/redistributor.hpp"

#include <gtest/gtest.h>

#include <set>

namespace redoubt {
namespace {

TEST(Redistributor, NothingAboutLpisIsEverWritten) {
  std::set<std::uint64_t> const writable{0x00, 0x10, 0x14};
  for (std::uint64_t offset = 0; offset < 0x1000; ++offset) {
    for (unsigned const bytes : {1u, 2u, 4u, 8u}) {
      auto const decision = redistributor_access(offset, bytes, true);
      if (decision.action == FrameAction::pass) {
        EXPECT_TRUE(bytes == 4 && writable.contains(offset)) << offset;
      }
      if (bytes < 4 || offset % bytes != 0) {
        EXPECT_EQ(decision.action, FrameAction::refuse);
      }
    }
  }
  EXPECT_EQ(redistributor_access(0, 4, true).mask & 1, 0u);  // CTLR.EnableLPIs
}

TEST(Redistributor, LpiRegistersReadAsZero) {
  for (std::uint64_t const offset : {0x40u, 0x48u, 0x70u, 0x78u, 0xa0u, 0xb0u}) {
    for (unsigned const bytes : {4u, 8u}) {
      EXPECT_EQ(redistributor_access(offset, bytes, false).action, FrameAction::ignore);
    }
  }
  EXPECT_EQ(redistributor_access(0x74, 4, false).action, FrameAction::ignore);
}

TEST(Redistributor, TyperShowsNoLpis) {
  for (unsigned const bytes : {4u, 8u}) {
    auto const decision = redistributor_access(8, bytes, false);
    EXPECT_EQ(decision.action, FrameAction::pass);
    EXPECT_EQ(decision.mask & 0xf, 0u);               // PLPIS, VLPIS, Dirty, DirectLPI
    EXPECT_EQ(decision.mask >> 4 & 1, 1u);            // Last
    EXPECT_EQ(decision.mask >> 8 & 0xffff, 0xffffu);  // processor number
  }
  EXPECT_EQ(redistributor_access(12, 4, false).action, FrameAction::pass);
}

TEST(Redistributor, TheEndOfThePageIsTheEnd) {
  EXPECT_EQ(redistributor_access(0x1000, 4, false).action, FrameAction::refuse);
  EXPECT_EQ(redistributor_access(0xffc, 8, false).action, FrameAction::refuse);
}

TEST(Redistributor, AffinityIsInMpidrOrder) {
  EXPECT_EQ(redistributor_affinity(0x0403'0201ull << 32), 0x04'0003'0201ull);
}

}  // namespace
}  // namespace redoubt
