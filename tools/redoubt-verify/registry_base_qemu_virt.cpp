// SPDX-License-Identifier: BSD-3-Clause
// The theorems about base primitives, for the parameter set QemuVirtParams.
#include "tools/redoubt-verify/registry_base.hpp"

namespace redoubt::verify {

void add_base_theorems_qemu_virt(std::vector<Theorem>& all) { add_base_theorems<QemuVirtParams>(all); }

}  // namespace redoubt::verify
