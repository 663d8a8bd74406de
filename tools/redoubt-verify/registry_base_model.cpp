// SPDX-License-Identifier: BSD-3-Clause
// The theorems about base primitives, for the parameter set ModelParams.
#include "tools/redoubt-verify/registry_base.hpp"

namespace redoubt::verify {

void add_base_theorems_model(std::vector<Theorem>& all) { add_base_theorems<ModelParams>(all); }

}  // namespace redoubt::verify
