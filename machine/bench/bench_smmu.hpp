// SPDX-License-Identifier: BSD-3-Clause
// The SMMU part of BenchMachine: table memory of the caller's, records, and counts of invalidations.
#pragma once
#include <algorithm>
#include <array>
#include <span>

#include "core/machine/smmu_machine.hpp"

namespace redoubt {

struct BenchSmmuCounters {
  u64 dsb_st = 0;
  u64 tlbi_iova = 0;
  u64 tlbi_bank = 0;
  u64 sync = 0;
  u64 table_pages = 0;  // taken from the pool

  friend bool operator==(const BenchSmmuCounters&, const BenchSmmuCounters&) = default;
};

// A base of the machine `Self`. Parameter sets without an SMMU pool have none of it.
template <class Self, class P>
class BenchSmmu {
 protected:
  explicit BenchSmmu(std::span<u64>) {}
  static bool smmu_fits(std::span<u64> pool) { return pool.empty(); }
};

template <class Self, class P>
  requires requires { P::smmu; }
class BenchSmmu<Self, P> {
 public:
  using Word = u64;
  using Pa = redoubt::Pa<Word>;
  using Descriptor = redoubt::Descriptor<Word>;
  using Bank = SmmuBank<Word>;

  Descriptor spt_load(Pa slot) { return Descriptor(word(slot)); }
  void spt_store(Pa slot, Descriptor value) { word(slot) = value.raw; }
  void spt_zero(Pa from, Word bytes) { std::fill_n(&word(from), bytes / 8, u64{0}); }
  Pa spt_next(SmmuZone zone) { return start() + next_[static_cast<std::size_t>(zone)]; }
  void set_spt_next(SmmuZone zone, Pa value) {
    next_[static_cast<std::size_t>(zone)] = value.raw - start().raw;
  }

  Word spt_stamp(Pa page) { return stamps_[page_number(page)]; }
  void set_spt_stamp(Pa page, Word stamp) {
    stamps_[page_number(page)] = stamp;
    ++smmu_counters_.table_pages;
  }
  Word spt_generation(Bank bank) { return generation_[bank.raw]; }
  void set_spt_generation(Bank bank, Word value) { generation_[bank.raw] = value; }

  Word smmu_vmid(Bank bank) { return owner_[bank.raw]; }
  void set_smmu_vmid(Bank bank, Word vmid) { owner_[bank.raw] = vmid; }
  // Without table memory there is no SMMU; else both have all their banks.
  Word smmu_num() { return memory_.empty() ? 0 : SMMU_NUM; }
  Word smmu_num_context_banks(SmmuIndex<Word>) { return SMMU_NUM_CTXT_BANKS; }
  Word smmu_size(SmmuIndex<Word>) { return 0x2'0000; }
  Word smmu_base(SmmuIndex<Word> index) { return 0x905'0000 + (index.raw << 20); }
  Word smmu_pgshift(SmmuIndex<Word>) { return 16; }

  void dsb_st() { ++smmu_counters_.dsb_st; }
  void smmu_tlbi_iova(Bank, Iova<Word>) { ++smmu_counters_.tlbi_iova; }
  void smmu_tlbi_bank(Bank) { ++smmu_counters_.tlbi_bank; }
  void smmu_tlb_sync(Bank) { ++smmu_counters_.sync; }

  [[nodiscard]] const BenchSmmuCounters& smmu_counters() const { return smmu_counters_; }

 protected:
  // `pool`: at least P::smmu.size bytes, all zero, or empty.
  explicit BenchSmmu(std::span<u64> pool) : memory_(pool), next_{P::smmu.pgd_offset, P::smmu.pmd_offset} {
    owner_.fill(INVALID);
  }
  static bool smmu_fits(std::span<u64> pool) { return pool.empty() || pool.size_bytes() >= P::smmu.size; }

 private:
  Pa start() { return smmu_pool_of<P>(static_cast<Self&>(*this).pool_base()).roots; }
  u64& word(Pa slot) { return memory_[(slot.raw - start().raw) >> 3]; }
  std::size_t page_number(Pa page) { return (page.raw - start().raw - P::smmu.pgd_offset) >> PAGE_SHIFT; }

  std::span<u64> memory_;
  std::array<u64, 2> next_;  // bump pointers, as offsets in the pool
  std::array<u64, smmu_table_pages<P>()> stamps_{};
  std::array<u64, EL2_SMMU_CFG_SIZE> generation_{}, owner_{};
  BenchSmmuCounters smmu_counters_;
};

}  // namespace redoubt
