// SPDX-License-Identifier: BSD-3-Clause
// The invariants of vCPUs and of the world switch as objects; `holds` as in invariants.hpp.
#pragma once
#include <bit>

#include "core/machine/trap_fields.hpp"
#include "core/registry/cpu_invariants.hpp"
#include "core/registry/vm_invariants.hpp"
#include "core/vcpu/vcpu_state.hpp"

namespace redoubt::registry::inv {

namespace detail {
// Calls holds(context, DIRTY) for each vCPU of a VM that has run.
template <class S, class F>
bool every_run_vcpu(S& s, F holds) {
  for (u64 id = VCPU_PER_VM; id < COREVISOR * VCPU_PER_VM; ++id) {
    const u64 todo = s.cpu.shadow.read(id, ctxt::DIRTY);
    if (todo != INVALID64 && !holds(id, todo)) {
      return false;
    }
  }
  return true;
}
}  // namespace detail

struct Vcpu1 {
  static constexpr std::string_view
      number = "INV-VCPU-1",
      source = "upper 1.9",
      text = "the one register that DIRTY may name is the one that the saved syndrome names";
  template <class S>
  static bool holds(S& s) {
    return detail::every_run_vcpu(s, [&](u64 id, u64 todo) {
      const u64 esr = s.cpu.shadow.read(id, ctxt::ESR_EL2), registers = todo & dirty::kRegisters;
      return registers == 0 || registers == u64{1} << AbortSyndrome::Register::get(esr);
    });
  }
};
struct Vcpu2 {
  static constexpr std::string_view number = "INV-VCPU-2", source = "upper 0.1",
                                    text = "DIRTY asks for one exception at most, and then for nothing else";
  template <class S>
  static bool holds(S& s) {
    return detail::every_run_vcpu(s, [&](u64, u64 todo) {
      const u64 injected = todo & dirty::kInjection;
      return injected == 0 || (todo == injected && std::popcount(injected) == 1);
    });
  }
};
// One CPU's part of the digest's "ACTIVE vCPUs of a VM are as many as CPUs on which it is loaded".
struct Cpu5 {
  static constexpr std::string_view number = "INV-CPU-5", source = "upper 7",
                                    text = "a VM's vCPU that is loaded on this CPU is ACTIVE";
  template <class S>
  static bool holds(S& s) {
    return !detail::is_vm_number(s.cpu.cur_vmid) ||
           s.records.vm_vcpu_state.read(s.cpu.cur_vmid, s.cpu.cur_vcpuid) == vm_state::ACTIVE;
  }
};
// Between two handlers either the host or a vCPU that has started is loaded.
struct Cpu6 {
  static constexpr std::string_view number = "INV-CPU-6", source = "upper 3.2",
                                    text =
                                        "the core itself is not loaded, and of a loaded vCPU nothing is due";
  template <class S>
  static bool holds(S& s) {
    const u64 id = s.cpu.cur_vmid * VCPU_PER_VM + s.cpu.cur_vcpuid;
    return s.cpu.cur_vmid != COREVISOR &&
           (s.cpu.cur_vmid == HOSTVISOR || s.cpu.shadow.read(id, ctxt::DIRTY) == 0);
  }
};

// Of operations on vCPUs; of whole handlers.
struct Vcpus
    : List<Npt1, Npt2, Npt3, Npt4, Npt5, Npt9, Npt10, Lock7, Page1, Page2, Page3, Page4, Page5, Page6, Page7,
           Page8, Page9, Page10, Vm1, Vm2, Vm4, Vm5, Vm6, Vm7, Vm8, Boot1, Boot2, Boot4, Cpu1, Cpu2, Cpu3> {};
struct Handlers : List<Npt1, Npt2, Npt3, Npt4, Npt5, Npt9, Npt10, Lock7, Page1, Page2, Page3, Page4, Page5,
                       Page6, Page7, Page8, Page9, Page10, Vm1, Vm2, Vm4, Vm5, Vm6, Vm7, Vm8, Boot1, Boot2,
                       Boot4, Cpu1, Cpu2, Cpu3, Vcpu1, Vcpu2, Cpu5, Cpu6> {};

}  // namespace redoubt::registry::inv
