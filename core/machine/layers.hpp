// SPDX-License-Identifier: BSD-3-Clause
// Layer 0 as an object: the 139 base primitives of the digest and Redoubt's own.
#pragma once
#include "core/machine/content_layers.hpp"
#include "core/machine/only_in_model.hpp"
#include "core/machine/record_layers.hpp"
#include "core/machine/rows.hpp"
#include "core/machine/rows_access.hpp"
#include "core/machine/rows_cpu.hpp"
#include "core/machine/rows_guest.hpp"
#include "core/registry/cpu_invariants.hpp"
#include "core/registry/invariants.hpp"
#include "core/registry/layer.hpp"
#include "core/registry/only_in_model.hpp"
#include "core/tower.hpp"
#include "spec/machine/abstract_machine.hpp"

namespace redoubt::registry {

inline constexpr std::size_t kLogLength =
    64;  // any bound does: only the shape of the specification counts here

struct AbstractMachineEntry {
  static constexpr unsigned number = 0;
  static constexpr std::string_view name = "AbstractMachine", header = "core/machine/abstract_machine.hpp",
                                    spec_header = "spec/machine/abstract_machine.hpp", source = "lower 4";
  static constexpr bool growing = true;
  static constexpr bool theorems_are_generated = true;
  using TheoremPending = List<>;
  using Below = void;
  template <class M>
  using Code = AbstractMachine<M>;
  template <class D, class P>
  using Spec = spec::AbstractMachine<D, P>;
  using LogSpec = spec::TicketPrimitives<kLogLength>;

  // What a raw store may do to the tables is for the layers above to prove: here only the critical section
  // counts.
  template <class... Ps>
  using Pure = Preserving<inv::Always, field::none, Ps...>;
  template <class L>
  struct PureList;
  template <class... Ps>
  struct PureList<List<Ps...>> {
    using type = Pure<Ps...>;
  };
  using NotYetBuilt = List<>;

  // CPU and vCPU.
  using OfCpu =
      Join<Preserving<inv::Cpu, field::none, prim::get_shadow_ctxt, prim::get_shadow_esr,
                      prim::get_shadow_dirty_bit, prim::get_vm_fault_addr, prim::get_cur_vmid,
                      prim::get_cur_vcpuid, prim::host_dabt_get_rd, prim::host_dabt_is_write,
                      prim::host_dabt_get_as, prim::host_get_fault_ipa, prim::read_hpfar_el2,
                      prim::read_esr_el2, prim::get_exception_vector, prim::get_sys_reg_desc_val>,
           Preserving<inv::Cpu, field::oracle, prim::get_int_esr, prim::get_int_gpr, prim::get_int_pc,
                      prim::get_int_pstate, prim::get_int_new_pte, prim::get_int_new_level,
                      prim::get_int_run_vcpuid, prim::read_actlr_el1>,
           Preserving<inv::Cpu, field::shadow, prim::set_shadow_ctxt, prim::set_shadow_dirty_bit,
                      prim::clear_shadow_gp_regs, prim::reset_fp_regs, prim::host_to_core, prim::vm_to_core,
                      prim::exit_populate_fault, prim::save_sysregs, prim::fpsimd_save_state>,
           Preserving<inv::Cpu, field::hw, prim::core_to_host, prim::core_to_vm, prim::restore_sysregs,
                      prim::fpsimd_restore_state, prim::activate_traps, prim::deactivate_traps,
                      prim::timer_enable_traps, prim::timer_set_cntvoff, prim::core_handle_sys64,
                      prim::vm_el2_restore_state, prim::host_el2_restore_state, prim::host_skip_instr>,
           Preserving<inv::Cpu, field::per_cpu, prim::set_per_cpu>,
           Preserving<inv::Cpu, field::shown, prim::set_int_gpr>,
           Preserving<inv::Cpu, field::mmio, prim::writel_relaxed, prim::writeq_relaxed>,
           Preserving<inv::Cpu, field::mmio | field::oracle, prim::readl_relaxed, prim::readq_relaxed>>;

  using Fresh = Join<
      OnLogs<inv::LogSteps, prim::incr_ticket, prim::get_now, prim::log_hold, prim::barrier, prim::incr_now,
             prim::acquire_shared, prim::release_pt_shared, prim::release_vm_shared, prim::release_spt_shared,
             prim::release_s2page_shared, prim::release_core_shared, prim::release_smmu_shared>,
      Pure<prim::get_pgd_next, prim::get_pud_next, prim::get_pmd_next, prim::pt_load, prim::get_pt_vttbr,
           prim::get_s2_page_vmid, prim::get_s2_page_count, prim::get_s2_page_gfn, prim::get_mem_region_cnt,
           prim::get_mem_region_base, prim::get_mem_region_size, prim::get_mem_region_index,
           prim::get_mem_region_flag, prim::set_pt_vttbr, prim::mem_load_raw, prim::mem_store_raw,
           prim::dev_load_raw, prim::dev_store_raw, prim::check, prim::check64>,
      Pure<prim::get_smmu_pgd_next, prim::get_smmu_pmd_next, prim::get_smmu_cfg_hw_ttbr, prim::smmu_pt_load,
           prim::get_smmu_cfg_vmid, prim::get_smmu_num, prim::get_smmu_num_context_banks, prim::get_smmu_size,
           prim::get_smmu_base, prim::get_smmu_pgshift>,
      Preserving<inv::Always, field::smmu, prim::set_smmu_pgd_next, prim::set_smmu_pmd_next,
                 prim::set_smmu_cfg_vmid>,
      Preserving<inv::Always, field::smmu | field::updates | field::tstate, prim::smmu_pt_store,
                 prim::smmu_pt_clear>,
      Preserving<inv::Section, field::next, prim::set_pgd_next, prim::set_pud_next, prim::set_pmd_next>,
      Preserving<inv::Section, field::table | field::updates | field::tstate, prim::pt_store>,
      Preserving<inv::Always, field::owner, prim::set_s2_page_vmid>,
      Preserving<inv::Always, field::count, prim::set_s2_page_count>,
      Preserving<inv::Always, field::gfn, prim::set_s2_page_gfn>,
      Preserving<inv::Always, field::halt, prim::panic>, OfCpu, RecordObligations, ContentObligations,
      typename PureList<NotYetBuilt>::type>;
  using Own = Join<
      Preserving<inv::Always, field::updates, prim::dsb_ishst, prim::dsb_ish, prim::isb, prim::tlbi_ipas2e1is,
                 prim::tlbi_vmalle1is, prim::tlbi_vmalls12e1is, prim::dsb_st, prim::smmu_tlbi_iova,
                 prim::smmu_tlbi_bank, prim::smmu_tlb_sync>,
      Preserving<inv::Section, field::table | field::next | field::parents | field::updates, prim::pt_reset>,
      Pure<prim::is_host_device>, OwnGuestObligations, OwnRecordObligations, OwnContentObligations,
      OwnAccessObligations>;
  using OnlyInModel = Join<OnlyInModelReasons, List<waits::Hardware>>;
  using Hides = List<>;
  using HidesOwn = List<>;
  using Passthrough = List<>;
  using PassthroughOwn = List<>;
};
static_assert(AbstractMachineEntry::Fresh::size == 139);  // digest 5

}  // namespace redoubt::registry
