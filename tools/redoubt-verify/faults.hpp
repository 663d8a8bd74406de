// SPDX-License-Identifier: BSD-3-Clause
// The fault matrix: every seeded fault must be refuted by some theorem, and confirmed in the concrete model.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "machine/domain/symbolic_outcome.hpp"
#include "tools/redoubt-verify/theorem.hpp"

namespace redoubt::verify {

struct FaultResult {
  unsigned number = 0;
  std::string name, effect;
  std::string theorem, property, replay;  // empty theorem: nothing refuted it
  double seconds = 0;

  [[nodiscard]] bool good() const { return !theorem.empty() && replay == "CONFIRMED"; }
};

// Fault with that number or name; throws std::invalid_argument that lists the names otherwise.
Fault fault_named(const std::string& text);

// Seeds each fault in turn and proves until one theorem fails. `done` is called as faults are settled.
std::vector<FaultResult> run_fault_matrix(const std::vector<Theorem>& theorems, const smt::Options& options,
                                          unsigned jobs, const std::function<void(const FaultResult&)>& done);

}  // namespace redoubt::verify
