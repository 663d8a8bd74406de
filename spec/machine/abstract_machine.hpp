// SPDX-License-Identifier: BSD-3-Clause
// Specification of layer 0, AbstractMachine: the base primitives on the abstract state
// (digest 4.1.3, 4.2, 4.6, 4.7).
#pragma once
#include "spec/lock/base.hpp"
#include "spec/machine/access_primitives.hpp"
#include "spec/npt/layout.hpp"

namespace redoubt::spec {

// Tickets, barrier, pull and publish of one lock under the names that the base machine gives them, on logs
// (4.18).
template <std::size_t N>
class TicketPrimitives : public lock::Base<N> {
 public:
  using lock::Base<N>::Base;
  lock::Stuck release_pt_shared() { return this->release_shared(); }
  lock::Stuck release_vm_shared() { return this->release_shared(); }
  lock::Stuck release_spt_shared() { return this->release_shared(); }
  lock::Stuck release_s2page_shared() { return this->release_shared(); }
  lock::Stuck release_core_shared() { return this->release_shared(); }
  lock::Stuck release_smmu_shared() { return this->release_shared(); }
};

// The rest; the SMMU group has a class of its own. Page-table memory is split in four pools by address; slots
// are 8-byte aligned (W50).
template <ValueDomain D, class P>
class AbstractMachine : public AccessPrimitives<D, P> {
 public:
  using Base = AccessPrimitives<D, P>;
  using Base::Base;
  using typename Base::Bool;
  using typename Base::Descriptor;
  using typename Base::Ipa;
  using typename Base::Pa;
  using typename Base::PageIndex;
  using typename Base::Pfn;
  using typename Base::VmId;
  using typename Base::Vttbr;
  using typename Base::Word;

  Pa get_pgd_next(VmId vmid) { return next(vmid, Zone::pgd); }
  Pa get_pud_next(VmId vmid) { return next(vmid, Zone::pud); }
  Pa get_pmd_next(VmId vmid) { return next(vmid, Zone::pmd); }
  void set_pgd_next(VmId vmid, Pa value) { set_next(vmid, Zone::pgd, value); }
  void set_pud_next(VmId vmid, Pa value) { set_next(vmid, Zone::pud, value); }
  void set_pmd_next(VmId vmid, Pa value) { set_next(vmid, Zone::pmd, value); }

  Descriptor pt_load(VmId vmid, Pa slot) {
    if (s.halt) {
      return Descriptor(Word(0));
    }
    in_pool(vmid, slot.raw);
    return Descriptor(select(level(vmid, slot.raw) == Word(0), s.pt_vttbr_pool.read(vmid.raw, slot.raw),
                             below_root(vmid, slot.raw)));
  }

  // A leaf is an entry of the pmd zone, or a value of the pud zone that is not a table: one per critical
  // section.
  void pt_store(VmId vmid, Pa slot, Descriptor value) {
    if (s.halt && !this->wrong(Mutant::store_when_halted)) {
      return;
    }
    in_pool(vmid, slot.raw);
    const Word at = level(vmid, slot.raw);
    const Bool block = Bool(!this->wrong(Mutant::leaf_rule_of_level_3));
    const Bool leaf = either(at == Word(3), both(block, at == Word(2), (value.raw & Word(3)) != Word(3)));
    this->stuck_unless("T: no leaf store yet in this critical section", implies(leaf, s.tstate == Word(0)));
    unsigned n = 3;
    if (at == Word(0)) {
      n = 0;
      s.pt_vttbr_pool.write(vmid.raw, slot.raw, value.raw);
    } else if (at == Word(1)) {
      n = 1;
      s.pt_pgd_pool.write(vmid.raw, slot.raw, value.raw);
    } else if (at == Word(2)) {
      n = 2;
      s.pt_pud_pool.write(vmid.raw, slot.raw, value.raw);
    } else {
      s.pt_pmd_pool.write(vmid.raw, slot.raw, value.raw);
    }
    s.updates.add({n, vmid.raw, slot.raw, value.raw, s.epoch});
    s.tstate = select(leaf, Word(1), s.tstate);
  }

