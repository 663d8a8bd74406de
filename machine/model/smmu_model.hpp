// SPDX-License-Identifier: BSD-3-Clause
// The SMMU part of the model machine: table memory, stamps, topology, and the rules of publication and
// invalidation.
#pragma once
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/machine/smmu_machine.hpp"
#include "machine/model/event.hpp"
#include "machine/model/stale_smmu_translations.hpp"
#include "spec/machine/smmu_state.hpp"
#include "spec/spt/layout.hpp"

namespace redoubt {

// A base of the model machine `Self`, which keeps what all parts share: domain, events, tstate, epochs.
template <class Self, ValueDomain D, class P>
class SmmuModel {
 public:
  using Word = typename D::Word;
  using Bool = typename D::Bool;
  using Map = typename D::Map;
  using Pa = redoubt::Pa<Word>;
  using Descriptor = redoubt::Descriptor<Word>;
  using Bank = SmmuBank<Word>;

  Descriptor spt_load(Pa slot) { return Descriptor(spt_.read(Word(0), slot.raw)); }
  void spt_store(Pa slot, Descriptor value) {
    one_leaf(bounds().pmd <= slot.raw);
    if (publication_rule) {
      check_publication(slot.raw, value.raw);
    }
    if constexpr (!D::symbolic) {
      note_spt_store(slot.raw, value.raw);
    }
    spt_.write(Word(0), slot.raw, value.raw);
    self().record(EventKind::spt_store, Word(0), slot.raw, value.raw);
  }
  // A root, which changes mappings, or a table page that nothing links.
  void spt_zero(Pa from, Word bytes) {
    one_leaf(from.raw < bounds().pgd);
    zeroed_.push_back(from.raw);
    if constexpr (!D::symbolic) {
      note_spt_zero(from.raw, bytes);
    }
    spt_.zero_range(Word(0), from.raw, from.raw + bytes);
    const Word bank = (from.raw - bounds().roots) >> SMMU_ROOT_SHIFT;
    self().record(EventKind::spt_zero, select(from.raw < bounds().pgd, bank, Word(0)), from.raw, bytes);
  }
  Pa spt_next(SmmuZone zone) { return Pa(next_.read(Word(static_cast<u64>(zone)), Word(0))); }
  void set_spt_next(SmmuZone zone, Pa value) {
    next_.write(Word(static_cast<u64>(zone)), Word(0), value.raw);
    self().record(EventKind::set_spt_next, Word(0), Word(static_cast<u64>(zone)), value.raw);
  }
  Word spt_stamp(Pa page) { return stamps_.read(Word(0), page.raw); }
  void set_spt_stamp(Pa page, Word stamp) {
    stamps_.write(Word(0), page.raw, stamp);
    self().record(EventKind::set_spt_stamp, Word(0), page.raw, stamp);
  }
  Word spt_generation(Bank bank) { return generation_.read(bank.raw, Word(0)); }
  void set_spt_generation(Bank bank, Word value) {
    self().require(Guard::bank_empty, root_is_empty(bank.raw));
    if constexpr (!D::symbolic) {
      self().require(Guard::break_before_make, !stale_smmu_.usable(bank.raw));
    }
    generation_.write(bank.raw, Word(0), value);
    self().record(EventKind::set_spt_generation, bank.raw, Word(0), value);
  }

  Word smmu_vmid(Bank bank) { return owner_.read(bank.raw, Word(0)); }
  void set_smmu_vmid(Bank bank, Word vmid) {
    owner_.write(bank.raw, Word(0), vmid);
    self().record(EventKind::set_smmu_vmid, bank.raw, Word(0), vmid);
  }
  Word smmu_num() { return initial_.smmu_num; }
  Word smmu_num_context_banks(SmmuIndex<Word> i) {
    return initial_.smmu_conf.read(i.raw, Word(spec::SMMU_CONF_BANKS));
  }
  Word smmu_size(SmmuIndex<Word> i) { return initial_.smmu_conf.read(i.raw, Word(spec::SMMU_CONF_SIZE)); }
  Word smmu_base(SmmuIndex<Word> i) { return initial_.smmu_conf.read(i.raw, Word(spec::SMMU_CONF_BASE)); }

