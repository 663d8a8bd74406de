// SPDX-License-Identifier: BSD-3-Clause
// The other CPUs in proofs: at each acquire all that the lock protects becomes arbitrary, subject to its
// invariant; at each release the invariant is proven.
#pragma once
#include <string>

#include "spec/machine/state.hpp"

namespace redoubt::verify {

// `Invariant`: an object with holds(state, lock) -> Bool, of arbitrary places that the harness looks at. The
// n-th section of code and of specification sees the same doings of others: maps are named after n.
template <ValueDomain D, class P, class Invariant>
class Others {
 public:
  using Word = typename D::Word;
  using Bool = typename D::Bool;
  using Map = typename D::Map;
  using State = spec::State<D, P>;

  explicit Others(Invariant& invariant) : invariant_(invariant) {}
  Others(const Others&) = delete;
  Others& operator=(const Others&) = delete;

  // From now on they act on this state and its copies.
  void act_on(State& state) { state.others = {&taken, &giving, this}; }

 private:
  static void taken(void* self, State& s, const Word& lock) {
    const std::string section = "@" + std::to_string(s.sections);
    const Word principal = lock - Word(NPT_ID);
    if (principal <= Word(COREVISOR)) {
      change_tables(s, section, principal);
    } else if (lock == Word(S2PAGE_ID)) {
      change_ownership(s, section);
    }
    s.d->assume(static_cast<Others*>(self)->invariant_.holds(s, lock));
  }
  static void giving(void* self, State& s, const Word& lock) {
    s.d->prove("the lock's invariant holds when it is released",
               static_cast<Others*>(self)->invariant_.holds(s, lock));
  }

  static void change_tables(State& s, const std::string& section, Word principal) {
    change_row(s, s.block, "block" + section, principal);
    change_row(s, s.page, "page" + section, principal);
    change_row(s, s.pgd_t, "pgd_t" + section, principal);
    change_row(s, s.pud_t, "pud_t" + section, principal);
    change_row(s, s.pmd_t, "pmd_t" + section, principal);
    change_row(s, s.pt_next, "next" + section, principal);
  }
  static void change_ownership(State& s, const std::string& section) {
    s.s2_owner = Map(*s.d, "s2_owner" + section);
    s.s2_count = Map(*s.d, "s2_count" + section);
    s.s2_gfn = Map(*s.d, "s2_gfn" + section);
    s.s2_dma = Map(*s.d, "s2_dma" + section);
  }
  static void change_row(State& s, Map& map, const std::string& name, Word row) {
    const Map before = map, now(*s.d, name);
    if constexpr (!D::symbolic) {  // as listed cells: a row that is emptied later is emptied of these
      map.zero_row(row);
      for (const auto& [key, value] : now.cells()) {
        if (key.first == row) {
          map.write(row, key.second, value);
        }
      }
      return;
    }
    map = Map(*s.d, name + ".row", [before, now, row](Word k0, Word k1) {
      return select(k0 == row, now.read(k0, k1), before.read(k0, k1));
    });
  }

  Invariant& invariant_;
};

}  // namespace redoubt::verify
