// SPDX-License-Identifier: BSD-3-Clause
// Layers 30 to 34 as objects: ranges, faults, calls and exits, whole traps, the steps of the machine.
#pragma once
#include "core/vcpu/layers.hpp"
#include "spec/trap/trap_handler.hpp"

namespace redoubt::registry {

namespace prim {
// clang-format off: one table, a primitive a row: name; signature, lock, guards, source; effect
REDOUBT_PRIMITIVE(clear_vm_stage2_range, "(vmid u32, pfn u64, pages u64) → u64", "takes vm(v), s2page, tables", "H·lock free·invalidated", "upper 1.12", "gives up to 32 pages of a VM that has ended back to the host; how many");
REDOUBT_PRIMITIVE(el2_arm_lpae_map, "(iova u64, paddr u64, prot u64, cbndx u32, index u32) → status", "takes smmu", "H·S·B·lock free", "upper 1.12", "assigns and maps a page for a device");
REDOUBT_PRIMITIVE(kvm_phys_addr_ioremap, "(vmid u32, gpa u64, pa u64, size u64) → status", "-", "none", "upper 1.12", "maps device pages into a VM: denied (R11)");

REDOUBT_PRIMITIVE(handle_host_stage2_fault, "() → status", "takes s2page, pt(0)", "H·lock free·bad argument → status", "upper 1.12", "the host touched what its table does not map");
REDOUBT_PRIMITIVE(core_handle_pvops, "() → u32", "takes pt(v), s2page, pt(0)", "H·lock free·invalidated", "upper 1.12", "a call of the loaded vCPU: PSCI, SMCCC, sharing");
REDOUBT_PRIMITIVE(handle_vm_sys64, "() → u32", "-", "H", "own", "a system instruction of the loaded vCPU: emulated and stepped over, or UNDEFINED (R12)");
REDOUBT_PRIMITIVE(refuse, "(vmid u32, vcpuid u32, esr u64) → u32", "-", "H·V·C", "own", "UNDEFINED in place of the trapped instruction");
REDOUBT_PRIMITIVE(leave_if, "(vmid u32, vcpuid u32, next u64) → u32", "-", "H·V·C", "own", "goes on, or to the host for the reason that the emulation gives");

REDOUBT_PRIMITIVE(host_hvc_dispatcher, "() → ()", "takes core, vm(v), s2page, tables", "H·lock free·invalidated·bad argument → status", "upper 2.2", "answers a call of the host; checks every argument");
REDOUBT_PRIMITIVE(vm_exit_dispatcher, "(vmid u32, vcpuid u32) → u32", "takes pt(v), s2page, pt(0)", "H·V·C·lock free·invalidated", "upper 1.13", "sorts the exits of a guest");
REDOUBT_PRIMITIVE(admit_vcpu, "(vmid u32, vcpuid u32) → status", "takes vm(v)", "H·lock free·bad argument → status", "own", "may that vCPU enter here? Then it is ACTIVE");

REDOUBT_PRIMITIVE(host_hvc_handler_raw, "() → ()", "takes core, vm(v), s2page, tables", "H·loaded·lock free·invalidated", "upper 1.13", "a call of the host, from its first register to its last");
REDOUBT_PRIMITIVE(host_npt_handler_raw, "() → status", "takes s2page, pt(0)", "H·loaded·lock free", "upper 1.13", "a stage-2 fault of the host");
REDOUBT_PRIMITIVE(host_vcpu_run_handler_raw, "() → u32", "takes vm(v)", "H·loaded·lock free", "upper 1.13", "the host gives this CPU to a vCPU");
REDOUBT_PRIMITIVE(vm_exit_handler_raw, "() → u32", "takes vm(v), pt(v), s2page, pt(0)", "H·loaded·lock free·invalidated", "upper 1.13", "the loaded vCPU stopped running");

REDOUBT_PRIMITIVE(host_hvc_handler, "() → ()", "takes core, vm(v), s2page, tables", "H·loaded·lock free·invalidated", "upper 1.13", "step: a call of the host");
REDOUBT_PRIMITIVE(host_npt_handler, "() → status", "takes s2page, pt(0)", "H·loaded·lock free", "upper 1.13", "step: a stage-2 fault of the host");
REDOUBT_PRIMITIVE(host_vcpu_run_handler, "() → u32", "takes vm(v)", "H·loaded·lock free", "upper 1.13", "step: from the host to a vCPU");
REDOUBT_PRIMITIVE(vm_exit_handler, "() → u32", "takes vm(v), pt(v), s2page, pt(0)", "H·loaded·lock free·invalidated", "upper 1.13", "step: an exit, to the vCPU again or to the host");
REDOUBT_PRIMITIVE(mem_load, "(gfn u64, reg u32) → status", "takes s2page, pt(v)", "H·loaded·lock free·bad argument → status", "upper 1.13", "step: the principal loads through its own table; hardware's");
REDOUBT_PRIMITIVE(mem_store, "(gfn u64, reg u32) → status", "takes s2page, pt(v)", "H·loaded·lock free·bad argument → status", "upper 1.13", "step: it stores; hardware's");
REDOUBT_PRIMITIVE(dev_load, "(gfn u64, reg u32, cbndx u32, index u32) → status", "takes smmu, s2page, spt", "H·loaded·lock free·bad argument → status", "upper 1.13", "step: a device of the principal loads through its bank's table; hardware's");
REDOUBT_PRIMITIVE(dev_store, "(gfn u64, reg u32, cbndx u32, index u32) → status", "takes smmu, s2page, spt", "H·loaded·lock free·bad argument → status", "upper 1.13", "step: it stores; hardware's");
// clang-format on
}  // namespace prim

namespace waits {
struct HardwareSteps {
  static constexpr std::string_view text = Hardware::text;
  using Primitives = List<prim::mem_load, prim::mem_store, prim::dev_load, prim::dev_store>;
};
}  // namespace waits

struct MemHandlerEntry {
  static constexpr unsigned number = 30;
  static constexpr std::string_view name = "MemHandler", header = "core/trap/mem_handler.hpp",
                                    spec_header = "spec/trap/mem_handler.hpp", source = "upper 1.12";
  static constexpr bool growing = true;  // el2_arm_lpae_map comes with the control of SMMUs
  static constexpr bool theorems_are_generated = true;
  using TheoremPending = List<prim::clear_vm_stage2_range>;
  using Below = CtxtSwitchEntry;
  template <class M>
  using Code = tower::MemHandlerLayer<M>;
  template <class D, class P>
  using Spec = spec::MemHandler<D, P>;
  using Fresh = Join<Preserving<inv::Vcpus, BootOpsEntry::transfer, prim::clear_vm_stage2_range>,
                     Preserving<inv::Vcpus, field::none, prim::kvm_phys_addr_ioremap>,
                     Preserving<inv::Vcpus, BootOpsEntry::transfer | field::smmu, prim::el2_arm_lpae_map>>;
  using Own = List<>;
  using Hides = List<>;
  using HidesOwn = List<>;
  using Passthrough = Rest<Below, Hides>;
  using PassthroughOwn = RestOwn<Below, HidesOwn>;
};

struct FaultHandlerEntry {
  static constexpr unsigned number = 31;
  static constexpr std::string_view name = "FaultHandler", header = "core/trap/fault_handler.hpp",
                                    spec_header = "spec/trap/fault_handler.hpp", source = "upper 1.12";
  static constexpr bool growing = false;
  static constexpr bool theorems_are_generated = true;
  using TheoremPending =
      List<prim::handle_host_stage2_fault, prim::core_handle_pvops, prim::handle_vm_sys64, prim::refuse>;
  using Below = MemHandlerEntry;
  template <class M>
  using Code = tower::FaultHandlerLayer<M>;
  template <class D, class P>
  using Spec = spec::FaultHandler<D, P>;
  static constexpr Fields emulate = field::oracle | field::guest | field::shadow | field::hw;
  using Fresh = Join<Preserving<inv::Vcpus, MemManagerEntry::change, prim::handle_host_stage2_fault>,
                     Preserving<inv::Vcpus, emulate | BootOpsEntry::transfer, prim::core_handle_pvops>>;
  using Own = Join<Preserving<inv::Vcpus, emulate, prim::handle_vm_sys64, prim::refuse>,
                   Preserving<inv::Vcpus, field::oracle | field::shadow, prim::leave_if>>;
  using Hides = List<>;
  using HidesOwn = List<>;
  using Passthrough = Rest<Below, Hides>;
  using PassthroughOwn = RestOwn<Below, HidesOwn>;
};

struct TrapDispatcherEntry {
  static constexpr unsigned number = 32;
  static constexpr std::string_view name = "TrapDispatcher", header = "core/trap/trap_dispatcher.hpp",
                                    spec_header = "spec/trap/trap_dispatcher.hpp", source = "upper 1.13";
  static constexpr bool growing = false;
  static constexpr bool theorems_are_generated = true;
  using TheoremPending = List<prim::host_hvc_dispatcher, prim::vm_exit_dispatcher>;
  using Below = FaultHandlerEntry;
  template <class M>
  using Code = tower::TrapDispatcherLayer<M>;
  template <class D, class P>
  using Spec = spec::TrapDispatcher<D, P>;
  static constexpr Fields all =
      FaultHandlerEntry::emulate | BootOpsEntry::transfer | field::core | field::next;
  using Fresh = Join<Preserving<inv::Vcpus, all, prim::host_hvc_dispatcher>,
                     Preserving<inv::Vcpus, all, prim::vm_exit_dispatcher>>;
  using Own = Preserving<inv::Vcpus, kSection | field::oracle | field::vm, prim::admit_vcpu>;
  using Hides = List<>;
  using HidesOwn = List<>;
  using Passthrough = Rest<Below, Hides>;
  using PassthroughOwn = RestOwn<Below, HidesOwn>;
};

struct TrapHandlerRawEntry {
  static constexpr unsigned number = 33;
  static constexpr std::string_view name = "TrapHandlerRaw", header = "core/trap/trap_handler_raw.hpp",
                                    spec_header = "spec/trap/trap_handler_raw.hpp", source = "upper 1.13";
  static constexpr bool growing = false;
  using Below = TrapDispatcherEntry;
  template <class M>
  using Code = tower::TrapHandlerRawLayer<M>;
  template <class D, class P>
  using Spec = spec::TrapHandlerRaw<D, P>;
  static constexpr Fields switches = TrapDispatcherEntry::all | field::per_cpu | field::shown;
  using Fresh =
      Join<Preserving<inv::Handlers, TrapDispatcherEntry::all, prim::host_hvc_handler_raw>,
           Preserving<inv::Handlers, MemManagerEntry::change | field::shadow | field::hw,
                      prim::host_npt_handler_raw>,
           Preserving<inv::Handlers, switches, prim::host_vcpu_run_handler_raw, prim::vm_exit_handler_raw>>;
  using Own = List<>;
  using Hides = List<>;
  using HidesOwn = List<>;
  using Passthrough = Rest<Below, Hides>;
  using PassthroughOwn = RestOwn<Below, HidesOwn>;
};

struct TrapHandlerEntry {
  static constexpr unsigned number = 34;
  static constexpr std::string_view name = "TrapHandler", header = "core/trap/trap_handler.hpp",
                                    spec_header = "spec/trap/trap_handler.hpp", source = "upper 1.13";
  static constexpr bool growing = false;
  using Below = TrapHandlerRawEntry;
  template <class M>
  using Code = tower::TrapHandlerLayer<M>;
  template <class D, class P>
  using Spec = spec::TrapHandler<D, P>;
  static constexpr Fields switches = TrapHandlerRawEntry::switches;
  using Fresh = Join<
      Preserving<inv::Handlers, TrapDispatcherEntry::all, prim::host_hvc_handler>,
      Preserving<inv::Handlers, MemManagerEntry::change | field::shadow | field::hw, prim::host_npt_handler>,
      Preserving<inv::Handlers, switches, prim::host_vcpu_run_handler, prim::vm_exit_handler>,
      Preserving<inv::Handlers, kSection | field::hw | field::oracle, prim::mem_load, prim::dev_load>,
      Preserving<inv::Handlers, kSection | field::memory, prim::mem_store, prim::dev_store>>;
  using Own = List<>;
  using OnlyInModel = List<waits::HardwareSteps>;
  using Hides = VisibleDigest<Below>;
  using HidesOwn = VisibleOwn<Below>;
  using Passthrough = List<>;
  using PassthroughOwn = List<>;
};

}  // namespace redoubt::registry
