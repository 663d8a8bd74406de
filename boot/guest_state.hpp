// SPDX-License-Identifier: BSD-3-Clause
// Every system register that software at EL1 or EL0 can name (op1 = 0 to 3), and what a guest's use of it
// means: nothing is left to chance at a world switch (R12). A test asks the assembler for the registers there
// are.
#pragma once
#include <array>
#include <cstdint>
#include <string_view>

#include "boot/guest_registers.hpp"

namespace redoubt {

enum class GuestUse : std::uint8_t {
  context,        // part of the vCPU's context (core/machine/context.hpp): saved and loaded at a world switch
  floating,       // FPCR, FPSR: with the FP registers
  pstate,         // a part of PSTATE: saved and loaded with it
  interface,      // the virtual CPU interface answers while HCR_EL2.IMO and FMO are set (core/vcpu/vgic.hpp)
  timer,          // switched by core/vcpu/vtimer.hpp
  virtual_error,  // the virtual DISR_EL1 answers while HCR_EL2.AMO is set
  shared,         // the same for all and only readable: geometry, counters, random numbers
  emulated,       // traps, and core/vcpu/guest_id.hpp has an answer
  trapped,        // traps by `trap` and is UNDEFINED to the guest
  absent,         // UNDEFINED by the architecture: other profiles, states or exception levels
};

// Numbers a..b, inclusive.
struct Span {
  std::uint8_t first, last;
  [[nodiscard]] constexpr bool has(unsigned number) const { return number >= first && number <= last; }
};
[[nodiscard]] consteval Span only(unsigned n) {
  return {static_cast<std::uint8_t>(n), static_cast<std::uint8_t>(n)};
}
[[nodiscard]] consteval Span to(unsigned a, unsigned b) {
  return {static_cast<std::uint8_t>(a), static_cast<std::uint8_t>(b)};
}
inline constexpr Span kAny{0, 15};

// The bit of an EL2 register that makes it trap: 1, or 0 for one with inverse sense.
struct TrapBit {
  el2::SysReg reg{};
  std::uint8_t bit = 0;
  std::uint8_t value = 1;
};

struct GuestUseRow {
  std::uint8_t op0, op1;
  Span crn, crm, op2;
  GuestUse use;
  std::string_view what;
  TrapBit trap = {};
};

namespace trap_bit {
inline constexpr TrapBit tid3{reg::hcr_el2, 18}, tacr{reg::hcr_el2, 21}, tlor{reg::hcr_el2, 35},
    terr{reg::hcr_el2, 36}, apk{reg::hcr_el2, 40, 0}, scxt{reg::hcr_el2, 53, 0}, ata{reg::hcr_el2, 56, 0},
    tid5{reg::hcr_el2, 58}, tz{reg::cptr_el2, 8}, tsm{reg::cptr_el2, 12}, tta{reg::cptr_el2, 20},
    tam{reg::cptr_el2, 30}, tpmcr{reg::mdcr_el2, 5}, tpm{reg::mdcr_el2, 6}, tda{reg::mdcr_el2, 9},
    tdosa{reg::mdcr_el2, 10}, tdra{reg::mdcr_el2, 11}, e2pb{reg::mdcr_el2, 13, 0}, tpms{reg::mdcr_el2, 14},
    ttrf{reg::mdcr_el2, 19}, e2tb{reg::mdcr_el2, 25, 0}, mpam1{reg::mpam2_el2, 48}, mpam0{reg::mpam2_el2, 49},
    mpamsm{reg::mpam2_el2, 50, 0}, brbe{reg::hdfgrtr_el2, 61, 0}, brbe_control{reg::hdfgrtr_el2, 60, 0},
    accdata{reg::hfgrtr_el2, 50, 0}, tpidr2{reg::hfgrtr_el2, 55, 0}, gcs{reg::hfgrtr_el2, 53, 0},
    gcs_el0{reg::hfgrtr_el2, 52, 0}, rcwmask{reg::hfgrtr_el2, 56, 0}, pire0{reg::hfgrtr_el2, 57, 0},
    pir{reg::hfgrtr_el2, 58, 0}, por_el0{reg::hfgrtr_el2, 59, 0}, por{reg::hfgrtr_el2, 60, 0},
    s2por{reg::hfgrtr_el2, 61, 0}, mair2{reg::hfgrtr_el2, 62, 0}, amair2{reg::hfgrtr_el2, 63, 0},
    tcr2{reg::hcrx_el2, 14, 0}, sctlr2{reg::hcrx_el2, 15, 0}, fpmr{reg::hcrx_el2, 23, 0},
    pfar{reg::hfgrtr2_el2, 0, 0}, rcwsmask{reg::hfgrtr2_el2, 2, 0}, pcen{reg::cnthctl_el2, 1, 0};
}  // namespace trap_bit

// The first row that fits counts. Registers of implementation defined features below these: TIDCP traps them.
// clang-format off: one table
inline constexpr auto kGuestUses = std::to_array<GuestUseRow>({
    // Debug: op0 = 2.
    {2, 0, only(0), kAny, kAny, GuestUse::emulated, "breakpoints, watchpoints, MDSCR, DCC", trap_bit::tda},
    {2, 0, only(1), only(0), only(0), GuestUse::emulated, "MDRAR", trap_bit::tdra},
    {2, 0, only(1), to(0, 4), only(4), GuestUse::emulated, "OS locks, DBGPRCR", trap_bit::tdosa},
    {2, 0, only(7), kAny, only(6), GuestUse::emulated, "DBGCLAIM*, DBGAUTHSTATUS", trap_bit::tda},
    {2, 0, only(8), kAny, kAny, GuestUse::absent, "call stack recorder: withdrawn from the architecture"},
    {2, 1, to(0, 7), kAny, kAny, GuestUse::trapped, "trace unit", trap_bit::tta},
    {2, 1, only(8), kAny, kAny, GuestUse::trapped, "branch records", trap_bit::brbe},
    {2, 1, only(9), kAny, kAny, GuestUse::trapped, "branch records: control", trap_bit::brbe_control},
    {2, 2, kAny, kAny, kAny, GuestUse::absent, "ThumbEE"},
    {2, 3, only(0), kAny, kAny, GuestUse::emulated, "debug communication channel", trap_bit::tda},
    {2, 3, only(8), kAny, kAny, GuestUse::absent, "call stack recorder: withdrawn from the architecture"},

    // Identification.
    {3, 0, only(0), only(0), only(4), GuestUse::absent, "MPUIR: R profile"},
    {3, 0, only(0), only(0), to(0, 6), GuestUse::shared, "MIDR, REVIDR; MPIDR is the context's VMPIDR"},
    {3, 0, only(0), to(1, 7), kAny, GuestUse::emulated, "ID registers", trap_bit::tid3},
    {3, 1, only(0), only(0), only(4), GuestUse::trapped, "GMID: memory tagging", trap_bit::tid5},
    {3, 1, only(0), only(0), to(0, 7), GuestUse::shared, "CCSIDR, CLIDR, CCSIDR2, SMIDR, AIDR"},
    {3, 2, only(0), only(0), only(0), GuestUse::context, "CSSELR"},
    {3, 3, only(0), only(0), to(0, 7), GuestUse::shared, "CTR, DCZID"},
    {3, 3, only(2), only(4), to(0, 1), GuestUse::shared, "RNDR, RNDRRS"},
    {3, 3, only(2), only(5), only(1), GuestUse::trapped, "GCSPR_EL0", trap_bit::gcs_el0},

    // Control and translation.
    {3, 0, only(1), only(0), only(1), GuestUse::emulated, "ACTLR", trap_bit::tacr},
    {3, 0, only(1), only(0), only(0), GuestUse::context, "SCTLR"},
    {3, 0, only(1), only(0), only(2), GuestUse::context, "CPACR"},
    {3, 0, only(1), only(0), only(3), GuestUse::trapped, "SCTLR2", trap_bit::sctlr2},
    {3, 0, only(1), only(0), to(5, 6), GuestUse::trapped, "RGSR, GCR: memory tagging", trap_bit::ata},
    {3, 0, only(1), only(2), only(0), GuestUse::trapped, "ZCR: SVE", trap_bit::tz},
    {3, 0, only(1), only(2), only(1), GuestUse::trapped, "TRFCR: trace", trap_bit::ttrf},
    {3, 0, only(1), only(2), kAny, GuestUse::trapped, "SMPRI, SMCR: SME", trap_bit::tsm},
    {3, 0, only(2), only(0), to(0, 2), GuestUse::context, "TTBR0, TTBR1, TCR"},
    {3, 0, only(2), only(0), only(3), GuestUse::trapped, "TCR2", trap_bit::tcr2},
    {3, 0, only(2), to(1, 3), kAny, GuestUse::trapped, "keys of pointer authentication", trap_bit::apk},
    {3, 0, only(2), only(5), kAny, GuestUse::trapped, "guarded control stack", trap_bit::gcs},
    {3, 0, only(4), only(0), to(0, 1), GuestUse::context, "SPSR, ELR"},
    {3, 0, only(4), only(1), only(0), GuestUse::context, "SP_EL0"},
    {3, 0, only(4), only(3), only(0), GuestUse::pstate, "ALLINT; its writes trap"},
    {3, 0, only(4), only(2), kAny, GuestUse::pstate, "SPSel, CurrentEL, PAN, UAO"},
    {3, 0, only(4), only(6), only(0), GuestUse::interface, "ICC_PMR"},
    {3, 0, only(5), only(1), to(0, 1), GuestUse::context, "AFSR0, AFSR1"},
    {3, 0, only(5), only(2), only(0), GuestUse::context, "ESR"},
    {3, 0, only(5), to(3, 5), kAny, GuestUse::trapped, "error records", trap_bit::terr},
    {3, 0, only(5), only(6), to(0, 1), GuestUse::trapped, "TFSR, TFSRE0: memory tagging", trap_bit::ata},
    {3, 0, only(6), only(0), only(0), GuestUse::context, "FAR"},
    {3, 0, only(6), only(0), only(5), GuestUse::trapped, "PFAR", trap_bit::pfar},
    {3, 0, only(6), kAny, kAny, GuestUse::absent, "memory protection unit: R profile"},
    {3, 0, only(7), only(4), only(0), GuestUse::context, "PAR"},
    {3, 0, only(10), only(2), only(0), GuestUse::context, "MAIR"},
    {3, 0, only(10), only(2), only(1), GuestUse::trapped, "MAIR2", trap_bit::mair2},
    {3, 0, only(10), only(2), only(2), GuestUse::trapped, "PIRE0", trap_bit::pire0},
    {3, 0, only(10), only(2), only(3), GuestUse::trapped, "PIR", trap_bit::pir},
    {3, 0, only(10), only(2), only(4), GuestUse::trapped, "POR", trap_bit::por},
    {3, 0, only(10), only(2), only(5), GuestUse::trapped, "S2POR", trap_bit::s2por},
    {3, 3, only(10), only(2), only(4), GuestUse::trapped, "POR_EL0", trap_bit::por_el0},
    {3, 0, only(10), only(3), only(0), GuestUse::context, "AMAIR"},
    {3, 0, only(10), only(3), only(1), GuestUse::trapped, "AMAIR2", trap_bit::amair2},
    {3, 0, only(10), only(4), only(4), GuestUse::shared, "MPAMIDR"},
    {3, 0, only(10), only(4), kAny, GuestUse::trapped, "limited ordering regions", trap_bit::tlor},
    {3, 0, only(10), only(5), only(0), GuestUse::trapped, "MPAM1", trap_bit::mpam1},
    {3, 0, only(10), only(5), only(1), GuestUse::trapped, "MPAM0", trap_bit::mpam0},
    {3, 0, only(10), only(5), only(3), GuestUse::trapped, "MPAMSM", trap_bit::mpamsm},
    {3, 0, only(13), only(0), only(1), GuestUse::context, "CONTEXTIDR"},
    {3, 0, only(13), only(0), only(3), GuestUse::trapped, "RCWSMASK", trap_bit::rcwsmask},
    {3, 0, only(13), only(0), only(4), GuestUse::context, "TPIDR_EL1"},
    {3, 0, only(13), only(0), only(5), GuestUse::trapped, "ACCDATA", trap_bit::accdata},
    {3, 0, only(13), only(0), only(6), GuestUse::trapped, "RCWMASK", trap_bit::rcwmask},
    {3, 0, only(13), only(0), only(7), GuestUse::trapped, "SCXTNUM_EL1", trap_bit::scxt},
    {3, 3, only(13), only(0), to(2, 3), GuestUse::context, "TPIDR_EL0, TPIDRRO"},
    {3, 3, only(13), only(0), only(5), GuestUse::trapped, "TPIDR2: SME", trap_bit::tpidr2},
    {3, 3, only(13), only(0), only(7), GuestUse::trapped, "SCXTNUM_EL0", trap_bit::scxt},

    // Performance, profiling, trace buffers, activity.
    {3, 0, only(9), only(9), kAny, GuestUse::trapped, "statistical profiling", trap_bit::tpms},
    {3, 0, only(9), only(10), only(7), GuestUse::shared, "PMBIDR"},
    {3, 0, only(9), only(10), kAny, GuestUse::trapped, "profiling buffer", trap_bit::e2pb},
    {3, 0, only(9), only(11), only(7), GuestUse::shared, "TRBIDR"},
    {3, 0, only(9), only(11), kAny, GuestUse::trapped, "trace buffer", trap_bit::e2tb},
    {3, 0, only(9), only(14), kAny, GuestUse::trapped, "PMU", trap_bit::tpm},
    {3, 3, only(9), only(12), only(0), GuestUse::trapped, "PMCR", trap_bit::tpmcr},
    {3, 3, only(9), to(12, 14), kAny, GuestUse::trapped, "PMU", trap_bit::tpm},
    {3, 3, only(14), to(8, 15), kAny, GuestUse::trapped, "PMU: event counters", trap_bit::tpm},
    {3, 3, only(13), to(2, 15), kAny, GuestUse::trapped, "activity monitors", trap_bit::tam},

    // Exceptions and interrupts.
    {3, 0, only(12), only(0), only(0), GuestUse::context, "VBAR"},
    {3, 0, only(12), only(0), to(1, 2), GuestUse::absent, "RVBAR, RMR: of the highest exception level"},
    {3, 0, only(12), only(1), only(0), GuestUse::interface, "ISR"},
    {3, 0, only(12), only(1), only(1), GuestUse::virtual_error, "DISR"},
    {3, 0, only(12), to(8, 9), kAny, GuestUse::interface, "ICC_*: group 0, active priorities, ICC_NMIAR1"},
    {3, 0, only(12), only(11), only(1), GuestUse::interface, "ICC_DIR; traps if list registers are too few"},
    {3, 0, only(12), only(11), only(3), GuestUse::interface, "ICC_RPR"},
    {3, 0, only(12), only(11), to(5, 7), GuestUse::emulated, "SGI registers", {reg::hcr_el2, 4}},
    {3, 0, only(12), only(12), only(5), GuestUse::emulated, "ICC_SRE", {reg::icc_sre_el2, 3, 0}},
    {3, 0, only(12), only(12), kAny, GuestUse::interface, "ICC_*: group 1"},

    // Timers.
    {3, 0, only(14), only(1), only(0), GuestUse::context, "CNTKCTL"},
    {3, 3, only(14), only(0), kAny, GuestUse::shared, "CNTFRQ, counters; CNTVCT has the VM's offset"},
    {3, 3, only(14), only(2), kAny, GuestUse::emulated, "physical timer", trap_bit::pcen},
    {3, 3, only(14), only(3), kAny, GuestUse::timer, "virtual timer"},

    // State of EL0.
    {3, 3, only(4), only(2), only(2), GuestUse::trapped, "SVCR: SME", trap_bit::tsm},
    {3, 3, only(4), only(2), kAny, GuestUse::pstate, "NZCV, DAIF, DIT, SSBS, TCO"},
    {3, 3, only(4), only(4), to(0, 1), GuestUse::floating, "FPCR, FPSR"},
    {3, 3, only(4), only(4), only(2), GuestUse::trapped, "FPMR", trap_bit::fpmr},
    {3, 3, only(4), only(5), kAny, GuestUse::absent, "DSPSR, DLR: of debug state"},
});
// clang-format on

// The row of a register; null if it has none.
[[nodiscard]] constexpr GuestUseRow const* guest_use(el2::SysReg which) {
  for (auto const& row : kGuestUses) {
    if (row.op0 == which.op0 && row.op1 == which.op1 && row.crn.has(which.crn) && row.crm.has(which.crm) &&
        row.op2.has(which.op2))
      return &row;
  }
  return nullptr;
}

}  // namespace redoubt
