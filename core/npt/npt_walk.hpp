// SPDX-License-Identifier: BSD-3-Clause
// Layer 7, NPTWalk: whole walks; a stage-2 table as a map from guest frame to leaf (digest 5.7).
#pragma once
#include "core/machine/field.hpp"
#include "core/machine/machine.hpp"
#include "core/machine/types.hpp"

namespace redoubt {

// All under pt(vmid). Stuck everywhere: V, L(pt vmid), addr outside the IPA space.
template <class Lower>
class NptWalk : public Lower {
 public:
  using Lower::Lower;
  using typename Lower::Bool;
  using typename Lower::Descriptor;
  using typename Lower::Ipa;
  using typename Lower::VmId;
  using typename Lower::Word;

  // Level at which `addr` is mapped; none if its leaf names no frame (zero, or a marker).
  Level get_npt_level(VmId vmid, Ipa addr) {
    const Descriptor pmd = walk_to_pmd(vmid, addr, Alloc::no);
    if (is_table(pmd)) {
      const Word pte = walk_pte(vmid, pmd, addr).raw;
      const Word frame = Lower::seeded(Fault::level_of_marker) ? pte : phys_page(pte);
      return frame == Word(0) ? Level::none : Level::page;
    }
    return phys_page(pmd.raw) == Word(0) ? Level::none : Level::block;
  }

  // The leaf of `addr`, zero if there is none.
  Descriptor walk_npt(VmId vmid, Ipa addr) {
    const Descriptor pmd = walk_to_pmd(vmid, addr, Alloc::no);
    if (!Lower::seeded(Fault::walk_ends_at_pmd) && is_table(pmd)) {
      return this->check64(walk_pte(vmid, pmd, addr));
    }
    return this->check64(pmd);
  }

  // Makes `pte` the leaf of `addr` at `level`, allocating tables; exactly one leaf store, after the links.
  // Fail-stop: a zone is used up, or a block lies in the way of a page. Stuck: a second leaf store in this
  // critical section, level none, a zero leaf, a table descriptor at level 2, a block over a live table (W6).
  void set_npt(VmId vmid, Ipa addr, Level level, Descriptor pte) {
    const Descriptor pgd = walk_pgd(vmid, get_pt_vttbr(vmid), addr, Alloc::yes);
    const Descriptor pud = walk_pud(vmid, pgd, addr, Alloc::yes);
    if (level == Level::block) {
      set_pmd(vmid, pud, addr, pte);
      return;
    }
    const Descriptor pmd = walk_pmd(vmid, pud, addr, Alloc::yes);
    if (!Lower::seeded(Fault::block_walked_as_table) && !is_table(pmd)) {
      this->panic(Stop::block_in_the_way);
    }
    set_pte(vmid, pmd, addr, pte);
  }

  // set_npt that checks first and cannot stop the machine (R3, R5). ok: the leaf was stored; unchanged: it
  // was there already; exists: something else is mapped, or a live table lies where the block should go;
  // no_memory: the tables it needs are not in the pool. Needs a valid leaf.
  Status try_set_npt(VmId vmid, Ipa addr, Level level, Descriptor pte) {
    const Descriptor pgd = walk_pgd(vmid, get_pt_vttbr(vmid), addr, Alloc::no);
    const Descriptor pud = walk_pud(vmid, pgd, addr, Alloc::no);
    const Descriptor pmd = walk_pmd(vmid, pud, addr, Alloc::no);
    const bool in_table = level == Level::page && bool(is_table(pmd));
    const Descriptor old = in_table ? walk_pte(vmid, pmd, addr) : pmd;
    if (!Lower::seeded(Fault::valid_leaf_overwritten) && bool(is_valid(old))) {
      return bool(old == pte) ? Status::unchanged : Status::exists;
    }
    if (in_table) {
      set_pte(vmid, pmd, addr, pte);
      return Status::ok;
    }
    if (level == Level::page && !bool(pmd.raw == Word(0))) {
      return Status::exists;
    }  // a marker at level 2
    if (level == Level::block && !bool(pud.raw == Word(0))) {  // no table is missing: no second walk
      set_pmd(vmid, pud, addr, pte);
      return Status::ok;
    }
    if (!room_for(vmid, pgd, pud, level)) {
      return Status::no_memory;
    }
    set_npt(vmid, addr, level, pte);
    return Status::ok;
  }

