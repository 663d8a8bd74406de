// SPDX-License-Identifier: BSD-3-Clause
// SMMU group of the base primitives: table memory, bank owners, topology and invalidation (digest 4.8).
#pragma once
#include "core/machine/machine_base.hpp"
#include "core/machine/smmu_machine.hpp"

namespace redoubt {

// Banks are named bank first, SMMU second, everywhere. Stuck, where a bank is named: S (index < 2), B (cbndx
// < 8).
template <Machine M>
class SmmuPrimitives : public MachineBase<M> {
 public:
  using Base = MachineBase<M>;
  using Base::Base;
  using typename Base::Bool;
  using typename Base::Descriptor;
  using typename Base::Pa;
  using typename Base::Params;
  using typename Base::Word;
  using ContextBank = redoubt::ContextBank<Word>;
  using SmmuIndex = redoubt::SmmuIndex<Word>;
  using SmmuBank = redoubt::SmmuBank<Word>;
  using Ttbr = redoubt::Ttbr<Word>;
  using Iova = redoubt::Iova<Word>;

  // --- bump pointers of the two zones; lock spt ---
  Pa get_smmu_pgd_next() { return get_smmu_next(SmmuZone::pgd); }
  void set_smmu_pgd_next(Pa next) { set_smmu_next(SmmuZone::pgd, next); }
  Pa get_smmu_pmd_next() { return get_smmu_next(SmmuZone::pmd); }
  void set_smmu_pmd_next(Pa next) { set_smmu_next(SmmuZone::pmd, next); }

  // Root of the bank, what its TTBR holds. Stuck: S, B. No lock: computed, never stored.
  Ttbr get_smmu_cfg_hw_ttbr(ContextBank cbndx, SmmuIndex index) {
    guard_bank(cbndx, index);
    return Ttbr(root_of(cbndx, index).raw);
  }

  // The entry at `slot`, a physical address in the SMMU pool. Stuck: pool range, alignment (W50), L(spt).
  Descriptor smmu_pt_load(Pa slot) {
    guard_smmu_slot(slot);
    return machine_.spt_load(slot);
  }
  // One 64-bit store to `slot`. Stuck as smmu_pt_load, and for a second leaf store in one critical section
  // (tstate).
  void smmu_pt_store(Pa slot, Descriptor value) {
    guard_smmu_slot(slot);
    machine_.spt_store(slot, value);
  }
  // Zeroes all 1024 root entries of the bank (the digest's text zeroes one, W4). It changes mappings, so it
  // is the leaf store of its critical section. Stuck: S, B, L(spt), T. The caller invalidates.
  void smmu_pt_clear(ContextBank cbndx, SmmuIndex index) {
    guard_bank(cbndx, index);
    this->guard_lock(SPT_ID);
    const u64 bytes = Base::seeded(Fault::smmu_clear_first_entry) ? 8 : SMMU_ROOT_SIZE;
    machine_.spt_zero(root_of(cbndx, index), Word(bytes));
  }

  // Principal that owns the bank, or INVALID. Stuck: S, B, L(smmu).
  Word get_smmu_cfg_vmid(ContextBank cbndx, SmmuIndex index) {
    guard_bank(cbndx, index);
    this->guard_lock(SMMU_ID);
    return machine_.smmu_vmid(smmu_id(cbndx, index));
  }
  void set_smmu_cfg_vmid(ContextBank cbndx, SmmuIndex index, Word vmid) {
    guard_bank(cbndx, index);
    this->guard_lock(SMMU_ID);
    machine_.set_smmu_vmid(smmu_id(cbndx, index), vmid);
  }

  // --- topology: boot constants, no lock. Stuck: S ---
  Word get_smmu_num() { return machine_.smmu_num(); }
  Word get_smmu_num_context_banks(SmmuIndex index) {
    guard_smmu(index);
    return machine_.smmu_num_context_banks(index);
  }
  Word get_smmu_size(SmmuIndex index) {
    guard_smmu(index);
    return machine_.smmu_size(index);
  }
  Word get_smmu_base(SmmuIndex index) {
    guard_smmu(index);
    return machine_.smmu_base(index);
  }
  // log2 of the size of a register page.
  Word get_smmu_pgshift(SmmuIndex index) {
    guard_smmu(index);
    return machine_.smmu_pgshift(index);
  }

  // --- raw device accesses (4.14): hooks without effect at these layers ---
  void dev_load_raw(Gfn<Word>, Word, ContextBank, SmmuIndex) {}
  void dev_store_raw(Gfn<Word>, Word, ContextBank, SmmuIndex) {}

