// SPDX-License-Identifier: BSD-3-Clause
// Layer 0, AbstractMachine: the base primitives, their stuck guards and nothing else (digest 4, 4.18).
#pragma once
#include "core/machine/access_primitives.hpp"
#include "core/page/page_state.hpp"

namespace redoubt {

// Every layer derives from the one below, so that a passthrough primitive is the very function below. A layer
// that hides a name says so with a private using-declaration: from there up the name cannot be called.
template <Machine M>
class AbstractMachine : public AccessPrimitives<M> {
 public:
  using Base = AccessPrimitives<M>;
  using Base::Base;
  using typename Base::Bool;
  using typename Base::Descriptor;
  using typename Base::Ipa;
  using typename Base::LockId;
  using typename Base::Pa;
  using typename Base::PageIndex;
  using typename Base::Params;
  using typename Base::Pfn;
  using typename Base::VmId;
  using typename Base::Vttbr;
  using typename Base::Word;

  // --- tickets and barriers (4.18) ---
  Word incr_ticket(Word bound, LockId lock) { return machine_.incr_ticket(bound, lock); }
  Word get_now(LockId lock) { return machine_.get_now(lock); }
  void log_hold(LockId lock) { machine_.log_hold(lock); }
  void barrier() { machine_.barrier(); }
  void incr_now(LockId lock) { machine_.incr_now(lock); }
  void acquire_shared(LockId lock) { machine_.acquire_shared(lock); }
  void release_pt_shared(VmId vmid) { machine_.release_shared(pt_lock(vmid)); }
  void release_vm_shared(VmId vmid) { machine_.release_shared(vm_lock(vmid)); }
  void release_spt_shared() { machine_.release_shared(LockId(Word(SPT_ID))); }
  void release_s2page_shared() { machine_.release_shared(LockId(Word(S2PAGE_ID))); }
  void release_core_shared() { machine_.release_shared(LockId(Word(CORE_ID))); }
  void release_smmu_shared() { machine_.release_shared(LockId(Word(SMMU_ID))); }

  // --- page-table pools (4.1.3, 4.18); lock pt(vmid) ---
  Pa get_pgd_next(VmId vmid) { return get_next(Zone::pgd, vmid); }
  Pa get_pud_next(VmId vmid) { return get_next(Zone::pud, vmid); }
  Pa get_pmd_next(VmId vmid) { return get_next(Zone::pmd, vmid); }
  void set_pgd_next(VmId vmid, Pa next) { set_next(Zone::pgd, vmid, next); }
  void set_pud_next(VmId vmid, Pa next) { set_next(Zone::pud, vmid, next); }
  void set_pmd_next(VmId vmid, Pa next) { set_next(Zone::pmd, vmid, next); }

  // The entry at `slot`, a physical address in the pool of `vmid`. Stuck: V, pool range, alignment (W50),
  // L(pt v).
  Descriptor pt_load(VmId vmid, Pa slot) {
    guard_slot(vmid, slot);
    return machine_.pt_load(vmid, slot);
  }
  // One 64-bit store to `slot`. Stuck as pt_load, and for a second leaf store in one critical section
  // (tstate).
  void pt_store(VmId vmid, Pa slot, Descriptor value) {
    guard_slot(vmid, slot);
    machine_.pt_store(vmid, slot, value);
  }

  // Empties the tables of `vmid` as a whole: every word that was used is zero, the bump pointers are back at
  // the starts of their zones. Redoubt's own. Stuck: V, L(pt v).
  void pt_reset(VmId vmid) {
    guard_pt(vmid);
    machine_.pool_reset(vmid);
  }

  // VMID and software root of `vmid`'s table (4.2). Stuck: V. No lock: computed, never stored.
  Vttbr get_pt_vttbr(VmId vmid) {
    this->guard_vmid(vmid);
    return this->table_base(vmid);
  }
  // Nothing to set: the table's base is computed.
  void set_pt_vttbr(VmId, Vttbr) {}

  // --- barriers and TLB maintenance: Redoubt's own, specified at NPTOps (R6) ---
  void dsb_ishst() { machine_.dsb_ishst(); }
  void dsb_ish() { machine_.dsb_ish(); }
  void isb() { machine_.isb(); }
  void tlbi_ipas2e1is(VmId vmid, Ipa addr) { machine_.tlbi_ipas2e1is(vmid, addr); }
  void tlbi_vmalle1is(VmId vmid) {
    machine_.tlbi_vmalle1is(M::seeded(Fault::tlbi_of_host) ? VmId(Word(HOSTVISOR)) : vmid);
  }
  void tlbi_vmalls12e1is(VmId vmid) { machine_.tlbi_vmalls12e1is(vmid); }
  // No layer may use these: only seeded faults do, where the machine is the model.
  void tlbi_ipas2e1is_hinted(VmId vmid, Ipa addr, unsigned level_hint)
    requires requires(M& m) { m.tlbi_ipas2e1is_hinted(vmid, addr, level_hint); }
  {
    machine_.tlbi_ipas2e1is_hinted(vmid, addr, level_hint);
  }
  void tlbi_ripas2le1is(VmId vmid)
    requires requires(M& m) { m.tlbi_ripas2le1is(vmid); }
  {
    machine_.tlbi_ripas2le1is(vmid);
  }

