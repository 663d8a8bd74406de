// SPDX-License-Identifier: BSD-3-Clause
// Specification of the SMMU group of base primitives on the raw tables (digest 4.8).
#pragma once
#include "core/machine/smmu_layout.hpp"
#include "spec/machine/state.hpp"
#include "spec/spt/layout.hpp"

namespace redoubt::spec {

// Words of the group for every layer that specifies SMMU tables, raw or flat.
template <ValueDomain D, class P, class Below = Layer<D, P>>
class SmmuLayer : public Below {
 public:
  using Below::Below;
  using typename Below::Word;
  using ContextBank = redoubt::ContextBank<Word>;
  using SmmuIndex = redoubt::SmmuIndex<Word>;
  using SmmuBank = redoubt::SmmuBank<Word>;
  using Ttbr = redoubt::Ttbr<Word>;
  using Iova = redoubt::Iova<Word>;

  // Topology: boot constants, no lock.
  Word get_smmu_num() { return s.halt ? Word(0) : s.smmu.smmu_num; }
  Word get_smmu_num_context_banks(SmmuIndex index) { return topology(index, SMMU_CONF_BANKS); }
  Word get_smmu_size(SmmuIndex index) { return topology(index, SMMU_CONF_SIZE); }
  Word get_smmu_base(SmmuIndex index) { return topology(index, SMMU_CONF_BASE); }
  Word get_smmu_pgshift(SmmuIndex index) { return topology(index, SMMU_CONF_PGSHIFT); }

  // Owner of a bank, any word; lock smmu.
  Word get_smmu_cfg_vmid(ContextBank cbndx, SmmuIndex index) {
    if (s.halt) {
      return Word(0);
    }
    SB(cbndx, index);
    L_smmu();
    return s.smmu.smmu_vmid.read(bank_number(cbndx.raw, index.raw), Word(0));
  }
  void set_smmu_cfg_vmid(ContextBank cbndx, SmmuIndex index, Word vmid) {
    if (s.halt) {
      return;
    }
    SB(cbndx, index);
    L_smmu();
    s.smmu.smmu_vmid.write(bank_number(cbndx.raw, index.raw), Word(0), vmid);
  }

  // Barrier and invalidation: steps of the critical section.
  void dsb_st() {
    step(Step::dsb_st);
    ++s.epoch;
  }
  void smmu_tlbi_iova(ContextBank cbndx, SmmuIndex index, Iova addr) {
    SB(cbndx, index);
    step(Step::smmu_tlbi_iova, bank_number(cbndx.raw, index.raw), addr.raw);
  }
  void smmu_tlbi_bank(ContextBank cbndx, SmmuIndex index) {
    SB(cbndx, index);
    step(Step::smmu_tlbi_bank, bank_number(cbndx.raw, index.raw));
  }
  void smmu_tlb_sync(ContextBank cbndx, SmmuIndex index) {
    SB(cbndx, index);
    step(Step::smmu_tlb_sync, bank_number(cbndx.raw, index.raw));
  }

 protected:
  using Below::s;
  void S(SmmuIndex index) { this->stuck_unless("S: SMMU index is below 2", index.raw < Word(2)); }
  void SB(ContextBank cbndx, SmmuIndex index) {
    S(index);
    this->stuck_unless("B: context bank is below 8",
                       cbndx.raw < Word(this->wrong(Mutant::smmu_bank_9) ? 9 : 8));
  }
  void L_spt() { this->stuck_unless("L: spt lock is held", s.holds(Word(SPT_ID))); }
  void L_smmu() { this->stuck_unless("L: smmu lock is held", s.holds(Word(SMMU_ID))); }
  void step(Step kind, Word bank = Word(0), Word at = Word(0), Word value = Word(0)) {
    if (!s.halt) {
      s.updates.add({0, bank, at, value, s.epoch, kind});
    }
  }
  static Word zone_key(SmmuZone z) { return Word(static_cast<u64>(z)); }

 private:
  Word topology(SmmuIndex index, u64 field) {
    if (s.halt) {
      return Word(0);
    }
    S(index);
    return s.smmu.smmu_conf.read(index.raw, Word(field));
  }
};

template <ValueDomain D, class P>
class SmmuPrimitives : public SmmuLayer<D, P> {
 public:
  using Base = SmmuLayer<D, P>;
  using Base::Base;
  using typename Base::Bool;
  using typename Base::ContextBank;
  using typename Base::Descriptor;
  using typename Base::Pa;
  using typename Base::SmmuIndex;
  using typename Base::Ttbr;
  using typename Base::Word;

