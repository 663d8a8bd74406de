// SPDX-License-Identifier: BSD-3-Clause
// Specification of layer 6, PTWalk (digest 4.1): the six primitives on split pools with parents and an update
// list.
#pragma once
#include "spec/npt/pt_alloc.hpp"

namespace redoubt::spec {

// Differences from the digest, all towards its intent: a parent argument must be a *live* table page, that is
// one below its zone's bump pointer (else a walk could link into an unallocated page and break INV-NPT-2),
// and the address of set_pte is checked against the platform's IPA size (W44).
template <ValueDomain D, class P>
class PtWalk : public PtAlloc<D, P> {
 public:
  using Base = PtAlloc<D, P>;
  using Base::Base;
  using typename Base::Descriptor;
  using typename Base::Ipa;
  using typename Base::VmId;
  using typename Base::Vttbr;
  using typename Base::Word;

  Vttbr get_pt_vttbr(VmId vmid) {
    this->V(vmid);
    if (s.halt) {
      return Vttbr(Word(0));
    }
    return Vttbr(bounds<P>(s.pool_base, vmid.raw).root + (vmid.raw << VTTBR_VMID_SHIFT));
  }

  Descriptor walk_pgd(VmId vmid, Vttbr vttbr, Ipa addr, Alloc alloc) {
    if (!enter(vmid)) {
      return none();
    }
    const Word slot = slot_in(vttbr.raw, index_at(addr.raw, 39));
    in_root(vmid, slot);
    return link_step(vmid, 0, slot, Zone::pgd, alloc);
  }

  Descriptor walk_pud(VmId vmid, Descriptor pgd, Ipa addr, Alloc alloc) {
    if (!enter(vmid)) {
      return none();
    }
    if (!this->wrong(Mutant::null_parent_followed) && pgd.raw == Word(0)) {
      return none();
    }
    const Word slot = slot_in(pgd.raw, index_at(addr.raw, 30));
    in_live(vmid, Zone::pgd, slot);
    return link_step(vmid, 1, slot, Zone::pud, alloc);
  }

  Descriptor walk_pmd(VmId vmid, Descriptor pud, Ipa addr, Alloc alloc) {
    if (!enter(vmid)) {
      return none();
    }
    if (pud.raw == Word(0)) {
      return none();
    }
    const Word slot = slot_in(pud.raw, index_at(addr.raw, 21));
    in_live(vmid, Zone::pud, slot);
    return link_step(vmid, 2, slot, Zone::pmd, alloc);
  }

  Descriptor walk_pte(VmId vmid, Descriptor pmd, Ipa addr) {
    if (!enter(vmid)) {
      return none();
    }
    if (pmd.raw == Word(0)) {
      return none();
    }
    const Word slot = slot_in(pmd.raw, index_at(addr.raw, 12));
    in_live(vmid, Zone::pmd, slot);
    return Descriptor(s.pt_pmd_pool.read(vmid.raw, slot));
  }

  void set_pmd(VmId vmid, Descriptor pud, Ipa addr, Descriptor pmd) {
    this->V(vmid);
    if (s.halt) {
      return;
    }
    if (!this->wrong(Mutant::table_as_leaf)) {
      this->stuck_unless("the level-2 value is not a table", (pmd.raw & Word(3)) != Word(3));
    }
    this->T();
    this->L_pt(vmid);
    const Word slot = slot_in(pud.raw, index_at(addr.raw, 21));
    in_live(vmid, Zone::pud, slot);
    store(vmid, 2, slot, pmd.raw);
    s.tstate = Word(1);
  }

  void set_pte(VmId vmid, Descriptor pmd, Ipa addr, Descriptor pte) {
    this->V(vmid);
    this->A(addr);
    if (s.halt) {
      return;
    }
    this->T();
    this->L_pt(vmid);
    const Word index = index_at(addr.raw, 12);
    const Word slot = slot_in(pmd.raw, this->wrong(Mutant::pte_index_of_8_bits) ? index & Word(255) : index);
    in_live(vmid, Zone::pmd, slot);
    store(vmid, 3, slot, pte.raw);
    s.tstate = Word(1);
  }

 protected:
  using Base::s;

 private:
  static Descriptor none() { return Descriptor(Word(0)); }

  // V·H·L, the guards that the walks share. False: halted, the call is the identity.
  bool enter(VmId vmid) {
    this->V(vmid);
    if (s.halt) {
      return false;
    }
    this->L_pt(vmid);
    return true;
  }

  void in_root(VmId vmid, Word slot) {
    const Bounds<Word> b = bounds<P>(s.pool_base, vmid.raw);
    this->stuck_unless("the slot lies in the root page",
                       both(b.root <= slot, slot < (this->wrong(Mutant::root_of_pgd_zone) ? b.pud : b.pgd)));
  }
  void in_live(VmId vmid, Zone z, Word slot) {
    const Word above(this->wrong(Mutant::live_inclusive) ? PAGE_SIZE : 0);
    this->stuck_unless("the slot lies in a live table page of its level",
                       both(this->zone(vmid, z).from <= slot, slot < this->next(vmid, z) + above));
  }

  auto& pool(unsigned level) {
    return level == 0   ? s.pt_vttbr_pool
           : level == 1 ? s.pt_pgd_pool
           : level == 2 ? s.pt_pud_pool
                        : s.pt_pmd_pool;
  }
  auto& parents(Zone z) {
    return z == Zone::pgd ? s.pt_pgd_par : z == Zone::pud ? s.pt_pud_par : s.pt_pmd_par;
  }

  void store(VmId vmid, unsigned level, Word slot, Word value) {
    pool(level).write(vmid.raw, slot, value);
    s.updates.add({level, vmid.raw, slot, value, s.epoch});
  }

  // Steps 4 to 8 of digest 4.1.1.
  Descriptor link_step(VmId vmid, unsigned level, Word slot, Zone z, Alloc alloc) {
    const Word entry = pool(level).read(vmid.raw, slot);
    if (alloc != Alloc::yes) {
      return Descriptor(entry);
    }
    if (entry != Word(0)) {
      return Descriptor(entry);
    }
    this->bump_in_zone(vmid, z);
    const Word page = this->next(vmid, z);
    if (page + Word(PAGE_SIZE) > this->zone(vmid, z).to) {
      this->stop();
      return none();
    }
    const Word link = page + Word(this->wrong(Mutant::link_as_block) ? 1 : 3);
    store(vmid, level, slot, link);
    s.pt_next.write(vmid.raw, Word(static_cast<u64>(z)), page + Word(PAGE_SIZE));
    parents(z).write(vmid.raw, page, slot);
    return Descriptor(link);
  }
};

}  // namespace redoubt::spec
