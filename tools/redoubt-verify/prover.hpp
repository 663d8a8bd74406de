// SPDX-License-Identifier: BSD-3-Clause
// Proves one theorem in this process and judges the outcome.
#pragma once
#include "tools/redoubt-verify/report.hpp"
#include "tools/redoubt-verify/theorem.hpp"

namespace redoubt::verify {

// Never throws: an engine error becomes a verdict.
Report prove(const Theorem& theorem, const smt::Options& options);

// Runs the harness on the counterexample's values in the concrete domain: CONFIRMED if the same obligation
// fails there, SPURIOUS if the values contradict an assumption, NOT REPRODUCED otherwise.
std::string replay(const Theorem& theorem, const smt::Counterexample& example);

}  // namespace redoubt::verify
