// SPDX-License-Identifier: BSD-3-Clause
// The theorems about what the host can tell: vm_iso of whole traps and their parts; invariants of vCPUs.
#include <algorithm>
#include <array>

#include "tools/redoubt-verify/registry.hpp"
#include "tools/redoubt-verify/theorems/isolation.hpp"

namespace redoubt::verify {
namespace {

using Names = std::vector<std::string>;
namespace prim = registry::prim;

// What each part stands on.
template <class P, ValueDomain D>
struct On {
  using Aux = spec::VcpuOps<D, P>;
  using Switch = spec::CtxtSwitch<D, P, SealedVcpuOps<D, P, spec::VcpuOps<D, P>>>;
  using Fault = spec::FaultHandler<D, P, SealedBoot<D, P, spec::MemHandler<D, P>>>;
  using Dispatcher = spec::TrapDispatcher<D, P, BelowDispatcher<D, P>>;
  using Handler = spec::TrapHandlerRaw<D, P, SealedDispatcher<D, P, spec::TrapDispatcher<D, P>>>;
};

template <class Prim, class OfSymbolic, class OfConcrete, class P>
Theorem vm_iso(std::string_view name, Names covers, Names stuck) {
  Theorem t;
  t.set = P::name;
  t.layer = "vm_iso";
  t.name = name;
  t.statement =
      "two runs: from states that differ in registers of VMs, contents of pages and what the emulation was "
      "told, "
      "but for declared releases, the host cannot tell one from the other afterwards either";
  t.covers = std::move(covers);
  t.covers.emplace_back("secrets differ");
  t.stuck = std::move(stuck);
  t.prove = TwoRuns<Prim, OfSymbolic, P, Symbolic>::prove;
  t.replay = TwoRuns<Prim, OfConcrete, P, Concrete>::prove;
  return t;
}
template <class Prim, class P>
Theorem invariants(std::string_view name, Names covers, Names stuck) {
  Theorem t;
  t.set = P::name;
  t.layer = "whole traps";
  t.name = name;
  t.statement = "keeps INV-CPU-1, 2, 5, 6 and INV-VCPU-1, 2";
  t.covers = std::move(covers);
  t.stuck = std::move(stuck);
  t.prove = OfWholeTrap<Prim, P, Symbolic>::keeps_invariants;
  t.replay = OfWholeTrap<Prim, P, Concrete>::keeps_invariants;
  return t;
}
std::string asks(const char* what) { return std::string("what ") + what + " asks for"; }
const char* const kLock = "the lock is free and the lock order is kept";
const char* const kPrincipal = "V: vmid is a principal";
const char* const kVcpu = "C: vcpuid is below 8";

// long: a table
template <class P>
void add_parts(std::vector<Theorem>& all) {
  using S = On<P, Symbolic>;
  using C = On<P, Concrete>;
  const Names host{"the host has the CPU"}, next{"to the host", "the vCPU goes on"};
  all.insert(
      all.end(),
      {vm_iso<prim::restore_shadow_kvm_regs, typename S::Aux, typename C::Aux, P>(
           "vm_iso_restore_shadow_kvm_regs", host, {}),
       vm_iso<prim::save_shadow_kvm_regs, typename S::Aux, typename C::Aux, P>("vm_iso_save_shadow_kvm_regs",
                                                                               host, {kLock}),
       vm_iso<prim::take_spis, typename S::Aux, typename C::Aux, P>("vm_iso_take_spis", host,
                                                                    {kPrincipal, kVcpu}),
       vm_iso<prim::save_host, typename S::Switch, typename C::Switch, P>("vm_iso_save_host", host, {}),
       vm_iso<prim::restore_vm, typename S::Switch, typename C::Switch, P>(
           "vm_iso_restore_vm", host,
           {kPrincipal, kVcpu, "the host is loaded", asks("restore_shadow_kvm_regs"), asks("take_spis")}),
       vm_iso<prim::save_vm, typename S::Switch, typename C::Switch, P>(
           "vm_iso_save_vm", host, {kLock, asks("save_shadow_kvm_regs")}),
       vm_iso<prim::core_handle_pvops, typename S::Fault, typename C::Fault, P>(
           "vm_iso_core_handle_pvops", next, {asks("grant_stage2_sg_gpa"), asks("revoke_stage2_sg_gpa")}),
       vm_iso<prim::handle_vm_sys64, typename S::Fault, typename C::Fault, P>("vm_iso_handle_vm_sys64", next,
                                                                              {}),
       vm_iso<prim::handle_host_stage2_fault, typename S::Fault, typename C::Fault, P>(
           "vm_iso_handle_host_stage2_fault", host, {asks("map_page_host")}),
       vm_iso<prim::admit_vcpu, typename S::Dispatcher, typename C::Dispatcher, P>("vm_iso_admit_vcpu", host,
                                                                                   {kLock}),
       vm_iso<prim::vm_exit_dispatcher, typename S::Dispatcher, typename C::Dispatcher, P>(
           "vm_iso_vm_exit_dispatcher", next,
           {kPrincipal, kVcpu, asks("core_handle_pvops"), asks("get_level_s2pt"), asks("handle_vm_sys64")})});
}

// The host's calls: what each of them does to pages and records is sealed.
template <class P>
void add_host_calls(std::vector<Theorem>& all) {
  using S = typename On<P, Symbolic>::Dispatcher;
  using C = typename On<P, Concrete>::Dispatcher;
  Names stuck{kLock};
  for (const char* what :
       {"get_pfn_owner",    "register_kvm",   "set_vm_layout",        "set_boot_info",
        "set_image_digest", "open_vm",        "set_vm_poweroff",      "destroy_vm",
        "stop_vm",          "register_vcpu",  "remap_vm_image",       "verify_and_load_images",
        "get_verify_left",  "donate_vm_page", "donate_vm_block_page", "map_vm_block",
        "reclaim_vm_pages", "query_vm_state", "count_vm_pages",       "count_shared_pages"}) {
    stuck.push_back(asks(what));
  }
  all.push_back(vm_iso<prim::host_hvc_dispatcher, S, C, P>("vm_iso_host_hvc_dispatcher",
                                                           {"the host has the CPU"}, stuck));
}

// long: a table
template <class P>
void add(std::vector<Theorem>& all) {
  using S = typename On<P, Symbolic>::Handler;
  using C = typename On<P, Concrete>::Handler;
  const Names host{"the host has the CPU"}, next{"to the host", "the vCPU goes on"};
  const Names written{"to the host", "the vCPU goes on", "a device write is released"};
  const Names one{"the host runs next"}, both{"the host runs next", "a vCPU runs next"};
  const std::string host_loaded = "the host is loaded", vm_loaded = "a VM is loaded";
  add_parts<P>(all);
  add_host_calls<P>(all);
  all.insert(
      all.end(),
      {vm_iso<prim::host_hvc_handler_raw, S, C, P>("vm_iso_host_call", host,
                                                   {host_loaded, asks("host_hvc_dispatcher")}),
       vm_iso<prim::host_npt_handler_raw, S, C, P>("vm_iso_host_fault", host,
                                                   {host_loaded, asks("handle_host_stage2_fault")}),
       vm_iso<prim::host_vcpu_run_handler_raw, S, C, P>(
           "vm_iso_vcpu_run", next, {host_loaded, asks("admit_vcpu"), asks("restore_vm"), asks("save_host")}),
       vm_iso<prim::vm_exit_handler_raw, S, C, P>("vm_iso_vm_exit", written,
                                                  {vm_loaded, asks("save_vm"), asks("vm_exit_dispatcher")}),
       invariants<prim::host_npt_handler_raw, P>("invariants_host_fault", one,
                                                 {host_loaded, asks("map_page_host")}),
       invariants<prim::host_vcpu_run_handler_raw, P>("invariants_vcpu_run", both, {host_loaded, kLock}),
       invariants<prim::vm_exit_handler_raw, P>("invariants_vm_exit", both,
                                                {vm_loaded, kLock, asks("grant_stage2_sg_gpa"),
                                                 asks("revoke_stage2_sg_gpa"), asks("get_level_s2pt")})});
}

// Stated, and not proved yet.
constexpr std::array<std::string_view, 1> kOpen{"vm_iso_host_hvc_dispatcher"};

}  // namespace

void add_isolation_theorems(std::vector<Theorem>& all) {
  const auto from = [&all](std::size_t n) { return all.begin() + static_cast<std::ptrdiff_t>(n); };
  const std::size_t first = all.size();
  add<ModelParams>(all);
  const std::size_t second = all.size();
  add<QemuVirtParams>(all);
  // Registers and their owners are the same in every set: the second one is for --long.
  std::for_each(from(second), all.end(), [](Theorem& t) {
    t.layer += ", long";
    t.only_long = true;
  });
  std::for_each(from(first), all.end(),
                [](Theorem& t) { t.open = std::find(kOpen.begin(), kOpen.end(), t.name) != kOpen.end(); });
}

}  // namespace redoubt::verify
