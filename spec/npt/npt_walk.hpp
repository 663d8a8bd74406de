// SPDX-License-Identifier: BSD-3-Clause
// Specification of layer 7, NPTWalk (digest 5.7): a stage-2 table as a map from frames to leaves, and page
// counts.
#pragma once
#include "spec/machine/state.hpp"
#include "spec/npt/layout.hpp"

namespace redoubt::spec {

// The flat state: `block` and `pmd_t` by 2 MiB region, `page` by frame, `pgd_t` and `pud_t` by table index,
// bump pointers.
//
//   leaf(gfn) = pmd_t(region) ? page(gfn) at level 3 : block(region) at level 2
//   INV-NPT-9  a region has a block or a level-3 table, not both; without a table its pages are zero
//
// Differences from the digest, towards its intent: a block over a live table is stuck (W6); try_set_npt,
// clear_npt and init_npt are Redoubt's own (R5, R8, W42).
template <ValueDomain D, class P>
class NptWalk : public Layer<D, P> {
 public:
  using Base = Layer<D, P>;
  using Base::Base;
  using typename Base::Bool;
  using typename Base::Descriptor;
  using typename Base::Ipa;
  using typename Base::VmId;
  using typename Base::Word;

  Level get_npt_level(VmId vmid, Ipa addr) {
    if (!enter(vmid, addr)) {
      return Level::none;
    }
    const Word entry = leaf(vmid, addr);
    if ((this->wrong(Mutant::marker_has_level) ? entry : frame_of(entry)) == Word(0)) {
      return Level::none;
    }
    return bool(has_table(vmid, addr)) ? Level::page : Level::block;
  }

  Descriptor walk_npt(VmId vmid, Ipa addr) {
    if (!enter(vmid, addr)) {
      return Descriptor(Word(0));
    }
    return Descriptor(leaf(vmid, addr));
  }

  void set_npt(VmId vmid, Ipa addr, Level level, Descriptor pte) {
    if (!enter(vmid, addr)) {
      return;
    }
    this->T();
    this->stuck_unless("level is 2 or 3", Bool(level != Level::none));
    this->stuck_unless("the leaf is not zero", pte.raw != Word(0));
    if (level == Level::block) {
      this->stuck_unless("the level-2 value is not a table", (pte.raw & Word(3)) != Word(3));
      this->stuck_unless(
          "no level-3 table is alive where the block goes",
          either(negation(has_table(vmid, addr)), Bool(this->wrong(Mutant::block_over_table))));
    }
    const bool blocked = level == Level::page && !has_table(vmid, addr) && block(vmid, addr) != Word(0);
    if (blocked || !room(vmid, addr, level)) {
      this->stop();
      s.tstate = Word(0);
      return;
    }
    put(vmid, addr, level, pte.raw);
  }

  Status try_set_npt(VmId vmid, Ipa addr, Level level, Descriptor pte) {
    if (!enter(vmid, addr)) {
      return Status::ok;
    }
    this->stuck_unless("level is 2 or 3", Bool(level != Level::none));
    this->stuck_unless("the leaf is valid", (pte.raw & Word(1)) == Word(1));
    if (level == Level::block) {
      this->stuck_unless("the level-2 value is not a table", (pte.raw & Word(3)) != Word(3));
      if (has_table(vmid, addr)) {
        return Status::exists;
      }
    } else {
      this->stuck_unless("the level-3 value is a page", (pte.raw & Word(3)) == Word(3));
      if (!has_table(vmid, addr) && block(vmid, addr) != Word(0)) {
        return Status::exists;
      }
    }
    const Word old = leaf(vmid, addr);
    if ((old & Word(1)) == Word(1)) {
      const bool same = bool(old == pte.raw) && !this->wrong(Mutant::unchanged_is_exists);
      return same ? Status::unchanged : Status::exists;
    }
    this->T();
    if (!this->wrong(Mutant::room_ignored) && !room(vmid, addr, level)) {
      return Status::no_memory;
    }
    put(vmid, addr, level, pte.raw);
    return Status::ok;
  }

  bool clear_npt(VmId vmid, Ipa addr) {
    if (!enter(vmid, addr)) {
      return false;
    }
    if (leaf(vmid, addr) == Word(0)) {
      return this->wrong(Mutant::clear_says_yes);
    }
    this->T();
    if (has_table(vmid, addr)) {
      s.page.write(vmid.raw, addr.raw >> 12, Word(0));
    } else {
      s.block.write(vmid.raw, addr.raw >> 21, Word(0));
    }
    s.tstate = Word(1);
    return true;
  }

