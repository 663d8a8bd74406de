// SPDX-License-Identifier: BSD-3-Clause
// Specification of layer 9, MmioPTAlloc (digest 5.9), with pages that serve again after their bank was
// emptied.
#pragma once
#include "spec/machine/smmu_primitives.hpp"

namespace redoubt::spec {

// Differences from the digest, towards its intent: the bump pointer is in its own zone (W10); the caller
// names the bank that takes the page; when every page of the zone has been used once, the last free one is
// zeroed and taken (W42).
template <ValueDomain D, class P>
class MmioPtAlloc : public SmmuPrimitives<D, P> {
 public:
  using Base = SmmuPrimitives<D, P>;
  using Base::Base;
  using typename Base::Bool;
  using typename Base::Pa;
  using typename Base::SmmuBank;
  using typename Base::Word;

  Pa alloc_smmu_pgd_page(SmmuBank bank) { return take(SmmuZone::pgd, bank.raw); }
  Pa alloc_smmu_pmd_page(SmmuBank bank) { return take(SmmuZone::pmd, bank.raw); }
  Bool can_alloc_smmu_pgd_page() { return room(SmmuZone::pgd); }
  Bool can_alloc_smmu_pmd_page() { return room(SmmuZone::pmd); }

  // Stuck: L(spt), bank, root not empty, generations used up. No page of the bank is live afterwards.
  void release_smmu_pages(SmmuBank bank) {
    if (s.halt) {
      return;
    }
    this->L_spt();
    valid(bank.raw);
    const Word root = spt_root<P>(s.pool_base, bank.raw);
    this->stuck_unless("the root of the bank is empty", s.d->for_all(Word(1024), [&](Word i) {
      return s.smmu.spt_vttbr_pool.read(Word(0), root + (i << 3)) == Word(0);
    }));
    const Word generation = s.smmu.spt_generation.read(bank.raw, Word(0));
    this->stuck_unless("a generation is left", generation < Word((u64{1} << 56) - 1));
    s.smmu.spt_generation.write(bank.raw, Word(0), generation + Word(1));
    this->step(Step::spt_release, bank.raw);
  }

 protected:
  using Base::s;
  struct Zone {
    Word from, to;
  };
  Zone zone(SmmuZone z) {
    const auto b = spt_bounds<P>(s.pool_base);
    return z == SmmuZone::pgd ? Zone{b.pgd, b.pmd} : Zone{b.pmd, b.end};
  }
  Word next(SmmuZone z) { return s.smmu.spt_next.read(this->zone_key(z), Word(0)); }

 private:
  void valid(Word bank) { this->stuck_unless("the bank is one of 16", bank < Word(16)); }

  // Number of the free page to take in a zone that was used up once; the number of pages if there is none.
  Word last_free(const Zone& zone) {
    return s.d->find_last((zone.to - zone.from) >> 12,
                          [&](Word i) { return negation(this->live(zone.from + (i << 12))); });
  }

  Pa take(SmmuZone z, Word bank) {
    if (s.halt) {
      return Pa(Word(0));
    }
    this->L_spt();
    valid(bank);
    const Zone bounds = zone(z);
    Word page = next(z);
    this->stuck_unless("bump pointer is in its zone", both(bounds.from <= page, page <= bounds.to));
    if (page + Word(4096) <= bounds.to) {
      s.smmu.spt_next.write(this->zone_key(z), Word(0), page + Word(4096));
    } else {
      const Word number = last_free(bounds);
      if (number == (bounds.to - bounds.from) >> 12) {
        this->stop();
        return Pa(Word(0));
      }
      page = bounds.from + (number << 12);
      this->pool(page).zero_range(Word(0), page, page + Word(4096));
      this->step(Step::spt_zero, Word(0), page);
      this->dsb_st();
    }
    s.smmu.spt_taker.write(Word(0), page, bank + Word(1));
    s.smmu.spt_taken_in.write(Word(0), page, s.smmu.spt_generation.read(bank, Word(0)));
    return Pa(page);
  }

  Bool room(SmmuZone z) {
    if (s.halt) {
      return Bool(false);
    }
    this->L_spt();
    const Zone bounds = zone(z);
    if (next(z) + Word(4096) <= bounds.to) {
      return Bool(true);
    }
    return last_free(bounds) != (bounds.to - bounds.from) >> 12;
  }
};

}  // namespace redoubt::spec
