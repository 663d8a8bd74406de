// SPDX-License-Identifier: BSD-3-Clause
// What a guest reads in the identification registers, and what becomes of its trapped register accesses
// (R12).
#pragma once
#include <array>
#include <cstdint>

#include "core/machine/constants.hpp"
#include "machine/el2/id_fields.hpp"
#include "machine/el2/registers.hpp"

namespace redoubt {

// What is not listed reads as zero: left out on purpose are EL2, EL3, AArch32, RAS (error records belong to
// the platform), SVE, SME, MTE, AMU, MPAM, PMU, SPE, TRBE, trace, pointer authentication (its keys are not
// switched), SCXTNUM (CSV2 above 1, CSV2_frac above 1), WFxT, LORegions, nested virtualisation, what needs
// HCRX_EL2, stage-2 features, and everything newer than this table. Debug is what the architecture demands,
// and it is not functional but for single steps.
inline constexpr el2::IdFields kGuestFields{std::to_array<el2::IdField>({
    {el2::reg::id_aa64pfr0_el1, 0, 1},          // EL0: AArch64 only
    {el2::reg::id_aa64pfr0_el1, 4, 1},          // EL1: AArch64 only
    {el2::reg::id_aa64pfr0_el1, 16, 1, true},   // FP
    {el2::reg::id_aa64pfr0_el1, 20, 1, true},   // AdvSIMD
    {el2::reg::id_aa64pfr0_el1, 24, 1},         // GIC system registers: 3.0
    {el2::reg::id_aa64pfr0_el1, 48, 1},         // DIT
    {el2::reg::id_aa64pfr0_el1, 56, 1},         // CSV2
    {el2::reg::id_aa64pfr0_el1, 60, 1},         // CSV3
    {el2::reg::id_aa64pfr1_el1, 0, 1},          // BTI
    {el2::reg::id_aa64pfr1_el1, 4, 2},          // SSBS
    {el2::reg::id_aa64pfr1_el1, 32, 1},         // CSV2_frac
    {el2::reg::id_aa64dfr0_el1, 0, 6},          // debug architecture: Armv8.0
    {el2::reg::id_aa64dfr0_el1, 12, 1},         // breakpoints: the least there may be
    {el2::reg::id_aa64dfr0_el1, 20, 1},         // watchpoints: the same
    {el2::reg::id_aa64isar0_el1, 4, 2},         // AES
    {el2::reg::id_aa64isar0_el1, 8, 1},         // SHA1
    {el2::reg::id_aa64isar0_el1, 12, 2},        // SHA2
    {el2::reg::id_aa64isar0_el1, 16, 1},        // CRC32
    {el2::reg::id_aa64isar0_el1, 20, 2},        // atomics
    {el2::reg::id_aa64isar0_el1, 28, 1},        // RDM
    {el2::reg::id_aa64isar0_el1, 32, 1},        // SHA3
    {el2::reg::id_aa64isar0_el1, 36, 1},        // SM3
    {el2::reg::id_aa64isar0_el1, 40, 1},        // SM4
    {el2::reg::id_aa64isar0_el1, 44, 1},        // dot product
    {el2::reg::id_aa64isar0_el1, 48, 1},        // FHM
    {el2::reg::id_aa64isar0_el1, 52, 2},        // flag manipulation
    {el2::reg::id_aa64isar0_el1, 56, 2},        // TLBI range and outer shareable
    {el2::reg::id_aa64isar0_el1, 60, 1},        // RNDR
    {el2::reg::id_aa64isar1_el1, 0, 2},         // DC CVAP, CVADP
    {el2::reg::id_aa64isar1_el1, 12, 1},        // JSCVT
    {el2::reg::id_aa64isar1_el1, 16, 1},        // FCMA
    {el2::reg::id_aa64isar1_el1, 20, 3},        // LRCPC
    {el2::reg::id_aa64isar1_el1, 32, 1},        // FRINTTS
    {el2::reg::id_aa64isar1_el1, 36, 1},        // SB
    {el2::reg::id_aa64isar1_el1, 40, 1},        // SPECRES
    {el2::reg::id_aa64isar1_el1, 44, 2},        // BF16
    {el2::reg::id_aa64isar1_el1, 48, 1},        // DGH
    {el2::reg::id_aa64isar1_el1, 52, 1},        // I8MM
    {el2::reg::id_aa64isar2_el1, 4, 1},         // RPRES
    {el2::reg::id_aa64isar2_el1, 16, 1},        // MOPS
    {el2::reg::id_aa64isar2_el1, 20, 1},        // hinted conditional branches
    {el2::reg::id_aa64mmfr0_el1, 0, 2},         // physical addresses: the 40 bits of R8
    {el2::reg::id_aa64mmfr0_el1, 4, 2},         // ASID bits
    {el2::reg::id_aa64mmfr0_el1, 8, 1},         // mixed endian
    {el2::reg::id_aa64mmfr0_el1, 16, 1},        // mixed endian at EL0
    {el2::reg::id_aa64mmfr0_el1, 20, 1},        // 16 KiB granule
    {el2::reg::id_aa64mmfr0_el1, 24, 0, true},  // 64 KiB granule
    {el2::reg::id_aa64mmfr0_el1, 28, 0, true},  // 4 KiB granule
    {el2::reg::id_aa64mmfr0_el1, 60, 1},        // ECV: self-synchronised counters
    {el2::reg::id_aa64mmfr1_el1, 0, 2},         // hardware access and dirty flags
    {el2::reg::id_aa64mmfr1_el1, 12, 2},        // hierarchical permission disables
    {el2::reg::id_aa64mmfr1_el1, 20, 3},        // PAN
    {el2::reg::id_aa64mmfr1_el1, 24, 1},        // SpecSEI
    {el2::reg::id_aa64mmfr1_el1, 36, 1},        // ETS
    {el2::reg::id_aa64mmfr1_el1, 44, 1},        // AFP
    {el2::reg::id_aa64mmfr1_el1, 48, 1},        // nTLBPA
    {el2::reg::id_aa64mmfr2_el1, 0, 1},         // CnP
    {el2::reg::id_aa64mmfr2_el1, 4, 1},         // UAO
    {el2::reg::id_aa64mmfr2_el1, 8, 1},         // LSM
    {el2::reg::id_aa64mmfr2_el1, 16, 1},        // 52-bit virtual addresses
    {el2::reg::id_aa64mmfr2_el1, 20, 1},        // CCIDX: form of CCSIDR_EL1, which guests read
    {el2::reg::id_aa64mmfr2_el1, 28, 1},        // small translation tables
    {el2::reg::id_aa64mmfr2_el1, 32, 1},        // unaligned atomics
    {el2::reg::id_aa64mmfr2_el1, 36, 1},        // IDS
    {el2::reg::id_aa64mmfr2_el1, 48, 1},        // TTL
    {el2::reg::id_aa64mmfr2_el1, 52, 2},        // BBM
    {el2::reg::id_aa64mmfr2_el1, 60, 1},        // E0PD
})};

// What a guest reads when `reg`, one of op0=3 op1=0 CRn=0 CRm=1..7, holds `value` on this CPU. Those of
// AArch32 read as zero.
[[nodiscard]] constexpr u64 guest_view(el2::SysReg reg, u64 value) {
  return reg.crm <= 3 ? 0 : kGuestFields.view(reg, value);
}

// What becomes of a trapped MSR, MRS or system instruction.
enum class GuestAccess : std::uint8_t {
  undefined,       // inject UNDEFINED
  constant,        // a read gives guest_constant(), a write is ignored
  identification,  // a read gives guest_view() of the register's value
  debug_control,   // MDSCR_EL1: the register itself, but only the bits kGuestDebugControl
  send_sgi,        // write of ICC_SGI1R_EL1: GuestInterrupts::on_sgi
  deactivate,      // write of ICC_DIR_EL1: GuestInterrupts::on_deactivate
};

// MDSCR_EL1 bits that a guest has: SS and KDE, for single steps; breakpoints are not its own.
inline constexpr u64 kGuestDebugControl = u64{1} << 0 | u64{1} << 13;

namespace guest_register {
inline constexpr el2::SysReg actlr_el1{3, 0, 1, 0, 1}, mdscr_el1{2, 0, 0, 2, 2}, oslsr_el1{2, 0, 1, 1, 4};

// Debug registers of EL1 and EL0: breakpoints, watchpoints, locks, communication channel; not trace (op1 =
// 1).
[[nodiscard]] constexpr bool is_debug(el2::SysReg reg) {
  return reg.op0 == 2 && ((reg.op1 == 0 && (reg.crn <= 1 || reg.crn == 7)) || (reg.op1 == 3 && reg.crn == 0));
}
[[nodiscard]] constexpr bool is_identification(el2::SysReg reg) {
  return reg.op0 == 3 && reg.op1 == 0 && reg.crn == 0 && reg.crm >= 1 && reg.crm <= 7;
}
// DC ISW, CSW, CISW.
[[nodiscard]] constexpr bool is_set_way(el2::SysReg reg) {
  return reg.op0 == 1 && reg.op1 == 0 && reg.crn == 7 && reg.op2 == 2 &&
         (reg.crm == 6 || reg.crm == 10 || reg.crm == 14);
}
}  // namespace guest_register

//   Debug: Linux writes the locks and clears breakpoints at boot; they do nothing.
//   Set/way: ignored. They cannot mean what a guest wants on a machine with several CPUs; its memory is
//   coherent for it as soon as its caches are on, and the core cleans what it zeroes. Physical timer: reads
//   as off; the device tree of guests names the virtual one. SGIs of group 0 and of the other security state:
//   no such interrupts, so nothing happens.
[[nodiscard]] constexpr GuestAccess classify_guest_access(el2::SysReg reg, bool is_read) {
  namespace known = el2::reg;
  if (guest_register::is_identification(reg))
    return is_read ? GuestAccess::identification : GuestAccess::undefined;
  if (reg == guest_register::mdscr_el1) return GuestAccess::debug_control;
  if (guest_register::is_debug(reg) || reg == guest_register::actlr_el1 || reg == known::icc_sre_el1)
    return GuestAccess::constant;
  if (reg == known::cntp_ctl_el0 || reg == known::cntp_cval_el0 || reg == known::cntp_tval_el0)
    return GuestAccess::constant;
  if (is_read) return GuestAccess::undefined;
  if (guest_register::is_set_way(reg) || reg == known::icc_asgi1r_el1 || reg == known::icc_sgi0r_el1)
    return GuestAccess::constant;
  if (reg == known::icc_sgi1r_el1) return GuestAccess::send_sgi;
  return reg == known::icc_dir_el1 ? GuestAccess::deactivate : GuestAccess::undefined;
}

// The value a guest reads in a register of class `constant`.
[[nodiscard]] constexpr u64 guest_constant(el2::SysReg reg) {
  if (reg == guest_register::oslsr_el1) return 8;  // an OS lock exists and is open
  return reg == el2::reg::icc_sre_el1 ? 7 : 0;     // system registers, always
}

}  // namespace redoubt
