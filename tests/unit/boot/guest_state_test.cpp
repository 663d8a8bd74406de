// SPDX-License-Identifier: BSD-3-Clause
// R12: every system register of EL1 and EL0 has a fate while a guest runs, and the configuration makes it so.
#include "boot/guest_state.hpp"

#include <gtest/gtest.h>

#include "tests/unit/boot/architectural_registers.hpp"
#include "tests/unit/boot/cpus.hpp"

namespace redoubt {
namespace {

// Those of one register that two rows describe: PSTATE, and registers that move with another name.
bool is_in_pstate_or_vectors(el2::SysReg reg) {
  bool const pstate = reg.crn == 4 && reg.crm == 2, fp = reg.op1 == 3 && reg.crn == 4 && reg.crm == 4;
  return pstate || fp;
}

TEST(GuestState, EveryArchitecturalRegisterHasARow) {
  for (auto const& named : kArchitecturalRegisters) EXPECT_NE(state_row(named.reg), nullptr) << named.name;
}

TEST(GuestState, WhatIsSavedIsMovedByTheWorldSwitch) {
  constexpr el2::SysReg mpidr{3, 0, 0, 0, 5};  // by VMPIDR_EL2
  for (auto const& named : kArchitecturalRegisters) {
    StateRow const* const row = state_row(named.reg);
    ASSERT_NE(row, nullptr) << named.name;
    if (row->fate != Fate::saved || is_in_pstate_or_vectors(named.reg)) continue;
    EXPECT_TRUE(is_moved(named.reg == mpidr ? reg::vmpidr_el2 : named.reg)) << named.name;
  }
}

TEST(GuestState, WhatTheWorldSwitchMovesIsSaved) {
  for (Move const& move : kMoves<moved::system>) {
    for (el2::LiveRegister const& live : el2::kLiveRegisters) {
      if (live.number != move.live || live.reg.op1 == 4) continue;
      StateRow const* const row = state_row(live.reg);
      ASSERT_NE(row, nullptr);
      bool const auxiliary = live.reg == reg::actlr_el1;  // saved, and never the guest's to write
      EXPECT_TRUE(row->fate == Fate::saved || auxiliary) << row->reason;
    }
  }
}

TEST(GuestState, ConfigurationMakesItSo) {
  for (StateRow const& row : kGuestState) {
    if (row.config == el2::SysReg{}) {
      EXPECT_TRUE(row.fate == Fate::saved || row.fate == Fate::read_only || row.fate == Fate::timer)
          << row.reason;
      continue;
    }
    bool listed = false;
    for (auto const& entry : kGuestRegisters) listed = listed || entry.reg == row.config;
    EXPECT_TRUE(listed) << row.reason;
    EXPECT_EQ(guest_register_value(row.config, kNew) & row.bits, row.on ? row.bits : 0) << row.reason;
  }
}

// No row stands behind one that takes everything from it.
TEST(GuestState, EveryRowCounts) {
  for (StateRow const& row : kGuestState) {
    el2::SysReg const sample{row.reg.op0, row.reg.op1, row.reg.crn, row.reg.crm, row.reg.op2};
    for (StateRow const& other : kGuestState) {
      if (&other == &row) break;
      EXPECT_FALSE(fits(other.reg, sample)) << other.reason << " hides " << row.reason;
    }
  }
}

}  // namespace
}  // namespace redoubt