  Pa get_smmu_pgd_next() { return get_next(SmmuZone::pgd); }
  Pa get_smmu_pmd_next() { return get_next(SmmuZone::pmd); }
  void set_smmu_pgd_next(Pa next) { set_next(SmmuZone::pgd, next); }
  void set_smmu_pmd_next(Pa next) { set_next(SmmuZone::pmd, next); }

  Ttbr get_smmu_cfg_hw_ttbr(ContextBank cbndx, SmmuIndex index) {
    if (s.halt) {
      return Ttbr(Word(0));
    }
    this->SB(cbndx, index);
    return Ttbr(spt_root<P>(s.pool_base, bank_number(cbndx.raw, index.raw)));
  }

  Descriptor smmu_pt_load(Pa slot) {
    if (s.halt) {
      return Descriptor(Word(0));
    }
    in_pool(slot.raw);
    this->L_spt();
    return Descriptor(pool(slot.raw).read(Word(0), slot.raw));
  }
  void smmu_pt_store(Pa slot, Descriptor value) {
    if (s.halt) {
      return;
    }
    in_pool(slot.raw);
    this->L_spt();
    if (spt_bounds<P>(s.pool_base).pmd <= slot.raw) {
      this->T();
      s.tstate = Word(1);
    }
    store(slot.raw, value.raw);
  }

  // All 1024 entries (W4); the one mapping-changing store of its critical section.
  void smmu_pt_clear(ContextBank cbndx, SmmuIndex index) {
    if (s.halt) {
      return;
    }
    this->SB(cbndx, index);
    this->L_spt();
    this->T();
    const Word bank = bank_number(cbndx.raw, index.raw);
    const Word root = spt_root<P>(s.pool_base, bank);
    s.smmu.spt_vttbr_pool.zero_range(Word(0), root,
                                     root + Word(this->wrong(Mutant::smmu_half_root) ? 4096 : 8192));
    s.tstate = Word(1);
    this->step(Step::spt_clear, bank, root);
  }

  // Raw device accesses: hooks without effect (digest 4.14).
  void dev_load_raw(Gfn<Word>, Word, ContextBank, SmmuIndex) {}
  void dev_store_raw(Gfn<Word>, Word, ContextBank, SmmuIndex) {}

 protected:
  using Base::s;

  // Stamps of table pages and generations of banks; a page serves its taker until that bank's generation
  // moves on.
  Word get_smmu_page_stamp(Pa page) {
    this->L_spt();
    table_page(page.raw);
    return taker(page.raw) | (s.smmu.spt_taken_in.read(Word(0), page.raw) << 8);
  }
  Word get_smmu_generation(redoubt::SmmuBank<Word> bank) {
    this->L_spt();
    this->stuck_unless("the bank is one of 16", bank.raw < Word(16));
    return s.smmu.spt_generation.read(bank.raw, Word(0));
  }

  void in_pool(Word slot) {
    const auto b = spt_bounds<P>(s.pool_base);
    this->stuck_unless("the slot lies in the SMMU pool, aligned",
                       both(b.roots <= slot, slot < b.end, (slot & Word(7)) == Word(0)));
  }
  void table_page(Word page) {
    const auto b = spt_bounds<P>(s.pool_base);
    this->stuck_unless("the page is a table page of the SMMU pool",
                       both(b.pgd <= page, page < b.end, (page & Word(4095)) == Word(0)));
  }
  auto& pool(Word slot) {
    const auto b = spt_bounds<P>(s.pool_base);
    if (slot < b.pgd) {
      return s.smmu.spt_vttbr_pool;
    }
    return bool(slot < b.pmd) ? s.smmu.spt_pgd_pool : s.smmu.spt_pmd_pool;
  }
  void store(Word slot, Word value) {
    pool(slot).write(Word(0), slot, value);
    this->step(Step::spt_store, Word(0), slot, value);
  }
  Word taker(Word page) { return s.smmu.spt_taker.read(Word(0), page); }
  Bool live(Word page) {
    const Word bank = select(taker(page) == Word(0), Word(0), taker(page) - Word(1));
    const Bool current = s.smmu.spt_taken_in.read(Word(0), page) == s.smmu.spt_generation.read(bank, Word(0));
    return both(taker(page) != Word(0), current);
  }

 private:
  Pa get_next(SmmuZone z) {
    if (s.halt) {
      return Pa(Word(0));
    }
    this->L_spt();
    return Pa(s.smmu.spt_next.read(this->zone_key(z), Word(0)));
  }
  void set_next(SmmuZone z, Pa next) {
    if (s.halt) {
      return;
    }
    this->L_spt();
    s.smmu.spt_next.write(this->zone_key(z), Word(0), next.raw);
  }
};

}  // namespace redoubt::spec