  Word smmu_pgshift(SmmuIndex<Word> i) {
    return initial_.smmu_conf.read(i.raw, Word(spec::SMMU_CONF_PGSHIFT));
  }

  void dsb_st() {
    if constexpr (!D::symbolic) {
      stale_smmu_.dsb_st();
    }
    zeroed_.clear();
    self().record(EventKind::dsb_st, Word(0), Word(0), Word(0));
    ++self().epoch_;
  }
  void smmu_tlbi_iova(Bank bank, Iova<Word> addr) {
    if constexpr (!D::symbolic) {
      stale_smmu_.tlbi_iova(bank.raw, addr.raw);
    }
    self().record(EventKind::smmu_tlbi_iova, bank.raw, addr.raw, Word(0));
  }
  void smmu_tlbi_bank(Bank bank) {
    if constexpr (!D::symbolic) {
      stale_smmu_.tlbi_bank(bank.raw);
    }
    self().record(EventKind::smmu_tlbi_bank, bank.raw, Word(0), Word(0));
  }
  void smmu_tlb_sync(Bank bank) {
    if constexpr (!D::symbolic) {
      stale_smmu_.sync(bank.raw);
    }
    self().record(EventKind::smmu_tlb_sync, bank.raw, Word(0), Word(0));
  }

  // --- what harnesses look at ---
  // Is a table that gets linked checked? Not in proofs about the raw store, which knows no tables.
  bool publication_rule = !D::symbolic;
  Word spt_memory(Word at) { return spt_.read(Word(0), at); }
  [[nodiscard]] const StaleSmmuTranslations& stale_smmu() const { return stale_smmu_; }

 private:
  friend Self;

  SmmuModel(D& domain, const spec::SmmuState<D>& initial)
      : initial_(initial),
        spt_(domain, "spt", [this](Word, Word at) { return spt_image(at); }),
        stamps_(domain, "spt_stamp", [this](Word, Word page) { return stamp_image(page); }),
        next_(initial.spt_next),
        generation_(initial.spt_generation),
        owner_(initial.smmu_vmid) {}

  struct Place {
    u64 bank, iova, size;  // size 0: not reachable from a root
  };

  Self& self() { return static_cast<Self&>(*this); }
  auto bounds() { return spec::spt_bounds<P>(self().pool_base()); }
  void one_leaf(typename D::Bool leaf) {
    self().require(Guard::one_leaf_store, implies(leaf, self().tstate_ == Word(0)));
    self().tstate_ = select(leaf, Word(1), self().tstate_);
  }

  Word spt_image(Word at) {
    const auto b = bounds();
    if (at < b.pgd) {
      return initial_.spt_vttbr_pool.read(Word(0), at);
    }
    return at < b.pmd ? initial_.spt_pgd_pool.read(Word(0), at) : initial_.spt_pmd_pool.read(Word(0), at);
  }
  Word stamp_image(Word page) {
    return TableStamp::BankPlusOne::put(initial_.spt_taker.read(Word(0), page)) |
           TableStamp::Generation::put(initial_.spt_taken_in.read(Word(0), page));
  }

  // A table that is linked is zero, and was so before the last barrier, for every walker.
  void check_publication(Word slot, Word value) {
    const auto b = bounds();
    if (b.pmd <= slot || (value & Word(3)) != Word(3)) {
      return;
    }
    const Word table = value & Word(PAGE_MASK);
    Bool ready = all_zero(table, PAGE_SIZE, "published_word");
    for (const Word& page : zeroed_) {
      ready = both(ready, page != table);
    }
    self().require(Guard::table_ready, ready);
  }
  Bool root_is_empty(Word bank) {
    return all_zero(bounds().roots + (bank << SMMU_ROOT_SHIFT), SMMU_ROOT_SIZE, "root_word");
  }
  // Every word, or in a proof the one of an arbitrary index `any`, which stands for all.
  Bool all_zero(Word from, u64 bytes, std::string_view any) {
    if constexpr (D::symbolic) {
      const Word index = self().d_.any(any) & Word(bytes / 8 - 1);
      return spt_.read(Word(0), from + (index << 3)) == Word(0);
    } else {
      static_cast<void>(any);
      bool zero = true;
      for (u64 at = from; at < from + bytes && zero; at += 8) {
        zero = spt_.read(0, at) == 0;
      }
      return zero;
    }
  }