  // --- barrier and invalidation: Redoubt's own, specified at MmioSPTOps (digest 6.6) ---
  void dsb_st() { machine_.dsb_st(); }
  void smmu_tlbi_iova(ContextBank cbndx, SmmuIndex index, Iova addr) {
    guard_bank(cbndx, index);
    machine_.smmu_tlbi_iova(smmu_id(cbndx, index), addr);
  }
  void smmu_tlbi_bank(ContextBank cbndx, SmmuIndex index) {
    guard_bank(cbndx, index);
    machine_.smmu_tlbi_bank(smmu_id(cbndx, index));
  }
  // Returns when every invalidation asked for the bank is complete.
  void smmu_tlb_sync(ContextBank cbndx, SmmuIndex index) {
    guard_bank(cbndx, index);
    machine_.smmu_tlb_sync(smmu_id(cbndx, index));
  }

 protected:
  using Base::machine_;
  SmmuPool<Word> smmu_pool() { return smmu_pool_of<Params>(machine_.pool_base()); }

  // For the allocator only: the records by which table pages serve again (designs out W42); lock spt.
  // Stamp of the table page at `page` (TableStamp). Stuck: L(spt), not a page of the two zones.
  Word get_smmu_page_stamp(Pa page) {
    guard_smmu_page(page);
    return machine_.spt_stamp(page);
  }
  void set_smmu_page_stamp(Pa page, Word stamp) {
    guard_smmu_page(page);
    machine_.set_spt_stamp(page, stamp);
  }
  // How often the bank was emptied. Stuck: L(spt), bank out of range.
  Word get_smmu_generation(SmmuBank bank) {
    guard_smmu_bank(bank);
    return machine_.spt_generation(bank);
  }
  // Stuck also: the root is not empty or a translation of the bank may still be cached (checked by the
  // model).
  void set_smmu_generation(SmmuBank bank, Word generation) {
    guard_smmu_bank(bank);
    machine_.set_spt_generation(bank, generation);
  }
  // Zeroes a table page that no bank uses. The caller orders this before it links the page. Stuck: as the
  // stamp, and the page is live.
  void smmu_pt_zero(Pa page) {
    this->guard(Guard::table_free, negation(smmu_page_is_live(get_smmu_page_stamp(page))));
    machine_.spt_zero(page, Word(PAGE_SIZE));
  }
  // Does the stamp say that its bank uses the page? Stuck: L(spt).
  Bool smmu_page_is_live(Word stamp) {
    const Word bank_plus_one = TableStamp::BankPlusOne::get(stamp);
    const Bool taken = bank_plus_one != Word(0);
    const SmmuBank bank(select(taken, bank_plus_one - Word(1), Word(0)));
    return both(taken, TableStamp::Generation::get(stamp) == get_smmu_generation(bank));
  }

 private:
  Pa root_of(ContextBank cbndx, SmmuIndex index) {
    const bool swapped = Base::seeded(Fault::smmu_bank_order);
    const Word id = swapped ? (cbndx.raw << 1) + index.raw : smmu_id(cbndx, index).raw;
    return smmu_pool().roots + (id << SMMU_ROOT_SHIFT);
  }
  void guard_smmu(SmmuIndex index) { this->guard(Guard::smmu_index, index.raw < Word(SMMU_NUM)); }
  void guard_bank(ContextBank cbndx, SmmuIndex index) {
    guard_smmu(index);
    this->guard(Guard::context_bank, cbndx.raw < Word(SMMU_NUM_CTXT_BANKS));
  }
  void guard_smmu_bank(SmmuBank bank) {
    this->guard(Guard::context_bank, bank.raw < Word(EL2_SMMU_CFG_SIZE));
    this->guard_lock(SPT_ID);
  }
  void guard_smmu_slot(Pa slot) {
    const SmmuPool<Word> p = smmu_pool();
    this->guard(Guard::in_pool, both(p.roots <= slot, slot < p.end));
    this->guard(Guard::aligned, (slot.raw & Word(7)) == Word(0));
    this->guard_lock(SPT_ID);
  }
  void guard_smmu_page(Pa page) {
    const SmmuPool<Word> p = smmu_pool();
    this->guard(Guard::in_pool, both(p.pgd <= page, page < p.end));
    this->guard(Guard::aligned, (page.raw & Word(PAGE_SIZE - 1)) == Word(0));
    this->guard_lock(SPT_ID);
  }
  Pa get_smmu_next(SmmuZone zone) {
    this->guard_lock(SPT_ID);
    return machine_.spt_next(zone);
  }
  void set_smmu_next(SmmuZone zone, Pa next) {
    this->guard_lock(SPT_ID);
    machine_.set_spt_next(zone, next);
  }
};

}  // namespace redoubt
