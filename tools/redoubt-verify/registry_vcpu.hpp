// SPDX-License-Identifier: BSD-3-Clause
// The generated theorems about vCPUs, world switch and traps, for one parameter set.
#pragma once
#include "core/trap/layers.hpp"
#include "tools/redoubt-verify/registry_generated.hpp"

namespace redoubt::verify {

template <class P>
void add_generated_vcpu_theorems(std::vector<Theorem>& all) {
  add_generated_theorems<registry::VcpuOpsAuxEntry, P>(all);
  add_generated_theorems<registry::VcpuOpsEntry, P>(all);
  add_generated_theorems<registry::CtxtSwitchEntry, P>(all);
  add_generated_theorems<registry::MemHandlerEntry, P>(all);
  add_generated_theorems<registry::FaultHandlerEntry, P>(all);
  add_generated_theorems<registry::TrapDispatcherEntry, P>(all);
}

}  // namespace redoubt::verify
