// SPDX-License-Identifier: BSD-3-Clause
// Enters the theorems about the primitives of a layer on the specifications below, by their rows.
#pragma once
#include "tools/redoubt-verify/registry.hpp"
#include "tools/redoubt-verify/theorems/from_spec.hpp"

namespace redoubt::verify {

using Names = std::vector<std::string>;
struct Expected {  // what a primitive's theorem must reach, and the preconditions that can fail
  std::string_view primitive;
  Names covers, stuck;
};

inline const char* const kLockOrder = "the lock is free and the lock order is kept";

// The theorem of Prim in Entry; Prim with its obligations, as the layer lists it.
template <class Entry, class Prim, template <class, ValueDomain> class World, class P>
Theorem theorem_on_specs(std::string statement, Names covers, Names stuck) {
  Theorem t;
  t.set = P::name;
  t.layer = Entry::name;
  t.name = Prim::name;
  t.statement = std::move(statement);
  t.covers = std::move(covers);
  t.covers.emplace_back("on a halted machine");
  t.stuck = std::move(stuck);
  t.prove = FromSpec<World<P, Symbolic>, Prim, Symbolic>::prove;
  t.replay = FromSpec<World<P, Concrete>, Prim, Concrete>::prove;
  return t;
}

// Those of a list, in the order of the layer's own.
template <class Entry, template <class, ValueDomain> class World, class P>
void add_on_specs(std::vector<Theorem>& all, const std::vector<Expected>& list, const char* statement) {
  registry::for_each(registry::Join<typename Entry::Fresh, typename Entry::Own>{}, [&]<class Prim>() {
    if constexpr (Prim::template visible<typename World<P, Concrete>::Code>) {
      for (const Expected& e : list) {
        if (e.primitive == Prim::name) {
          all.push_back(theorem_on_specs<Entry, Prim, World, P>(statement, e.covers, e.stuck));
        }
      }
    }
  });
}

}  // namespace redoubt::verify
