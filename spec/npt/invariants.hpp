// SPDX-License-Identifier: BSD-3-Clause
// Invariants of the raw stage-2 tables, one cell at a time; each stands for "at every address" (digest 5.7
// valid_lnpt).
#pragma once
#include <string_view>

#include "spec/machine/state.hpp"
#include "spec/npt/layout.hpp"

namespace redoubt::spec {

// How an invariant reads a map: the contents at the start (hypothesis) or now (goal).
struct ReadBase {
  template <class Map, class W>
  static W at(Map& map, W k0, W k1) {
    return map.base(k0, k1);
  }
};
struct ReadNow {
  template <class Map, class W>
  static W at(Map& map, W k0, W k1) {
    return map.read(k0, k1);
  }
};

template <class Reader, ValueDomain D, class P>
class NptInvariants {
 public:
  using Word = typename D::Word;
  using Bool = typename D::Bool;

  explicit NptInvariants(State<D, P>& state) : s(state) {}

  // INV-NPT-1 for one zone: the bump pointer is page aligned and between the ends of its zone.
  Bool bump_pointer(Word vmid, Zone z) {
    const Bounds<Word> b = bounds<P>(s.pool_base, vmid);
    const Word n = next(vmid, z);
    const Word from = z == Zone::pgd ? b.pgd : z == Zone::pud ? b.pud : b.pmd;
    const Word to = z == Zone::pgd ? b.pud : z == Zone::pud ? b.pmd : b.end;
    return both(from <= n, n <= to, (n & Word(PAGE_SIZE - 1)) == Word(0));
  }

  // INV-NPT-2: a word of a zone at or above the bump pointer is zero. `level` 1..3 names the pool, `slot` any
  // address.
  Bool fresh_is_zero(unsigned level, Word vmid, Word slot) {
    const Zone z = level == 1 ? Zone::pgd : level == 2 ? Zone::pud : Zone::pmd;
    return implies(next(vmid, z) <= slot, entry(level, vmid, slot) == Word(0));
  }

  // INV-NPT-3 and 4: an entry of level 0 or 1 is zero or links, well formed, an allocated page of the next
  // zone of the same principal whose one parent is this slot. At level 2 it may also be a leaf, which is not
  // a table.
  Bool linked(unsigned level, Word vmid, Word slot) {
    const Bounds<Word> b = bounds<P>(s.pool_base, vmid);
    const Zone z = level == 0 ? Zone::pgd : level == 1 ? Zone::pud : Zone::pmd;
    const Word e = entry(level, vmid, slot);
    const Word child = frame_of(e);
    const Word from = level == 0 ? b.pgd : level == 1 ? b.pud : b.pmd;
    auto& par = level == 0 ? s.pt_pgd_par : level == 1 ? s.pt_pud_par : s.pt_pmd_par;
    const Bool link = both(e == child + Word(3), from <= child, child < next(vmid, z),
                           Reader::at(par, vmid, child) == slot);
    const Bool ok = either(e == Word(0), link);
    return level == 2 ? either((e & Word(3)) != Word(3), ok) : ok;
  }

 private:
  Word next(Word vmid, Zone z) { return Reader::at(s.pt_next, vmid, Word(static_cast<u64>(z))); }
  Word entry(unsigned level, Word vmid, Word slot) {
    auto& pool = level == 0   ? s.pt_vttbr_pool
                 : level == 1 ? s.pt_pgd_pool
                 : level == 2 ? s.pt_pud_pool
                              : s.pt_pmd_pool;
    return Reader::at(pool, vmid, slot);
  }

  State<D, P>& s;
};

// INV-NPT-5, nothing is shared between principals, follows: zones of different principals are disjoint
// (coherence of the parameters), links stay in the own pool (INV-NPT-3), and each has one parent (INV-NPT-4).

}  // namespace redoubt::spec
