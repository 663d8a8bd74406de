// SPDX-License-Identifier: BSD-3-Clause
// Layer 11, MmioSPTWalk: whole walks; the table of a bank as a map from IOVA frame to leaf (digest 5.11).
#pragma once
#include "core/machine/smmu_layout.hpp"

namespace redoubt {

// 4 KiB leaves only. All under spt. Stuck everywhere: S, B, L(spt), addr of 40 bits or more.
template <class Lower>
class MmioSptWalk : public Lower {
 public:
  using Lower::Lower;
  using typename Lower::Bool;
  using typename Lower::Descriptor;
  using typename Lower::Word;
  using ContextBank = redoubt::ContextBank<Word>;
  using SmmuIndex = redoubt::SmmuIndex<Word>;
  using Iova = redoubt::Iova<Word>;

  // Empties the bank: all its root entries become zero. Stuck also: a leaf store before in this critical
  // section. The caller invalidates, then calls reclaim_smmu_pt.
  void clear_smmu_pt(ContextBank cbndx, SmmuIndex index) { smmu_pt_clear(cbndx, index); }

  // Gives the table pages of an emptied bank back to the pool. Redoubt's own (designs out W42). Stuck also:
  // the bank is not empty, or a translation of it may still be cached.
  void reclaim_smmu_pt(ContextBank cbndx, SmmuIndex index) { release_smmu_pages(smmu_id(cbndx, index)); }

  // The leaf of `addr`, zero if there is none.
  Descriptor walk_smmu_pt(ContextBank cbndx, SmmuIndex index, Iova addr) {
    return this->check64(walk_smmu_pte(walk_to_pmd(cbndx, index, addr, Alloc::no), addr));
  }

  // Makes `pte` the leaf of `addr`, allocating tables; exactly one leaf store, after the links. Fail-stop: a
  // zone is used up. Stuck also: a second leaf store in this critical section, a valid leaf over another
  // valid one.
  void set_smmu_pt(ContextBank cbndx, SmmuIndex index, Iova addr, Descriptor pte) {
    set_smmu_pte(walk_to_pmd(cbndx, index, addr, Alloc::yes), addr, pte);
  }

  // set_smmu_pt that checks first and cannot stop the machine: ok if the leaf is there afterwards, without a
  // store if it was before; exists if another one is; no_memory if the tables it needs are not in the pool.
  // Nothing changes unless ok. Needs a valid leaf.
  Status try_set_smmu_pt(ContextBank cbndx, SmmuIndex index, Iova addr, Descriptor pte) {
    const Descriptor pgd = walk_smmu_pgd(this->get_smmu_cfg_hw_ttbr(cbndx, index), addr, Alloc::no);
    const Descriptor pmd = walk_smmu_pmd(pgd, addr, Alloc::no);
    const Descriptor old = walk_smmu_pte(pmd, addr);
    if (is_valid(old)) {
      return bool(old == pte) ? Status::ok : Status::exists;
    }
    if (!Lower::seeded(Fault::smmu_room_not_checked) && !room_for(pgd, pmd)) {
      return Status::no_memory;
    }
    set_smmu_pt(cbndx, index, addr, pte);
    return Status::ok;
  }

  // Device accesses through the table: hooks that get their meaning at the top layer.
  void dev_load_ref(Gfn<Word> gfn, Word reg, ContextBank cbndx, SmmuIndex index) {
    dev_load_raw(gfn, reg, cbndx, index);
  }
  void dev_store_ref(Gfn<Word> gfn, Word reg, ContextBank cbndx, SmmuIndex index) {
    dev_store_raw(gfn, reg, cbndx, index);
  }

 private:
  Descriptor walk_to_pmd(ContextBank cbndx, SmmuIndex index, Iova addr, Alloc alloc) {
    const Descriptor pgd = walk_smmu_pgd(this->get_smmu_cfg_hw_ttbr(cbndx, index), addr, alloc);
    return walk_smmu_pmd(pgd, addr, alloc);
  }

  // Are the tables that a leaf still needs in the pool, given what the walk found?
  bool room_for(Descriptor pgd, Descriptor pmd) {
    if (pgd.raw == Word(0) && !this->can_alloc_smmu_pgd_page()) {
      return false;
    }
    return pmd.raw != Word(0) || bool(this->can_alloc_smmu_pmd_page());
  }

  // hidden from here up
  using Lower::can_alloc_smmu_pgd_page;
  using Lower::can_alloc_smmu_pmd_page;
  using Lower::dev_load_raw;
  using Lower::dev_store_raw;
  using Lower::release_smmu_pages;
  using Lower::set_smmu_pte;
  using Lower::smmu_pt_clear;
  using Lower::walk_smmu_pgd;
  using Lower::walk_smmu_pmd;
  using Lower::walk_smmu_pte;
};

}  // namespace redoubt
