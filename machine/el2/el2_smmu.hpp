// SPDX-License-Identifier: BSD-3-Clause
// The SMMU part of El2Machine: table memory and the records beside it. Invalidation is not here yet: it needs
// the command queue, which the SMMU control layers bring.
#pragma once
#include <array>

#include "core/machine/smmu_machine.hpp"
#include "machine/el2/barrier.hpp"
#include "machine/el2/memory.hpp"

namespace redoubt::el2 {

// Beside the tables. Lock spt for the first three, smmu for the owners; the rest is constant after boot.
struct SmmuRecords {
  struct Unit {
    u64 base = 0, size = 0, banks = 0;  // registers of the SMMU; configurations that it offers
    u64 page_shift = 0;                 // of the pages that its registers lie in
  };
  std::array<u64, 2> next{};                        // bump pointers by zone
  std::array<u64, EL2_SMMU_CFG_SIZE> generation{};  // how often each bank was emptied
  u64 stamps = 0;                                   // address: one word for each page of the two zones
  std::array<u64, EL2_SMMU_CFG_SIZE> owner{};       // a principal, or INVALID
  std::array<Unit, SMMU_NUM> units{};
  u64 count = 0;  // SMMUs that are there
};

// A base of the machine `Self`, whose smmu() gives the records.
template <class Self, class P>
class El2Smmu {
 public:
  using Word = u64;
  using Pa = redoubt::Pa<Word>;
  using Descriptor = redoubt::Descriptor<Word>;
  using Bank = SmmuBank<Word>;

  Descriptor spt_load(Pa slot) { return Descriptor(load<u64>(slot.raw)); }
  // Cleaned whether or not this platform's walks are coherent: right for both, and rare.
  void spt_store(Pa slot, Descriptor value) {
    store<u64>(slot.raw, value.raw);
    dc_cvac(slot.raw);
  }
  void spt_zero(Pa from, Word bytes) {
    for (u64 at = from.raw; at < from.raw + bytes; at += 8) {
      spt_store(Pa(at), Descriptor(0));
    }
  }
  Pa spt_next(SmmuZone zone) { return Pa(records().next[static_cast<u64>(zone)]); }
  void set_spt_next(SmmuZone zone, Pa value) { records().next[static_cast<u64>(zone)] = value.raw; }

  Word spt_stamp(Pa page) { return load<u64>(stamp_of(page)); }
  void set_spt_stamp(Pa page, Word stamp) { store<u64>(stamp_of(page), stamp); }
  Word spt_generation(Bank bank) { return records().generation[bank.raw]; }
  void set_spt_generation(Bank bank, Word value) { records().generation[bank.raw] = value; }

  Word smmu_vmid(Bank bank) { return records().owner[bank.raw]; }
  void set_smmu_vmid(Bank bank, Word vmid) { records().owner[bank.raw] = vmid; }
  Word smmu_num() { return records().count; }
  Word smmu_num_context_banks(SmmuIndex<Word> i) { return records().units[i.raw].banks; }
  Word smmu_size(SmmuIndex<Word> i) { return records().units[i.raw].size; }
  Word smmu_base(SmmuIndex<Word> i) { return records().units[i.raw].base; }
  Word smmu_pgshift(SmmuIndex<Word> i) { return records().units[i.raw].page_shift; }

  void dsb_st() { el2::dsb_st(); }

 private:
  friend Self;
  El2Smmu() = default;

  SmmuRecords& records() { return static_cast<Self&>(*this).smmu(); }
  u64 stamp_of(Pa page) {
    const Pa first = smmu_pool_of<P>(static_cast<Self&>(*this).pool_base()).pgd;
    return records().stamps + ((page.raw - first.raw) >> PAGE_SHIFT) * 8;
  }
};

}  // namespace redoubt::el2
