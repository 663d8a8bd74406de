// SPDX-License-Identifier: BSD-3-Clause
// R12: every EL2 register that configures what a guest can do, bit by bit, with the reason; computed from the
// ID registers. The form is that of host_registers.hpp.
#pragma once
#include "boot/host_registers.hpp"
#include "core/machine/cpu_machine.hpp"

namespace redoubt {

inline constexpr Condition has_nmi = [](IdRegisters const& id) {
  return pfr1::Nmi::get(id.pfr1) != 0 && has_hcx(id);
};
inline constexpr Condition has_ras = [](IdRegisters const& id) { return pfr0::Ras::get(id.pfr0) != 0; };
inline constexpr Condition has_aarch32_user = [](IdRegisters const& id) {
  return pfr0::El0::get(id.pfr0) == 2;
};

// How a register gets its guest value at a world switch.
enum class GuestValue : std::uint8_t {
  as_host,    // one value for host and guests, written at entry: the host's row says what and why
  primitive,  // written by the world switch of core/machine/switch_primitives.hpp
  switched,   // written by switch_el2_registers beside it
};

struct GuestRegister {
  el2::SysReg reg;
  std::string_view name;
  GuestValue value;
  Condition present;
};

// Every register of kHostRegisters that belongs to EL2 is here too; a test says so.
inline constexpr auto kGuestRegisters = std::to_array<GuestRegister>({
    {reg::hcr_el2, "HCR_EL2", GuestValue::primitive, always},
    {reg::hcrx_el2, "HCRX_EL2", GuestValue::switched, has_hcx},
    {reg::zcr_el2, "ZCR_EL2", GuestValue::as_host, has_sve},    // CPTR_EL2.TZ hides SVE
    {reg::smcr_el2, "SMCR_EL2", GuestValue::as_host, has_sme},  // CPTR_EL2.TSM hides SME
    {reg::cptr_el2, "CPTR_EL2", GuestValue::primitive, always},
    {reg::mdcr_el2, "MDCR_EL2", GuestValue::primitive, always},
    {reg::hstr_el2, "HSTR_EL2", GuestValue::switched, always},
    {reg::hacr_el2, "HACR_EL2", GuestValue::as_host, always},
    {reg::actlr_el2, "ACTLR_EL2", GuestValue::as_host, always},
    {reg::hfgrtr_el2, "HFGRTR_EL2", GuestValue::as_host, has_fgt},
    {reg::hfgwtr_el2, "HFGWTR_EL2", GuestValue::as_host, has_fgt},
    {reg::hfgitr_el2, "HFGITR_EL2", GuestValue::as_host, has_fgt},
    {reg::hdfgrtr_el2, "HDFGRTR_EL2", GuestValue::as_host, has_fgt},
    {reg::hdfgwtr_el2, "HDFGWTR_EL2", GuestValue::as_host, has_fgt},
    {reg::hafgrtr_el2, "HAFGRTR_EL2", GuestValue::as_host, has_fgt_amu},
    {reg::hfgrtr2_el2, "HFGRTR2_EL2", GuestValue::as_host, has_fgt2},
    {reg::hfgwtr2_el2, "HFGWTR2_EL2", GuestValue::as_host, has_fgt2},
    {reg::hfgitr2_el2, "HFGITR2_EL2", GuestValue::as_host, has_fgt2},
    {reg::hdfgrtr2_el2, "HDFGRTR2_EL2", GuestValue::as_host, has_fgt2},
    {reg::hdfgwtr2_el2, "HDFGWTR2_EL2", GuestValue::as_host, has_fgt2},
    {reg::trfcr_el2, "TRFCR_EL2", GuestValue::as_host, has_trf},
    {reg::pmscr_el2, "PMSCR_EL2", GuestValue::as_host, has_spe},
    {reg::mpam2_el2, "MPAM2_EL2", GuestValue::as_host, has_mpam},
    {reg::vncr_el2, "VNCR_EL2", GuestValue::as_host, has_nv2},
    {reg::cnthctl_el2, "CNTHCTL_EL2", GuestValue::primitive, always},
    {reg::cntvoff_el2, "CNTVOFF_EL2", GuestValue::primitive, always},  // fixed when the VM is made (R20)
    {reg::cntpoff_el2, "CNTPOFF_EL2", GuestValue::as_host, has_cntpoff},
    {reg::cnthp_ctl_el2, "CNTHP_CTL_EL2", GuestValue::primitive, always},  // the host's deadline (R20)
    {reg::cnthv_ctl_el2, "CNTHV_CTL_EL2", GuestValue::as_host, has_vhe},
    {reg::icc_sre_el2, "ICC_SRE_EL2", GuestValue::switched, always},
    {reg::ich_hcr_el2, "ICH_HCR_EL2", GuestValue::primitive, always},  // by the interrupt interface (R19)
    {reg::vtcr_el2, "VTCR_EL2", GuestValue::as_host, always},
    {reg::vdisr_el2, "VDISR_EL2", GuestValue::switched,
     has_ras},  // a guest's DISR_EL1 while HCR_EL2.AMO is 1
});

// What is hidden stays hidden by two means: the ID registers do not show it (core/vcpu/guest_id.hpp), and its
// use traps and becomes UNDEFINED. HFG*: zero as for the host: traps what newer features add; older ones have
// bits below.
inline constexpr auto kGuestBits = std::to_array<HostBits>({
    {reg::hcr_el2, bit(0), always, "VM: stage 2 on"},
    {reg::hcr_el2, bit(1), always, "SWIO: invalidate by set/way also cleans"},
    {reg::hcr_el2, bit(2), always, "PTW: a stage-1 walk through device memory faults"},
    {reg::hcr_el2, bit(3), always, "FMO: FIQs come to EL2; the guest has the virtual CPU interface"},
    {reg::hcr_el2, bit(4), always, "IMO: interrupts come to EL2, so the host gets its own; SGIs trap"},
    {reg::hcr_el2, bit(5), always, "AMO: SErrors come to EL2; DISR_EL1 is the virtual one"},
    {reg::hcr_el2, bit(9), always, "FB: maintenance by the guest reaches the CPU it ran on before (R16)"},
    {reg::hcr_el2, bit(10), always, "BSU: barriers are inner shareable, for the same reason"},
    {reg::hcr_el2, bit(13), always, "TWI: a waiting vCPU gives its CPU back"},
    {reg::hcr_el2, bit(18), always, "TID3: identification registers show what the guest may use"},
    {reg::hcr_el2, bit(19), always, "TSC: an SMC is a call of the core"},
    {reg::hcr_el2, bit(20), always, "TIDCP: implementation defined registers could reach past stage 2"},
    {reg::hcr_el2, bit(21), always, "TACR: auxiliary control is implementation defined"},
    {reg::hcr_el2, bit(22), always, "TSW: set/way maintenance concerns the data of others"},
    {reg::hcr_el2, bit(31), always, "RW: EL1 is AArch64"},
    {reg::hcr_el2, bit(35), has_lor, "TLOR: limited ordering regions are hidden"},
    {reg::hcr_el2, bit(36), has_ras, "TERR: error records are the platform's"},
    {reg::hcr_el2, bit(58), has_mte, "TID5: memory tagging is hidden (ATA stays 0)"},
    // TID2 stays 0: cache geometry is the CPU's, CSSELR_EL1 the vCPU's. API, APK stay 0: pointer
    // authentication is hidden, its keys are the host's. EnSCXT stays 0: hidden.

    {reg::hcrx_el2, bit(6), has_nmi, "TALLINT: non-maskable interrupts are hidden"},
    {reg::hcrx_el2, bit(11), has_mops, "MSCEn: memory copy instructions work"},

    {reg::cptr_el2, 0x22ff, always, "RES1"},
    {reg::cptr_el2, bit(8), always,
     "TZ: SVE is hidden; RES1 without it. FP is not trapped: switched eagerly"},
    {reg::cptr_el2, bit(12), always, "TSM: SME is hidden; RES1 without it"},
    {reg::cptr_el2, bit(20), always, "TTA: trace registers are hidden"},
    {reg::cptr_el2, bit(30), has_amu, "TAM: activity monitors are hidden"},

    {reg::mdcr_el2, bit(5), has_pmu, "TPMCR: the PMU is hidden; its registers are the host's"},
    {reg::mdcr_el2, bit(6), has_pmu, "TPM: all of it"},
    {reg::mdcr_el2, bit(9), always, "TDA: debug is hidden; its registers are the host's"},
    {reg::mdcr_el2, bit(10), always, "TDOSA: with its locks"},
    {reg::mdcr_el2, bit(11), always, "TDRA: and its ROM table"},
    {reg::mdcr_el2, bit(14), has_spe, "TPMS: profiling is hidden; E2PB = 0 keeps its buffer away from EL1"},
    {reg::mdcr_el2, bit(17), has_pmu_v3p1, "HPMD: event counters stand still at EL2"},
    {reg::mdcr_el2, bit(19), has_trf,
     "TTRF: trace filters are hidden; E2TB = 0 keeps the buffer away from EL1"},
    {reg::mdcr_el2, bit(23), has_pmu_v3p5, "HCCD: the cycle counter stands still at EL2"},
    {reg::mdcr_el2, bit(27), has_fgt, "TDCC: the debug communication channel is hidden"},

    // T4 and T14 are reserved.
    {reg::hstr_el2, 0xbfef, has_aarch32_user, "T0..T15: AArch32 is hidden, so are its system registers"},

    {reg::cnthctl_el2, 1, always, "EL1PCTEN: the physical counter may be read; EL1PCEN = 0: its timer traps"},

    {reg::icc_sre_el2, 7, always, "DIB, DFB, SRE without Enable: ICC_SRE_EL1 is the host's"},
});

// Value of one register for a guest. VDISR_EL2 and those that a primitive computes have no rows.
[[nodiscard]] constexpr std::uint64_t guest_register_value(el2::SysReg which, IdRegisters const& id) {
  std::uint64_t value = 0;
  for (auto const& row : kGuestBits)
    if (row.reg == which && row.when(id)) value |= row.value;
  // HPMN as for the host: the partition of the counters does not change.
  if (which == reg::mdcr_el2 && has_pmu(id)) value |= Field<15, 11>::get(id.pmcr);
  return value;
}

// What the world switch asks for.
[[nodiscard]] constexpr std::uint64_t trap_setting_value(TrapSetting setting, IdRegisters const& id) {
  switch (setting) {
    case TrapSetting::guest_mdcr:
      return guest_register_value(reg::mdcr_el2, id);
    case TrapSetting::guest_cptr:
      return guest_register_value(reg::cptr_el2, id);
    case TrapSetting::guest_hcr:
      return guest_register_value(reg::hcr_el2, id);
    case TrapSetting::host_mdcr:
      return host_register_value(reg::mdcr_el2, id);
    case TrapSetting::host_cptr:
      return host_register_value(reg::cptr_el2, id);
    case TrapSetting::host_hcr:
      return host_register_value(reg::hcr_el2, id);
    case TrapSetting::guest_pmuserenr:  // user space of a guest gets its traps from EL2
    case TrapSetting::count:
      break;
  }
  return 0;
}

}  // namespace redoubt
