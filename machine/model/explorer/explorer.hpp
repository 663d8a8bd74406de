// SPDX-License-Identifier: BSD-3-Clause
// The explorer: runs a concurrent program under every schedule that matters, by depth-first re-execution.
#pragma once
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "machine/model/explorer/fibre.hpp"
#include "machine/model/explorer/schedule.hpp"

namespace redoubt::explorer {

// A property fails in this execution; the text says which.
struct Violation : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// What a CPU is about to do, announced before it does it.
struct Step {
  std::uint64_t object = 0;  // what it touches; steps on different objects commute
  bool writes = false;
  bool local = false;             // commutes with every step that another CPU can take before it
  std::function<bool()> enabled;  // empty: always. A step that waits is not taken before this holds
};

inline bool independent(const Step& a, const Step& b) {
  return a.local || b.local || a.object != b.object || (!a.writes && !b.writes);
}

// The CPUs of one execution. Bodies call point() before each effect; the explorer decides who goes on.
class Cpus {
 public:
  explicit Cpus(std::size_t count) : fibres_(count), pending_(count) {
    for (auto& fibre : fibres_) {
      fibre = std::make_unique<Fibre>();
    }
  }

  // From inside a body: announces the next step and waits to be chosen.
  void point(Step step) {
    const unsigned cpu = running_;
    pending_[cpu] = std::move(step);
    fibres_[cpu]->pause();
  }
  [[nodiscard]] unsigned running() const { return running_; }
  [[nodiscard]] unsigned count() const { return static_cast<unsigned>(fibres_.size()); }
  [[nodiscard]] bool done(unsigned cpu) const { return fibres_[cpu]->done(); }
  [[nodiscard]] const Step& pending(unsigned cpu) const { return pending_[cpu]; }
  [[nodiscard]] bool enabled(unsigned cpu) const {
    return !done(cpu) && (!pending_[cpu].enabled || pending_[cpu].enabled());
  }

  // Starts a body and runs it to its first point.
  void start(unsigned cpu, std::function<void()> body) {
    fibres_[cpu]->start(std::move(body));
    go(cpu);
  }
  // Takes the announced step of `cpu`. Throws what the body throws.
  void go(unsigned cpu) {
    running_ = cpu;
    fibres_[cpu]->resume();
    if (fibres_[cpu]->done() && fibres_[cpu]->failure()) {
      std::rethrow_exception(fibres_[cpu]->failure());
    }
  }
  void cancel() {
    for (auto& fibre : fibres_) {
      fibre->cancel();
    }
  }

 private:
  std::vector<std::unique_ptr<Fibre>> fibres_;
  std::vector<Step> pending_;
  unsigned running_ = 0;
};

// A program: prepare() makes a fresh initial state and returns one body per CPU; check() looks at the final
// state and throws Violation. Both must be deterministic.
struct Program {
  unsigned cpus = 2;
  std::function<std::vector<std::function<void()>>(Cpus&)> prepare;
  std::function<void()> check;
};

struct Limits {
  std::uint64_t executions = 1'000'000;
  std::size_t steps = 100'000;  // in one execution; more is a violation: somebody does not come to an end
  bool sleep_sets = true;       // off: every interleaving, to check the reduction against
};

struct Report {
  enum class Verdict : std::uint8_t { holds, violated, budget, bad_schedule };
  Verdict verdict = Verdict::holds;
  std::string text;   // what is violated, or why there is no verdict
  Schedule schedule;  // that shows it
  std::uint64_t executions = 0;
  std::uint64_t pruned = 0;  // of these, given up because another one covers them
  std::uint64_t steps = 0;
};

// Exit code for a report: 0 holds, 1 violated, 2 the schedule does not fit, 3 the budget is used up.
inline int exit_code(const Report& report) {
  switch (report.verdict) {
    case Report::Verdict::holds:
      return 0;
    case Report::Verdict::violated:
      return 1;
    case Report::Verdict::bad_schedule:
      return 2;
    case Report::Verdict::budget:
      break;
  }
  return 3;
}

// Depth-first search over schedules with sleep sets (Godefroid): two executions that differ only in the order
// of independent steps are explored once. A step that is local to its CPU is taken at once, alone.
class Explorer {
 public:
  Explorer(Program program, Limits limits)
      : program_(std::move(program)), limits_(limits), cpus_(program_.cpus) {}

  // All schedules, or up to the first violation.
  Report run();
  // One schedule; when it is used up, the lowest CPU that can goes on.
  Report replay(const Schedule& schedule);

 private:
  enum class End : std::uint8_t { complete, pruned };
  struct Node {
    std::vector<unsigned> choices;
    std::size_t chosen = 0;
    std::uint64_t sleep = 0;  // CPUs whose next step is covered by an earlier branch
  };

  void begin();
  End execute(Report& report);
  [[nodiscard]] Node choose(std::uint64_t sleep) const;
  [[nodiscard]] std::uint64_t sleep_after(const Node& node) const;
  [[nodiscard]] bool all_done() const;
  void step(unsigned cpu, Report& report);
  bool next_branch();
  template <class Body>
  bool guarded(Report& report, Body body);