  // Concrete only, from here on. A valid entry that is overwritten may be cached; a valid one may not be made
  // where one may be.
  void note_spt_store(u64 slot, u64 value) {
    const u64 old = spt_.read(0, slot);
    const Place place = place_of(slot);
    if (slot < bounds().pmd && (value & 3) == 3) {
      parent_[value & ~u64{0xfff}] = slot;
    }
    if (place.size == 0 || old == value) {
      return;
    }
    if ((value & 1) != 0) {
      const bool stale = stale_smmu_.usable(place.bank, place.iova, place.size);
      self().require(Guard::break_before_make, (old & 1) == 0 && !stale);
    }
    if ((old & 1) != 0) {
      stale_smmu_.broken(place.bank, place.iova, place.size);
    }
  }
  void note_spt_zero(u64 from, u64 bytes) {
    if (from >= bounds().pgd && place_of(from).size == 0) {
      return;
    }
    for (u64 at = from; at < from + bytes; at += 8) {
      const Place place = place_of(at);
      if (place.size != 0 && (spt_.read(0, at) & 1) != 0) {
        stale_smmu_.broken(place.bank, place.iova, place.size);
      }
    }
  }

  // The bank and the address range that the entry at `slot` translates, found by walking up through live
  // links.
  Place place_of(u64 slot) {
    const auto b = bounds();
    unsigned shift = slot >= b.pmd ? PAGE_SHIFT : slot >= b.pgd ? PMD_SHIFT : S2_PGDIR_SHIFT;
    Place place{0, 0, u64{1} << shift};
    for (; shift < S2_PGDIR_SHIFT; shift += 9) {
      place.iova |= ((slot & 0xfff) >> 3) << shift;
      const u64 table = slot & ~u64{0xfff};
      slot = parent_of(table, shift == PAGE_SHIFT);
      if (slot == 0) {
        return {0, 0, 0};
      }
    }
    const u64 offset = slot - b.roots;
    place.bank = offset / SMMU_ROOT_SIZE;
    place.iova |= (offset % SMMU_ROOT_SIZE / 8) << S2_PGDIR_SHIFT;
    return place.bank < EL2_SMMU_CFG_SIZE ? place : Place{0, 0, 0};
  }
  // The slot that links `table`; 0: none. Links made here are remembered, those of the initial state are
  // searched once.
  u64 parent_of(u64 table, bool leaf_table) {
    const auto links = [&](u64 slot) { return spt_.read(0, slot) == (table | 3); };
    const auto found = parent_.find(table);
    if (found != parent_.end() && (found->second == 0 || links(found->second))) {
      return found->second;
    }
    const auto b = bounds();
    const u64 from = leaf_table ? b.pgd : b.roots;
    const u64 roots_end = b.roots + EL2_SMMU_CFG_SIZE * SMMU_ROOT_SIZE;
    const u64 to = leaf_table ? next_.read(static_cast<u64>(SmmuZone::pgd), 0) : roots_end;
    u64 slot = from;
    while (slot < to && !links(slot)) {
      slot += 8;
    }
    return parent_[table] = slot < to ? slot : 0;
  }

  spec::SmmuState<D> initial_;
  Map spt_, stamps_, next_, generation_, owner_;
  StaleSmmuTranslations stale_smmu_;
  std::unordered_map<u64, u64> parent_;  // table page -> slot that links it
  std::vector<Word> zeroed_;             // what was zeroed since the last barrier
};

}  // namespace redoubt
