// SPDX-License-Identifier: BSD-3-Clause
// Layer 34, TrapHandler: the steps of the machine, and nothing else (upper digest 1.13).
#pragma once
#include "core/trap/memory_access.hpp"
#include "core/trap/next.hpp"

namespace redoubt {

// The four that the core executes, as layer 33 says; all below them ends here. The other four, loads and
// stores of the loaded principal and its devices, are hardware's: they are for the model, which tells by
// them what anybody can see (memory_access.hpp).
template <class Lower>
class TrapHandler : private MemoryAccess<Lower> {
  using Access = MemoryAccess<Lower>;
  using typename Access::ContextBank;
  using typename Access::Gfn;
  using typename Access::SmmuIndex;
  using typename Access::Way;
  using typename Access::Word;

 public:
  template <class M>
  explicit TrapHandler(M& machine) : Access(machine) {}

  void host_hvc_handler() { Access::host_hvc_handler_raw(); }
  Status host_npt_handler() { return Access::host_npt_handler_raw(); }
  Next host_vcpu_run_handler() { return Access::host_vcpu_run_handler_raw(); }
  Next vm_exit_handler() { return Access::vm_exit_handler_raw(); }

  // A word between general register `reg` and the page at frame `gfn`, through the loaded principal's table
  // or that of a bank of its. Stuck: the core is loaded. Statuses: memory_access.hpp.
  Status mem_load(Gfn gfn, Word reg) { return Access::template access<Way::load>(gfn, reg); }
  Status mem_store(Gfn gfn, Word reg) { return Access::template access<Way::store>(gfn, reg); }
  Status dev_load(Gfn gfn, Word reg, ContextBank cbndx, SmmuIndex index) {
    return Access::template access<Way::load>(gfn, reg, cbndx, index);
  }
  Status dev_store(Gfn gfn, Word reg, ContextBank cbndx, SmmuIndex index) {
    return Access::template access<Way::store>(gfn, reg, cbndx, index);
  }
};

}  // namespace redoubt
