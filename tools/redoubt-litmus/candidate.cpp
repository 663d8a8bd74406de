// SPDX-License-Identifier: BSD-3-Clause
// Enumerates reads-from and coherence order. `internal` and `atomic` speak of one location at a time, so they
// thin out the choices of each location first; `external` then judges the combinations, and ends a branch at
// its first cycle.
#include "tools/redoubt-litmus/candidate.hpp"

#include <algorithm>

namespace redoubt::litmus {

Candidate::Candidate(const std::vector<const Trace*>& traces, const std::function<Value(Value)>& initial,
                     const Model& model, Work& work)
    : traces_(traces), model_(model), work_(work) {
  for (std::size_t thread = 0; thread < traces.size(); ++thread) {
    add_thread(static_cast<int>(thread), *traces[thread], initial);
  }
  chosen_.resize(locations_.size());
}

unsigned Candidate::add_event(Origin origin) {
  if (origins_.size() == MAX_EVENTS) {
    throw NoVerdict(fmt::format("an execution has more than {} events: make the test smaller", MAX_EVENTS));
  }
  origins_.push_back(origin);
  return static_cast<unsigned>(origins_.size() - 1);
}

Candidate::Location& Candidate::location(Value address, const std::function<Value(Value)>& initial) {
  const auto found = std::ranges::find(locations_, address, &Location::address);
  if (found != locations_.end()) {
    return *found;
  }
  Access first;
  first.event = add_event({});
  first.write = true;
  first.value = initial(address);
  locations_.push_back({address, {first}, {}});
  return locations_.back();
}

void Candidate::add_thread(int thread, const Trace& trace, const std::function<Value(Value)>& initial) {
  std::vector<unsigned> number(trace.events.size());
  for (unsigned i = 0; i < trace.events.size(); ++i) {
    const Event& event = trace.events[i];
    if (!event.memory()) {
      continue;
    }
    Location& where = location(event.address, initial);
    number[i] = add_event({thread, &event});
    Access access{number[i], thread, i, event.write(), event.value, std::nullopt};
    if (event.pair) {
      access.pair = number[*event.pair];
    }
    where.accesses.push_back(access);
    for (unsigned before = 0; before < i; ++before) {
      if (trace.ordered.has(before, i)) {
        local_.add(number[before], number[i]);
      }
    }
  }
}

// Extends the coherence order by each write that may come next: a thread's own writes stay in program order.
void Candidate::order_writes(Location& location,
                             Choice& choice) {  // NOLINT(misc-no-recursion): one level a write
  work_.step();
  bool complete = true;
  for (unsigned i = 0; i < location.accesses.size(); ++i) {
    const Access& access = location.accesses[i];
    if (!access.write || std::ranges::count(choice.order, i) != 0) {
      continue;
    }
    complete = false;
    const bool next = std::ranges::none_of(location.accesses, [&](const Access& other) {
      const auto index = static_cast<unsigned>(&other - location.accesses.data());
      return other.write && other.thread == access.thread && other.place < access.place &&
             std::ranges::count(choice.order, index) == 0;
    });
    if (next) {
      choice.order.push_back(i);
      order_writes(location, choice);
      choice.order.pop_back();
    }
  }
  if (complete) {
    choose_sources(location, choice, 0);
  }
}

// Lets each read see each write of the value it returned.
void Candidate::choose_sources(Location& location, Choice& choice,
                               std::size_t read) {  // NOLINT(misc-no-recursion)
  work_.step();
  const auto& accesses = location.accesses;
  while (read < accesses.size() && accesses[read].write) {
    ++read;
  }
  if (read == accesses.size()) {
    if ((!model_.has(Clause::internal) || satisfies_internal(accesses, choice)) &&
        (!model_.has(Clause::atomic) || satisfies_atomic(accesses, choice))) {
      location.choices.push_back(choice);
    }
    return;
  }
  for (unsigned write = 0; write < accesses.size(); ++write) {
    if (accesses[write].write && accesses[write].value == accesses[read].value) {
      choice.from[read] = write;
      choose_sources(location, choice, read + 1);
    }
  }
}

void Candidate::search(std::size_t next, const Relation& ordered,
                       const Visit& visit) {  // NOLINT(misc-no-recursion)
  work_.step();
  if (!ordered.acyclic(static_cast<unsigned>(origins_.size()))) {
    return;
  }
  if (next == locations_.size()) {
    report(ordered, visit);
    return;
  }
  for (const Choice& choice : locations_[next].choices) {
    chosen_[next] = &choice;
    Relation extended = ordered;
    for_each_observed(model_, locations_[next].accesses, choice,
                      [&](unsigned a, unsigned b) { extended.add(a, b); });
    search(next + 1, extended, visit);
  }
}

std::vector<Execution::Line> Candidate::lines(const Relation& ordered) const {
  std::array<unsigned, MAX_EVENTS> order{};
  ordered.first_to_last(static_cast<unsigned>(origins_.size()), &order);
  std::vector<Execution::Line> out;
  for (std::size_t i = 0; i < origins_.size(); ++i) {
    const Origin& origin = origins_[order.at(i)];
    if (origin.event == nullptr) {
      continue;
    }
    Execution::Line line{origin.thread, origin.event};
    for (std::size_t l = 0; l < locations_.size(); ++l) {
      const auto& accesses = locations_[l].accesses;
      const auto found = std::ranges::find(accesses, order.at(i), &Access::event);
      if (found != accesses.end() && !found->write) {
        const Access& source = accesses[chosen_[l]->from[static_cast<std::size_t>(found - accesses.begin())]];
        line.from_thread = source.thread;
        line.from_event = origins_[source.event].event;
      }
    }
    out.push_back(line);
  }
  return out;
}

void Candidate::report(const Relation& ordered, const Visit& visit) const {
  Execution execution;
  execution.traces = traces_;
  for (std::size_t i = 0; i < locations_.size(); ++i) {
    execution.memory[locations_[i].address] = locations_[i].accesses[chosen_[i]->order.back()].value;
  }
  execution.lines = [&] { return lines(ordered); };
  visit(execution);
}

void Candidate::for_each_consistent(const Visit& visit) {
  for (Location& location : locations_) {
    Choice choice;
    choice.from.resize(location.accesses.size());
    choice.order.push_back(0);  // the initial write
    order_writes(location, choice);
    if (location.choices.empty()) {
      return;
    }
  }
  search(0, local_, visit);
}

}  // namespace redoubt::litmus
