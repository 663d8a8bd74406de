// SPDX-License-Identifier: BSD-3-Clause
// R12: what the host can do and see, on an old and on a new CPU, and the tables' own consistency.
#include "boot/host_registers.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "tests/unit/boot/cpus.hpp"

namespace redoubt {
namespace {

constexpr std::uint64_t one(unsigned position) { return std::uint64_t{1} << position; }

TEST(HostRegisters, HypervisorConfiguration) {
  std::uint64_t const always_set = one(0) | one(1) | one(2) | one(18) | one(19) | one(20) | one(21) | one(31);
  EXPECT_EQ(host_register_value(reg::hcr_el2, kOld), always_set);
  std::uint64_t const value = host_register_value(reg::hcr_el2, kNew);
  EXPECT_EQ(value & always_set, always_set);
  EXPECT_NE(value & one(40), 0u);                        // APK
  EXPECT_NE(value & one(41), 0u);                        // API
  EXPECT_EQ(value & one(34), 0u);                        // E2H
  EXPECT_EQ(value & one(46), 0u);                        // FWB (R8)
  EXPECT_EQ(value & one(56), 0u);                        // ATA: memory tagging stays off
  EXPECT_NE(value & one(58), 0u);                        // TID5
  EXPECT_EQ(value & (one(3) | one(4) | one(5)), 0u);     // interrupts and SErrors go to the host
  EXPECT_EQ(value & (one(27) | one(42) | one(45)), 0u);  // TGE, NV, NV2
}

TEST(HostRegisters, FloatingPointAndVectors) {
  EXPECT_EQ(host_register_value(reg::cptr_el2, kOld) & 0x33ff, 0x33ffu);  // RES1 without SVE and SME
  std::uint64_t const value = host_register_value(reg::cptr_el2, kNew);
  EXPECT_EQ(value & one(8), 0u);   // SVE is the host's
  EXPECT_EQ(value & one(10), 0u);  // FP too
  EXPECT_NE(value & one(12), 0u);  // SME traps
  EXPECT_NE(value & one(20), 0u);  // trace traps
  EXPECT_NE(value & one(30), 0u);  // activity monitors trap
}

TEST(HostRegisters, DebugAndPerformanceMonitors) {
  EXPECT_EQ(host_register_value(reg::mdcr_el2, kOld), 0u);
  std::uint64_t const value = host_register_value(reg::mdcr_el2, kNew);
  EXPECT_EQ(value & 0x1f, 6u);                      // HPMN: all counters
  EXPECT_NE(value & one(17), 0u);                   // no counting at EL2
  EXPECT_EQ(value & (3u << 12), 0u);                // E2PB: profiling buffer not EL1's
  EXPECT_EQ(value & (std::uint64_t{3} << 24), 0u);  // E2TB
  EXPECT_EQ(value & (one(5) | one(6) | one(9) | one(10) | one(11)), 0u);
}

TEST(HostRegisters, Stage2IsFortyBitsFromLevel1) {
  std::uint64_t const value = host_register_value(reg::vtcr_el2, kOld);
  EXPECT_EQ(value & 0x3f, 24u);
  EXPECT_EQ(value >> 6 & 3, 1u);
  EXPECT_EQ(value >> 14 & 3, 0u);  // 4 KiB
  EXPECT_EQ(value >> 16 & 7, 2u);
  EXPECT_EQ(value >> 19 & 1, 0u);
  EXPECT_EQ(host_register_value(reg::vtcr_el2, kNew) >> 19 & 1, 1u);
}

TEST(HostRegisters, EveryBitBelongsToAListedRegisterAndIsGivenOnce) {
  for (auto const& row : kHostBits) {
    EXPECT_FALSE(row.reason.empty());
    bool listed = false;
    for (auto const& entry : kHostRegisters) listed = listed || entry.reg == row.reg;
    EXPECT_TRUE(listed) << row.reason;
    for (auto const& other : kHostBits) {
      if (&other == &row || other.reg != row.reg) continue;
      EXPECT_EQ(other.value & row.value, 0u) << row.reason;
    }
  }
  for (auto const& left : kHostRegisters) {
    for (auto const& right : kHostRegisters) {
      EXPECT_TRUE(&left == &right || left.reg != right.reg) << left.name;
    }
  }
}

TEST(HostView, HidesWhatTheHostMayNotUse) {
  EXPECT_EQ(host_view(reg::id_aa64pfr0_el1, ~0ull) >> 40 & 0xff, 0u);  // MPAM, AMU
  EXPECT_EQ(host_view(reg::id_aa64pfr0_el1, ~0ull) >> 8 & 0xf, 0u);    // EL2
  EXPECT_EQ(host_view(reg::id_aa64pfr1_el1, ~0ull) >> 8 & 0xf, 0u);    // MTE
  EXPECT_EQ(host_view(reg::id_aa64pfr1_el1, ~0ull) >> 24 & 0xf, 0u);   // SME
  EXPECT_EQ(host_view(reg::id_aa64dfr0_el1, ~0ull) >> 40, 0u);         // trace buffer and filter, BRBE
  EXPECT_EQ(host_view(reg::id_aa64dfr0_el1, ~0ull) >> 32 & 0xf, 0u);   // SPE
  EXPECT_EQ(host_view(reg::id_aa64mmfr1_el1, ~0ull) >> 8 & 0xf, 0u);   // VHE
  EXPECT_EQ(host_view(reg::id_aa64mmfr2_el1, ~0ull) >> 24 & 0xf, 0u);  // NV
  EXPECT_EQ(host_view(reg::id_aa64mmfr0_el1, 6) & 0xf, 2u);            // 40 bits
  EXPECT_EQ(host_view(reg::id_aa64mmfr3_el1, ~0ull), 0u);
  EXPECT_EQ(host_view(reg::id_aa64dfr1_el1, ~0ull), 0u);
  EXPECT_EQ(host_view({3, 0, 0, 4, 5}, ~0ull), 0u);        // ID_AA64SMFR0_EL1
  EXPECT_EQ(host_view({3, 0, 0, 1, 0}, 0x1234), 0x1234u);  // AArch32 passes
}

TEST(HostView, AbsentStaysAbsent) {
  EXPECT_EQ(host_view(reg::id_aa64pfr0_el1, 0xffull << 16) >> 16 & 0xff, 0xffu);  // no FP, no AdvSIMD
  EXPECT_EQ(host_view(reg::id_aa64mmfr0_el1, 0xfull << 28) >> 28 & 0xf, 0xfu);    // no 4 KiB granule
}

// What shows is never more than what the CPU has, and never newer than the table.
RC_GTEST_PROP(HostViewProperty, ShowsNoMoreThanThereIs, ()) {
  auto const value = *rc::gen::arbitrary<std::uint64_t>();
  el2::SysReg const which{3, 0, 0, *rc::gen::inRange(4u, 8u), *rc::gen::inRange(0u, 8u)};
  auto const view = host_view(which, value);
  for (unsigned low = 0; low < 64; low += 4) RC_ASSERT((view >> low & 0xf) <= (value >> low & 0xf));
  RC_ASSERT(host_view(which, view) == view);
}

}  // namespace
}  // namespace redoubt
