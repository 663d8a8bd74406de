// SPDX-License-Identifier: BSD-3-Clause
// What a guest reads in the identification registers, and what becomes of its trapped register accesses
// (R12).
#pragma once
#include <array>
#include <cstdint>

#include "core/machine/constants.hpp"
#include "machine/el2/registers.hpp"

namespace redoubt {

// What a guest reads when `reg`, one of op0=3 op1=0 CRn=0 CRm=1..7, holds `value`: what guest_fields.hpp
// lists and nothing else. AArch32 does not exist for guests.
[[nodiscard]] u64 guest_view(el2::SysReg reg, u64 value);

// A trapped MSR, MRS or system instruction.
enum class GuestRegister : std::uint8_t {
  undefined,       // inject UNDEFINED
  constant,        // a read gives guest_constant(), a write is ignored
  identification,  // a read gives guest_view() of the register's value
  debug_control,   // MDSCR_EL1: reads and writes of the bits kGuestDebugControl, the others are zero
  send_sgi,        // write of ICC_SGI1R_EL1: GuestInterrupts::on_sgi
  deactivate,      // write of ICC_DIR_EL1: GuestInterrupts::on_deactivate
};

[[nodiscard]] GuestRegister classify_guest_register(el2::SysReg reg, bool is_read);

// The value a guest reads in a register of class `constant`.
[[nodiscard]] u64 guest_constant(el2::SysReg reg);

// MDSCR_EL1 bits that a guest has: SS and KDE, for single steps; breakpoints are not its own.
inline constexpr u64 kGuestDebugControl = u64{1} << 0 | u64{1} << 13;

}  // namespace redoubt

#include "core/vcpu/guest_id_inline.hpp"
