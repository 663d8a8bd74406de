// SPDX-License-Identifier: BSD-3-Clause
// R12: what a guest can do, on an old and on a new CPU, and the table's consistency with the host's.
#include "boot/guest_registers.hpp"

#include <gtest/gtest.h>

#include "tests/unit/boot/cpus.hpp"

namespace redoubt {
namespace {

constexpr std::uint64_t one(unsigned position) { return std::uint64_t{1} << position; }

TEST(GuestRegisters, InterruptsAndErrorsComeToTheCore) {
  for (IdRegisters const& id : {kOld, kNew}) {
    std::uint64_t const value = guest_register_value(reg::hcr_el2, id);
    EXPECT_EQ(value & (one(3) | one(4) | one(5)), one(3) | one(4) | one(5));   // FMO, IMO, AMO
    EXPECT_NE(value & one(0), 0u);                                             // VM
    EXPECT_NE(value & one(9), 0u);                                             // FB (R16)
    EXPECT_EQ(value >> 10 & 3, 1u);                                            // BSU
    EXPECT_NE(value & one(13), 0u);                                            // TWI
    EXPECT_NE(value & one(31), 0u);                                            // RW
    EXPECT_EQ(value & (one(6) | one(7) | one(8)), 0u);                         // VF, VI, VSE
    EXPECT_EQ(value & (one(27) | one(34) | one(42) | one(45) | one(46)), 0u);  // TGE, E2H, NV, NV2, FWB
  }
}

TEST(GuestRegisters, HiddenFeaturesTrap) {
  std::uint64_t const hcr = guest_register_value(reg::hcr_el2, kNew);
  EXPECT_EQ(hcr & (one(40) | one(41)), 0u);  // APK, API: pointer authentication is hidden
  EXPECT_EQ(hcr & one(53), 0u);              // EnSCXT
  EXPECT_EQ(hcr & one(56), 0u);              // ATA
  EXPECT_NE(hcr & one(36), 0u);              // TERR
  std::uint64_t const traps = one(18) | one(19) | one(20) | one(21) | one(22);  // TID3, TSC, TIDCP, TACR, TSW
  EXPECT_EQ(hcr & traps, traps);

  std::uint64_t const cptr = guest_register_value(reg::cptr_el2, kNew);
  EXPECT_EQ(cptr & (one(8) | one(12) | one(20) | one(30)), one(8) | one(12) | one(20) | one(30));
  EXPECT_EQ(cptr & one(10), 0u);  // TFP
  EXPECT_EQ(guest_register_value(reg::cptr_el2, kOld) & 0x33ff, 0x33ffu);

  std::uint64_t const mdcr = guest_register_value(reg::mdcr_el2, kNew);
  std::uint64_t const debug = one(5) | one(6) | one(9) | one(10) | one(11) | one(14) | one(19) | one(27);
  EXPECT_EQ(mdcr & debug, debug);
  EXPECT_EQ(mdcr & 0x1f, 6u);                                               // HPMN
  EXPECT_EQ(mdcr & (std::uint64_t{3} << 12 | std::uint64_t{3} << 24), 0u);  // E2PB, E2TB
  EXPECT_EQ(mdcr & one(8), 0u);                                             // TDE: BRK is the guest's own
}

TEST(GuestRegisters, PhysicalTimerTrapsAndCounterDoesNot) {
  EXPECT_EQ(guest_register_value(reg::cnthctl_el2, kNew) & 3, 1u);
  EXPECT_EQ(guest_register_value(reg::icc_sre_el2, kNew), 7u);
}

TEST(GuestRegisters, EveryRegisterOfTheHostsListIsDecided) {
  for (auto const& host : kHostRegisters) {
    bool const of_el2 = host.reg.op1 == 4;
    bool listed = false;
    for (auto const& guest : kGuestRegisters) {
      if (guest.reg != host.reg) continue;
      listed = true;
      EXPECT_EQ(guest.present, host.present) << host.name;
    }
    EXPECT_EQ(listed, of_el2) << host.name;  // those of EL1 are part of the context
  }
}

TEST(GuestRegisters, EveryBitBelongsToAListedRegisterAndIsGivenOnce) {
  for (auto const& row : kGuestBits) {
    EXPECT_FALSE(row.reason.empty());
    bool listed = false;
    for (auto const& entry : kGuestRegisters)
      listed = listed || (entry.reg == row.reg && entry.value != GuestValue::as_host);
    EXPECT_TRUE(listed) << row.reason;
    for (auto const& other : kGuestBits) {
      if (&other == &row || other.reg != row.reg) continue;
      EXPECT_EQ(other.value & row.value, 0u) << row.reason;
    }
  }
}

TEST(GuestRegisters, TrapSettingsAreTheTables) {
  EXPECT_EQ(trap_setting_value(TrapSetting::guest_hcr, kNew), guest_register_value(reg::hcr_el2, kNew));
  EXPECT_EQ(trap_setting_value(TrapSetting::host_hcr, kNew), host_register_value(reg::hcr_el2, kNew));
  EXPECT_EQ(trap_setting_value(TrapSetting::guest_mdcr, kNew), guest_register_value(reg::mdcr_el2, kNew));
  EXPECT_EQ(trap_setting_value(TrapSetting::host_mdcr, kNew), host_register_value(reg::mdcr_el2, kNew));
  EXPECT_EQ(trap_setting_value(TrapSetting::guest_cptr, kNew), guest_register_value(reg::cptr_el2, kNew));
  EXPECT_EQ(trap_setting_value(TrapSetting::host_cptr, kNew), host_register_value(reg::cptr_el2, kNew));
  EXPECT_EQ(trap_setting_value(TrapSetting::guest_pmuserenr, kNew), 0u);
}

}  // namespace
}  // namespace redoubt
