// SPDX-License-Identifier: BSD-3-Clause
// How the flat SMMU tables of MmioSPTWalk stand for the raw ones of MmioPTWalk, one address at a time
// (digest 5.11).
#pragma once
#include "spec/spt/invariants.hpp"

namespace redoubt::spec {

template <ValueDomain D, class P>
class SptRelation {
 public:
  using Word = typename D::Word;
  using Bool = typename D::Bool;
  using S = State<D, P>;

  SptRelation(S& high, S& low) : h(high), l(low), pages_(low) {}

  // The raw walk of `iova` from the root of `bank`: absent tables are absent flags; then the leaf is the
  // same.
  Bool leaf(Word bank, Word iova) {
    const Word pgd =
        l.smmu.spt_vttbr_pool.read(Word(0), spt_root<P>(l.pool_base, bank) + ((iova >> 30) << 3));
    const Bool has_pgd = h.smmu.spt_pgd_t.read(bank, (iova >> 30) << 3) == Word(1);
    const Word pmd = l.smmu.spt_pgd_pool.read(Word(0), at(pgd, iova >> 21));
    const Bool has_pmd = h.smmu.spt_pmd_t.read(bank, (iova >> 21) << 3) == Word(1);
    const Word pte = l.smmu.spt_pmd_pool.read(Word(0), at(pmd, iova >> 12));
    const Bool same = pte == h.smmu.spt_pt.read(bank, (iova >> 12) << 3);
    return both(iff(has_pgd, pgd != Word(0)),
                implies(has_pgd, both(iff(has_pmd, pmd != Word(0)), implies(has_pmd, same))));
  }

  // The counts are those of the pages: `free` serve nobody, `used` serve the bank. For harnesses with small
  // zones.
  Bool free_pages(SmmuZone z) {
    return h.smmu.spt_free.read(Word(static_cast<u64>(z)), Word(0)) ==
           count(z, [&](Word page) { return negation(pages_.live(page)); });
  }
  Bool used_pages(Word bank, SmmuZone z) {
    return h.smmu.spt_used.read(bank, Word(static_cast<u64>(z))) ==
           count(z, [&](Word page) { return both(pages_.live(page), pages_.taker(page) == bank + Word(1)); });
  }

 private:
  static Bool iff(Bool a, Bool b) { return both(implies(a, b), implies(b, a)); }
  static Word at(Word link, Word index) {
    return (link & Word(0x0000'ffff'ffff'f000)) + ((index & Word(511)) << 3);
  }
  template <class Predicate>
  Word count(SmmuZone z, Predicate predicate) {
    const auto b = spt_bounds<P>(l.pool_base);
    const Word from = z == SmmuZone::pgd ? b.pgd : b.pmd;
    constexpr u64 bytes[] = {P::smmu.pmd_offset - P::smmu.pgd_offset, P::smmu.size - P::smmu.pmd_offset};
    Word n(0);
    for (u64 offset = 0; offset < bytes[static_cast<u64>(z)]; offset += PAGE_SIZE) {
      n = n + select(predicate(from + Word(offset)), Word(1), Word(0));
    }
    return n;
  }

  S &h, &l;
  SptInvariants<ReadNow, D, P> pages_;
};

}  // namespace redoubt::spec
