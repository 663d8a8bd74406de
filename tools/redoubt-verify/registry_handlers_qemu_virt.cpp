// SPDX-License-Identifier: BSD-3-Clause
// The theorems about the layers of traps on specifications, for the parameter set QemuVirtParams.
#include "tools/redoubt-verify/registry_handlers.hpp"

namespace redoubt::verify {

void add_handler_theorems_qemu_virt(std::vector<Theorem>& all) { add_handler_theorems<QemuVirtParams>(all); }

}  // namespace redoubt::verify
