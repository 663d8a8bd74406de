// SPDX-License-Identifier: BSD-3-Clause
// Gives a litmus test its verdict.
#include "tools/redoubt-litmus/check.hpp"

#include <algorithm>
#include <bitset>

#include "tools/redoubt-litmus/candidate.hpp"

namespace redoubt::litmus {
namespace {

constexpr std::size_t MAX_FACTS = 512;
using Facts = std::bitset<MAX_FACTS>;  // of the form: this location holds this value

Value initial_value(const LitmusTest& test, Value address) {
  const auto found = test.memory.find(address);
  return found == test.memory.end() ? 0 : found->second;
}

// Chooses one trace for each thread, and drops a choice as soon as a read has no write that it could see.
class Combinations {
 public:
  Combinations(const LitmusTest& test, const Traces& traces, Work& work)
      : test_(test), traces_(traces), work_(work) {
    for (const auto& thread : traces.by_thread) {
      sides_.emplace_back();
      for (const Trace& trace : thread) {
        sides_.back().push_back(side_of(trace));
      }
    }
    still_possible_.resize(sides_.size() + 1);
    for (std::size_t thread = sides_.size(); thread-- > 0;) {
      still_possible_[thread] = still_possible_[thread + 1];
      for (const Side& side : sides_[thread]) {
        still_possible_[thread] |= side.written;
      }
    }
  }

  void for_each(const std::function<void(const std::vector<const Trace*>&)>& visit) {
    choose({}, initial_, visit);
  }

 private:
  struct Side {
    Facts read, written;
  };

  std::size_t fact(Value address, Value value) {
    const auto [found, fresh] = numbers_.emplace(std::pair(address, value), numbers_.size());
    if (found->second >= MAX_FACTS) {
      throw NoVerdict(fmt::format("more than {} values can be in memory: make the test smaller", MAX_FACTS));
    }
    if (fresh && value == initial_value(test_, address)) {
      initial_.set(found->second);
    }
    return found->second;
  }

  Side side_of(const Trace& trace) {
    Side side;
    for (const Event& event : trace.events) {
      if (event.memory()) {
        (event.read() ? side.read : side.written).set(fact(event.address, event.value));
      }
    }
    return side;
  }

  // NOLINTNEXTLINE(misc-no-recursion): one level a thread
  void choose(Facts read, Facts written, const std::function<void(const std::vector<const Trace*>&)>& visit) {
    const std::size_t thread = chosen_.size();
    if (thread == sides_.size()) {
      visit(chosen_);
      return;
    }
    for (std::size_t i = 0; i < sides_[thread].size(); ++i) {
      work_.step();
      const Side& side = sides_[thread][i];
      const Facts all_read = read | side.read, all_written = written | side.written;
      if ((all_read & ~(all_written | still_possible_[thread + 1])).any()) {
        continue;
      }
      chosen_.push_back(&traces_.by_thread[thread][i]);
      choose(all_read, all_written, visit);
      chosen_.pop_back();
    }
  }