  // Every word of the principal's pool is zero, and the zones are whole again.
  void pt_reset(VmId vmid) {
    if (s.halt) {
      return;
    }
    this->V(vmid);
    this->L_pt(vmid);
    for (auto* map : {&s.pt_vttbr_pool, &s.pt_pgd_pool, &s.pt_pud_pool, &s.pt_pmd_pool, &s.pt_pgd_par,
                      &s.pt_pud_par, &s.pt_pmd_par}) {
      map->zero_row(vmid.raw);
    }
    const Bounds<Word> b = bounds<P>(s.pool_base, vmid.raw);
    s.pt_next.write(vmid.raw, Word(static_cast<u64>(Zone::pgd)), b.pgd);
    s.pt_next.write(vmid.raw, Word(static_cast<u64>(Zone::pud)), b.pud);
    s.pt_next.write(vmid.raw, Word(static_cast<u64>(Zone::pmd)), b.pmd);
  }

  Vttbr get_pt_vttbr(VmId vmid) {
    if (s.halt) {
      return Vttbr(Word(0));
    }
    this->V(vmid);
    return Vttbr((vmid.raw << 48) + bounds<P>(s.pool_base, vmid.raw).root);
  }

  void set_pt_vttbr(VmId, Vttbr) {}

  Word get_s2_page_vmid(PageIndex index) { return page(s.s2_owner, index); }
  Word get_s2_page_count(PageIndex index) { return page(s.s2_count, index); }
  Word get_s2_page_gfn(PageIndex index) { return page(s.s2_gfn, index); }
  void set_s2_page_vmid(PageIndex index, Word owner) {
    set_page(s.s2_owner, index, owner,
             either(owner <= Word(this->wrong(Mutant::owner_17) ? 17 : COREVISOR), owner == Word(INVALID)));
  }
  void set_s2_page_count(PageIndex index, Word count) {
    set_page(s.s2_count, index, count, count <= Word(this->wrong(Mutant::count_2) ? 2 : 1));
  }
  void set_s2_page_gfn(PageIndex index, Word gfn) {
    set_page(s.s2_gfn, index, gfn,
             either(gfn < Word(u64{1} << (this->wrong(Mutant::gfn_of_37_bits) ? 37 : 36)),
                    gfn == Word(INVALID64)));
  }

  Word get_mem_region_cnt() { return s.region_cnt; }
  Word get_mem_region_base(Word index) { return region(index, MB_BASE); }
  Word get_mem_region_size(Word index) { return region(index, MB_SIZE); }
  Word get_mem_region_flag(Word index) { return region(index, MB_FLAG); }
  Word get_mem_region_index(Word index) { return region(index, MB_INDEX); }
  // All frames carry the number of one window.
  Bool is_host_device(Pfn first, Word pages) {
    const Word window = s.host_device.read(first.raw, Word(0));
    const Word asked = this->wrong(Mutant::device_first_page) ? Word(1) : pages;
    return both(window != Word(0), s.d->for_all(asked, [&](Word i) {
      return s.host_device.read(first.raw + i, Word(0)) == window;
    }));
  }

  void mem_load_raw(Gfn<Word>, Word) {}
  void mem_store_raw(Gfn<Word>, Word) {}

  void dsb_ishst() { maintenance(Step::dsb_ishst); }
  void dsb_ish() { maintenance(Step::dsb_ish); }
  void isb() { maintenance(Step::isb); }
  void tlbi_ipas2e1is(VmId vmid, Ipa addr) { maintenance(Step::tlbi_ipas2e1is, vmid.raw, addr.raw); }
  void tlbi_vmalle1is(VmId vmid) { maintenance(Step::tlbi_vmalle1is, vmid.raw); }
  void tlbi_vmalls12e1is(VmId vmid) { maintenance(Step::tlbi_vmalls12e1is, vmid.raw); }

