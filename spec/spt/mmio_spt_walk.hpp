// SPDX-License-Identifier: BSD-3-Clause
// Specification of layer 11, MmioSPTWalk (digest 5.11): each bank as a map from IOVA frame to leaf, and page
// counts.
#pragma once
#include "spec/machine/smmu_primitives.hpp"

namespace redoubt::spec {

// leaf(bank, gfn) = pgd_t(bank, gfn >> 18) and pmd_t(bank, gfn >> 9) ? spt_pt(bank, gfn) : 0
//
//   INV-SPT-7  in each zone, free pages and pages that serve a bank add up to the zone
//   INV-SPT-8  a bank is served by one pgd page for each root entry, one pmd page for each level-2 entry
//   present
//
// Differences from the digest, towards its intent: clear_smmu_pt needs T; a valid leaf is not replaced by
// another one (break first); pages serve again after reclaim_smmu_pt (W42); try_set_smmu_pt is Redoubt's own.
template <ValueDomain D, class P>
class MmioSptWalk : public SmmuLayer<D, P> {
 public:
  using Base = SmmuLayer<D, P>;
  using Base::Base;
  using typename Base::Bool;
  using typename Base::ContextBank;
  using typename Base::Descriptor;
  using typename Base::Iova;
  using typename Base::SmmuIndex;
  using typename Base::Word;

  void clear_smmu_pt(ContextBank cbndx, SmmuIndex index) {
    this->SB(cbndx, index);
    if (s.halt) {
      return;
    }
    this->L_spt();
    this->T();
    const Word bank = bank_number(cbndx.raw, index.raw);
    s.smmu.spt_pgd_t.zero_range(bank, Word(0), Word(1024 * 8));
    s.tstate = Word(1);
    this->step(Step::spt_clear, bank);
  }

  void reclaim_smmu_pt(ContextBank cbndx, SmmuIndex index) {
    this->SB(cbndx, index);
    if (s.halt) {
      return;
    }
    this->L_spt();
    const Word bank = bank_number(cbndx.raw, index.raw);
    this->stuck_unless("the bank is empty", s.d->for_all(Word(1024), [&](Word i) {
      return s.smmu.spt_pgd_t.read(bank, i << 3) == Word(0);
    }));
    for (const SmmuZone z : {SmmuZone::pgd, SmmuZone::pmd}) {
      const Word key = this->zone_key(z);
      const Word all = s.smmu.spt_free.read(key, Word(0)) + s.smmu.spt_used.read(bank, key);
      s.smmu.spt_free.write(key, Word(0), all);
      s.smmu.spt_used.write(bank, key, Word(0));
    }
    this->step(Step::spt_release, bank);
  }

  Descriptor walk_smmu_pt(ContextBank cbndx, SmmuIndex index, Iova addr) {
    guards(cbndx, index, addr);
    if (s.halt) {
      return Descriptor(Word(0));
    }
    this->L_spt();
    return Descriptor(leaf(bank_number(cbndx.raw, index.raw), addr));
  }

  void set_smmu_pt(ContextBank cbndx, SmmuIndex index, Iova addr, Descriptor pte) {
    guards(cbndx, index, addr);
    if (s.halt) {
      return;
    }
    this->T();
    this->L_spt();
    const Word bank = bank_number(cbndx.raw, index.raw);
    const Word old = leaf(bank, addr);
    const Bool remap = both((old & Word(1)) == Word(1), (pte.raw & Word(1)) == Word(1), old != pte.raw);
    this->stuck_unless("a valid leaf is broken before another is made", negation(remap));
    if (!room(bank, addr)) {
      this->stop();
      s.tstate = Word(0);
      return;
    }
    put(bank, addr, pte.raw);
  }

  Status try_set_smmu_pt(ContextBank cbndx, SmmuIndex index, Iova addr, Descriptor pte) {
    guards(cbndx, index, addr);
    if (s.halt) {
      return Status::ok;
    }
    this->L_spt();
    this->stuck_unless("the leaf is valid", (pte.raw & Word(1)) == Word(1));
    const Word bank = bank_number(cbndx.raw, index.raw);
    const Word old = leaf(bank, addr);
    if ((old & Word(1)) == Word(1)) {
      return bool(old == pte.raw) ? Status::ok : Status::exists;
    }
    this->T();
    if (!room(bank, addr)) {
      return Status::no_memory;
    }
    put(bank, addr, pte.raw);
    return Status::ok;
  }

  void dev_load_ref(Gfn<Word>, Word, ContextBank, SmmuIndex) {}
  void dev_store_ref(Gfn<Word>, Word, ContextBank, SmmuIndex) {}

 protected:
  using Base::s;

  void guards(ContextBank cbndx, SmmuIndex index, Iova addr) {
    this->SB(cbndx, index);
    this->stuck_unless("the IOVA has at most 40 bits", addr.raw < Word(u64{1} << 40));
  }
  Bool has_pgd(Word bank, Iova addr) { return s.smmu.spt_pgd_t.read(bank, (addr.raw >> 30) << 3) == Word(1); }
  Bool has_pmd(Word bank, Iova addr) {
    return both(has_pgd(bank, addr), s.smmu.spt_pmd_t.read(bank, (addr.raw >> 21) << 3) == Word(1));
  }
  Word leaf(Word bank, Iova addr) {
    return select(has_pmd(bank, addr), s.smmu.spt_pt.read(bank, (addr.raw >> 12) << 3), Word(0));
  }

 private:
  Bool some_free(SmmuZone z) { return s.smmu.spt_free.read(this->zone_key(z), Word(0)) != Word(0); }
  Bool room(Word bank, Iova addr) {
    return both(either(has_pgd(bank, addr), some_free(SmmuZone::pgd)),
                either(has_pmd(bank, addr), some_free(SmmuZone::pmd)));
  }
  void take(Word bank, SmmuZone z) {
    const Word key = this->zone_key(z);
    s.smmu.spt_free.write(key, Word(0), s.smmu.spt_free.read(key, Word(0)) - Word(1));
    s.smmu.spt_used.write(bank, key, s.smmu.spt_used.read(bank, key) + Word(1));
  }

  // A new table is empty: what was under an absent one does not come back.
  void put(Word bank, Iova addr, Word pte) {
    const bool table = bool(has_pmd(bank, addr));
    if (!has_pgd(bank, addr)) {
      take(bank, SmmuZone::pgd);
      s.smmu.spt_pgd_t.write(bank, (addr.raw >> 30) << 3, Word(1));
      const Word first = (addr.raw >> 30) << (9 + 3);
      s.smmu.spt_pmd_t.zero_range(bank, first, first + Word(512 * 8));
    }
    if (!table) {
      take(bank, SmmuZone::pmd);
      s.smmu.spt_pmd_t.write(bank, (addr.raw >> 21) << 3, Word(1));
      const Word first = (addr.raw >> 21) << (9 + 3);
      s.smmu.spt_pt.zero_range(bank, first, first + Word(512 * 8));
    }
    s.smmu.spt_pt.write(bank, (addr.raw >> 12) << 3, pte);
    s.tstate = Word(1);
  }
};

}  // namespace redoubt::spec
