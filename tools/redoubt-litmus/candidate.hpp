// SPDX-License-Identifier: BSD-3-Clause
// One trace for each thread: enumerates what the reads see and in which order the writes take effect.
#pragma once
#include <functional>
#include <map>
#include <vector>

#include "tools/redoubt-litmus/axioms.hpp"

namespace redoubt::litmus {

// A consistent execution, as far as a condition and a reader want to know it.
struct Execution {
  struct Line {
    int thread = -1;
    const Event* event = nullptr;
    int from_thread = -1;  // of a read: who wrote what it saw; -1: the initial state
    const Event* from_event = nullptr;
  };
  std::vector<const Trace*> traces;
  std::map<Value, Value> memory;             // of the locations that were accessed
  std::function<std::vector<Line>()> lines;  // in an order that agrees with ob; call it during the visit only
};

using Visit = std::function<void(const Execution&)>;

class Candidate {
 public:
  // `initial` gives each location's value before the first write. Throws NoVerdict when there are too many
  // events.
  Candidate(const std::vector<const Trace*>& traces, const std::function<Value(Value)>& initial,
            const Model& model, Work& work);

  // Calls `visit` for every combination that satisfies the axioms.
  void for_each_consistent(const Visit& visit);

 private:
  struct Location {
    Value address = 0;
    std::vector<Access> accesses;
    std::vector<Choice> choices;  // those that satisfy `internal` and `atomic`
  };
  struct Origin {
    int thread = -1;
    const Event* event = nullptr;
  };

  void add_thread(int thread, const Trace& trace, const std::function<Value(Value)>& initial);
  unsigned add_event(Origin origin);
  Location& location(Value address, const std::function<Value(Value)>& initial);
  void order_writes(Location& location, Choice& choice);
  void choose_sources(Location& location, Choice& choice, std::size_t read);
  void search(std::size_t next, const Relation& ordered, const Visit& visit);
  void report(const Relation& ordered, const Visit& visit) const;
  [[nodiscard]] std::vector<Execution::Line> lines(const Relation& ordered) const;

  std::vector<const Trace*> traces_;
  std::vector<Origin> origins_;  // of events, by number
  std::vector<Location> locations_;
  std::vector<const Choice*> chosen_;
  Relation local_;
  const Model& model_;
  Work& work_;
};

}  // namespace redoubt::litmus