  const LitmusTest& test_;
  const Traces& traces_;
  Work& work_;
  std::map<std::pair<Value, Value>, std::size_t> numbers_;
  Facts initial_;
  std::vector<std::vector<Side>> sides_;
  std::vector<Facts> still_possible_;
  std::vector<const Trace*> chosen_;
};

Value final_value(const LitmusTest& test, const Execution& execution, const Atom& atom) {
  if (atom.thread) {
    const Value value = execution.traces[*atom.thread]->registers.at(atom.reg.number);
    return atom.reg.wide ? value : value & 0xffffffff;
  }
  const auto found = execution.memory.find(atom.address);
  return found == execution.memory.end() ? initial_value(test, atom.address) : found->second;
}

// NOLINTNEXTLINE(misc-no-recursion): as deep as the condition nests
bool holds(const LitmusTest& test, const Execution& execution, const Condition& condition) {
  const auto part = [&](const Condition& inner) { return holds(test, execution, inner); };
  switch (condition.kind) {
    case Condition::Kind::atom: {
      const Atom& atom = test.atoms[condition.atom];
      return final_value(test, execution, atom) == atom.equals;
    }
    case Condition::Kind::negation:
      return !part(condition.parts.front());
    case Condition::Kind::conjunction:
      return std::ranges::all_of(condition.parts, part);
    case Condition::Kind::disjunction:
      return std::ranges::any_of(condition.parts, part);
    default:
      return true;
  }
}

std::string state_of(const LitmusTest& test, const Execution& execution) {
  std::map<std::string, Value> values;
  for (const Atom& atom : test.atoms) {
    values[atom.name] = final_value(test, execution, atom);
  }
  std::string text;
  for (const auto& [name, value] : values) {
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", name, show_value(test, value));
  }
  return text;
}

std::vector<std::string> describe(const LitmusTest& test, const Execution& execution) {
  std::vector<std::string> out;
  for (const Execution::Line& line : execution.lines()) {
    const Event& event = *line.event;
    std::string text =
        fmt::format("P{} line {}: {:<24} {} {} {} {}", line.thread, event.from->line, event.from->text,
                    event.read() ? "reads" : "writes", show_value(test, event.address),
                    event.read() ? "as" : ":=", show_value(test, event.value));
    if (event.read()) {
      text += line.from_event == nullptr
                  ? ", the initial value"
                  : fmt::format(", from P{} line {}", line.from_thread, line.from_event->from->line);
    }
    out.push_back(text);
  }
  return out;
}

void order(const Model& model, Trace& trace) {
  for (unsigned b = 0; b < trace.events.size(); ++b) {
    for (unsigned a = 0; trace.events[b].memory() && a < b; ++a) {
      if (trace.events[a].memory() && locally_ordered(model, trace, a, b)) {
        trace.ordered.add(a, b);
      }
    }
  }
}

// The header may say Unroll=N, for tests that are too large with the usual number.
Limits limits_of(const LitmusTest& test, Limits limits) {
  const auto found = test.info.find("Unroll");
  if (found != test.info.end()) {
    limits.unroll = static_cast<unsigned>(found->second.front() - '0');
  }
  return limits;
}

Verdict verdict_of(const Result& result) {
  if (result.positive == 0) {
    return Verdict::never;
  }
  return result.negative == 0 ? Verdict::always : Verdict::sometimes;
}

bool as_claimed(const LitmusTest& test, Verdict observed) {
  if (test.expected) {
    return observed == *test.expected;
  }
  switch (test.quantifier) {
    case Quantifier::exists:
      return observed != Verdict::never;
    case Quantifier::not_exists:
      return observed == Verdict::never;
    default:
      return observed == Verdict::always;
  }
}

}  // namespace

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::never:
      return "Never";
    case Verdict::sometimes:
      return "Sometimes";
    default:
      return "Always";
  }
}

Result check(const LitmusTest& test, const Limits& usual, const Model& model) {
  const Limits limits = limits_of(test, usual);
  Work work(limits.work);
  Traces traces = all_traces(test, limits, work);
  for (auto& thread : traces.by_thread) {
    for (Trace& trace : thread) {
      order(model, trace);
    }
  }
  Result result;
  result.cut = traces.cut;
  for (const auto& thread : traces.by_thread) {
    result.traces += thread.size();
  }
  const bool wanted = test.quantifier != Quantifier::forall;
  const auto visit = [&](const Execution& execution) {
    const bool positive = holds(test, execution, test.condition);
    ++(positive ? result.positive : result.negative);
    ++result.states[state_of(test, execution)];
    if (positive == wanted && result.witness.empty()) {
      result.witness = describe(test, execution);
    }
  };
  Combinations(test, traces, work).for_each([&](const std::vector<const Trace*>& chosen) {
    Candidate(
        chosen, [&](Value address) { return initial_value(test, address); }, model, work)
        .for_each_consistent(visit);
  });
  if (result.positive + result.negative == 0) {
    throw NoVerdict(
        "no execution comes to its end: a loop that never ends, or one to be unrolled further (--unroll)");
  }
  result.work = work.used();
  result.observed = verdict_of(result);
  result.as_claimed = as_claimed(test, result.observed);
  return result;
}

}  // namespace redoubt::litmus
