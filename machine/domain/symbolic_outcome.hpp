// SPDX-License-Identifier: BSD-3-Clause
// What an exploration is asked for and what it answers: plain data, free of solver types.
#pragma once
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "machine/domain/concrete.hpp"

namespace redoubt::smt {

// Limits and extras of one exploration. The resource limits count solver steps, so that they repeat exactly.
struct Options {
  std::uint64_t obligation_budget = 200'000'000;  // solver steps for one query; running out is `unknown`
  unsigned timeout_ms = 120'000;                  // for one query, against steps that take forever
  unsigned max_paths = 20'000;                    // no harness is allowed to need more
  unsigned max_events = 4'000;                    // decisions and obligations on one path: a loop without end
  unsigned max_failures = 1;                      // stop after so many counterexamples
  std::string export_directory;                   // write each obligation there as SMT-LIB; empty: do not
  std::string export_prefix;                      // of the file names
  std::string second_solver;                      // command that must agree on each obligation; empty: none
};

// The engine itself is in trouble: the harness does not repeat, a limit is hit, the second solver disagrees.
struct EngineError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// An obligation of a harness, or a precondition that its code must establish.
enum class Kind { property, precondition };

struct Counterexample {
  std::string label;  // the obligation that fails
  Kind kind = Kind::property;
  std::string file;
  unsigned line = 0;
  Concrete::Inputs inputs;
  std::vector<std::string> path;  // the decisions that lead there
};

struct Outcome {
  unsigned paths = 0;          // runs of the harness
  unsigned complete = 0;       // that reached its end and can happen
  unsigned obligations = 0;    // sent to the solver
  unsigned immediate = 0;      // true by simplification or already known on the path
  unsigned queries = 0;        // feasibility checks
  unsigned cross_checked = 0;  // obligations on which the second solver agreed
  std::uint64_t steps = 0;     // the solver's resource count
  double seconds = 0;
  double slowest_seconds = 0;
  std::string slowest;                 // label of the slowest obligation
  std::map<std::string, bool> covers;  // asked for -> possible on some complete path
  std::map<std::string, bool> guards;  // assumed precondition -> can fail too
  std::vector<std::string> unknown;    // obligations and feasibility checks without an answer
  std::vector<Counterexample> failures;
};

}  // namespace redoubt::smt
