// SPDX-License-Identifier: BSD-3-Clause
// The theorems about base primitives, for the parameter set QemuVirtParams.
#include "tools/redoubt-verify/registry_generated.hpp"

namespace redoubt::verify {

void add_base_theorems_qemu_virt(std::vector<Theorem>& all) {
  add_generated_theorems<registry::AbstractMachineEntry, QemuVirtParams>(all);
}

}  // namespace redoubt::verify
