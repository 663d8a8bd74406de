// SPDX-License-Identifier: BSD-3-Clause
// Exploration, judgement and replay of one theorem.
#include "tools/redoubt-verify/prover.hpp"

#include <sys/resource.h>

#include <algorithm>

#include "core/registry/guard.hpp"
#include "machine/domain/symbolic.hpp"

namespace redoubt::verify {
namespace {

// Letters name their precondition ("V" is "V: vmid is a principal"), phrases need not.
bool is_letter(const registry::GuardWord& guard) {
  return guard.word.size() == 1 || guard.word[1] == '(' || guard.word[1] == ' ';
}

// The guards of a row and the preconditions that can fail must be the same: one precondition for each guard.
// H is no precondition, it says what a halted machine does; nor is what is answered ("→ status").
std::string guards_missed(std::string_view row, const smt::Outcome& outcome) {
  std::vector<std::string> left;
  for (const auto& [precondition, can_fail] : outcome.guards) {
    if (can_fail) {
      left.push_back(precondition);
    }
  }
  std::string missing;
  for (const bool letters : {true, false}) {
    registry::for_each_guard(row, [&](std::string_view text, const registry::GuardWord* guard) {
      const bool asks = guard != nullptr && guard->word != "H" && guard->word != "none" &&
                        guard->word.find("→") == std::string_view::npos;
      if (!asks || is_letter(*guard) != letters) {
        return;
      }
      const auto found = std::find_if(left.begin(), left.end(), [&](const std::string& p) {
        return !letters || (p[0] == guard->word[0] && p[1] == ':');
      });
      if (found == left.end()) {
        missing = "guard '" + std::string(text) + "' of the row cannot fail";
      } else {
        left.erase(found);
      }
    });
  }
  return !missing.empty() || left.empty()
             ? missing
             : "precondition '" + left.front() + "' is assumed, but the row has no guard for it";
}

// Why a proof without counterexample is worth nothing; empty: it stands.
std::string vacuous_because(const Theorem& theorem, const smt::Outcome& outcome) {
  if (outcome.complete == 0) {
    return "no path reaches the end: the assumptions contradict each other";
  }
  for (const std::string& cover : theorem.covers) {
    const auto found = outcome.covers.find(cover);
    if (found == outcome.covers.end() || !found->second) {
      return "'" + cover + "' never happens";
    }
  }
  if (!theorem.guards.empty()) {
    return guards_missed(theorem.guards, outcome);
  }
  for (const std::string& guard : theorem.stuck) {
    const auto found = outcome.guards.find(guard);
    if (found == outcome.guards.end() || !found->second) {
      return "precondition '" + guard + "' cannot fail";
    }
  }
  for (const auto& [guard, can_fail] : outcome.guards) {
    const bool listed = std::find(theorem.stuck.begin(), theorem.stuck.end(), guard) != theorem.stuck.end();
    if (can_fail && !listed) {
      return "precondition '" + guard + "' is assumed but not listed";
    }
  }
  return {};
}

void judge(const Theorem& theorem, Report& report) {
  const smt::Outcome& outcome = report.outcome;
  if (!outcome.failures.empty()) {
    report.verdict = Verdict::refuted;
    report.message = outcome.failures.front().label;
  } else if (!outcome.unknown.empty()) {
    report.verdict = Verdict::unknown;
    report.message = "no answer: " + outcome.unknown.front();
  } else {
    report.message = vacuous_because(theorem, outcome);
    report.verdict = report.message.empty() ? Verdict::proved : Verdict::vacuous;
  }
}

}  // namespace

Report prove(const Theorem& theorem, const smt::Options& options) {
  Report report;
  report.id = theorem.id();
  report.set = theorem.set;
  report.layer = theorem.layer;
  report.name = theorem.name;
  try {
    smt::Engine engine(options);
    report.outcome = engine.explore([&] {
      Symbolic domain(engine);
      theorem.prove(domain);
    });
    judge(theorem, report);
    for (const smt::Counterexample& example : report.outcome.failures) {
      report.failures.push_back({example, replay(theorem, example)});
    }
  } catch (const std::exception& error) {
    report.message = error.what();
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  report.peak_kib = usage.ru_maxrss;
  return report;
}

std::string replay(const Theorem& theorem, const smt::Counterexample& example) {
  const bool property = example.kind == smt::Kind::property;
  Concrete domain(example.inputs);
  try {
    theorem.replay(domain);
  } catch (const Refuted& refuted) {
    if (property && refuted.what() == example.label) {
      return "CONFIRMED";
    }
    return std::string("NOT REPRODUCED: fails elsewhere, ") + refuted.what();
  } catch (const Stuck& stuck) {
    if (!property && stuck.what() == example.label) {
      return "CONFIRMED";
    }
    return std::string("SPURIOUS: stuck, ") + stuck.what();
  } catch (const Unfounded& unfounded) {
    return std::string("SPURIOUS: ") + unfounded.what();
  }
  return "NOT REPRODUCED: every obligation holds";
}

}  // namespace redoubt::verify
