// SPDX-License-Identifier: BSD-3-Clause
// Settings of the solver, and what they decide: see the header.
#include "machine/domain/symbolic_solver.hpp"

namespace redoubt::smt {
namespace {

constexpr const char* kLogic = "QF_UFBV";
constexpr unsigned kEasy = 1'000'000;  // solver steps that an obligation may take before the long way

Answer answer(z3::check_result result) {
  if (result == z3::unsat) {
    return Answer::impossible;
  }
  return result == z3::sat ? Answer::possible : Answer::unknown;
}

// Without functions left, what remains is bits; the default bound on the lemmas for that is too low for
// states with many cells, and beyond it the answer is `unknown`.
z3::tactic obligation_chain(z3::context& context) {
  const auto step = [&](const char* name) { return z3::tactic(context, name); };
  z3::params many_cells(context);
  many_cells.set("div0_ackermann_limit", 100'000u);
  const z3::tactic ackermannize = z3::with(step("ackermannize_bv"), many_cells);
  return step("simplify") & step("propagate-values") & step("solve-eqs") & step("elim-uncnstr") &
         ackermannize & step("simplify") & step("bit-blast") & step("sat");
}

unsigned most_steps(const Options& options) {
  return static_cast<unsigned>(std::min<std::uint64_t>(options.obligation_budget, ~0u));
}

z3::params limits_of(z3::context& context, const Options& options) {
  z3::params limits(context);
  limits.set("timeout", options.timeout_ms);
  limits.set("rlimit", most_steps(options));
  return limits;
}

}  // namespace

Solver::Solver(Context& context, const Options& options)
    : context_(context),
      facts_(context, kLogic),
      chain_(obligation_chain(context)),
      limits_(limits_of(context, options)),
      timeout_ms_(options.timeout_ms),
      most_steps_(most_steps(options)) {
  facts_.set(limits_);
}

Answer Solver::possible(const z3::expr& condition) {
  facts_.push();
  facts_.add(condition);
  const z3::check_result result = facts_.check();
  facts_.pop();
  return answer(result);
}

Answer Solver::refutable(const z3::expr& goal, z3::model& model) {
  if (follows_easily(goal)) {
    return Answer::impossible;
  }
  z3::solver fresh = chain_.mk_solver();
  fresh.set(limits_);
  for (const z3::expr& fact : facts_.assertions()) {
    fresh.add(fact);
  }
  fresh.add(!goal);
  const z3::check_result result = fresh.check();
  if (result == z3::sat) {
    model = fresh.get_model();
  }
  return answer(result);
}

bool Solver::follows_easily(const z3::expr& goal) {
  z3::params little(context_);
  little.set("timeout", timeout_ms_);
  little.set("rlimit", std::min(kEasy, most_steps_));
  facts_.set(little);
  facts_.push();
  facts_.add(!goal);
  const bool follows = facts_.check() == z3::unsat;
  facts_.pop();
  facts_.set(limits_);
  return follows;
}

std::string Solver::script(const z3::expr& goal, std::string_view comment) {
  z3::solver all(context_, kLogic);
  for (const z3::expr& fact : facts_.assertions()) {
    all.add(fact);
  }
  all.add(!goal);
  const std::string text = all.to_smt2();
  std::string result = "; ";
  result.append(comment).append("\n");
  if (text.find("(set-logic") == std::string::npos) {
    result.append("(set-logic ").append(kLogic).append(")\n");
  }
  return result.append(text);
}

std::uint64_t Solver::steps() const {
  const z3::stats statistics = facts_.statistics();
  for (unsigned i = 0; i < statistics.size(); ++i) {
    if (statistics.key(i) != "rlimit count") {
      continue;
    }
    return statistics.is_uint(i) ? statistics.uint_value(i)
                                 : static_cast<std::uint64_t>(statistics.double_value(i));
  }
  return 0;
}

std::string solver_version() {
  unsigned major = 0, minor = 0, build = 0, revision = 0;
  Z3_get_version(&major, &minor, &build, &revision);
  return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(build);
}

}  // namespace redoubt::smt
