// SPDX-License-Identifier: BSD-3-Clause
// The explorer: decisions, assumptions and the order of paths. Obligations are in symbolic_obligation.cpp.
#include "machine/domain/symbolic_engine.hpp"

#include <chrono>
#include <unordered_set>

namespace redoubt::smt {

bool decide(const z3::expr& condition) {
  return static_cast<Context&>(condition.ctx()).engine.branch(condition);  // every term is made in a Context
}

Engine::Engine(Options options)
    : options_(std::move(options)), context_(*this), solver_(context_, options_) {}

Outcome Engine::explore(const std::function<void()>& harness) {
  const auto start = std::chrono::steady_clock::now();
  do {
    if (outcome_.paths >= options_.max_paths) {
      throw EngineError("the harness has too many paths");
    }
    run(harness);
  } while (outcome_.failures.size() < options_.max_failures && next_path());
  outcome_.steps = solver_.steps();
  outcome_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return std::move(outcome_);
}

void Engine::run(const std::function<void()>& harness) {
  position_ = 0;
  names_.clear();
  cells_.clear();
  pending_covers_.clear();
  bool complete = true;
  try {
    harness();
  } catch (const PathEnd&) {
    complete = false;
  }
  ++outcome_.paths;
  if (replaying()) {
    throw EngineError("the harness does not repeat: a run ended before the trail did");
  }
  if (complete) {
    finish_path();
  }
}

void Engine::finish_path() {
  if (!can_hold(context_.bool_val(true), "end of a path")) {
    return;
  }
  ++outcome_.complete;
  for (const auto& [label, condition] : pending_covers_) {
    bool& covered = outcome_.covers[label];
    covered = covered || can_hold(condition, label);
  }
}

bool Engine::next_path() {
  while (!trail_.empty()) {
    const Event last = trail_.back();
    forget(trail_.size() - 1);
    if (last.kind != Kept::decision) {
      continue;
    }
    solver_.pop();
    if (!last.other_open) {
      continue;
    }
    solver_.push();
    solver_.add(last.taken ? !last.fact : last.fact);
    append(Kept::decision, last.fact, !last.taken, false);
    return true;
  }
  return false;
}

bool Engine::branch(const z3::expr& condition) {
  const z3::expr fact = simplify(condition);
  if (const int known_as = known(fact); known_as >= 0) {
    return known_as == 1;
  }
  if (!may_fork_) {
    throw EngineError("the predicate of a search forks on '" + fact.to_string() + "'");
  }
  if (replaying()) {
    return replay(Kept::decision, fact).taken;
  }
  const bool yes = can_hold(fact, "a decision");
  const bool no = !yes || can_hold(!fact, "a decision");
  solver_.push();
  solver_.add(yes ? fact : !fact);
  append(Kept::decision, fact, yes, yes && no);
  ++position_;
  return yes;
}

void Engine::assume(const z3::expr& condition) {
  const z3::expr fact = simplify(condition);
  const int known_as = known(fact);
  if (known_as == 1) {
    return;
  }
  if (known_as == 0) {
    throw PathEnd{};
  }
  if (replaying()) {
    replay(Kept::assumption, fact);
    return;
  }
  solver_.add(fact);
  append(Kept::assumption, fact, true, false);
  ++position_;
}

void Engine::cover(std::string_view label, const z3::expr& condition) {
  outcome_.covers.try_emplace(std::string(label), false);
  const z3::expr simple = simplify(condition);
  if (!simple.is_false()) {
    pending_covers_.emplace_back(label, simple);
  }
}

void Engine::guard(std::string_view label, const z3::expr& condition) {
  bool& can_fail = outcome_.guards.try_emplace(std::string(label), false).first->second;
  const z3::expr fact = simplify(condition);
  if (!replaying() && !can_fail && known(fact) != 1) {
    can_fail = can_hold(!fact, label);
  }
  assume(fact);
}

bool Engine::can_hold(const z3::expr& condition, std::string_view what) {
  ++outcome_.queries;
  const Answer answer = solver_.possible(condition);
  if (answer == Answer::unknown) {
    outcome_.unknown.emplace_back(what);
  }
  return answer != Answer::impossible;
}

const Engine::Event& Engine::replay(Kept kind, const z3::expr& fact) {
  const Event& event = trail_[position_];
  if (event.kind != kind || !z3::eq(event.fact, fact)) {
    throw EngineError("the harness does not repeat: it met '" + fact.to_string() + "' instead of '" +
                      event.fact.to_string() + "'");
  }
  ++position_;
  return event;
}

void Engine::append(Kept kind, const z3::expr& fact, bool taken, bool other_open) {
  if (trail_.size() >= options_.max_events) {
    throw EngineError("a path is too long: a loop without an end?");
  }
  learn(fact, taken);
  trail_.push_back({kind, fact, taken, other_open});
}

void Engine::learn(const z3::expr& fact, bool holds) {
  if (fact.is_not()) {
    learn(fact.arg(0), !holds);
    return;
  }
  if ((holds && fact.is_and()) || (!holds && fact.is_or())) {
    for (unsigned i = 0; i < fact.num_args(); ++i) {
      learn(fact.arg(i), holds);
    }
  }
  if (facts_.try_emplace(fact.id(), Known{trail_.size(), holds}).second) {
    learnt_.emplace_back(fact.id(), trail_.size());
  }
}

void Engine::forget(std::size_t length) {
  while (!learnt_.empty() && learnt_.back().second >= length) {
    facts_.erase(learnt_.back().first);
    learnt_.pop_back();
  }
  trail_.erase(trail_.begin() + static_cast<std::ptrdiff_t>(length), trail_.end());
}

int Engine::known(const z3::expr& condition) const {
  if (condition.is_true()) {
    return 1;
  }
  if (condition.is_false()) {
    return 0;
  }
  if (condition.is_not()) {
    const int inner = known(condition.arg(0));
    return inner < 0 ? inner : 1 - inner;
  }
  if (const auto found = facts_.find(condition.id());
      found != facts_.end() && found->second.since < position_) {
    return found->second.holds ? 1 : 0;
  }
  if (!condition.is_and() && !condition.is_or()) {
    return -1;
  }
  const int decisive = condition.is_or() ? 1 : 0;  // one such part settles it
  bool all = true;
  for (unsigned i = 0; i < condition.num_args(); ++i) {
    const int part = known(condition.arg(i));
    if (part == decisive) {
      return decisive;
    }
    all = all && part >= 0;
  }
  return all ? 1 - decisive : -1;
}

z3::expr Engine::simplify(const z3::expr& term) {
  if (const auto found = simplified_.find(term.id()); found != simplified_.end()) {
    return found->second.second;
  }
  const z3::expr result = term.simplify();
  simplified_.emplace(term.id(), std::pair{term, result});
  simplified_.emplace(result.id(), std::pair{result, result});
  return result;
}

z3::expr Engine::name(std::string_view text) {
  const std::string plain(text);
  for (const auto& [known_name, term] : names_) {
    if (known_name == plain) {
      return term;
    }
  }
  // Inputs and maps share one name space in scripts, hence the prefixes.
  const z3::expr term = context_.bv_const(("in." + plain).c_str(), 64);
  names_.emplace_back(plain, term);
  return term;
}

z3::expr Engine::cell(const std::string& map, const z3::expr& k0, const z3::expr& k1) {
  const z3::sort word = context_.bv_sort(64);
  const z3::expr value = context_.function(("map." + map).c_str(), word, word, word)(k0, k1);
  cells_.push_back({map, k0, k1, value});
  return value;
}

z3::expr Engine::instance(const z3::expr& body, const z3::expr& index, const z3::expr& value) {
  z3::expr_vector from(context_), to(context_);
  from.push_back(index);
  to.push_back(value);
  z3::expr whole = body;
  const z3::expr result = simplify(whole.substitute(from, to));
  note_cells(result);
  return result;
}

// A counterexample must say what these are.
void Engine::note_cells(const z3::expr& term) {
  std::vector<z3::expr> open{term};
  std::unordered_set<unsigned> seen;
  while (!open.empty()) {
    const z3::expr next = open.back();
    open.pop_back();
    if (!next.is_app() || !seen.insert(next.id()).second) {
      continue;
    }
    const std::string name = next.decl().name().str();
    if (next.num_args() == 2 && name.starts_with("map.")) {
      cells_.push_back({name.substr(4), next.arg(0), next.arg(1), next});
    }
    for (unsigned i = 0; i < next.num_args(); ++i) {
      open.push_back(next.arg(i));
    }
  }
}

}  // namespace redoubt::smt
