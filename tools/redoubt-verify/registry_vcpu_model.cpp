// SPDX-License-Identifier: BSD-3-Clause
// The generated theorems about vCPUs, world switch and traps, for the parameter set ModelParams.
#include "tools/redoubt-verify/registry_vcpu.hpp"

namespace redoubt::verify {

void add_vcpu_theorems_model(std::vector<Theorem>& all) { add_generated_vcpu_theorems<ModelParams>(all); }

}  // namespace redoubt::verify
