// SPDX-License-Identifier: BSD-3-Clause
// R12: every EL2 register that configures what the host can do, bit by bit, with the reason; computed from
// the ID registers.
#pragma once
#include <array>
#include <cstdint>
#include <string_view>

#include "boot/id_registers.hpp"

namespace redoubt {

using Condition = bool (*)(IdRegisters const&);

inline constexpr Condition always = [](IdRegisters const&) { return true; };
inline constexpr Condition has_pauth = [](IdRegisters const& id) {
  return (isar1::Apa::get(id.isar1) | isar1::Api::get(id.isar1) | isar2::Apa3::get(id.isar2)) != 0;
};
inline constexpr Condition has_scxtnum = [](IdRegisters const& id) {
  return pfr0::Csv2::get(id.pfr0) >= 2 || pfr1::Csv2Frac::get(id.pfr1) >= 2;
};
inline constexpr Condition has_mops = [](IdRegisters const& id) { return isar2::Mops::get(id.isar2) != 0; };
inline constexpr Condition has_mte = [](IdRegisters const& id) { return pfr1::Mte::get(id.pfr1) != 0; };
inline constexpr Condition has_lor = [](IdRegisters const& id) { return mmfr1::Lo::get(id.mmfr1) != 0; };
inline constexpr Condition has_sve = [](IdRegisters const& id) { return pfr0::Sve::get(id.pfr0) != 0; };
inline constexpr Condition lacks_sve = [](IdRegisters const& id) { return pfr0::Sve::get(id.pfr0) == 0; };
inline constexpr Condition has_sme = [](IdRegisters const& id) { return pfr1::Sme::get(id.pfr1) != 0; };
inline constexpr Condition has_amu = [](IdRegisters const& id) { return pfr0::Amu::get(id.pfr0) != 0; };
inline constexpr Condition has_mpam = [](IdRegisters const& id) { return pfr0::Mpam::get(id.pfr0) != 0; };
inline constexpr Condition has_hcx = [](IdRegisters const& id) { return mmfr1::Hcx::get(id.mmfr1) != 0; };
inline constexpr Condition has_fgt = [](IdRegisters const& id) {
  return mmfr0::FineGrainedTraps::get(id.mmfr0) != 0;
};
inline constexpr Condition has_fgt2 = [](IdRegisters const& id) {
  return mmfr0::FineGrainedTraps::get(id.mmfr0) >= 2;
};
inline constexpr Condition has_fgt_amu = [](IdRegisters const& id) { return has_fgt(id) && has_amu(id); };
inline constexpr Condition has_vhe = [](IdRegisters const& id) { return mmfr1::Vh::get(id.mmfr1) != 0; };
inline constexpr Condition has_nv2 = [](IdRegisters const& id) { return mmfr2::Nv::get(id.mmfr2) >= 2; };
inline constexpr Condition has_cntpoff = [](IdRegisters const& id) { return mmfr0::Ecv::get(id.mmfr0) >= 2; };
inline constexpr Condition has_pmu = [](IdRegisters const& id) {
  return dfr0::PmuVersion::get(id.dfr0) != 0 && dfr0::PmuVersion::get(id.dfr0) != 0xf;
};
inline constexpr Condition has_pmu_v3p1 = [](IdRegisters const& id) {
  return has_pmu(id) && dfr0::PmuVersion::get(id.dfr0) >= 4;
};
inline constexpr Condition has_pmu_v3p5 = [](IdRegisters const& id) {
  return has_pmu(id) && dfr0::PmuVersion::get(id.dfr0) >= 6;
};
inline constexpr Condition has_spe = [](IdRegisters const& id) {
  return dfr0::PmsVersion::get(id.dfr0) != 0;
};
inline constexpr Condition has_trf = [](IdRegisters const& id) {
  return dfr0::TraceFilter::get(id.dfr0) != 0;
};
inline constexpr Condition has_ssbs = [](IdRegisters const& id) { return pfr1::Ssbs::get(id.pfr1) != 0; };
inline constexpr Condition has_pan = [](IdRegisters const& id) { return mmfr1::Pan::get(id.mmfr1) != 0; };

// A register that the core writes before each first entry of a CPU to the host. Bits without a row are zero.
struct HostRegister {
  el2::SysReg reg;
  std::string_view name;
  Condition present;
};

// One field of it: `value` is ORed in where `when` holds.
struct HostBits {
  el2::SysReg reg;
  std::uint64_t value;
  Condition when;
  std::string_view reason;
};

namespace reg = el2::reg;

inline constexpr auto kHostRegisters = std::to_array<HostRegister>({
    {reg::hcr_el2, "HCR_EL2", always},
    {reg::hcrx_el2, "HCRX_EL2", has_hcx},
    {reg::zcr_el2, "ZCR_EL2", has_sve},
    {reg::smcr_el2, "SMCR_EL2", has_sme},
    {reg::cptr_el2, "CPTR_EL2", always},  // after ZCR and SMCR, whose access it traps
    {reg::mdcr_el2, "MDCR_EL2", always},
    {reg::hstr_el2, "HSTR_EL2", always},
    {reg::hacr_el2, "HACR_EL2", always},
    {reg::actlr_el2, "ACTLR_EL2", always},
    {reg::hfgrtr_el2, "HFGRTR_EL2", has_fgt},
    {reg::hfgwtr_el2, "HFGWTR_EL2", has_fgt},
    {reg::hfgitr_el2, "HFGITR_EL2", has_fgt},
    {reg::hdfgrtr_el2, "HDFGRTR_EL2", has_fgt},
    {reg::hdfgwtr_el2, "HDFGWTR_EL2", has_fgt},
    {reg::hafgrtr_el2, "HAFGRTR_EL2", has_fgt_amu},
    {reg::hfgrtr2_el2, "HFGRTR2_EL2", has_fgt2},
    {reg::hfgwtr2_el2, "HFGWTR2_EL2", has_fgt2},
    {reg::hfgitr2_el2, "HFGITR2_EL2", has_fgt2},
    {reg::hdfgrtr2_el2, "HDFGRTR2_EL2", has_fgt2},
    {reg::hdfgwtr2_el2, "HDFGWTR2_EL2", has_fgt2},
    {reg::trfcr_el2, "TRFCR_EL2", has_trf},
    {reg::pmscr_el2, "PMSCR_EL2", has_spe},
    {reg::mpam2_el2, "MPAM2_EL2", has_mpam},
    {reg::vncr_el2, "VNCR_EL2", has_nv2},
    {reg::cnthctl_el2, "CNTHCTL_EL2", always},
    {reg::cntvoff_el2, "CNTVOFF_EL2", always},
    {reg::cntpoff_el2, "CNTPOFF_EL2", has_cntpoff},
    {reg::cnthp_ctl_el2, "CNTHP_CTL_EL2", always},
    {reg::cnthv_ctl_el2, "CNTHV_CTL_EL2", has_vhe},
    {reg::icc_sre_el2, "ICC_SRE_EL2", always},
    {reg::ich_hcr_el2, "ICH_HCR_EL2", always},
    {reg::vtcr_el2, "VTCR_EL2", always},
    {reg::sctlr_el1, "SCTLR_EL1", always},
    {reg::cpacr_el1, "CPACR_EL1", always},
    {reg::mdscr_el1, "MDSCR_EL1", always},
    {reg::cntkctl_el1, "CNTKCTL_EL1", always},
});

[[nodiscard]] consteval std::uint64_t bit(unsigned position) { return std::uint64_t{1} << position; }

// Registers of the list above without a row here are zero: traps and virtual features off (HSTR: no AArch32
// traps; HACR, ACTLR: no implementation defined access; CNTVOFF, CNTPOFF: the host sees physical time; timers
// and the interrupt interface of EL2: off; TRFCR, PMSCR: no trace or profile of EL2; SMCR: not used). HFG*:
// zero lets the base architecture through and traps what newer features add, whose bits have inverse sense.
inline constexpr auto kHostBits = std::to_array<HostBits>({
    {reg::hcr_el2, bit(0), always, "VM: stage 2 on"},
    {reg::hcr_el2, bit(1), always,
     "SWIO: invalidate by set/way also cleans, so that no data of others is lost"},
    {reg::hcr_el2, bit(2), always, "PTW: a stage-1 walk through device memory faults"},
    {reg::hcr_el2, bit(18), always, "TID3: identification registers show what the host may use"},
    {reg::hcr_el2, bit(19), always, "TSC: an SMC reaches the core, never the firmware"},
    {reg::hcr_el2, bit(20), always, "TIDCP: implementation defined registers could reach past stage 2"},
    {reg::hcr_el2, bit(21), always, "TACR: auxiliary control is implementation defined"},
    {reg::hcr_el2, bit(31), always, "RW: EL1 is AArch64"},
    {reg::hcr_el2, bit(35), has_lor, "TLOR: limited ordering regions are hidden"},
    {reg::hcr_el2, bit(40), has_pauth, "APK: the host has its own pointer authentication keys"},
    {reg::hcr_el2, bit(41), has_pauth, "API: and uses the instructions"},
    {reg::hcr_el2, bit(53), has_scxtnum, "EnSCXT: the host has its own context numbers"},
    {reg::hcr_el2, bit(58), has_mte, "TID5: memory tagging is hidden (ATA stays 0)"},

    {reg::hcrx_el2, bit(11), has_mops, "MSCEn: memory copy instructions show and work"},

    {reg::cptr_el2, 0x22ff, always, "RES1"},
    {reg::cptr_el2, bit(8), lacks_sve, "RES1 without SVE; with it 0: the host may use it"},
    {reg::cptr_el2, bit(12), always, "TSM: SME is hidden; RES1 without it"},
    {reg::cptr_el2, bit(20), always, "TTA: trace registers are hidden"},
    {reg::cptr_el2, bit(30), has_amu, "TAM: activity monitors count the core's work too"},

    {reg::zcr_el2, 0xf, always, "LEN: the longest vectors there are"},

    {reg::mdcr_el2, bit(14), has_spe, "TPMS: profiling is hidden; E2PB = 0 keeps its buffer away from EL1"},
    {reg::mdcr_el2, bit(17), has_pmu_v3p1, "HPMD: event counters stand still at EL2"},
    {reg::mdcr_el2, bit(19), has_trf,
     "TTRF: trace filters are hidden; E2TB = 0 keeps the buffer away from EL1"},
    {reg::mdcr_el2, bit(23), has_pmu_v3p5, "HCCD: the cycle counter stands still at EL2"},

    {reg::mpam2_el2, bit(48) | bit(49), always,
     "TRAPMPAM1EL1, TRAPMPAM0EL1: resource partitioning is hidden"},

    {reg::cnthctl_el2, 3, always, "EL1PCTEN, EL1PCEN: the host uses the physical counter and timer itself"},

    {reg::icc_sre_el2, 0xf, always, "Enable, DIB, DFB, SRE: the host uses the GIC system registers"},

    {reg::vtcr_el2, bit(31), always, "RES1"},
    {reg::vtcr_el2, 64 - 40, always, "T0SZ: 40-bit IPA (R8)"},
    {reg::vtcr_el2, 1u << 6, always, "SL0: start at level 1, two tables side by side"},
    {reg::vtcr_el2, 1u << 8, always, "IRGN0: write-back"},
    {reg::vtcr_el2, 1u << 10, always, "ORGN0: write-back"},
    {reg::vtcr_el2, 3u << 12, always, "SH0: inner shareable"},
    {reg::vtcr_el2, 2u << 16, always, "PS: 40-bit output, which every supported CPU has"},
    {reg::vtcr_el2, 1u << 19, [](IdRegisters const& id) { return mmfr1::VmidBits::get(id.mmfr1) == 2; },
     "VS: 16-bit VMIDs"},

    {reg::sctlr_el1, 0x30d0'0800, always, "the MMU and caches of the host are off at entry; RES1 bits set"},
});

// Value of one register of the list.
[[nodiscard]] constexpr std::uint64_t host_register_value(el2::SysReg which, IdRegisters const& id) {
  std::uint64_t value = 0;
  for (auto const& row : kHostBits)
    if (row.reg == which && row.when(id)) value |= row.value;
  // HPMN: all event counters are the host's.
  if (which == reg::mdcr_el2 && has_pmu(id)) value |= Field<15, 11>::get(id.pmcr);
  return value;
}

}  // namespace redoubt
