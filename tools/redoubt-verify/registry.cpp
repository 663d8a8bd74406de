// SPDX-License-Identifier: BSD-3-Clause
// The list of all theorems.
#include "tools/redoubt-verify/registry.hpp"

#include <algorithm>
#include <stdexcept>

#include "core/registry/theorems.hpp"

namespace redoubt::verify {
namespace {

// The layers' registry names theorems; each must be here under that layer.
void check_registry(const std::vector<Theorem>& all) {
  for (const registry::Theorem& wanted : registry::kTheorems) {
    const bool found = std::any_of(all.begin(), all.end(), [&](const Theorem& t) {
      return t.layer == wanted.layer && t.name == wanted.name;
    });
    if (!found) {
      throw std::logic_error("the registry names a theorem that is not here: " + std::string(wanted.name));
    }
  }
}

}  // namespace

std::vector<Theorem> all_theorems() {
  std::vector<Theorem> all;
  add_base_theorems_model(all);
  add_base_theorems_qemu_virt(all);
  add_lock_theorems(all);
  add_pt_walk_theorems(all);
  add_npt_walk_theorems(all);
  add_npt_ops_theorems(all);
  add_spt_step_theorems(all);
  add_spt_walk_theorems(all);
  add_spt_ops_theorems(all);
  add_page_theorems(all);
  add_vm_theorems(all);
  add_boot_theorems(all);
  add_vcpu_theorems_model(all);
  add_vcpu_theorems_qemu_virt(all);
  add_handler_theorems_model(all);
  add_handler_theorems_qemu_virt(all);
  add_isolation_theorems(all);
  add_word_theorems(all);
  add_host_call_theorems(all);  // slow ones: faults are asked of all others first
  check_registry(all);
  return all;
}

}  // namespace redoubt::verify