  Word check(Word value) { return s.halt ? Word(0) : value; }
  template <class T>
  T check64(T value) {
    return s.halt ? T(Word(0)) : value;
  }
  void panic(Stop) { this->stop(); }

 protected:
  using Base::s;

 private:
  Pa next(VmId vmid, Zone zone) {
    if (s.halt) {
      return Pa(Word(0));
    }
    this->V(vmid);
    if (!this->wrong(Mutant::next_lock_not_asked)) {
      this->L_pt(vmid);
    }
    return Pa(s.pt_next.read(vmid.raw, Word(static_cast<u64>(zone))));
  }
  void set_next(VmId vmid, Zone zone, Pa value) {
    if (s.halt) {
      return;
    }
    this->V(vmid);
    this->L_pt(vmid);
    s.pt_next.write(vmid.raw, Word(static_cast<u64>(zone)), value.raw);
  }

  void in_pool(VmId vmid, Word slot) {
    this->V(vmid);
    const Bounds<Word> b = bounds<P>(s.pool_base, vmid.raw);
    const Word end = b.end + Word(this->wrong(Mutant::pool_end_inclusive) ? 1 : 0);
    this->stuck_unless("the slot lies in the pool", both(b.root <= slot, slot < end));
    this->L_pt(vmid);
    this->stuck_unless("the slot is 8-byte aligned",
                       (slot & Word(this->wrong(Mutant::alignment_of_4) ? 3 : 7)) == Word(0));
  }
  // Of the table that holds the slot.
  Word level(VmId vmid, Word slot) {
    const Bounds<Word> b = bounds<P>(s.pool_base, vmid.raw);
    const Word leafward = select(slot < b.pmd, Word(2), Word(3));
    return select(slot < b.pgd, Word(0), select(slot < b.pud, Word(1), leafward));
  }
  Word below_root(VmId vmid, Word slot) {
    const Word at = level(vmid, slot);
    const Word leafward =
        select(at == Word(2), s.pt_pud_pool.read(vmid.raw, slot), s.pt_pmd_pool.read(vmid.raw, slot));
    return select(at == Word(1), s.pt_pgd_pool.read(vmid.raw, slot), leafward);
  }

  using Map = typename D::Map;
  void page_guards(PageIndex index) {
    this->stuck_unless("N: the ownership index is in range",
                       index.raw < s.page_count + Word(this->wrong(Mutant::page_index_inclusive) ? 1 : 0));
    if (!this->wrong(Mutant::page_lock_not_asked)) {
      this->L_s2page();
    }
  }
  Word page(Map& field, PageIndex index) {
    if (s.halt) {
      return Word(0);
    }
    page_guards(index);
    return field.read(index.raw, Word(0));
  }
  void set_page(Map& field, PageIndex index, Word value, Bool allowed) {
    if (s.halt) {
      return;
    }
    page_guards(index);
    this->stuck_unless("a value that a page can have", allowed);
    field.write(index.raw, Word(0), value);
  }
  Word region(Word index, u64 field) {
    this->stuck_unless("M: the region index is below 32",
                       index < Word(this->wrong(Mutant::region_33) ? 33 : MAX_MEMBLOCK_NUM));
    return s.regions.read(index, Word(field));
  }

  // On a halted machine nothing happens; else one more step of the critical section.
  void maintenance(Step kind, Word vmid = Word(0), Word at = Word(0)) {
    if (s.halt) {
      return;
    }
    s.updates.add({0, this->wrong(Mutant::tlbi_of_nobody) ? Word(0) : vmid, at, Word(0), s.epoch, kind});
    if (kind == Step::dsb_ishst || kind == Step::dsb_ish) {
      ++s.epoch;
    }
  }
};

}  // namespace redoubt::spec
