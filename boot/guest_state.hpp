// SPDX-License-Identifier: BSD-3-Clause
// R12: what becomes of every system register of EL1 and EL0 when a guest runs: no guest sees or changes
// anything of host or another guest by it.
#pragma once
#include "boot/guest_registers.hpp"
#include "machine/el2/context_registers.hpp"

namespace redoubt {

enum class Fate : std::uint8_t {
  saved,      // part of the vCPU's context, moved by the world switch
  emulated,   // traps; core/vcpu answers
  hidden,     // traps, or does not exist: UNDEFINED
  virtual_,   // the CPU gives the guest a virtual one, whose state the interrupt interface saves (R19)
  timer,      // the guest's own while it runs, saved with its timer (R20)
  read_only,  // says something about the CPU, the same to all; or a counter with the guest's own offset
};

// Registers of one encoding, or of a range of them: `kAny` stands for every value.
inline constexpr unsigned kAny = ~0u;

// How the row comes true: bits of a guest's `config` register that are set (`on`), or clear. Rows without one
// are saved, or need none.
struct StateRow {
  el2::SysReg reg;
  Fate fate;
  el2::SysReg config{};
  std::uint64_t bits = 0;
  bool on = true;
  std::string_view reason{};  // NOLINT(readability-redundant-member-init): -Wmissing-field-initializers
};

// The first row that fits counts. HFG* and HCRX are zero but for HCRX's rows above: "n" bits of features that
// are newer than fine-grained traps trap.
// clang-format off: one table
inline constexpr auto kGuestState = std::to_array<StateRow>({
    // Identification.
    {{3, 0, 0, 0, 0}, Fate::read_only, {}, 0, true, "MIDR: VPIDR_EL2, the CPU's own for all"},
    {{3, 0, 0, 0, 5}, Fate::saved, {}, 0, true, "MPIDR: VMPIDR_EL2"},
    {{3, 0, 0, 0, 6}, Fate::read_only, {}, 0, true, "REVIDR"},
    {{3, 0, 0, kAny, kAny}, Fate::emulated, reg::hcr_el2, bit(18), true, "ID registers: TID3"},
    {{3, 1, 0, 0, 4}, Fate::hidden, reg::hcr_el2, bit(58), true, "GMID: memory tagging, TID5"},
    {{3, 1, 0, 0, kAny}, Fate::read_only, {}, 0, true, "cache geometry, AIDR, SMIDR"},
    {{3, 2, 0, 0, 0}, Fate::saved, {}, 0, true, "CSSELR"},
    {{3, 3, 0, 0, kAny}, Fate::read_only, {}, 0, true, "CTR, DCZID"},

    // Control of EL1, translation, exceptions.
    {{3, 0, 1, 0, 0}, Fate::saved}, {{3, 0, 1, 0, 2}, Fate::saved},
    {{3, 0, 1, 0, 1}, Fate::emulated, reg::hcr_el2, bit(21), true, "ACTLR: TACR"},
    {{3, 0, 1, 0, 5}, Fate::hidden, reg::hcr_el2, bit(56), false, "RGSR: ATA"},
    {{3, 0, 1, 0, 6}, Fate::hidden, reg::hcr_el2, bit(56), false, "GCR: ATA"},
    {{3, 0, 5, 6, kAny}, Fate::hidden, reg::hcr_el2, bit(56), false, "TFSR: ATA"},
    {{3, 0, 1, 0, kAny}, Fate::hidden, reg::hcrx_el2, bit(15), false, "SCTLR2: SCTLR2En"},
    {{3, 0, 1, 2, 0}, Fate::hidden, reg::cptr_el2, bit(8), true, "ZCR: TZ"},
    {{3, 0, 1, 2, 1}, Fate::hidden, reg::mdcr_el2, bit(19), true, "TRFCR: TTRF"},
    {{3, 0, 1, 2, 3}, Fate::hidden, reg::hdfgwtr2_el2, 0, false, "TRCITECR: newer than fine-grained traps 2"},
    {{3, 0, 1, 2, kAny}, Fate::hidden, reg::cptr_el2, bit(12), true, "SMPRI, SMCR: TSM"},
    {{3, 0, 2, 0, 3}, Fate::hidden, reg::hcrx_el2, bit(14), false, "TCR2: TCR2En"},
    {{3, 0, 2, 0, kAny}, Fate::saved, {}, 0, true, "TTBR0, TTBR1, TCR"},
    {{3, 0, 2, 1, kAny}, Fate::hidden, reg::hcr_el2, bit(40), false, "pointer authentication keys: APK"},
    {{3, 0, 2, 2, kAny}, Fate::hidden, reg::hcr_el2, bit(40), false, "the same"},
    {{3, 0, 2, 3, kAny}, Fate::hidden, reg::hcr_el2, bit(40), false, "the same"},
    {{3, 0, 2, 5, kAny}, Fate::hidden, reg::hfgrtr_el2, bit(52) | bit(53), false, "guarded stacks: nGCS_EL1, nGCS_EL0"},
    {{3, 0, 4, 0, kAny}, Fate::saved, {}, 0, true, "SPSR, ELR"},
    {{3, 0, 4, 1, 0}, Fate::saved, {}, 0, true, "SP_EL0"},
    {{3, 0, 4, 2, kAny}, Fate::saved, {}, 0, true, "PSTATE fields: in SPSR_EL2"},
    {{3, 0, 4, 3, kAny}, Fate::hidden, reg::hcrx_el2, bit(6), true, "ALLINT: TALLINT"},
    {{3, 0, 5, 1, kAny}, Fate::saved, {}, 0, true, "AFSR0, AFSR1"},
    {{3, 0, 5, 2, 0}, Fate::saved, {}, 0, true, "ESR"},
    {{3, 0, 5, 4, 4}, Fate::hidden, reg::hcr_el2, bit(47), false, "error injection: FIEN"},
    {{3, 0, 5, kAny, kAny}, Fate::hidden, reg::hcr_el2, bit(36), true, "error records: TERR"},
    {{3, 0, 6, 0, 0}, Fate::saved, {}, 0, true, "FAR"},
    {{3, 0, 7, 4, 0}, Fate::saved, {}, 0, true, "PAR"},
    {{3, 0, 10, 2, 0}, Fate::saved, {}, 0, true, "MAIR"},
    {{3, 0, 10, 3, 0}, Fate::saved, {}, 0, true, "AMAIR"},
    {{3, 0, 10, 2, kAny}, Fate::hidden, reg::hfgrtr_el2, bit(57) | bit(58) | bit(60) | bit(61) | bit(62), false,
     "permission indirection and overlays, MAIR2: nPIRE0, nPIR, nPOR, nS2POR, nMAIR2"},
    {{3, 0, 10, 3, kAny}, Fate::hidden, reg::hfgrtr_el2, bit(63), false, "AMAIR2: nAMAIR2"},
    {{3, 3, 10, 2, 4}, Fate::hidden, reg::hfgrtr_el2, bit(59), false, "POR_EL0: nPOR_EL0"},
    {{3, 0, 10, 4, kAny}, Fate::hidden, reg::hcr_el2, bit(35), true, "limited ordering regions: TLOR"},
    {{3, 0, 12, 0, 0}, Fate::saved, {}, 0, true, "VBAR"},
    {{3, 0, 13, 0, 3}, Fate::hidden, reg::hfgrtr2_el2, bit(2), false, "RCWSMASK: nRCWSMASK"},
    {{3, 0, 13, 0, 5}, Fate::hidden, reg::hfgrtr_el2, bit(50), false, "ACCDATA: nACCDATA"},
    {{3, 0, 13, 0, 6}, Fate::hidden, reg::hfgrtr_el2, bit(56), false, "RCWMASK: nRCWMASK"},
    {{3, 0, 13, 0, 7}, Fate::hidden, reg::hcr_el2, bit(53), false, "SCXTNUM: EnSCXT"},
    {{3, 3, 13, 0, 7}, Fate::hidden, reg::hcr_el2, bit(53), false, "SCXTNUM: EnSCXT"},
    {{3, 0, 13, 0, kAny}, Fate::saved, {}, 0, true, "CONTEXTIDR, TPIDR"},
    {{3, 3, 13, 0, 2}, Fate::saved}, {{3, 3, 13, 0, 3}, Fate::saved},
    {{3, 3, 13, 0, 5}, Fate::hidden, reg::hfgrtr_el2, bit(55), false, "TPIDR2: nTPIDR2_EL0"},

    // What user space has besides.
    {{3, 3, 2, 4, kAny}, Fate::read_only, {}, 0, true, "random numbers"},
    {{3, 3, 2, 5, 1}, Fate::hidden, reg::hfgrtr_el2, bit(52), false, "GCSPR_EL0: nGCS_EL0"},
    {{3, 3, 4, 2, 2}, Fate::hidden, reg::cptr_el2, bit(12), true, "SVCR: TSM"},
    {{3, 3, 4, 2, kAny}, Fate::saved, {}, 0, true, "NZCV, DAIF, DIT, SSBS, TCO: in SPSR_EL2"},
    {{3, 3, 4, 4, 2}, Fate::hidden, reg::hcrx_el2, bit(23), false, "FPMR: EnFPM"},
    {{3, 3, 4, 4, kAny}, Fate::saved, {}, 0, true, "FPCR, FPSR: with the vector registers"},

    // Interrupts, errors, timers.
    {{3, 0, 12, 1, 0}, Fate::virtual_, reg::hcr_el2, bit(3) | bit(4) | bit(5), true, "ISR: virtual interrupts"},
    {{3, 0, 12, 1, 1}, Fate::virtual_, reg::hcr_el2, bit(5), true, "DISR: VDISR_EL2, zeroed at each switch"},
    {{3, 0, 12, 12, 5}, Fate::emulated, reg::icc_sre_el2, bit(3), false, "ICC_SRE: Enable"},
    {{3, 0, 12, 11, 1}, Fate::virtual_, reg::hcr_el2, bit(4), true, "ICC_DIR: traps where the core asks for it"},
    {{3, 0, 12, 11, 3}, Fate::virtual_, reg::hcr_el2, bit(4), true, "ICC_RPR"},
    {{3, 0, 12, 11, kAny}, Fate::emulated, reg::hcr_el2, bit(3) | bit(4), true, "SGIs: FMO, IMO"},
    {{3, 0, 12, 8, kAny}, Fate::virtual_, reg::hcr_el2, bit(3), true, "ICC of group 0: FMO"},
    {{3, 0, 12, 9, kAny}, Fate::virtual_, reg::hcr_el2, bit(4), true, "ICC active priorities, ICC_NMIAR1: IMO"},
    {{3, 0, 12, 12, kAny}, Fate::virtual_, reg::hcr_el2, bit(4), true, "ICC of group 1: IMO"},
    {{3, 0, 4, 6, 0}, Fate::virtual_, reg::hcr_el2, bit(4), true, "ICC_PMR: IMO"},
    {{3, 0, 14, 1, 0}, Fate::saved, {}, 0, true, "CNTKCTL"},
    {{3, 3, 14, 0, kAny}, Fate::read_only, reg::cnthctl_el2, 1, true, "CNTFRQ and counters: EL1PCTEN, CNTVOFF_EL2"},
    {{3, 3, 14, 2, kAny}, Fate::emulated, reg::cnthctl_el2, 2, false, "physical timer: EL1PCEN"},
    {{3, 3, 14, 3, kAny}, Fate::timer, {}, 0, true, "virtual timer"},

    // Debug, trace, profiling, monitors.
    {{2, 0, 0, 2, 2}, Fate::saved, reg::mdcr_el2, bit(9), true, "MDSCR: TDA; the core lets single steps through"},
    {{2, 0, 1, kAny, kAny}, Fate::emulated, reg::mdcr_el2, bit(10), true, "debug locks: TDOSA; MDRAR: TDRA"},
    {{2, 0, kAny, kAny, kAny}, Fate::emulated, reg::mdcr_el2, bit(9) | bit(11), true, "debug: TDA, TDRA"},
    {{2, 3, kAny, kAny, kAny}, Fate::emulated, reg::mdcr_el2, bit(9), true, "debug communication channel: TDA"},
    {{2, 1, 9, kAny, kAny}, Fate::hidden, reg::hdfgrtr_el2, bit(59) | bit(60) | bit(61), false, "branch records: nBRB*"},
    {{2, 1, 8, kAny, kAny}, Fate::hidden, reg::hdfgrtr_el2, bit(59) | bit(60) | bit(61), false, "the same"},
    {{2, 1, kAny, kAny, kAny}, Fate::hidden, reg::cptr_el2, bit(20), true, "trace: TTA"},
    {{3, 0, 9, 9, kAny}, Fate::hidden, reg::mdcr_el2, bit(14), true, "profiling: TPMS"},
    {{3, 0, 9, 10, kAny}, Fate::hidden, reg::mdcr_el2, bit(12) | bit(13), false, "its buffer: E2PB"},
    {{3, 0, 9, 11, kAny}, Fate::hidden, reg::mdcr_el2, bit(24) | bit(25), false, "trace buffer: E2TB"},
    {{3, 0, 9, kAny, kAny}, Fate::hidden, reg::mdcr_el2, bit(6), true, "PMU: TPM"},
    {{3, 3, 9, 12, 0}, Fate::hidden, reg::mdcr_el2, bit(5), true, "PMCR: TPMCR; its E is 0 while a guest runs"},
    {{3, 3, 9, kAny, kAny}, Fate::hidden, reg::mdcr_el2, bit(6), true, "PMU: TPM"},
    {{3, 3, 14, kAny, kAny}, Fate::hidden, reg::mdcr_el2, bit(6), true, "PMU event counters and types: TPM"},
    {{3, 3, 13, kAny, kAny}, Fate::hidden, reg::cptr_el2, bit(30), true, "activity monitors: TAM"},
    {{3, kAny, 11, kAny, kAny}, Fate::hidden, reg::hcr_el2, bit(20), true, "implementation defined: TIDCP"},
    {{3, kAny, 15, kAny, kAny}, Fate::hidden, reg::hcr_el2, bit(20), true, "implementation defined: TIDCP"},
});
// clang-format on

[[nodiscard]] constexpr bool fits(el2::SysReg pattern, el2::SysReg reg) {
  auto const one = [](unsigned want, unsigned have) { return want == kAny || want == have; };
  return one(pattern.op0, reg.op0) && one(pattern.op1, reg.op1) && one(pattern.crn, reg.crn) &&
         one(pattern.crm, reg.crm) && one(pattern.op2, reg.op2);
}

// nullptr: no row.
[[nodiscard]] constexpr StateRow const* state_row(el2::SysReg reg) {
  for (StateRow const& row : kGuestState) {
    if (fits(row.reg, reg)) return &row;
  }
  return nullptr;
}

// Does the world switch move it between CPU and context?
[[nodiscard]] constexpr bool is_moved(el2::SysReg reg) {
  for (Move const& move : kMoves<moved::system>) {
    for (el2::LiveRegister const& live : el2::kLiveRegisters) {
      if (live.number == move.live && live.reg == reg) return true;
    }
  }
  return false;
}

}  // namespace redoubt
