// SPDX-License-Identifier: BSD-3-Clause
// The theorems about the layers of vCPUs and traps on specifications, for one parameter set.
#pragma once
#include "tools/redoubt-verify/registry.hpp"
#include "tools/redoubt-verify/theorems/handlers.hpp"

namespace redoubt::verify {

// What each of these layers stands on.
template <ValueDomain D, class P>
struct Below {
  using Aux = SealedVcpu<D, P, spec::VcpuOpsAux<D, P>>;
  using Ops = SealedVcpuOps<D, P, spec::VcpuOps<D, P>>;
  using Mem = SealedBoot<D, P, spec::CtxtSwitch<D, P>>;
  using Fault = SealedVcpu<D, P, SealedMemory<D, P, spec::MemHandler<D, P>>>;
  using Dispatcher = BelowDispatcher<D, P>;
  using Raw = SealedDispatcher<D, P, spec::TrapDispatcher<D, P>>;
  using Top = SealedHandlers<D, P, spec::TrapHandlerRaw<D, P>>;
  using Places = SealedPlaces<D, P, spec::TrapHandlerRaw<D, P>>;
};

template <class Prim, class P, ValueDomain D>
using OfVcpuOps =
    OnSpecification<registry::VcpuOpsEntry, Prim, spec::VcpuOps<D, P, typename Below<D, P>::Aux>,
                    VcpuOps<CodeBase<D, P, typename Below<D, P>::Aux>>, P, D>;
template <class Prim, class P, ValueDomain D>
using OfCtxtSwitch =
    OnSpecification<registry::CtxtSwitchEntry, Prim, spec::CtxtSwitch<D, P, typename Below<D, P>::Ops>,
                    CtxtSwitch<CodeBase<D, P, typename Below<D, P>::Ops>>, P, D>;
template <class Prim, class P, ValueDomain D>
using OfMemHandler =
    OnSpecification<registry::MemHandlerEntry, Prim, spec::MemHandler<D, P, typename Below<D, P>::Mem>,
                    MemHandler<CodeBase<D, P, typename Below<D, P>::Mem>>, P, D>;
template <class Prim, class P, ValueDomain D>
using OfFaultHandler =
    OnSpecification<registry::FaultHandlerEntry, Prim, spec::FaultHandler<D, P, typename Below<D, P>::Fault>,
                    FaultHandler<CodeBase<D, P, typename Below<D, P>::Fault>>, P, D>;
template <class Prim, class P, ValueDomain D>
using OfTrapDispatcher =
    OnSpecification<registry::TrapDispatcherEntry, Prim,
                    spec::TrapDispatcher<D, P, typename Below<D, P>::Dispatcher>,
                    TrapDispatcher<CodeBase<D, P, typename Below<D, P>::Dispatcher>>, P, D>;
template <class Prim, class P, ValueDomain D>
using OfTrapHandlerRaw = OnSpecification<registry::TrapHandlerRawEntry, Prim,
                                         spec::TrapHandlerRaw<D, P, typename Below<D, P>::Raw>,
                                         TrapHandlerRaw<CodeBase<D, P, typename Below<D, P>::Raw>>, P, D>;
template <class Prim, class P, ValueDomain D>
using OfTrapHandler =
    OnSpecification<registry::TrapHandlerEntry, Prim, spec::TrapHandler<D, P, typename Below<D, P>::Top>,
                    TrapHandler<CodeBase<D, P, typename Below<D, P>::Top>>, P, D>;

template <class Prim, class P, ValueDomain D>
using OfAccess =
    OnSpecification<registry::TrapHandlerEntry, Prim, spec::TrapHandler<D, P, typename Below<D, P>::Places>,
                    TrapHandler<CodeBase<D, P, typename Below<D, P>::Places>>, P, D>;

// One theorem; Of: one of those above. `stuck`: the preconditions that can fail.
template <template <class, class, class> class Of, class Entry, class Prim, class P>
Theorem on_specification(std::vector<std::string> covers, std::vector<std::string> stuck) {
  Theorem t;
  t.set = P::name;
  t.layer = Entry::name;
  t.name = Prim::name;
  t.statement =
      "on the specifications below: same calls of what is sealed, with the same arguments in the same state; "
      "result, every part of the state, steps, frame";
  t.covers = std::move(covers);
  t.covers.emplace_back("goes on");
  t.stuck = std::move(stuck);
  t.prove = Of<Prim, P, Symbolic>::prove;
  t.replay = Of<Prim, P, Concrete>::prove;
  return t;
}

// long: a table
template <class P>
void add_handler_theorems(std::vector<Theorem>& all) {
  namespace prim = registry::prim;
  using V = registry::VcpuOpsEntry;
  using C = registry::CtxtSwitchEntry;
  using M = registry::MemHandlerEntry;
  using F = registry::FaultHandlerEntry;
  using T = registry::TrapDispatcherEntry;
  using R = registry::TrapHandlerRawEntry;
  using H = registry::TrapHandlerEntry;
  using Names = std::vector<std::string>;
  const Names status{"done", "refused", "changes something"};
  const Names next{"to the host", "the vCPU goes on", "changes something"};
  const Names change{"changes something"};
  const std::string principal = "V: vmid is a principal", vcpu = "C: vcpuid is below 8";
  const std::string lock = "the lock is free and the lock order is kept", host = "the host is loaded",
                    somebody = "the host or a VM is loaded";
  const auto asks = [](const char* what) { return std::string("what ") + what + " asks for"; };
  const Names by_table{somebody, lock, asks("walk_to_pfn"), asks("get_pfn_owner"), asks("get_pfn_count")};
  const Names by_bank{somebody, lock, asks("get_pfn_owner"), asks("get_pfn_count")};
  all.insert(
      all.end(),
      {on_specification<OfVcpuOps, V, prim::save_shadow_kvm_regs, P>(
           change, {asks("prep_abort"), asks("prep_hvc"), asks("prep_wfx"), asks("show_exit")}),
       on_specification<OfVcpuOps, V, prim::restore_shadow_kvm_regs, P>(
           change, {asks("reset_gp_regs"), asks("reset_sys_regs"), asks("sync_dirty_to_shadow"),
                    asks("update_exception_gp_regs")}),
       on_specification<OfCtxtSwitch, C, prim::restore_vm, P>(
           change, {principal, vcpu, asks("restore_shadow_kvm_regs"), asks("take_spis")}),
       on_specification<OfCtxtSwitch, C, prim::save_vm, P>(change, {lock, asks("save_shadow_kvm_regs")}),
       on_specification<OfMemHandler, M, prim::clear_vm_stage2_range, P>(change, {asks("reclaim_vm_pages")}),
       on_specification<OfFaultHandler, F, prim::handle_host_stage2_fault, P>(status,
                                                                              {asks("map_page_host")}),
       on_specification<OfFaultHandler, F, prim::core_handle_pvops, P>(
           next,
           {asks("grant_stage2_sg_gpa"), asks("revoke_stage2_sg_gpa"), asks("update_exception_gp_regs")}),
       on_specification<OfFaultHandler, F, prim::handle_vm_sys64, P>(next,
                                                                     {asks("update_exception_gp_regs")}),
       on_specification<OfFaultHandler, F, prim::refuse, P>(
           change, {principal, vcpu, asks("update_exception_gp_regs")}),
       on_specification<OfTrapDispatcher, T, prim::vm_exit_dispatcher, P>(
           next,
           {principal, vcpu, asks("core_handle_pvops"), asks("get_level_s2pt"), asks("handle_vm_sys64")}),
       on_specification<OfTrapDispatcher, T, prim::host_hvc_dispatcher, P>(
           {"changes something", "another round"}, {lock,
                                                    asks("get_pfn_owner"),
                                                    asks("register_kvm"),
                                                    asks("set_vm_layout"),
                                                    asks("set_boot_info"),
                                                    asks("set_image_digest"),
                                                    asks("open_vm"),
                                                    asks("set_vm_poweroff"),
                                                    asks("destroy_vm"),
                                                    asks("stop_vm"),
                                                    asks("register_vcpu"),
                                                    asks("remap_vm_image"),
                                                    asks("verify_and_load_images"),
                                                    asks("get_verify_left"),
                                                    asks("donate_vm_page"),
                                                    asks("donate_vm_block_page"),
                                                    asks("map_vm_block"),
                                                    asks("reclaim_vm_pages"),
                                                    asks("query_vm_state"),
                                                    asks("count_vm_pages"),
                                                    asks("count_shared_pages")}),
       on_specification<OfTrapHandlerRaw, R, prim::host_hvc_handler_raw, P>(
           change, {host, asks("host_hvc_dispatcher")}),
       on_specification<OfTrapHandlerRaw, R, prim::host_npt_handler_raw, P>(
           status, {host, asks("handle_host_stage2_fault")}),
       on_specification<OfTrapHandlerRaw, R, prim::host_vcpu_run_handler_raw, P>(
           next, {host, asks("admit_vcpu"), asks("restore_vm"), asks("save_host")}),
       on_specification<OfTrapHandlerRaw, R, prim::vm_exit_handler_raw, P>(
           next, {"a VM is loaded", asks("save_vm"), asks("vm_exit_dispatcher")}),
       on_specification<OfTrapHandler, H, prim::host_hvc_handler, P>(change, {asks("host_hvc_handler_raw")}),
       on_specification<OfTrapHandler, H, prim::host_npt_handler, P>(status, {asks("host_npt_handler_raw")}),
       on_specification<OfTrapHandler, H, prim::host_vcpu_run_handler, P>(
           next, {asks("host_vcpu_run_handler_raw")}),
       on_specification<OfTrapHandler, H, prim::vm_exit_handler, P>(next, {asks("vm_exit_handler_raw")}),
       on_specification<OfAccess, H, prim::mem_load, P>(status, by_table),
       on_specification<OfAccess, H, prim::mem_store, P>(status, by_table),
       on_specification<OfAccess, H, prim::dev_load, P>(status, by_bank),
       on_specification<OfAccess, H, prim::dev_store, P>(status, by_bank)});
}

}  // namespace redoubt::verify
