// SPDX-License-Identifier: BSD-3-Clause
// The list of all theorems.
#include "tools/redoubt-verify/registry.hpp"

namespace redoubt::verify {

std::vector<Theorem> all_theorems() {
  std::vector<Theorem> all;
  add_pt_walk_theorems(all);
  add_npt_walk_theorems(all);
  add_npt_ops_theorems(all);
  return all;
}

}  // namespace redoubt::verify
