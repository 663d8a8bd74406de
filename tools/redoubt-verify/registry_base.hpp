// SPDX-License-Identifier: BSD-3-Clause
// One theorem for each base primitive that is built, from the layer's own list: a new primitive has its
// theorem by being there.
#pragma once
#include "core/machine/layers.hpp"
#include "tools/redoubt-verify/registry.hpp"
#include "tools/redoubt-verify/theorems/base.hpp"

namespace redoubt::verify {

template <class Prim, class P>
Theorem base_theorem() {
  Theorem t;
  t.set = P::name;
  t.layer = registry::AbstractMachineEntry::name;
  t.name = Prim::name;
  t.statement =
      "refines its specification: result, halt, every part of the state, steps, frame; stuck exactly where "
      "the code breaks a usage rule";
  t.covers = {(Prim::changes & registry::field::halt) != 0 ? "stops" : "goes on", "on a halted machine"};
  if (Prim::changes != registry::field::none) {
    t.covers.emplace_back("changes something");
  }
  t.guards = Prim::row.guards;
  t.prove = BaseTheorem<Prim, P, Symbolic>::prove;
  t.replay = BaseTheorem<Prim, P, Concrete>::prove;
  return t;
}

template <class P>
void add_base_theorems(std::vector<Theorem>& all) {
  using Entry = registry::AbstractMachineEntry;
  registry::for_each(typename registry::Layer<Entry>::FreshAndOwn{}, [&]<class Prim>() {
    if constexpr (registry::theorem_is_generated<Entry, Prim, AbstractMachine<ModelMachine<Concrete, P>>>()) {
      all.push_back(base_theorem<Prim, P>());
    }
  });
}

}  // namespace redoubt::verify
