// SPDX-License-Identifier: BSD-3-Clause
// The theorems about base primitives, for the parameter set ModelParams.
#include "tools/redoubt-verify/registry_generated.hpp"

namespace redoubt::verify {

void add_base_theorems_model(std::vector<Theorem>& all) {
  add_generated_theorems<registry::AbstractMachineEntry, ModelParams>(all);
}

}  // namespace redoubt::verify
