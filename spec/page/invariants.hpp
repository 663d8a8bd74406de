// SPDX-License-Identifier: BSD-3-Clause
// Invariants of memory regions and page ownership, one cell at a time; each stands for "at every index".
#pragma once
#include "spec/machine/state.hpp"
#include "spec/npt/invariants.hpp"

namespace redoubt::spec {

template <class Reader, ValueDomain D, class P>
class PageInvariants {
 public:
  using Word = typename D::Word;
  using Bool = typename D::Bool;

  explicit PageInvariants(State<D, P>& state) : s(state) {}

  // INV-PAGE-1.
  Bool owner(Word index) {
    const Word o = at(s.s2_owner, index);
    return either(o <= Word(COREVISOR), o == Word(INVALID));
  }
  // INV-PAGE-2.
  Bool count(Word index) {
    const Word c = at(s.s2_count, index), o = at(s.s2_owner, index);
    return either(c == Word(0), both(c == Word(1), Word(HOSTVISOR) < o, o <= Word(COREVISOR)));
  }
  // INV-PAGE-3.
  Bool guest_frame(Word index) {
    const Word gfn = at(s.s2_gfn, index), o = at(s.s2_owner, index);
    const Bool of_vm = both(Word(HOSTVISOR) < o, o < Word(COREVISOR));
    return either(gfn == Word(INVALID64), both(of_vm, gfn < Word(u64{1} << 36)));
  }

  // INV-PAGE-12.
  Bool dma(Word index) {
    const Word d = at(s.s2_dma, index), o = at(s.s2_owner, index);
    return either(d == Word(0), both(d == Word(1), o < Word(COREVISOR), at(s.s2_count, index) == Word(0)));
  }

  // INV-PAGE-4, first half: how many; whole pages below 2^48; entries inside the array.
  Bool counts() { return both(s.region_cnt <= Word(MAX_MEMBLOCK_NUM), s.page_count <= Word(u64{1} << 36)); }
  Bool region(Word i) {
    const Word end(u64{1} << 48), low(0xfff);
    const Bool pages = both(((base(i) | size(i)) & low) == Word(0), size(i) != Word(0));
    const Bool inside = both(base(i) < end, size(i) <= end - base(i));
    const Word n = size(i) >> 12;
    const Bool entries =
        either(first(i) == Word(INVALID64), both(first(i) <= s.page_count, n <= s.page_count - first(i)));
    return implies(i < s.region_cnt, both(pages, inside, entries));
  }
  // INV-PAGE-4, second half: two regions share no address and no entry. Entries that go on where those of
  // another region end are those of adjacent addresses, or of addresses a block or more apart: so a run of
  // 512 entries is a run of 512 frames.
  Bool apart(Word i, Word j) {
    const Bool addresses = either(base(i) + size(i) <= base(j), base(j) + size(j) <= base(i));
    const Word ni = size(i) >> 12, nj = size(j) >> 12;
    const Bool entries = either(first(i) + ni <= first(j), first(j) + nj <= first(i));
    const Bool array = both(first(i) != Word(INVALID64), first(j) != Word(INVALID64));
    const Bool both_there = both(i != j, i < s.region_cnt, j < s.region_cnt);
    return implies(both_there, both(addresses, implies(array, both(entries, no_run(i, j), no_run(j, i)))));
  }

  // INV-PAGE-7: frame 0 has no entry, so that 0 can mean "no frame".
  Bool not_frame_0(Word i) { return implies(i < s.region_cnt, base(i) != Word(0)); }

 private:
  Word at(typename D::Map& map, Word index) { return Reader::at(map, index, Word(0)); }
  Word base(Word i) { return Reader::at(s.regions, i, Word(MB_BASE)); }
  Word size(Word i) { return Reader::at(s.regions, i, Word(MB_SIZE)); }
  Word first(Word i) { return Reader::at(s.regions, i, Word(MB_INDEX)); }
  Bool no_run(Word i, Word j) {
    const Word end = base(i) + size(i);
    const Bool run = both(base(i) < base(j), first(j) - first(i) == (base(j) - base(i)) >> 12);
    return implies(run, either(base(j) == end, Word(PMD_SIZE) <= base(j) - end));
  }

  State<D, P>& s;
};

}  // namespace redoubt::spec