  Program program_;
  Limits limits_;
  Cpus cpus_;
  std::vector<Node> path_;
  Schedule schedule_;
};

// Runs `body`; a violation, or any other exception, ends up in the report. False: there was one.
template <class Body>
bool Explorer::guarded(Report& report, Body body) {
  try {
    body();
    cpus_.cancel();
    return true;
  } catch (const std::exception& error) {
    report.text = error.what();
  }
  report.verdict = Report::Verdict::violated;
  report.schedule = schedule_;
  cpus_.cancel();
  return false;
}

inline void Explorer::begin() {
  schedule_.clear();
  auto bodies = program_.prepare(cpus_);
  for (unsigned cpu = 0; cpu < program_.cpus; ++cpu) {
    cpus_.start(cpu, std::move(bodies.at(cpu)));
  }
}

inline bool Explorer::all_done() const {
  for (unsigned cpu = 0; cpu < cpus_.count(); ++cpu) {
    if (!cpus_.done(cpu)) {
      return false;
    }
  }
  return true;
}

// What to try from here. Throws if nobody can go on.
inline Explorer::Node Explorer::choose(std::uint64_t sleep) const {
  Node node{.choices = {}, .chosen = 0, .sleep = sleep};
  bool any = false;
  for (unsigned cpu = 0; cpu < cpus_.count(); ++cpu) {
    if (!cpus_.enabled(cpu)) {
      continue;
    }
    any = true;
    const bool asleep = (sleep >> cpu & 1) != 0;
    if (limits_.sleep_sets && !asleep && cpus_.pending(cpu).local) {
      node.choices = {cpu};
      return node;
    }
    if (!asleep) {
      node.choices.push_back(cpu);
    }
  }
  if (!any) {
    throw Violation("deadlock: every CPU that is not done waits");
  }
  return node;
}

// Asleep below the chosen branch: what was asleep or explored here and commutes with it.
inline std::uint64_t Explorer::sleep_after(const Node& node) const {
  if (!limits_.sleep_sets) {
    return 0;
  }
  const unsigned chosen = node.choices[node.chosen];
  std::uint64_t before = node.sleep, after = 0;
  for (std::size_t i = 0; i < node.chosen; ++i) {
    before |= std::uint64_t{1} << node.choices[i];
  }
  for (unsigned cpu = 0; cpu < cpus_.count(); ++cpu) {
    const bool candidate = cpu != chosen && (before >> cpu & 1) != 0 && !cpus_.done(cpu);
    if (candidate && independent(cpus_.pending(cpu), cpus_.pending(chosen))) {
      after |= std::uint64_t{1} << cpu;
    }
  }
  return after;
}

inline void Explorer::step(unsigned cpu, Report& report) {
  if (!cpus_.enabled(cpu)) {
    throw std::logic_error("the program is not deterministic: a step cannot be taken again");
  }
  schedule_.push_back(cpu);
  ++report.steps;
  if (schedule_.size() > limits_.steps) {
    throw Violation("an execution does not come to an end");
  }
  cpus_.go(cpu);
}

inline Explorer::End Explorer::execute(Report& report) {
  std::uint64_t sleep = 0;
  for (std::size_t depth = 0; !all_done(); ++depth) {
    if (depth == path_.size()) {
      Node node = choose(sleep);
      if (node.choices.empty()) {
        return End::pruned;
      }
      path_.push_back(std::move(node));
    }
    const Node& node = path_[depth];
    sleep = sleep_after(node);
    step(node.choices[node.chosen], report);
  }
  return End::complete;
}

// Moves the path to its next unexplored branch; false: there is none.
inline bool Explorer::next_branch() {
  while (!path_.empty() && ++path_.back().chosen >= path_.back().choices.size()) {
    path_.pop_back();
  }
  return !path_.empty();
}

inline Report Explorer::run() {
  Report report;
  path_.clear();
  do {
    if (report.executions == limits_.executions) {
      report.verdict = Report::Verdict::budget;
      report.text = "the budget of " + std::to_string(limits_.executions) + " executions is used up";
      return report;
    }
    ++report.executions;
    const bool good = guarded(report, [&] {
      begin();
      if (execute(report) == End::complete) {
        program_.check();
      } else {
        ++report.pruned;
      }
    });
    if (!good) {
      return report;
    }
  } while (next_branch());
  return report;
}

inline Report Explorer::replay(const Schedule& schedule) {
  Report report;
  report.executions = 1;
  std::string misfit;
  guarded(report, [&] {
    begin();
    for (std::size_t i = 0; !all_done(); ++i) {
      const unsigned cpu = i < schedule.size() ? schedule[i] : choose(0).choices.front();
      if (cpu >= cpus_.count() || !cpus_.enabled(cpu)) {
        misfit = "the schedule does not fit: CPU " + std::to_string(cpu) + " cannot take step " +
                 std::to_string(i);
        return;
      }
      step(cpu, report);
    }
    if (schedule.size() > schedule_.size()) {
      misfit = "the schedule does not fit: it is longer than the execution";
      return;
    }
    program_.check();
  });
  if (!misfit.empty() && report.verdict == Report::Verdict::holds) {
    report.verdict = Report::Verdict::bad_schedule;
    report.text = misfit;
  }
  return report;
}

}  // namespace redoubt::explorer
