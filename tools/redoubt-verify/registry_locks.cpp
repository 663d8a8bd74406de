// SPDX-License-Identifier: BSD-3-Clause
// The theorems about Locks, from their rows: tickets, barriers and ghosts make the step that is specified.
#include "tools/redoubt-verify/registry_generated.hpp"

namespace redoubt::verify {

void add_lock_theorems(std::vector<Theorem>& all) {
  add_generated_theorems<registry::LocksEntry, ModelParams>(all);
  add_generated_theorems<registry::LocksEntry, QemuVirtParams>(all);
}

}  // namespace redoubt::verify
