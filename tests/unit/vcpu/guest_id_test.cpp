// SPDX-License-Identifier: BSD-3-Clause
// What guests read in identification registers, field by field, and what becomes of their trapped accesses.
#include "core/vcpu/guest_id.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace redoubt {
namespace {

namespace reg = el2::reg;
using el2::SysReg;

constexpr u64 kAll = ~u64{0};
u64 field(SysReg which, unsigned low, u64 value = kAll) { return guest_view(which, value) >> low & 0xf; }

TEST(GuestId, HiddenFeaturesAreZeroWhateverTheCpuHas) {
  struct Hidden {
    SysReg which;
    std::vector<unsigned> lows;
  };
  // By the manual's layout: everything that the list in guest_id.hpp leaves out on purpose.
  std::vector<Hidden> const hidden{
      {reg::id_aa64pfr0_el1, {8, 12, 28, 32, 36, 40, 44, 52}},  // EL2 EL3 RAS SVE SEL2 MPAM AMU RME
      {reg::id_aa64pfr1_el1,
       {8, 12, 16, 20, 24, 28, 36, 40, 44, 48, 52, 56, 60}},  // MTE RAS_frac ... SME NMI GCS
      {reg::id_aa64pfr2_el1, {0, 4, 8, 32}},
      {reg::id_aa64zfr0_el1, {0, 4, 16, 20, 32, 40, 44, 52, 56}},
      {reg::id_aa64dfr0_el1, {4, 8, 16, 24, 28, 32, 36, 40, 44, 48, 52, 56, 60}},  // trace PMU SPE TRBE BRBE
      {reg::id_aa64dfr1_el1, {0, 8, 16, 32, 48}},
      {reg::id_aa64isar1_el1, {4, 8, 24, 28, 56, 60}},  // pointer authentication XS LS64
      {reg::id_aa64isar2_el1, {0, 8, 12, 24, 28}},      // WFxT pointer authentication
      {reg::id_aa64mmfr0_el1, {12, 32, 36, 40, 44, 56}},
      {reg::id_aa64mmfr1_el1, {4, 8, 16, 28, 32, 40, 52, 56, 60}},  // VMIDs VHE LOR XNX TWED HCX
      {reg::id_aa64mmfr2_el1, {12, 24, 40, 56}},                    // IESB NV FWB EVT
      {reg::id_aa64mmfr3_el1, {0, 4, 8, 12, 16, 20, 24, 28}},
      {reg::id_aa64mmfr4_el1, {0, 4, 8, 20}},
  };
  for (auto const& [which, lows] : hidden) {
    for (unsigned const low : lows)
      EXPECT_EQ(field(which, low), 0u) << which.crm << ' ' << which.op2 << ' ' << low;
  }
}

TEST(GuestId, Aarch32DoesNotExist) {
  for (unsigned crm = 1; crm <= 3; ++crm)
    for (unsigned op2 = 0; op2 < 8; ++op2) EXPECT_EQ(guest_view({3, 0, 0, crm, op2}, kAll), 0u);
  EXPECT_EQ(field(reg::id_aa64pfr0_el1, 0, 0x22), 1u);
  EXPECT_EQ(field(reg::id_aa64pfr0_el1, 4, 0x22), 1u);
}

TEST(GuestId, KnownFeaturesAreCapped) {
  EXPECT_EQ(field(reg::id_aa64pfr0_el1, 24, 3u << 24), 1u);         // GIC 4.1 shows as 3.0
  EXPECT_EQ(field(reg::id_aa64pfr0_el1, 56, u64{3} << 56), 1u);     // CSV2 without SCXTNUM
  EXPECT_EQ(field(reg::id_aa64dfr0_el1, 0, 0xa), 6u);               // Armv8.0 debug
  EXPECT_EQ(field(reg::id_aa64dfr0_el1, 12, 0xf000), 1u);           // two breakpoints
  EXPECT_EQ(field(reg::id_aa64dfr0_el1, 20, 0xf0'0000), 1u);        // two watchpoints
  EXPECT_EQ(field(reg::id_aa64mmfr0_el1, 0, 6), 2u);                // 40-bit addresses
  EXPECT_EQ(field(reg::id_aa64mmfr0_el1, 0, 1), 1u);                // or what the CPU has
  EXPECT_EQ(field(reg::id_aa64mmfr0_el1, 28, 1u << 28), 0u);        // no 52-bit descriptors
  EXPECT_EQ(field(reg::id_aa64mmfr0_el1, 28, 0xfull << 28), 0xfu);  // absent stays absent
  EXPECT_EQ(field(reg::id_aa64mmfr2_el1, 20, 1u << 20), 1u);        // CCIDX as the registers are
}

TEST(GuestId, FloatingPointMayBeAbsent) {
  EXPECT_EQ(field(reg::id_aa64pfr0_el1, 16, 0xf'0000), 0xfu);
  EXPECT_EQ(field(reg::id_aa64pfr0_el1, 20, 0xf0'0000), 0xfu);
  EXPECT_EQ(field(reg::id_aa64pfr0_el1, 16, 0), 0u);
}

RC_GTEST_PROP(GuestIdProperty, AViewShowsListedFieldsAndNothingAbove, ()) {
  SysReg const which{3, 0, 0, *rc::gen::inRange(1u, 8u), *rc::gen::inRange(0u, 8u)};
  u64 const value = *rc::gen::arbitrary<u64>();
  u64 const view = guest_view(which, value);
  u64 listed = 0;
  for (el2::IdField const& f : kGuestFields) {
    if (f.reg != which) continue;
    listed |= u64{0xf} << f.low;
    u64 const seen = view >> f.low & 0xf, real = value >> f.low & 0xf;
    RC_ASSERT((seen == real || (seen == f.newest && seen < real)));
    RC_ASSERT((seen <= f.newest || (f.is_signed && seen == 0xf)));
  }
  RC_ASSERT((view & ~listed) == 0u);
  RC_ASSERT(guest_view(which, view) == view);
}

TEST(GuestId, NoFieldIsListedTwice) {
  for (auto const& a : kGuestFields) {
    for (auto const& b : kGuestFields) {
      EXPECT_FALSE(&a != &b && a.reg == b.reg && a.low == b.low)
          << a.reg.crm << ' ' << a.reg.op2 << ' ' << +a.low;
    }
  }
}

// --- trapped accesses ---

TEST(GuestAccess, IdentificationCanBeReadOnly) {
  EXPECT_EQ(classify_guest_access(reg::id_aa64pfr0_el1, true), GuestAccess::identification);
  EXPECT_EQ(classify_guest_access(reg::id_aa64pfr0_el1, false), GuestAccess::undefined);
  EXPECT_EQ(classify_guest_access({3, 0, 0, 7, 7}, true), GuestAccess::identification);
  EXPECT_EQ(classify_guest_access({3, 0, 0, 8, 0}, true), GuestAccess::undefined);
}

TEST(GuestAccess, DebugIsInert) {
  for (unsigned n = 0; n < 16; ++n) {
    for (unsigned const op2 : {4u, 5u, 6u, 7u}) {
      for (bool const is_read : {false, true})
        EXPECT_EQ(classify_guest_access({2, 0, 0, n, op2}, is_read), GuestAccess::constant);
    }
  }
  for (SysReg const which : {SysReg{2, 0, 1, 0, 4}, SysReg{2, 0, 1, 3, 4}, SysReg{2, 0, 1, 4, 4},
                             SysReg{2, 0, 7, 8, 6}, SysReg{2, 3, 0, 1, 0}, SysReg{2, 0, 0, 2, 0}}) {
    EXPECT_EQ(classify_guest_access(which, false), GuestAccess::constant);
    EXPECT_EQ(guest_constant(which), 0u);
  }
  EXPECT_EQ(guest_constant({2, 0, 1, 1, 4}), 8u);
  EXPECT_EQ(classify_guest_access(reg::mdscr_el1, true), GuestAccess::debug_control);
  EXPECT_EQ(classify_guest_access(reg::mdscr_el1, false), GuestAccess::debug_control);
  EXPECT_EQ(classify_guest_access({2, 1, 0, 0, 1}, true), GuestAccess::undefined);  // trace
  EXPECT_EQ(kGuestDebugControl & u64{1} << 15, 0u);                                 // MDE: no breakpoints
}

TEST(GuestAccess, InterruptInterface) {
  EXPECT_EQ(classify_guest_access(reg::icc_sgi1r_el1, false), GuestAccess::send_sgi);
  EXPECT_EQ(classify_guest_access(reg::icc_sgi1r_el1, true), GuestAccess::undefined);
  EXPECT_EQ(classify_guest_access(reg::icc_sgi0r_el1, false), GuestAccess::constant);
  EXPECT_EQ(classify_guest_access(reg::icc_asgi1r_el1, false), GuestAccess::constant);
  EXPECT_EQ(classify_guest_access(reg::icc_asgi1r_el1, true), GuestAccess::undefined);
  EXPECT_EQ(classify_guest_access(reg::icc_dir_el1, false), GuestAccess::deactivate);
  EXPECT_EQ(classify_guest_access(reg::icc_dir_el1, true), GuestAccess::undefined);
  EXPECT_EQ(classify_guest_access(reg::icc_sre_el1, true), GuestAccess::constant);
  EXPECT_EQ(guest_constant(reg::icc_sre_el1), 7u);
}

TEST(GuestAccess, PhysicalTimerReadsAsOff) {
  for (SysReg const which : {reg::cntp_ctl_el0, reg::cntp_cval_el0, reg::cntp_tval_el0}) {
    EXPECT_EQ(classify_guest_access(which, true), GuestAccess::constant);
    EXPECT_EQ(classify_guest_access(which, false), GuestAccess::constant);
    EXPECT_EQ(guest_constant(which), 0u);
  }
}

TEST(GuestAccess, SetWayDoesNothing) {
  for (unsigned const crm : {6u, 10u, 14u}) {
    EXPECT_EQ(classify_guest_access({1, 0, 7, crm, 2}, false), GuestAccess::constant);
    EXPECT_EQ(classify_guest_access({1, 0, 7, crm, 4}, false), GuestAccess::undefined);  // with tags
  }
}

TEST(GuestAccess, EverythingElseIsUndefined) {
  for (SysReg const which :
       {SysReg{3, 3, 9, 12, 0}, SysReg{3, 3, 14, 15, 7}, SysReg{3, 0, 9, 14, 1}, SysReg{3, 0, 10, 4, 0},
        SysReg{3, 0, 5, 3, 0}, SysReg{3, 0, 2, 1, 0}, SysReg{3, 0, 13, 0, 7}, SysReg{3, 0, 9, 9, 0},
        SysReg{3, 0, 9, 11, 0}, SysReg{3, 3, 13, 2, 0}, SysReg{3, 0, 15, 0, 0}, SysReg{3, 1, 11, 0, 0},
        SysReg{3, 0, 1, 2, 0}, SysReg{3, 4, 1, 1, 0}, SysReg{3, 1, 0, 0, 4}, SysReg{1, 0, 11, 0, 0}}) {
    for (bool const is_read : {false, true}) {
      EXPECT_EQ(classify_guest_access(which, is_read), GuestAccess::undefined)
          << which.op0 << which.op1 << ' ' << which.crn << ' ' << which.crm << ' ' << which.op2;
    }
  }
}

}  // namespace
}  // namespace redoubt
