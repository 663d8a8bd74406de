// SPDX-License-Identifier: BSD-3-Clause
// Layers 27 to 29 as objects: what a vCPU starts from and shows, what it takes back, the world switch.
#pragma once
#include "core/registry/vcpu_invariants.hpp"
#include "core/trap/tower.hpp"
#include "core/vm/layers.hpp"
#include "spec/vcpu/ctxt_switch.hpp"

namespace redoubt::registry {

namespace prim {
// clang-format off: one table, a primitive a row: name; signature, lock, guards, source; effect
REDOUBT_PRIMITIVE(reset_gp_regs, "(vmid u32, vcpuid u32) → ()", "-", "H·V·C", "upper 1.9", "a vCPU starts: PC and x0 of the manifest or of CPU_ON, PSTATE EL1h masked, all else zero (R22)");
REDOUBT_PRIMITIVE(reset_sys_regs, "(vmid u32, vcpuid u32) → ()", "-", "H·V·C", "upper 1.9", "reset values of its system registers");
REDOUBT_PRIMITIVE(sync_dirty_to_shadow, "(vmid u32, vcpuid u32) → ()", "-", "H·V·C", "upper 1.9", "the register that a device read loads takes the host's answer, cut to size");
REDOUBT_PRIMITIVE(prep_wfx, "(vmid u32, vcpuid u32) → ()", "-", "H·V·C", "upper 1.9", "shows when the vCPU wants to come back");
REDOUBT_PRIMITIVE(prep_hvc, "(vmid u32, vcpuid u32) → ()", "takes vm(v)", "H·V·C·lock free", "upper 1.9", "shows nothing; ends a VM that switches itself off");
REDOUBT_PRIMITIVE(prep_abort, "(vmid u32, vcpuid u32) → ()", "takes vm(v)", "H·V·C·lock free", "upper 1.9", "shows a device access by the private syndrome, or the page that is missing; else the vCPU gets an abort");
REDOUBT_PRIMITIVE(update_exception_gp_regs, "(vmid u32, vcpuid u32) → ()", "-", "H·V·C", "upper 1.9", "exception entry to EL1 as the manual does it (R13); an abort on a stage-1 walk says its level");
REDOUBT_PRIMITIVE(post_handle_shadow_s2pt_fault, "(vmid u32, vcpuid u32, addr u64) → status", "takes vm(v), s2page, tables", "H·V·C·lock free", "upper 1.9", "maps the page that the host offers for a fault");
REDOUBT_PRIMITIVE(show_exit, "(vmid u32, vcpuid u32) → ()", "-", "H·V·C", "own", "shows why the vCPU came out, and what the emulation has for the host");
REDOUBT_PRIMITIVE(take_spis, "(vmid u32, vcpuid u32) → ()", "-", "H·V·C", "own", "offers the host's pending SPIs to the loaded vCPU (R19)");
REDOUBT_PRIMITIVE(exit_reason, "(vmid u32, vcpuid u32) → u64", "-", "H·V·C", "own", "why the vCPU came out last");
REDOUBT_PRIMITIVE(set_exit_reason, "(vmid u32, vcpuid u32, reason u64) → ()", "-", "H·V·C", "own", "stores it");

REDOUBT_PRIMITIVE(save_shadow_kvm_regs, "() → ()", "takes vm(v)", "H·lock free", "upper 1.10", "after an exit: shows the host what that kind of exit shows");
REDOUBT_PRIMITIVE(restore_shadow_kvm_regs, "() → ()", "-", "H", "upper 1.10", "before a run: start values, or the answer to the last exit");

REDOUBT_PRIMITIVE(save_host, "() → ()", "-", "H", "upper 1.11", "the host stops running on this CPU");
REDOUBT_PRIMITIVE(restore_vm, "(vmid u32, vcpuid u32) → ()", "-", "H·V·C", "upper 1.11", "a vCPU takes its place");
REDOUBT_PRIMITIVE(save_vm, "() → ()", "takes vm(v)", "H·lock free", "upper 1.11", "the vCPU stops running on this CPU");
REDOUBT_PRIMITIVE(restore_host, "() → ()", "-", "H", "upper 1.11", "the host goes on");
// clang-format on
}  // namespace prim

namespace replaced {
struct PageOfFault : ReplacedBy<prim::post_handle_shadow_s2pt_fault, List<prim::donate_vm_page>> {
  static constexpr std::string_view ruling = "R23", why =
                                                        "the host gives a page by a call of its own, which "
                                                        "is checked as any other, and runs the vCPU again";
};
}  // namespace replaced

struct VcpuOpsAuxEntry {
  static constexpr unsigned number = 27;
  static constexpr std::string_view name = "VCPUOpsAux", header = "core/vcpu/vcpu_ops_aux.hpp",
                                    spec_header = "spec/vcpu/vcpu_ops_aux.hpp", source = "upper 1.9";
  static constexpr bool growing = false;
  using Replaced = List<replaced::PageOfFault>;
  static constexpr bool theorems_are_generated = true;
  using TheoremPending = List<>;
  using Below = BootOpsEntry;  // layers 22 to 26 come with the control of SMMUs
  template <class M>
  using Code = tower::VcpuOpsAuxLayer<M>;
  template <class D, class P>
  using Spec = spec::VcpuOpsAux<D, P>;
  static constexpr Fields tell = field::oracle | field::shown;
  using Fresh = Join<
      Preserving<inv::Vcpus, field::oracle | field::shadow, prim::reset_gp_regs, prim::reset_sys_regs,
                 prim::sync_dirty_to_shadow>,
      Preserving<inv::Vcpus, tell | field::shadow, prim::prep_wfx>,
      Preserving<inv::Vcpus, kSection | field::vm, prim::prep_hvc>,
      Preserving<inv::Vcpus, kSection | field::shadow | field::shown, prim::prep_abort>,
      Preserving<inv::Vcpus, field::oracle | field::shadow, prim::update_exception_gp_regs>,
      Preserving<inv::Vcpus, BootOpsEntry::transfer | field::shadow, prim::post_handle_shadow_s2pt_fault>>;
  using Own = Join<Preserving<inv::Vcpus, tell, prim::show_exit>,
                   Preserving<inv::Vcpus, field::oracle | field::guest, prim::take_spis>,
                   Preserving<inv::Vcpus, field::none, prim::exit_reason>,
                   Preserving<inv::Vcpus, field::shadow, prim::set_exit_reason>>;
  using Hides = List<>;
  using HidesOwn = List<>;
  using Passthrough = Rest<Below, Hides>;
  using PassthroughOwn = RestOwn<Below, HidesOwn>;
};

struct VcpuOpsEntry {
  static constexpr unsigned number = 28;
  static constexpr std::string_view name = "VCPUOps", header = "core/vcpu/vcpu_ops.hpp",
                                    spec_header = "spec/vcpu/vcpu_ops.hpp", source = "upper 1.10";
  static constexpr bool growing = false;
  static constexpr bool theorems_are_generated = true;
  using TheoremPending = List<prim::save_shadow_kvm_regs, prim::restore_shadow_kvm_regs>;
  using Below = VcpuOpsAuxEntry;
  template <class M>
  using Code = tower::VcpuOpsLayer<M>;
  template <class D, class P>
  using Spec = spec::VcpuOps<D, P>;
  static constexpr Fields tell = VcpuOpsAuxEntry::tell | field::shadow;
  using Fresh = Join<
      Preserving<inv::Vcpus, kSection | tell | field::vm, prim::save_shadow_kvm_regs>,
      Preserving<inv::Vcpus, field::oracle | field::shadow | field::guest, prim::restore_shadow_kvm_regs>>;
  using Own = List<>;
  using Hides = List<prim::prep_abort, prim::prep_hvc, prim::prep_wfx, prim::reset_gp_regs,
                     prim::reset_sys_regs, prim::sync_dirty_to_shadow>;
  using HidesOwn = List<prim::show_exit>;
  using Passthrough = Rest<Below, Hides>;
  using PassthroughOwn = RestOwn<Below, HidesOwn>;
};

struct CtxtSwitchEntry {
  static constexpr unsigned number = 29;
  static constexpr std::string_view name = "CtxtSwitch", header = "core/vcpu/ctxt_switch.hpp",
                                    spec_header = "spec/vcpu/ctxt_switch.hpp", source = "upper 1.11";
  static constexpr bool growing = false;
  static constexpr bool theorems_are_generated = true;
  using TheoremPending = List<prim::restore_vm, prim::save_vm>;
  using Below = VcpuOpsEntry;
  template <class M>
  using Code = tower::CtxtSwitchLayer<M>;
  template <class D, class P>
  using Spec = spec::CtxtSwitch<D, P>;
  static constexpr Fields run = field::oracle | field::shadow | field::guest | field::hw;
  using Fresh = Join<Preserving<inv::Vcpus, field::shadow, prim::save_host>,
                     Preserving<inv::Vcpus, run | field::per_cpu | field::updates, prim::restore_vm>,
                     Preserving<inv::Vcpus, run | kSection | field::shown | field::vm, prim::save_vm>,
                     Preserving<inv::Vcpus, field::hw | field::per_cpu, prim::restore_host>>;
  using Own = List<>;
  using Hides = List<prim::restore_shadow_kvm_regs, prim::save_shadow_kvm_regs>;
  using HidesOwn = List<prim::take_spis>;
  using Passthrough = Rest<Below, Hides>;
  using PassthroughOwn = RestOwn<Below, HidesOwn>;
};

}  // namespace redoubt::registry
