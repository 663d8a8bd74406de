// SPDX-License-Identifier: BSD-3-Clause
// The generated reference page of all theorems.
#pragma once
#include <string>
#include <vector>

#include "tools/redoubt-verify/theorem.hpp"

namespace redoubt::verify {

// Writes the page to `file`: statement, covers and preconditions of each theorem, and what `baseline` (empty:
// none) records of its proof for each parameter set. Throws std::runtime_error if it cannot.
void write_theorem_page(const std::string& file, const std::vector<Theorem>& theorems,
                        const std::string& baseline);

}  // namespace redoubt::verify
