// SPDX-License-Identifier: BSD-3-Clause
// The values that reads may return: the least set that the threads' own writes close.
#include <algorithm>

#include "tools/redoubt-litmus/trace.hpp"
#include "tools/redoubt-litmus/tracer.hpp"

namespace redoubt::litmus {
namespace {

constexpr Value LOCATION_SIZE = 4096;

using Count = std::map<Value, unsigned>;

Count writes_of(const Trace& trace) {
  Count count;
  for (const Event& event : trace.events) {
    if (event.write()) {
      ++count[event.address];
    }
  }
  return count;
}

// The most writes to each location that one execution can hold.
Count most_writes(const std::vector<std::vector<Trace>>& traces) {
  Count total;
  for (const auto& thread : traces) {
    Count most;
    for (const Trace& trace : thread) {
      for (const auto& [address, count] : writes_of(trace)) {
        most[address] = std::max(most[address], count);
      }
    }
    for (const auto& [address, count] : most) {
      total[address] += count;
    }
  }
  return total;
}

}  // namespace

Domain::Domain(const LitmusTest& test) : test_(test) {}

Value Domain::initial(Value address) const {
  const auto found = test_.memory.find(address);
  return found == test_.memory.end() ? 0 : found->second;
}

const std::map<Value, unsigned>& Domain::of(Value address) {
  auto& values = values_[address];
  values.emplace(initial(address), 0);
  return values;
}

void Domain::check(const Instruction& access, Value address, bool wide) {
  const bool known = std::ranges::any_of(test_.addresses, [&](const auto& named) {
    return address >= named.second && address < named.second + LOCATION_SIZE;
  });
  if (!known) {
    throw BadInput(access.line,
                   fmt::format("'{}' uses address {}, which is no location: set the register in the initial "
                               "state, or branch around a null link",
                               access.text, show_value(test_, address)));
  }
  if (address % (wide ? 8 : 4) != 0) {
    throw BadInput(access.line, fmt::format("'{}' is not aligned", access.text));
  }
  if (wide_.emplace(address / 8, wide).first->second != wide) {
    throw BadInput(access.line,
                   fmt::format("'{}' uses {} with another width than before: accesses of mixed size are "
                               "not modelled",
                               access.text, show_value(test_, address)));
  }
}

// A read returns a write that is coherence-before every later write of its own thread. So a write that
// follows reads and writes of its location takes at least one write more than any of them; values that would
// take more writes than an execution can hold are left out.
bool Domain::absorb(const std::vector<std::vector<Trace>>& traces) {
  const Count most = most_writes(traces);
  bool news = false;
  for (const auto& thread : traces) {
    for (const Trace& trace : thread) {
      Count before;
      for (const Event& event : trace.events) {
        if (event.read()) {
          before[event.address] = std::max(before[event.address], values_[event.address][event.value]);
        } else if (event.write() && ++before[event.address] <= most.at(event.address)) {
          of(event.address);
          const auto [known, fresh] = values_[event.address].emplace(event.value, before[event.address]);
          news = news || fresh || known->second > before[event.address];
          known->second = std::min(known->second, before[event.address]);
        }
      }
    }
  }
  return news;
}

// Every value of an execution comes from initial values through a chain of different writes, because
// dependencies and reads-from between threads never form a cycle (axiom `external`). So as many rounds as
// writes find them all.
Traces all_traces(const LitmusTest& test, const Limits& limits, Work& work) {
  Domain domain(test);
  for (unsigned round = 0;; ++round) {
    Traces traces;
    for (unsigned thread = 0; thread < test.programs.size(); ++thread) {
      Tracer tracer(test, thread, domain, limits, work);
      traces.by_thread.push_back(tracer.run());
      traces.cut += tracer.cut();
    }
    unsigned writes = 0;
    for (const auto& [address, count] : most_writes(traces.by_thread)) {
      writes += count;
    }
    if (!domain.absorb(traces.by_thread) || round > writes) {
      return traces;
    }
  }
}

}  // namespace redoubt::litmus
