// SPDX-License-Identifier: BSD-3-Clause
// Obligations of the explorer: discharging, exporting, the second opinion, and counterexamples.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>

#include "machine/domain/symbolic_engine.hpp"

namespace redoubt::smt {
namespace {

std::uint64_t value_in(const z3::model& model, const z3::expr& term) {
  std::uint64_t value = 0;
  model.eval(term, true).is_numeral_u64(value);
  return value;
}

// One line, cut to a readable length.
std::string brief(const z3::expr& term) {
  std::string text = term.to_string();
  text.erase(std::unique(text.begin(), text.end(), [](char a, char b) { return a <= ' ' && b <= ' '; }),
             text.end());
  std::replace(text.begin(), text.end(), '\n', ' ');
  constexpr std::size_t most = 140;
  if (text.size() > most) {
    text.replace(most, std::string::npos, " ...");
  }
  return text;
}

// The file's path from the repository's root, which this file's own path tells.
std::string from_root(std::string_view file) {
  constexpr std::string_view own = "machine/domain/symbolic_obligation.cpp";
  const std::string_view here = std::source_location::current().file_name();
  const std::string_view root = here.substr(0, here.size() - own.size());
  return std::string(file.starts_with(root) ? file.substr(root.size()) : file);
}

}  // namespace

void Engine::prove(std::string_view label, Kind kind, const z3::expr& goal,
                   const std::source_location& where) {
  const z3::expr fact = simplify(goal);
  if (known(fact) == 1) {
    if (!replaying()) {
      ++outcome_.immediate;
    }
    return;
  }
  if (replaying()) {
    replay(Kept::obligation, fact);
    return;
  }
  discharge(label, kind, fact, where);
  append(Kept::obligation, fact, true, false);  // from here on it holds: not to be proven again on this path
  ++position_;
}

void Engine::discharge(std::string_view label, Kind kind, const z3::expr& goal,
                       const std::source_location& where) {
  ++outcome_.obligations;
  const auto start = std::chrono::steady_clock::now();
  z3::model model(context_);
  const Answer answer = solver_.refutable(goal, model);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (seconds > outcome_.slowest_seconds) {
    outcome_.slowest_seconds = seconds;
    outcome_.slowest = label;
  }
  if (!options_.export_directory.empty() || !options_.second_solver.empty()) {
    const std::string script = solver_.script(goal, label);
    export_script(script);
    check_with_second_solver(script, answer);
  }
  if (answer == Answer::unknown) {
    outcome_.unknown.emplace_back(label);
  }
  if (answer != Answer::possible) {
    return;
  }
  outcome_.failures.push_back(decode(model, label, kind, where));
  throw PathEnd{};
}

void Engine::export_script(const std::string& script) {
  if (options_.export_directory.empty()) {
    return;
  }
  const std::string file = options_.export_directory + "/" + options_.export_prefix + "-" +
                           std::to_string(outcome_.obligations) + ".smt2";
  std::ofstream out(file);
  out << script;
  if (!out.flush()) {
    throw EngineError("cannot write " + file);
  }
}

void Engine::check_with_second_solver(const std::string& script, Answer ours) {
  if (options_.second_solver.empty()) {
    return;
  }
  const Answer theirs = ask_second_solver(options_.second_solver, script, options_.timeout_ms);
  if (theirs == Answer::unknown) {
    outcome_.unknown.push_back(options_.second_solver + " has no answer");
  } else if (theirs != ours && ours != Answer::unknown) {
    throw EngineError("the two solvers disagree on: " + script.substr(0, script.find('\n')));
  } else {
    ++outcome_.cross_checked;
  }
}

Counterexample Engine::decode(const z3::model& model, std::string_view label, Kind kind,
                              const std::source_location& where) const {
  Counterexample result;
  result.label = label;
  result.kind = kind;
  result.file = from_root(where.file_name());
  result.line = where.line();
  for (const auto& [name, term] : names_) {
    result.inputs.names[name] = value_in(model, term);
  }
  for (const Cell& cell : cells_) {
    const std::pair key{value_in(model, cell.k0), value_in(model, cell.k1)};
    result.inputs.maps[cell.map][key] = value_in(model, cell.value);
  }
  for (const Event& event : trail_) {
    if (event.kind == Kept::decision) {
      result.path.push_back((event.taken ? "yes: " : "no:  ") + brief(event.fact));
    }
  }
  return result;
}

}  // namespace redoubt::smt
