// SPDX-License-Identifier: BSD-3-Clause
// The table of EL1's and EL0's registers against what the world switch carries, what traps, and what the
// traps' handler answers.
#include "boot/guest_state.hpp"

#include <gtest/gtest.h>

#include "core/vcpu/guest_id.hpp"
#include "machine/el2/context_registers.hpp"

namespace redoubt {
namespace {

using el2::SysReg;

// A CPU with every feature whose trap depends on its being there.
const IdRegisters kEverything{.pfr0 = 0x1111'1111'1111'1112,
                              .pfr1 = 0x0111'1111'1111'1311,
                              .dfr0 = 0x1111'1111'1111'1691,
                              .isar1 = 0x1111'1111'1111'1151,
                              .isar2 = 0x0000'0000'0001'0000,
                              .mmfr0 = 0x2200'0000'0000'0006,
                              .mmfr1 = 0x1111'1111'1131'1122,
                              .mmfr2 = 0x1111'1111'1211'1111,
                              .pmcr = 6u << 11};

// What the EL2 register holds while a guest runs.
std::uint64_t in_guest(SysReg which) {
  for (GuestRegister const& known : kGuestRegisters) {
    if (known.reg != which) continue;
    return known.value == GuestValue::as_host ? host_register_value(which, kEverything)
                                              : guest_register_value(which, kEverything);
  }
  ADD_FAILURE() << "not a register of the guests' table: " << which.crn << ' ' << which.crm << ' '
                << which.op2;
  return 0;
}

template <class F>
void for_each_of(GuestUseRow const& row, F f) {
  for (unsigned crn = row.crn.first; crn <= row.crn.last; ++crn) {
    for (unsigned crm = row.crm.first; crm <= row.crm.last; ++crm) {
      for (unsigned op2 = row.op2.first; op2 <= row.op2.last && op2 < 8; ++op2) {
        SysReg const which{row.op0, row.op1, crn, crm, op2};
        if (guest_use(which) == &row) f(which);
      }
    }
  }
}

bool is_switched(SysReg which) {
  for (Move const& move : kMoves<moved::system>) {
    for (el2::LiveRegister const& live : el2::kLiveRegisters) {
      if (live.number == move.live && live.reg == which) return true;
    }
  }
  return false;
}

TEST(GuestState, TheContextIsWhatTheWorldSwitchCarries) {
  for (GuestUseRow const& row : kGuestUses) {
    if (row.use != GuestUse::context) continue;
    for_each_of(row, [&](SysReg which) { EXPECT_TRUE(is_switched(which)) << row.what << ' ' << which.op2; });
  }
  for (el2::LiveRegister const& live : el2::kLiveRegisters) {
    if (live.reg.op1 > 3 || !is_switched(live.reg)) continue;
    GuestUseRow const* const row = guest_use(live.reg);
    ASSERT_NE(row, nullptr) << live.number;
    bool const is_emulated_too =
        row->use == GuestUse::emulated;  // ACTLR, MDSCR: the value is kept, accesses trap
    EXPECT_TRUE(row->use == GuestUse::context || is_emulated_too) << live.number;
  }
}

TEST(GuestState, TrapsAreSet) {
  for (GuestUseRow const& row : kGuestUses) {
    bool const needs_trap = row.use == GuestUse::trapped || row.use == GuestUse::emulated;
    EXPECT_EQ(row.trap.reg != SysReg{}, needs_trap) << row.what;
    if (needs_trap) {
      EXPECT_EQ(in_guest(row.trap.reg) >> row.trap.bit & 1, row.trap.value) << row.what;
    }
  }
}

TEST(GuestState, WhatTrapsIsAnsweredAsTheTableSays) {
  for (GuestUseRow const& row : kGuestUses) {
    for_each_of(row, [&](SysReg which) {
      bool const answers = classify_guest_access(which, true) != GuestAccess::undefined ||
                           classify_guest_access(which, false) != GuestAccess::undefined;
      if (row.use == GuestUse::trapped || row.use == GuestUse::shared) {
        EXPECT_FALSE(answers) << row.what << ' ' << which.crm << ' ' << which.op2;
      }
    });
  }
  for (SysReg const which :
       {SysReg{2, 0, 0, 3, 5}, SysReg{2, 0, 1, 0, 4}, SysReg{3, 0, 1, 0, 1}, SysReg{3, 0, 12, 11, 5},
        SysReg{3, 0, 12, 12, 5}, SysReg{3, 3, 14, 2, 1}, SysReg{3, 0, 0, 4, 0}})
    EXPECT_EQ(guest_use(which)->use, GuestUse::emulated) << which.crn << ' ' << which.crm << ' ' << which.op2;
}

TEST(GuestState, EveryRowSaysSomething) {
  for (GuestUseRow const& row : kGuestUses) {
    unsigned count = 0;
    for_each_of(row, [&](SysReg) { ++count; });
    EXPECT_NE(count, 0u) << row.what << ": rows above say all";
  }
}

}  // namespace
}  // namespace redoubt