  // Takes away the leaf of `addr`, a page or the block around it, with one store of zero. False: there was
  // none. The caller invalidates. Redoubt's own (designs out W42).
  bool clear_npt(VmId vmid, Ipa addr) {
    const Descriptor pgd = walk_pgd(vmid, get_pt_vttbr(vmid), addr, Alloc::no);
    const Descriptor pud = walk_pud(vmid, pgd, addr, Alloc::no);
    const Descriptor pmd = walk_pmd(vmid, pud, addr, Alloc::no);
    if (pmd.raw == Word(0)) {
      return false;
    }
    if (Lower::seeded(Fault::clear_takes_table) || !is_table(pmd)) {
      set_pmd(vmid, pud, addr, Descriptor(Word(0)));
      return true;
    }
    if (walk_pte(vmid, pmd, addr).raw == Word(0)) {
      return false;
    }
    set_pte(vmid, pmd, addr, Descriptor(Word(0)));
    return true;
  }

  // Links the two level-1 tables that hardware with a 40-bit IPA takes as one concatenated root (R8); no
  // other platform needs it. The first two pages of the zone are adjacent, and the pair is 8 KiB aligned by
  // INV-NPT-8 (params.hpp).
  void init_npt(VmId vmid) {
    if constexpr (Lower::Params::concatenated_root) {
      walk_pgd(vmid, get_pt_vttbr(vmid), Ipa(Word(0)), Alloc::yes);
      if (!Lower::seeded(Fault::init_one_table)) {
        walk_pgd(vmid, get_pt_vttbr(vmid), Ipa(Word(u64{1} << PGDIR_SHIFT)), Alloc::yes);
      }
    }
  }

  // No table is left: nothing is mapped, and all pages are in their zones again. The caller invalidates.
  void reset_npt(VmId vmid) { this->pt_reset(vmid); }

  // Guest and host accesses through the table: hooks that get their meaning at the top layer.
  void mem_load_ref(Gfn<Word> gfn, Word reg) { mem_load_raw(gfn, reg); }
  void mem_store_ref(Gfn<Word> gfn, Word reg) { mem_store_raw(gfn, reg); }

 private:
  Descriptor walk_to_pmd(VmId vmid, Ipa addr, Alloc alloc) {
    const Descriptor pgd = walk_pgd(vmid, get_pt_vttbr(vmid), addr, alloc);
    const Descriptor pud = walk_pud(vmid, pgd, addr, alloc);
    return walk_pmd(vmid, pud, addr, alloc);
  }

  // Are the tables that a leaf at `level` still needs in the pool, given what the walk found? Only called
  // when no level-3 table is there.
  bool room_for(VmId vmid, Descriptor pgd, Descriptor pud, Level level) {
    if (pgd.raw == Word(0) && !this->can_alloc_pgd_page(vmid)) {
      return false;
    }
    if (pud.raw == Word(0) && !this->can_alloc_pud_page(vmid)) {
      return false;
    }
    if (Lower::seeded(Fault::room_for_pte_table)) {
      return true;
    }
    return level == Level::block || bool(this->can_alloc_pmd_page(vmid));
  }

  // hidden from here up
  using Lower::can_alloc_pgd_page;
  using Lower::can_alloc_pmd_page;
  using Lower::can_alloc_pud_page;
  using Lower::get_pt_vttbr;
  using Lower::mem_load_raw;
  using Lower::mem_store_raw;
  using Lower::pt_reset;
  using Lower::set_pmd;
  using Lower::set_pte;
  using Lower::walk_pgd;
  using Lower::walk_pmd;
  using Lower::walk_pte;
  using Lower::walk_pud;
};

}  // namespace redoubt
