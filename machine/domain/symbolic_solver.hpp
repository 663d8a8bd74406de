// SPDX-License-Identifier: BSD-3-Clause
// The two solvers of an exploration: an incremental one that decides branches, a fresh one for each
// obligation.
#pragma once
#include <string>
#include <string_view>

#include "machine/domain/symbolic_outcome.hpp"
#include "machine/domain/symbolic_term.hpp"

namespace redoubt::smt {

enum class Answer { impossible, possible, unknown };

// Both are told the logic: uninterpreted functions and bit vectors, no quantifiers. With the solver's
// defaults the same proofs take forty times longer. Obligations go through a chain that turns the functions
// into words and the words into bits.
class Solver {
 public:
  Solver(Context& context, const Options& options);

  // The facts of the current path, in scopes that follow its decisions.
  void push() { facts_.push(); }
  void pop() { facts_.pop(); }
  void add(const z3::expr& fact) { facts_.add(fact); }

  // Can the facts and `condition` hold together?
  Answer possible(const z3::expr& condition);
  // Can the facts hold while `goal` does not? If so, `model` is one such world.
  Answer refutable(const z3::expr& goal, z3::model& model);
  // The facts and the negated goal as an SMT-LIB script: unsat means proven.
  std::string script(const z3::expr& goal, std::string_view comment);

  // The solver's resource count so far.
  [[nodiscard]] std::uint64_t steps() const;

 private:
  // Most obligations follow from what is known in a few steps, for which the incremental solver is quickest.
  bool follows_easily(const z3::expr& goal);

  Context& context_;
  z3::solver facts_;
  z3::tactic chain_;
  z3::params limits_;
  unsigned timeout_ms_, most_steps_;
};

// What another solver says about a script. Throws EngineError if it cannot be run.
Answer ask_second_solver(const std::string& command, const std::string& script, unsigned timeout_ms);

// Version of the solver library, as in "4.8.12".
std::string solver_version();

}  // namespace redoubt::smt
