// SPDX-License-Identifier: BSD-3-Clause
// Layer 9, MmioPTAlloc: takes zeroed table pages from the SMMU pool, and gives a bank's pages back
// (digest 5.9).
#pragma once
#include "core/machine/smmu_layout.hpp"

namespace redoubt {

// A page is used for the first time in the order of the bump pointer; it is zero since boot. When the zone's
// pages have all been used once, one that its bank has given back is zeroed and serves again.
//
//   INV-SPT-1  pgd <= pgd_next <= pmd <= pmd_next <= end, both page aligned
//   INV-SPT-2  every word of a zone at or above its bump pointer is zero, and so is the stamp of its page
//   INV-SPT-3  no stamp is of a generation that its bank has not reached; generations stay below 2^56
// Protected by spt.
template <class Lower>
class MmioPtAlloc : public Lower {
 public:
  using Lower::Lower;
  using typename Lower::Bool;
  using typename Lower::Pa;
  using typename Lower::Word;
  using SmmuBank = redoubt::SmmuBank<Word>;

  // A zeroed table page of the zone, live for `bank` from now on; its zeroing is ordered before every later
  // store. Fail-stop when the zone is used up: callers acting for host or guest ask first. Stuck: L(spt),
  // bank out of range, bump pointer outside its zone (W10).
  Pa alloc_smmu_pgd_page(SmmuBank bank) { return alloc<SmmuZone::pgd>(bank); }
  Pa alloc_smmu_pmd_page(SmmuBank bank) { return alloc<SmmuZone::pmd>(bank); }

  // Would the allocation succeed? Redoubt's own, so that exhaustion is a typed error and not a halt (R3).
  Bool can_alloc_smmu_pgd_page() { return can_alloc<SmmuZone::pgd>(); }
  Bool can_alloc_smmu_pmd_page() { return can_alloc<SmmuZone::pmd>(); }

  // Gives back every table page of `bank` with one store. Redoubt's own (designs out W42). Stuck: L(spt); the
  // root is not empty; a translation of the bank may still be cached; the 2^56th time.
  void release_smmu_pages(SmmuBank bank) {
    if (!Lower::seeded(Fault::smmu_pages_leak)) {
      set_smmu_generation(bank, get_smmu_generation(bank) + Word(1));
    }
  }

 private:
  template <SmmuZone Z>
  struct Bounds {
    Pa from, to;
    [[nodiscard]] Word pages() const { return (to.raw - from.raw) >> PAGE_SHIFT; }
  };
  template <SmmuZone Z>
  Bounds<Z> zone() {
    const auto pool = this->smmu_pool();
    if constexpr (Z == SmmuZone::pgd) {
      return {pool.pgd, pool.pmd};
    } else {
      return {pool.pmd, pool.end};
    }
  }

  template <SmmuZone Z>
  Pa alloc(SmmuBank bank) {
    const Bounds<Z> bounds = zone<Z>();
    const Word stamp = TableStamp::of(bank, get_smmu_generation(bank));
    Pa page = next<Z>();
    const Pa lowest = Lower::seeded(Fault::smmu_bump_in_root) ? this->smmu_pool().roots : bounds.from;
    this->guard(Guard::bump_in_zone, both(lowest <= page, page <= bounds.to));
    if (page + Word(PAGE_SIZE) <= bounds.to) {
      set_next<Z>(page + Word(PAGE_SIZE));
    } else {
      page = reuse<Z>(bounds);
    }
    set_smmu_page_stamp(page, stamp);
    return this->check64(page);
  }

  template <SmmuZone Z>
  Pa reuse(const Bounds<Z>& bounds) {
    const Word free = find_free<Z>(bounds);
    if (free == bounds.pages()) {
      this->panic(Stop::table_pool_exhausted);
    }
    const Pa page = bounds.from + (free << PAGE_SHIFT);
    if (!Lower::seeded(Fault::smmu_reuse_not_zeroed)) {
      smmu_pt_zero(page);
    }
    if (!Lower::seeded(Fault::smmu_reuse_no_barrier)) {
      this->dsb_st();
    }
    return page;
  }

  template <SmmuZone Z>
  Bool can_alloc() {
    const Bounds<Z> bounds = zone<Z>();
    if (next<Z>() + Word(PAGE_SIZE) <= bounds.to) {
      return Bool(true);
    }
    return find_free<Z>(bounds) != bounds.pages();
  }

  // Number of the last page of the zone that serves no bank; the number of pages if all do. At most one look
  // per page of the zone.
  template <SmmuZone Z>
  Word find_free(const Bounds<Z>& bounds) {
    return this->find_last(bounds.pages(), [&](Word i) {
      return negation(this->smmu_page_is_live(get_smmu_page_stamp(bounds.from + (i << PAGE_SHIFT))));
    });
  }

  template <SmmuZone Z>
  Pa next() {
    if constexpr (Z == SmmuZone::pgd) {
      return get_smmu_pgd_next();
    } else {
      return get_smmu_pmd_next();
    }
  }
  template <SmmuZone Z>
  void set_next(Pa value) {
    if constexpr (Z == SmmuZone::pgd) {
      set_smmu_pgd_next(value);
    } else {
      set_smmu_pmd_next(value);
    }
  }

  // hidden from here up
  using Lower::get_smmu_generation;
  using Lower::get_smmu_pgd_next;
  using Lower::get_smmu_pmd_next;
  using Lower::set_smmu_generation;
  using Lower::set_smmu_page_stamp;
  using Lower::set_smmu_pgd_next;
  using Lower::set_smmu_pmd_next;
  using Lower::smmu_page_is_live;
  using Lower::smmu_pt_zero;

 protected:
  using Lower::get_smmu_page_stamp;  // a level-3 table takes its bank from the table that links it
};

}  // namespace redoubt