  // Root entries 0 and 1 present afterwards; the zone loses a page for each that was missing.
  void init_npt(VmId vmid) {
    this->V(vmid);
    if (s.halt) {
      return;
    }
    this->L_pt(vmid);
    if constexpr (P::concatenated_root) {
      for (const u64 index : {u64{0}, u64{1}}) {
        if (flag(s.pgd_t, vmid, Word(index))) {
          continue;
        }
        if (!fits(vmid, Zone::pgd, Word(1))) {
          return this->stop();
        }
        take(vmid, Zone::pgd, Word(1));
        s.pgd_t.write(vmid.raw, Word(index), Word(1));
      }
    }
  }

  // Nothing is mapped, no table is there, every zone is whole.
  void reset_npt(VmId vmid) {
    this->V(vmid);
    if (s.halt) {
      return;
    }
    this->L_pt(vmid);
    for (auto* map : {&s.block, &s.page, &s.pgd_t, &s.pud_t, &s.pmd_t, &s.pt_vttbr_pool, &s.pt_pgd_pool,
                      &s.pt_pud_pool, &s.pt_pmd_pool}) {
      map->zero_row(vmid.raw);
    }
    const Bounds<Word> b = bounds<P>(s.pool_base, vmid.raw);
    s.pt_next.write(vmid.raw, Word(static_cast<u64>(Zone::pgd)), b.pgd);
    s.pt_next.write(vmid.raw, Word(static_cast<u64>(Zone::pud)), b.pud);
    s.pt_next.write(vmid.raw, Word(static_cast<u64>(Zone::pmd)), b.pmd);
  }

  void mem_load_ref(Gfn<Word>, Word) {}
  void mem_store_ref(Gfn<Word>, Word) {}

 protected:
  using Base::s;

  bool enter(VmId vmid, Ipa addr) {
    this->V(vmid);
    this->A(addr);
    if (s.halt) {
      return false;
    }
    this->L_pt(vmid);
    return true;
  }
  Bool flag(typename D::Map& map, VmId vmid, Word index) { return map.read(vmid.raw, index) == Word(1); }
  Bool has_table(VmId vmid, Ipa addr) { return flag(s.pmd_t, vmid, addr.raw >> 21); }
  Word block(VmId vmid, Ipa addr) { return s.block.read(vmid.raw, addr.raw >> 21); }
  Word leaf(VmId vmid, Ipa addr) {
    return select(has_table(vmid, addr), s.page.read(vmid.raw, addr.raw >> 12), block(vmid, addr));
  }

 private:
  // Tables that a leaf at `level` still needs, by zone: one each for what is absent.
  Word missing(typename D::Map& present, VmId vmid, Word index) {
    return select(flag(present, vmid, index), Word(0), Word(1));
  }
  Word needs(VmId vmid, Ipa addr, Level level, Zone z) {
    if (z == Zone::pgd) {
      return missing(s.pgd_t, vmid, addr.raw >> 39);
    }
    if (z == Zone::pud) {
      return missing(s.pud_t, vmid, addr.raw >> 30);
    }
    return level == Level::page ? missing(s.pmd_t, vmid, addr.raw >> 21) : Word(0);
  }
  Word next(VmId vmid, Zone z) { return s.pt_next.read(vmid.raw, Word(static_cast<u64>(z))); }
  Bool fits(VmId vmid, Zone z, Word pages) {
    const Bounds<Word> b = bounds<P>(s.pool_base, vmid.raw);
    const Word end = z == Zone::pgd ? b.pud : z == Zone::pud ? b.pmd : b.end;
    return either(pages == Word(0), next(vmid, z) + Word(PAGE_SIZE) <= end);
  }
  void take(VmId vmid, Zone z, Word pages) {
    s.pt_next.write(vmid.raw, Word(static_cast<u64>(z)), next(vmid, z) + (pages << 12));
  }
  Bool room(VmId vmid, Ipa addr, Level level) {
    return both(fits(vmid, Zone::pgd, needs(vmid, addr, level, Zone::pgd)),
                fits(vmid, Zone::pud, needs(vmid, addr, level, Zone::pud)),
                fits(vmid, Zone::pmd, needs(vmid, addr, level, Zone::pmd)));
  }

  void put(VmId vmid, Ipa addr, Level level, Word pte) {
    for (const Zone z : {Zone::pgd, Zone::pud, Zone::pmd}) {
      take(vmid, z, needs(vmid, addr, level, z));
    }
    s.pgd_t.write(vmid.raw, addr.raw >> 39, Word(1));
    s.pud_t.write(vmid.raw, addr.raw >> 30, Word(1));
    if (level == Level::block) {
      s.block.write(vmid.raw, addr.raw >> 21, pte);
    } else {
      s.pmd_t.write(vmid.raw, addr.raw >> 21, Word(1));
      s.page.write(vmid.raw, addr.raw >> 12, pte);
    }
    s.tstate = Word(1);
  }
};

}  // namespace redoubt::spec
