// SPDX-License-Identifier: BSD-3-Clause
// Encodings of the system registers that the core names (Arm ARM D23, columns: op0 op1 CRn CRm op2).
#pragma once
#include "machine/el2/sysreg.hpp"

namespace redoubt::el2::reg {

// Identification of the CPU.
inline constexpr SysReg midr_el1{3, 0, 0, 0, 0};
inline constexpr SysReg mpidr_el1{3, 0, 0, 0, 5};
inline constexpr SysReg id_aa64pfr0_el1{3, 0, 0, 4, 0};
inline constexpr SysReg id_aa64pfr1_el1{3, 0, 0, 4, 1};
inline constexpr SysReg id_aa64pfr2_el1{3, 0, 0, 4, 2};
inline constexpr SysReg id_aa64zfr0_el1{3, 0, 0, 4, 4};
inline constexpr SysReg id_aa64dfr0_el1{3, 0, 0, 5, 0};
inline constexpr SysReg id_aa64dfr1_el1{3, 0, 0, 5, 1};
inline constexpr SysReg id_aa64isar0_el1{3, 0, 0, 6, 0};
inline constexpr SysReg id_aa64isar1_el1{3, 0, 0, 6, 1};
inline constexpr SysReg id_aa64isar2_el1{3, 0, 0, 6, 2};
inline constexpr SysReg id_aa64mmfr0_el1{3, 0, 0, 7, 0};
inline constexpr SysReg id_aa64mmfr1_el1{3, 0, 0, 7, 1};
inline constexpr SysReg id_aa64mmfr2_el1{3, 0, 0, 7, 2};
inline constexpr SysReg id_aa64mmfr3_el1{3, 0, 0, 7, 3};
inline constexpr SysReg id_aa64mmfr4_el1{3, 0, 0, 7, 4};
inline constexpr SysReg ctr_el0{3, 3, 0, 0, 1};
inline constexpr SysReg dczid_el0{3, 3, 0, 0, 7};
inline constexpr SysReg cntfrq_el0{3, 3, 14, 0, 0};
inline constexpr SysReg cntpct_el0{3, 3, 14, 0, 1};
inline constexpr SysReg pmcr_el0{3, 3, 9, 12, 0};

// EL2: execution, exceptions, translation.
inline constexpr SysReg vpidr_el2{3, 4, 0, 0, 0};
inline constexpr SysReg vmpidr_el2{3, 4, 0, 0, 5};
inline constexpr SysReg sctlr_el2{3, 4, 1, 0, 0};
inline constexpr SysReg actlr_el2{3, 4, 1, 0, 1};
inline constexpr SysReg hcr_el2{3, 4, 1, 1, 0};
inline constexpr SysReg mdcr_el2{3, 4, 1, 1, 1};
inline constexpr SysReg cptr_el2{3, 4, 1, 1, 2};
inline constexpr SysReg hstr_el2{3, 4, 1, 1, 3};
inline constexpr SysReg hfgrtr_el2{3, 4, 1, 1, 4};
inline constexpr SysReg hfgwtr_el2{3, 4, 1, 1, 5};
inline constexpr SysReg hfgitr_el2{3, 4, 1, 1, 6};
inline constexpr SysReg hacr_el2{3, 4, 1, 1, 7};
inline constexpr SysReg zcr_el2{3, 4, 1, 2, 0};
inline constexpr SysReg vsesr_el2{3, 4, 5, 2, 3};
inline constexpr SysReg vdisr_el2{3, 4, 12, 1, 1};
inline constexpr SysReg trfcr_el2{3, 4, 1, 2, 1};
inline constexpr SysReg hcrx_el2{3, 4, 1, 2, 2};
inline constexpr SysReg smcr_el2{3, 4, 1, 2, 6};
inline constexpr SysReg ttbr0_el2{3, 4, 2, 0, 0};
inline constexpr SysReg tcr_el2{3, 4, 2, 0, 2};
inline constexpr SysReg vttbr_el2{3, 4, 2, 1, 0};
inline constexpr SysReg vtcr_el2{3, 4, 2, 1, 2};
inline constexpr SysReg vncr_el2{3, 4, 2, 2, 0};
inline constexpr SysReg hdfgrtr2_el2{3, 4, 3, 1, 0};
inline constexpr SysReg hdfgwtr2_el2{3, 4, 3, 1, 1};
inline constexpr SysReg hfgrtr2_el2{3, 4, 3, 1, 2};
inline constexpr SysReg hfgwtr2_el2{3, 4, 3, 1, 3};
inline constexpr SysReg hdfgrtr_el2{3, 4, 3, 1, 4};
inline constexpr SysReg hdfgwtr_el2{3, 4, 3, 1, 5};
inline constexpr SysReg hafgrtr_el2{3, 4, 3, 1, 6};
inline constexpr SysReg hfgitr2_el2{3, 4, 3, 1, 7};
inline constexpr SysReg spsr_el2{3, 4, 4, 0, 0};
inline constexpr SysReg elr_el2{3, 4, 4, 0, 1};
inline constexpr SysReg esr_el2{3, 4, 5, 2, 0};
inline constexpr SysReg far_el2{3, 4, 6, 0, 0};
inline constexpr SysReg hpfar_el2{3, 4, 6, 0, 4};
inline constexpr SysReg pmscr_el2{3, 4, 9, 9, 0};
inline constexpr SysReg mair_el2{3, 4, 10, 2, 0};
inline constexpr SysReg mpamhcr_el2{3, 4, 10, 4, 0};
inline constexpr SysReg mpam2_el2{3, 4, 10, 5, 0};
inline constexpr SysReg icc_sre_el2{3, 4, 12, 9, 5};
inline constexpr SysReg ich_hcr_el2{3, 4, 12, 11, 0};
inline constexpr SysReg ich_vtr_el2{3, 4, 12, 11, 1};
inline constexpr SysReg ich_misr_el2{3, 4, 12, 11, 2};
inline constexpr SysReg ich_vmcr_el2{3, 4, 12, 11, 7};
[[nodiscard]] constexpr SysReg ich_ap0r_el2(unsigned n) { return {3, 4, 12, 8, n}; }
[[nodiscard]] constexpr SysReg ich_ap1r_el2(unsigned n) { return {3, 4, 12, 9, n}; }
[[nodiscard]] constexpr SysReg ich_lr_el2(unsigned n) { return {3, 4, 12, 12 + n / 8, n % 8}; }
inline constexpr SysReg tpidr_el2{3, 4, 13, 0, 2};
inline constexpr SysReg cntvoff_el2{3, 4, 14, 0, 3};
inline constexpr SysReg cntpoff_el2{3, 4, 14, 0, 6};
inline constexpr SysReg cnthctl_el2{3, 4, 14, 1, 0};
inline constexpr SysReg cnthp_ctl_el2{3, 4, 14, 2, 1};
inline constexpr SysReg cnthp_cval_el2{3, 4, 14, 2, 2};
inline constexpr SysReg cnthv_ctl_el2{3, 4, 14, 3, 1};

// EL1 and EL0 state: what the core sets at entry or when it injects an exception, and what belongs to a vCPU.
inline constexpr SysReg sctlr_el1{3, 0, 1, 0, 0};
inline constexpr SysReg cpacr_el1{3, 0, 1, 0, 2};
inline constexpr SysReg ttbr0_el1{3, 0, 2, 0, 0};
inline constexpr SysReg ttbr1_el1{3, 0, 2, 0, 1};
inline constexpr SysReg tcr_el1{3, 0, 2, 0, 2};
inline constexpr SysReg spsr_el1{3, 0, 4, 0, 0};
inline constexpr SysReg elr_el1{3, 0, 4, 0, 1};
inline constexpr SysReg esr_el1{3, 0, 5, 2, 0};
inline constexpr SysReg far_el1{3, 0, 6, 0, 0};
inline constexpr SysReg vbar_el1{3, 0, 12, 0, 0};
inline constexpr SysReg mdscr_el1{2, 0, 0, 2, 2};
inline constexpr SysReg cntkctl_el1{3, 0, 14, 1, 0};
inline constexpr SysReg actlr_el1{3, 0, 1, 0, 1};
inline constexpr SysReg sp_el0{3, 0, 4, 1, 0};
inline constexpr SysReg afsr0_el1{3, 0, 5, 1, 0};
inline constexpr SysReg afsr1_el1{3, 0, 5, 1, 1};
inline constexpr SysReg par_el1{3, 0, 7, 4, 0};
inline constexpr SysReg mair_el1{3, 0, 10, 2, 0};
inline constexpr SysReg amair_el1{3, 0, 10, 3, 0};
inline constexpr SysReg contextidr_el1{3, 0, 13, 0, 1};
inline constexpr SysReg tpidr_el1{3, 0, 13, 0, 4};
inline constexpr SysReg csselr_el1{3, 2, 0, 0, 0};
inline constexpr SysReg pmselr_el0{3, 3, 9, 12, 5};
inline constexpr SysReg pmuserenr_el0{3, 3, 9, 14, 0};
inline constexpr SysReg tpidr_el0{3, 3, 13, 0, 2};
inline constexpr SysReg tpidrro_el0{3, 3, 13, 0, 3};
inline constexpr SysReg sp_el1{3, 4, 4, 1, 0};

// Timers and the interrupt interface as EL1 sees them.
inline constexpr SysReg cntp_tval_el0{3, 3, 14, 2, 0};
inline constexpr SysReg cntp_ctl_el0{3, 3, 14, 2, 1};
inline constexpr SysReg cntp_cval_el0{3, 3, 14, 2, 2};
inline constexpr SysReg cntv_ctl_el0{3, 3, 14, 3, 1};
inline constexpr SysReg cntv_cval_el0{3, 3, 14, 3, 2};
inline constexpr SysReg icc_dir_el1{3, 0, 12, 11, 1};
inline constexpr SysReg icc_sgi1r_el1{3, 0, 12, 11, 5};
inline constexpr SysReg icc_asgi1r_el1{3, 0, 12, 11, 6};
inline constexpr SysReg icc_sgi0r_el1{3, 0, 12, 11, 7};
inline constexpr SysReg icc_hppir1_el1{3, 0, 12, 12, 2};
inline constexpr SysReg icc_sre_el1{3, 0, 12, 12, 5};

}  // namespace redoubt::el2::reg