  // --- page ownership (4.6); lock s2page ---
  // Owner of the page: a principal, or INVALID. Stuck: N, L(s2page).
  Word get_s2_page_vmid(PageIndex index) {
    const Word owner = PageState::Owner::get(load_page(index));
    if (M::seeded(Fault::owner_raw)) {
      return owner;
    }
    return select(owner == Word(PageState::kNobody), Word(INVALID), owner);
  }
  // Stuck: as the getter, and an owner that is neither a principal nor INVALID.
  void set_s2_page_vmid(PageIndex index, Word owner) {
    this->guard(Guard::page_state, either(owner <= Word(COREVISOR), owner == Word(INVALID)));
    const Word packed = select(owner == Word(INVALID), Word(PageState::kNobody), owner);
    store_page(index, PageState::Owner::set(load_page(index), packed));
  }
  // Number of sharers besides the owner, 0 or 1 (R9). Stuck: N, L(s2page).
  Word get_s2_page_count(PageIndex index) {
    const Word page = load_page(index);
    return M::seeded(Fault::count_of_owner) ? PageState::Owner::get(page) : PageState::Count::get(page);
  }
  void set_s2_page_count(PageIndex index, Word count) {
    this->guard(Guard::page_state, count <= Word(1));
    const Word page = M::seeded(Fault::count_clears_entry) ? Word(0) : load_page(index);
    store_page(index, PageState::Count::set(page, count));
  }
  // Frame at which the owner sees the page, or INVALID64. Stuck: N, L(s2page).
  Word get_s2_page_gfn(PageIndex index) { return PageState::GfnPlusOne::get(load_page(index)) - Word(1); }
  void set_s2_page_gfn(PageIndex index, Word gfn) {
    this->guard(Guard::page_state, either(gfn <= Word(PageState::kMaxGfn), gfn == Word(INVALID64)));
    store_page(index, PageState::GfnPlusOne::set(load_page(index),
                                                 gfn + Word(M::seeded(Fault::gfn_off_by_one) ? 0 : 1)));
  }

  // --- memory regions (4.7) and host device windows (R11): boot constants, no lock ---
  Word get_mem_region_cnt() { return machine_.region_count(); }
  Word get_mem_region_base(Word index) {
    guard_region(index);
    return machine_.region_base(index);
  }
  Word get_mem_region_size(Word index) {
    guard_region(index);
    return M::seeded(Fault::region_base_as_size) ? machine_.region_base(index) : machine_.region_size(index);
  }
  // As the board's description gives them.
  Word get_mem_region_flag(Word index) {
    guard_region(index);
    return machine_.region_flag(index);
  }
  // Position of the region's first page in the ownership array; INVALID64: the region has no entries.
  Word get_mem_region_index(Word index) {
    guard_region(index);
    return machine_.region_page_index(index);
  }
  // Do all `pages` frames from `first` lie in one device window that the host may have?
  Bool is_host_device(Pfn first, Word pages) {
    return machine_.is_host_device(first, M::seeded(Fault::device_first_page_only) ? Word(1) : pages);
  }

  // --- raw host and VM accesses (4.14): hooks without effect at these layers ---
  void mem_load_raw(Gfn<Word>, Word) {}
  void mem_store_raw(Gfn<Word>, Word) {}

  // --- check and panic (4.16). Code never sees a halted machine (R3), so the checks are the identity. ---
  Word check(Word value) { return value; }
  template <class T>
  T check64(T value) {
    return value;
  }
  [[noreturn]] void panic(Stop why) {
    machine_.panic(why);
    __builtin_unreachable();
  }

 protected:
  Pool<Word> pool(VmId vmid) { return pool_of<Params>(machine_.pool_base(), vmid); }

 private:
  using Base::machine_;  // hidden from here up

  void guard_pt(VmId vmid) {
    this->guard_vmid(vmid);
    this->guard_lock(pt_lock(vmid));
  }
  void guard_slot(VmId vmid, Pa slot) {
    guard_pt(vmid);
    const Pool<Word> p = pool(vmid);
    this->guard(Guard::in_pool, both(p.root <= slot, slot < p.end));
    this->guard(Guard::aligned, (slot.raw & Word(7)) == Word(0));
  }
  void guard_region(Word index) { this->guard(Guard::region_index, index < Word(MAX_MEMBLOCK_NUM)); }
  Pa get_next(Zone zone, VmId vmid) {
    guard_pt(vmid);
    return machine_.next(zone, vmid);
  }
  void set_next(Zone zone, VmId vmid, Pa next) {
    guard_pt(vmid);
    machine_.set_next(zone, vmid, next);
  }
  void guard_page(PageIndex index) {
    this->guard(Guard::page_index, index.raw < machine_.page_count());
    this->guard_lock(S2PAGE_ID);
  }
  Word load_page(PageIndex index) {
    guard_page(index);
    return machine_.page_load(index);
  }
  void store_page(PageIndex index, Word state) {
    guard_page(index);
    machine_.page_store(index, state);
  }
};

}  // namespace redoubt
