// SPDX-License-Identifier: BSD-3-Clause
// Specification of layer 10, MmioPTWalk (digest 5.10): steps down raw SMMU tables, with parents and an update
// list.
#pragma once
#include "spec/spt/mmio_pt_alloc.hpp"

namespace redoubt::spec {

// Differences from the digest, towards its intent: ttbr is the root of a bank, and a parent argument is a
// live table page.
template <ValueDomain D, class P>
class MmioPtWalk : public MmioPtAlloc<D, P> {
 public:
  using Base = MmioPtAlloc<D, P>;
  using Base::Base;
  using typename Base::Descriptor;
  using typename Base::Iova;
  using typename Base::SmmuBank;
  using typename Base::Ttbr;
  using typename Base::Word;

  Descriptor walk_smmu_pgd(Ttbr ttbr, Iova addr, Alloc alloc) {
    if (s.halt) {
      return none();
    }
    this->L_spt();
    const Word offset = frame(ttbr.raw) - spt_bounds<P>(s.pool_base).roots;
    this->stuck_unless("ttbr is the root of a bank",
                       both(offset < Word(16 << 13), (offset & Word(8191)) == Word(0)));
    const Word slot = frame(ttbr.raw) + (((addr.raw >> 30) & Word(1023)) << 3);
    return link_step(slot, SmmuZone::pgd, offset >> 13, alloc);
  }

  Descriptor walk_smmu_pmd(Descriptor pgd, Iova addr, Alloc alloc) {
    if (s.halt) {
      return none();
    }
    this->L_spt();
    if (pgd.raw == Word(0)) {
      return none();
    }
    is_live(SmmuZone::pgd, frame(pgd.raw));
    const Word slot = frame(pgd.raw) + (((addr.raw >> 21) & Word(511)) << 3);
    return link_step(slot, SmmuZone::pmd, this->taker(frame(pgd.raw)) - Word(1), alloc);
  }

  Descriptor walk_smmu_pte(Descriptor pmd, Iova addr) {
    if (s.halt) {
      return none();
    }
    this->L_spt();
    if (pmd.raw == Word(0)) {
      return none();
    }
    return Descriptor(s.smmu.spt_pmd_pool.read(Word(0), leaf_slot(pmd, addr)));
  }

  void set_smmu_pte(Descriptor pmd, Iova addr, Descriptor pte) {
    if (s.halt) {
      return;
    }
    this->T();
    this->L_spt();
    this->store(leaf_slot(pmd, addr), pte.raw);
    s.tstate = Word(1);
  }

 protected:
  using Base::s;

 private:
  static Descriptor none() { return Descriptor(Word(0)); }
  static Word frame(Word entry) { return entry & Word(0x0000'ffff'ffff'f000); }

  void is_live(SmmuZone z, Word page) {
    this->stuck_unless("the parent is a live table page of its level",
                       both(this->zone(z).from <= page, page < this->next(z), this->live(page)));
  }
  Word leaf_slot(Descriptor pmd, Iova addr) {
    is_live(SmmuZone::pmd, frame(pmd.raw));
    return frame(pmd.raw) + (((addr.raw >> 12) & Word(511)) << 3);
  }

  Descriptor link_step(Word slot, SmmuZone z, Word bank, Alloc alloc) {
    const Word entry = this->pool(slot).read(Word(0), slot);
    if (alloc != Alloc::yes || bool(entry != Word(0))) {
      return Descriptor(entry);
    }
    const Word page = (z == SmmuZone::pgd ? this->alloc_smmu_pgd_page(SmmuBank(bank))
                                          : this->alloc_smmu_pmd_page(SmmuBank(bank)))
                          .raw;
    if (s.halt) {
      return none();
    }
    this->store(slot, page + Word(3));
    (z == SmmuZone::pgd ? s.smmu.spt_pgd_par : s.smmu.spt_pmd_par).write(Word(0), page, slot);
    return Descriptor(page + Word(3));
  }
};

}  // namespace redoubt::spec
