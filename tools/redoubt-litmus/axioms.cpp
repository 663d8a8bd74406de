// SPDX-License-Identifier: BSD-3-Clause
// The Armv8-A memory model, clause by clause.
#include "tools/redoubt-litmus/axioms.hpp"

#include <algorithm>

namespace redoubt::litmus {
namespace {

bool depends(EventSet set, unsigned on) { return (set & only(on)) != 0; }

bool same_location(const Event& a, const Event& b) {
  return a.memory() && b.memory() && a.address == b.address;
}

// Some event between a and b, both excluded.
template <class Predicate>
bool between(const Trace& trace, unsigned a, unsigned b, Predicate predicate) {
  for (unsigned i = a + 1; i < b; ++i) {
    if (predicate(trace.events[i])) {
      return true;
    }
  }
  return false;
}

bool fence_between(const Trace& trace, unsigned a, unsigned b, Barrier barrier) {
  return between(trace, a, b, [&](const Event& event) {
    return event.kind == Event::Kind::barrier && event.from->barrier == barrier;
  });
}

bool after_addr(const Trace& trace, unsigned a, unsigned b) { return depends(trace.events[b].by_address, a); }
bool after_data(const Trace& trace, unsigned a, unsigned b) { return depends(trace.events[b].by_data, a); }
bool after_ctrl(const Trace& trace, unsigned a, unsigned b) {
  return trace.events[b].write() && depends(trace.events[b].by_control, a);
}

bool after_isb(const Trace& trace, unsigned a, unsigned b) {
  bool address_seen = false;
  for (unsigned i = a + 1; i < b; ++i) {
    const Event& event = trace.events[i];
    if (event.kind == Event::Kind::isb && (address_seen || depends(event.by_control, a))) {
      return trace.events[b].read();
    }
    address_seen = address_seen || depends(event.by_address, a);
  }
  return false;
}

bool after_addr_po(const Trace& trace, unsigned a, unsigned b) {
  return trace.events[b].write() &&
         between(trace, a, b, [&](const Event& middle) { return depends(middle.by_address, a); });
}

bool local_write_successor(const Trace& trace, unsigned a, unsigned b) {
  return trace.events[b].write() && same_location(trace.events[a], trace.events[b]);
}

bool local_read_successor(const Trace& trace, unsigned a, unsigned b) {
  const Event &first = trace.events[a], &second = trace.events[b];
  return first.write() && second.read() && same_location(first, second) &&
         !between(trace, a, b,
                  [&](const Event& event) { return event.write() && same_location(event, second); });
}

bool after_forward(const Trace& trace, unsigned a, unsigned b) {
  for (unsigned i = a + 1; i < b; ++i) {
    const Event& middle = trace.events[i];
    if (depends(middle.by_address | middle.by_data, a) && local_read_successor(trace, i, b)) {
      return true;
    }
  }
  return false;
}

bool after_rmw(const Trace& trace, unsigned a, unsigned b) { return trace.events[b].pair == a; }
bool after_rmw_acquire(const Trace& trace, unsigned a, unsigned b) {
  const Event& to = trace.events[b];
  return trace.events[a].pair && (to.acquire || to.acquire_pc) && local_read_successor(trace, a, b);
}

bool after_dmb_full(const Trace& trace, unsigned a, unsigned b) {
  return fence_between(trace, a, b, Barrier::full);
}
bool after_dmb_ld(const Trace& trace, unsigned a, unsigned b) {
  return trace.events[a].read() && !trace.events[a].no_return && fence_between(trace, a, b, Barrier::loads);
}
bool after_dmb_st(const Trace& trace, unsigned a, unsigned b) {
  return trace.events[a].write() && trace.events[b].write() && fence_between(trace, a, b, Barrier::stores);
}
bool after_acquire(const Trace& trace, unsigned a, unsigned) {
  return trace.events[a].acquire || trace.events[a].acquire_pc;
}
bool before_release(const Trace& trace, unsigned, unsigned b) { return trace.events[b].release; }
bool release_then_acquire(const Trace& trace, unsigned a, unsigned b) {
  return trace.events[a].release && trace.events[b].acquire;
}

// The write of a single instruction with acquire and release semantics.
bool after_atomic_full(const Trace& trace, unsigned a, unsigned) {
  const Event& write = trace.events[a];
  return write.single && write.release && write.pair && trace.events[*write.pair].acquire;
}

struct LocalClause {
  Clause clause;
  bool (*holds)(const Trace&, unsigned, unsigned);
};

constexpr LocalClause kLocal[] = {
    {Clause::lws, local_write_successor},
    {Clause::addr, after_addr},
    {Clause::data, after_data},
    {Clause::ctrl, after_ctrl},
    {Clause::isb, after_isb},
    {Clause::addr_po, after_addr_po},
    {Clause::forward, after_forward},
    {Clause::rmw, after_rmw},
    {Clause::rmw_acquire, after_rmw_acquire},
    {Clause::dmb_full, after_dmb_full},
    {Clause::dmb_ld, after_dmb_ld},
    {Clause::dmb_st, after_dmb_st},
    {Clause::acquire, after_acquire},
    {Clause::release, before_release},
    {Clause::release_acquire, release_then_acquire},
    {Clause::atomic_full, after_atomic_full},
};

}  // namespace

std::optional<Clause> clause_named(std::string_view name) {
  const auto* found = std::ranges::find(CLAUSES, name);
  if (found == CLAUSES.end()) {
    return std::nullopt;
  }
  return static_cast<Clause>(found - CLAUSES.begin());
}

bool locally_ordered(const Model& model, const Trace& trace, unsigned a, unsigned b) {
  return std::ranges::any_of(
      kLocal, [&](const LocalClause& c) { return model.has(c.clause) && c.holds(trace, a, b); });
}

bool satisfies_internal(std::span<const Access> accesses, const Choice& choice) {
  Relation relation;
  const auto count = static_cast<unsigned>(accesses.size());
  for (unsigned a = 0; a < count; ++a) {
    for (unsigned b = 0; b < count; ++b) {
      if (accesses[a].thread >= 0 && accesses[a].thread == accesses[b].thread &&
          accesses[a].place < accesses[b].place) {
        relation.add(a, b);  // po-loc
      }
    }
    if (!accesses[a].write) {
      relation.add(choice.from[a], a);  // rf
      const auto seen = std::ranges::find(choice.order, choice.from[a]);
      std::for_each(seen + 1, choice.order.end(), [&](unsigned later) { relation.add(a, later); });  // fr
    }
  }
  for (std::size_t i = 0; i < choice.order.size(); ++i) {
    for (std::size_t j = i + 1; j < choice.order.size(); ++j) {
      relation.add(choice.order[i], choice.order[j]);  // co
    }
  }
  return relation.acyclic(count);
}

// empty rmw & (fre;coe): no write of another thread lies between what the read saw and the write.
bool satisfies_atomic(std::span<const Access> accesses, const Choice& choice) {
  for (unsigned write = 0; write < accesses.size(); ++write) {
    const auto pair = accesses[write].pair;
    if (!pair) {
      continue;
    }
    const auto read = std::ranges::find(accesses, *pair, &Access::event) - accesses.begin();
    const auto seen = std::ranges::find(choice.order, choice.from[static_cast<std::size_t>(read)]);
    const auto self = std::ranges::find(choice.order, write);
    if (seen < self &&
        std::any_of(
            seen + 1, self,
            [&](unsigned other) { return accesses[other].thread != accesses[write].thread; })) {
      return false;
    }
  }
  return true;
}

}  // namespace redoubt::litmus
