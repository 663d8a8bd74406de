// SPDX-License-Identifier: BSD-3-Clause
// Invariants of the raw SMMU tables (valid_lspt), one cell at a time; each stands for "at every address"
// (digest 5.11).
#pragma once
#include "core/machine/smmu_layout.hpp"
#include "spec/machine/state.hpp"
#include "spec/npt/invariants.hpp"
#include "spec/spt/layout.hpp"

namespace redoubt::spec {

// Reader: ReadBase for the contents at the start (hypothesis), ReadNow for those now (goal).
template <class Reader, ValueDomain D, class P>
class SptInvariants {
 public:
  using Word = typename D::Word;
  using Bool = typename D::Bool;

  explicit SptInvariants(State<D, P>& state) : s(state), b(spt_bounds<P>(state.pool_base)) {}

  // INV-SPT-1 for one zone: the bump pointer is page aligned and between the ends of its zone.
  Bool bump_pointer(SmmuZone z) {
    return both(from(z) <= next(z), next(z) <= to(z), (next(z) & Word(PAGE_SIZE - 1)) == Word(0));
  }

  // INV-SPT-2: a word at or above the bump pointer of its zone is zero, and its page was never taken.
  Bool fresh_is_zero(SmmuZone z, Word slot) {
    return both(implies(fresh(z, slot), entry(z, slot) == Word(0)), fresh_is_untaken(z, page_of(slot)));
  }
  Bool fresh_is_untaken(SmmuZone z, Word page) { return implies(fresh(z, page), taker(page) == Word(0)); }

  // INV-SPT-3: a page was taken by one of the 16 banks, in a generation that the bank has reached; a
  // generation fits its field of the stamp.
  Bool generation_fits(Word bank) { return generation(bank) < Word(u64{1} << 56); }
  Bool stamp_reached(Word page) {
    const Bool reached = taken_in(page) <= generation(bank_of(page));
    return both(taker(page) <= Word(EL2_SMMU_CFG_SIZE), either(taker(page) == Word(0), reached));
  }

  // INV-SPT-4 and 5 at a root entry: zero, or a well-formed link to a live pgd page of this bank with this
  // one parent.
  Bool root_linked(Word slot) {
    const Word child = page_of(Reader::at(s.smmu.spt_vttbr_pool, Word(0), slot));
    const Word bank = (slot - b.roots) >> 13;
    const Bool in_roots = both(b.roots <= slot, bank < Word(EL2_SMMU_CFG_SIZE));
    return implies(in_roots, linked(s.smmu.spt_vttbr_pool, s.smmu.spt_pgd_par, SmmuZone::pgd, slot, child,
                                    taker(child) == bank + Word(1)));
  }
  // The same at an entry of a live pgd page. What a page holds that serves nobody does not matter.
  Bool table_linked(Word slot) {
    const Word child = page_of(Reader::at(s.smmu.spt_pgd_pool, Word(0), slot));
    const Word parent = page_of(slot);
    const Bool checked = both(b.pgd <= slot, slot < next(SmmuZone::pgd), live(parent));
    return implies(checked, linked(s.smmu.spt_pgd_pool, s.smmu.spt_pmd_par, SmmuZone::pmd, slot, child,
                                   taker(child) == taker(parent)));
  }

  // INV-SPT-6: the zone of the roots holds nothing behind the sixteenth root.
  Bool spare_roots_zero(Word slot) {
    const Bool spare = both(spt_root<P>(s.pool_base, Word(EL2_SMMU_CFG_SIZE)) <= slot, slot < b.pgd);
    return implies(spare, Reader::at(s.smmu.spt_vttbr_pool, Word(0), slot) == Word(0));
  }

  // Does the page serve a bank?
  Bool live(Word page) { return both(taker(page) != Word(0), taken_in(page) == generation(bank_of(page))); }
  Word taker(Word page) { return Reader::at(s.smmu.spt_taker, Word(0), page); }

  Word from(SmmuZone z) { return z == SmmuZone::pgd ? b.pgd : b.pmd; }
  Word to(SmmuZone z) { return z == SmmuZone::pgd ? b.pmd : b.end; }
  Word next(SmmuZone z) { return Reader::at(s.smmu.spt_next, Word(static_cast<u64>(z)), Word(0)); }

 private:
  Bool fresh(SmmuZone z, Word at) { return both(next(z) <= at, at < to(z)); }
  template <class Map>
  Bool linked(Map& entries, Map& parents, SmmuZone z, Word slot, Word child, Bool same_bank) {
    const Word e = Reader::at(entries, Word(0), slot);
    const Bool link = both(e == child + Word(3), from(z) <= child, child < next(z), live(child),
                           both(same_bank, Reader::at(parents, Word(0), child) == slot));
    return either(e == Word(0), link);
  }
  Word entry(SmmuZone z, Word slot) {
    return Reader::at(z == SmmuZone::pgd ? s.smmu.spt_pgd_pool : s.smmu.spt_pmd_pool, Word(0), slot);
  }
  static Word page_of(Word at) { return at & Word(0x0000'ffff'ffff'f000); }
  Word taken_in(Word page) { return Reader::at(s.smmu.spt_taken_in, Word(0), page); }
  Word bank_of(Word page) { return select(taker(page) == Word(0), Word(0), taker(page) - Word(1)); }
  Word generation(Word bank) { return Reader::at(s.smmu.spt_generation, bank, Word(0)); }

  State<D, P>& s;
  SptBounds<Word> b;
};

}  // namespace redoubt::spec
