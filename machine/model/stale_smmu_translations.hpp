// SPDX-License-Identifier: BSD-3-Clause
// The TLBs and walk caches of the concrete model's SMMUs: what was overwritten and may still be used.
#pragma once
#include <algorithm>
#include <vector>

#include "core/machine/constants.hpp"

namespace redoubt {

// An entry that was valid, leaf or link, may stay cached after it was overwritten until: DSB ST, then an
// invalidation of the address or the bank, then the sync of that bank. The model takes the weakest hardware:
// nothing goes away by itself.
class StaleSmmuTranslations {
 public:
  struct Entry {
    u64 bank, iova, size;
    enum Phase { stored, visible, asked } phase;
  };

  void broken(u64 bank, u64 iova, u64 size) { entries_.push_back({bank, iova, size, Entry::stored}); }

  void dsb_st() {
    for (Entry& e : entries_) {
      e.phase = e.phase == Entry::stored ? Entry::visible : e.phase;
    }
  }
  // By address: takes the translation of one page; a broken table, which covers more, only goes with its
  // bank.
  void tlbi_iova(u64 bank, u64 iova) {
    ask(bank,
        [&](const Entry& e) { return e.size == PAGE_SIZE && e.iova <= iova && iova - e.iova < PAGE_SIZE; });
  }
  void tlbi_bank(u64 bank) {
    ask(bank, [](const Entry&) { return true; });
  }
  void sync(u64 bank) {
    std::erase_if(entries_, [&](const Entry& e) { return e.bank == bank && e.phase == Entry::asked; });
  }

  // May some SMMU still use an overwritten entry: of this bank in [iova, iova + size), of this bank, of any?
  [[nodiscard]] bool usable(u64 bank, u64 iova, u64 size) const {
    return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& e) {
      return e.bank == bank && e.iova < iova + size && iova < e.iova + e.size;
    });
  }
  [[nodiscard]] bool usable(u64 bank) const { return usable(bank, 0, u64{1} << 40); }
  [[nodiscard]] bool usable() const { return !entries_.empty(); }

 private:
  template <class Matches>
  void ask(u64 bank, Matches matches) {
    for (Entry& e : entries_) {
      if (e.bank == bank && e.phase == Entry::visible && matches(e)) {
        e.phase = Entry::asked;
      }
    }
  }
  std::vector<Entry> entries_;
};

}  // namespace redoubt
