// SPDX-License-Identifier: BSD-3-Clause
// Layer 6, PTWalk, the seed layer: one step down a stage-2 table, and the two leaf stores (digest 4.1).
#pragma once
#include "core/machine/field.hpp"
#include "core/machine/params.hpp"

namespace redoubt {

//   vttbr --[47:39]--> root page: PGD entry --[38:30]--> pgd zone: PUD entry --[29:21]--> pud zone: PMD entry
//                                              (level 1)                       (level 2: table or 2 MiB
//                                              block)
//         --[20:12]--> pmd zone: PTE (level 3)
//
//   INV-NPT-3  an entry of levels 0 to 1 is zero or links an allocated page of the next zone of the same
//   principal;
//              one of level 2 is zero, a link, or not a table at all
//   INV-NPT-4  a table page has at most one entry that links it
//   INV-NPT-5  entries of one principal's pool never name another principal's pool
// All under pt(vmid). Nothing here invalidates a TLB: that is NPTOps' business (R6).
template <class Lower>
class PtWalk : public Lower {
 public:
  using Lower::Lower;
  using typename Lower::Descriptor;
  using typename Lower::Ipa;
  using typename Lower::Pa;
  using typename Lower::VmId;
  using typename Lower::Vttbr;
  using typename Lower::Word;

  // The entry of `addr` in the table that the argument names. If it is zero and `alloc` is Alloc::yes, links
  // a fresh table there with one store and returns the link. Fail-stop: no page left in the zone. A missing
  // parent (zero pgd or pud) gives zero. Stuck: V, L(pt vmid), a parent that is not a live table of the
  // level.
  Descriptor walk_pgd(VmId vmid, Vttbr vttbr, Ipa addr, Alloc alloc) {
    const Word root =
        Lower::seeded(Fault::vttbr_keeps_vmid) ? vttbr.raw & Word(PAGE_MASK) : phys_page(vttbr.raw);
    return step<Zone::pgd>(vmid, slot(root, addr, PGDIR_SHIFT), alloc);
  }
  Descriptor walk_pud(VmId vmid, Descriptor pgd, Ipa addr, Alloc alloc) {
    if (!Lower::seeded(Fault::null_table_followed) && pgd.raw == Word(0)) {
      return pgd;
    }
    const unsigned shift = Lower::seeded(Fault::pud_index_shift) ? PUD_SHIFT + 1 : PUD_SHIFT;
    return step<Zone::pud>(vmid, slot(phys_page(pgd.raw), addr, shift), alloc);
  }
  Descriptor walk_pmd(VmId vmid, Descriptor pud, Ipa addr, Alloc alloc) {
    if (pud.raw == Word(0)) {
      return pud;
    }
    const unsigned shift = Lower::seeded(Fault::pmd_index_shift) ? PUD_SHIFT : PMD_SHIFT;
    return step<Zone::pmd>(vmid, slot(phys_page(pud.raw), addr, shift), alloc);
  }

  // The level-3 entry of `addr` in table `pmd`; zero if there is no table. Pure.
  Descriptor walk_pte(VmId vmid, Descriptor pmd, Ipa addr) {
    if (!Lower::seeded(Fault::null_pmd_followed) && pmd.raw == Word(0)) {
      return pmd;
    }
    return this->check64(pt_load(vmid, slot(phys_page(pmd.raw), addr, PAGE_SHIFT)));
  }

  // Stores a 2 MiB leaf (or anything that is not a table) for `addr` in table `pud`; one store (R6).
  // Stuck: a table descriptor, a second leaf store in this critical section, a parent that is not a live
  // table.
  void set_pmd(VmId vmid, Descriptor pud, Ipa addr, Descriptor pmd) {
    const unsigned shift = Lower::seeded(Fault::pmd_leaf_slot) ? PAGE_SHIFT : PMD_SHIFT;
    pt_store(vmid, slot(phys_page(pud.raw), addr, shift), pmd);
  }
  // Stores a 4 KiB leaf, a marker or zero for `addr` in table `pmd`; one store. Stuck: as set_pmd, and addr
  // too large.
  void set_pte(VmId vmid, Descriptor pmd, Ipa addr, Descriptor pte) {
    const Word index_mask = Word(Lower::seeded(Fault::pte_index_mask) ? 255 : PTRS_PER_TABLE - 1);
    const Pa entry(phys_page(pmd.raw) | (((addr.raw >> PAGE_SHIFT) & index_mask) << 3));
    if (Lower::seeded(Fault::pte_in_two_stores)) {
      pt_store(vmid, entry, Descriptor(pte.raw & Word(0xfff)));
    }
    pt_store(vmid, entry, pte);
  }

 private:
  // Address of the entry for `addr` in the table page at `table`, whose index field starts at bit `shift`.
  static Pa slot(Word table, Ipa addr, unsigned shift) {
    return Pa(table | (((addr.raw >> shift) & Word(PTRS_PER_TABLE - 1)) << 3));
  }

  template <Zone Z>
  Descriptor step(VmId vmid, Pa entry, Alloc alloc) {
    const Descriptor found = pt_load(vmid, entry);
    const bool only_look = alloc != Alloc::yes && !Lower::seeded(Fault::alloc_always);
    if (only_look || found.raw != Word(0)) {
      return this->check64(found);
    }
    const Word type = Word(Lower::seeded(Fault::table_type_missing) ? 0 : PMD_TYPE_TABLE);
    const Descriptor link(allocate<Z>(vmid).raw | type);
    if (!Lower::seeded(Fault::link_not_stored)) {
      pt_store(vmid, entry, link);
    }
    if (Lower::seeded(Fault::stray_second_parent)) {
      pt_store(vmid, Pa(entry.raw ^ Word(8)), link);
    }
    return this->check64(link);
  }

  template <Zone Z>
  Pa allocate(VmId vmid) {
    if constexpr (Z == Zone::pgd) {
      return alloc_pgd_page(vmid);
    }
    if constexpr (Z == Zone::pud) {
      return Lower::seeded(Fault::wrong_zone) ? alloc_pgd_page(vmid) : alloc_pud_page(vmid);
    }
    if constexpr (Z == Zone::pmd) {
      return alloc_pmd_page(vmid);
    }
  }

  // hidden from here up
  using Lower::alloc_pgd_page;
  using Lower::alloc_pmd_page;
  using Lower::alloc_pud_page;
  using Lower::pt_load;
  using Lower::pt_store;
};

}  // namespace redoubt
