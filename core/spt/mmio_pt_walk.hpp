// SPDX-License-Identifier: BSD-3-Clause
// Layer 10, MmioPTWalk: one step down an SMMU table, and the leaf store (digest 5.10).
#pragma once
#include "core/machine/smmu_layout.hpp"

namespace redoubt {

//   ttbr --[39:30]--> root, two pages: PGD entry --[29:21]--> pgd zone: PMD entry --[20:12]--> pmd zone: PTE
//                                     (level 1)                        (level 2)                    (level 3)
//
//   INV-SPT-4  a root entry is zero or links a live pgd page of its bank; an entry of a live pgd page is zero
//   or
//              links a live pmd page of the same bank
//   INV-SPT-5  a live table page has at most one entry that links it, so none serves two banks
//   INV-SPT-6  a root entry beyond the sixteen roots is zero
// All under spt. Nothing here invalidates: that is MmioSPTOps' business.
template <class Lower>
class MmioPtWalk : public Lower {
 public:
  using Lower::Lower;
  using typename Lower::Descriptor;
  using typename Lower::Pa;
  using typename Lower::Word;
  using Ttbr = redoubt::Ttbr<Word>;
  using Iova = redoubt::Iova<Word>;
  using SmmuBank = redoubt::SmmuBank<Word>;

  // The entry of `addr` in the table that the argument names. If it is zero and `alloc` is Alloc::yes, links
  // a fresh table there with one store and returns the link. Fail-stop: no page left in the zone. A missing
  // parent (zero pgd) gives zero. Stuck: L(spt), a ttbr that is no bank's root, a pgd that is not a live
  // table.
  Descriptor walk_smmu_pgd(Ttbr ttbr, Iova addr, Alloc alloc) {
    const u64 last = Lower::seeded(Fault::smmu_root_index_mask) ? PTRS_PER_TABLE - 1 : PTRS_PER_S2_PGD - 1;
    const Pa entry = slot(phys_page(ttbr.raw), addr, S2_PGDIR_SHIFT, last);
    const Descriptor found = smmu_pt_load(entry);
    if (alloc != Alloc::yes || found.raw != Word(0)) {
      return this->check64(found);
    }
    const SmmuBank bank((entry.raw - this->smmu_pool().roots.raw) >> SMMU_ROOT_SHIFT);
    return link(entry, alloc_smmu_pgd_page(bank));
  }
  Descriptor walk_smmu_pmd(Descriptor pgd, Iova addr, Alloc alloc) {
    if (pgd.raw == Word(0)) {
      return pgd;
    }
    const Pa entry = slot(phys_page(pgd.raw), addr, PMD_SHIFT, PTRS_PER_TABLE - 1);
    const Descriptor found = smmu_pt_load(entry);
    if (alloc != Alloc::yes || found.raw != Word(0)) {
      return this->check64(found);
    }
    const Word stamp = get_smmu_page_stamp(Pa(phys_page(pgd.raw)));
    const Word bank =
        Lower::seeded(Fault::smmu_wrong_stamp) ? Word(0) : TableStamp::BankPlusOne::get(stamp) - Word(1);
    return link(entry, alloc_smmu_pmd_page(SmmuBank(bank)));
  }

  // The leaf of `addr` in table `pmd`; zero if there is no table. Pure.
  Descriptor walk_smmu_pte(Descriptor pmd, Iova addr) {
    if (pmd.raw == Word(0)) {
      return pmd;
    }
    return this->check64(smmu_pt_load(slot(phys_page(pmd.raw), addr, PAGE_SHIFT, PTRS_PER_TABLE - 1)));
  }

  // Stores a leaf, or zero, for `addr` in table `pmd`; one store. Stuck: L(spt), a second leaf store in this
  // critical section, a pmd that is not a live table.
  void set_smmu_pte(Descriptor pmd, Iova addr, Descriptor pte) {
    smmu_pt_store(slot(phys_page(pmd.raw), addr, PAGE_SHIFT, PTRS_PER_TABLE - 1), pte);
  }

 private:
  static Pa slot(Word table, Iova addr, unsigned shift, u64 last_index) {
    return Pa(table | (((addr.raw >> shift) & Word(last_index)) << 3));
  }
  Descriptor link(Pa entry, Pa page) {
    const Descriptor value(page.raw | Word(PMD_TYPE_TABLE));
    smmu_pt_store(entry, value);
    return this->check64(value);
  }

  // hidden from here up
  using Lower::alloc_smmu_pgd_page;
  using Lower::alloc_smmu_pmd_page;
  using Lower::get_smmu_page_stamp;
  using Lower::smmu_pt_load;
  using Lower::smmu_pt_store;
};

}  // namespace redoubt
