// SPDX-License-Identifier: BSD-3-Clause
// The theorems about the life of VMs, from their rows: what works on records alone.
#include "core/vm/layers.hpp"
#include "tools/redoubt-verify/registry_generated.hpp"

namespace redoubt::verify {
namespace {

template <class P>
void add(std::vector<Theorem>& all) {
  add_generated_theorems<registry::VmPowerEntry, P>(all);
  add_generated_theorems<registry::BootCoreEntry, P>(all);
  add_generated_theorems<registry::BootAuxEntry, P>(all);
  add_generated_theorems<registry::BootOpsEntry, P>(all);
}

}  // namespace

void add_vm_theorems(std::vector<Theorem>& all) {
  add<ModelParams>(all);
  add<QemuVirtParams>(all);
}

}  // namespace redoubt::verify
