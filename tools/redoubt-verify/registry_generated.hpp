// SPDX-License-Identifier: BSD-3-Clause
// One theorem for each primitive of a layer that is built, from the layer's own list: a new primitive has its
// theorem by being there.
#pragma once
#include "tools/redoubt-verify/registry.hpp"
#include "tools/redoubt-verify/theorems/from_row.hpp"

namespace redoubt::verify {

template <class Entry, class Prim, class P>
Theorem generated_theorem() {
  Theorem t;
  t.set = P::name;
  t.layer = Entry::name;
  t.name = Prim::name;
  t.statement =
      "refines its specification: result, halt, every part of the state, steps, frame; stuck exactly where "
      "the code breaks a usage rule";
  t.covers = {(Prim::changes & registry::field::halt) != 0 ? "stops" : "goes on", "on a halted machine"};
  if (Prim::changes != registry::field::none) {
    t.covers.emplace_back("changes something");
  }
  t.guards = Prim::row.guards;
  t.prove = FromRow<Entry, Prim, P, Symbolic>::prove;
  t.replay = FromRow<Entry, Prim, P, Concrete>::prove;
  return t;
}

template <class Entry, class P>
void add_generated_theorems(std::vector<Theorem>& all) {
  using Code = typename Entry::template Code<ModelMachine<Concrete, P>>;
  registry::for_each(typename registry::Layer<Entry>::FreshAndOwn{}, [&]<class Prim>() {
    if constexpr (registry::theorem_is_generated<Entry, Prim, Code>()) {
      all.push_back(generated_theorem<Entry, Prim, P>());
    }
  });
}

}  // namespace redoubt::verify
