// SPDX-License-Identifier: BSD-3-Clause
// The TLB of the concrete model: which broken translations a CPU may still use, and what takes them away.
#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/machine/constants.hpp"

namespace redoubt {

// A leaf that was valid and has been overwritten may stay cached, as stage-2 entry and combined with stage 1,
// until: the store is complete (DSB), then TLBI by IPA, DSB, TLBI VMALLE1IS, DSB; or TLBI VMALLS12E1IS, DSB
// (Arm ARM D8.13). The model takes the weakest hardware: nothing goes away by itself.
class StaleTranslations {
 public:
  struct Entry {
    u64 vmid, ipa, size, leaf;
    enum Phase { stored, store_complete, stage2_asked, stage2_gone, combined_asked, gone } phase;
  };

  void broken(u64 vmid, u64 ipa, u64 size, u64 leaf) {
    entries_.push_back({vmid, ipa, size, leaf, Entry::stored});
  }

  void dsb(bool loads_and_stores) {
    for (Entry& e : entries_) {
      if (e.phase == Entry::stored) {
        e.phase = Entry::store_complete;
      }
      if (loads_and_stores && e.phase == Entry::stage2_asked) {
        e.phase = Entry::stage2_gone;
      }
      if (loads_and_stores && e.phase == Entry::combined_asked) {
        e.phase = Entry::gone;
      }
    }
    std::erase_if(entries_, [](const Entry& e) { return e.phase == Entry::gone; });
  }
  // By IPA: takes a page of 4 KiB, or the block that the IPA lies in.
  void tlbi_ipa(u64 vmid, u64 ipa) {
    advance(vmid, Entry::store_complete, Entry::stage2_asked,
            [&](const Entry& e) { return e.ipa <= ipa && ipa - e.ipa < e.size; });
  }
  void tlbi_combined(u64 vmid) {
    advance(vmid, Entry::stage2_gone, Entry::combined_asked, [](const Entry&) { return true; });
  }
  void tlbi_vmid(u64 vmid) {
    advance(vmid, Entry::store_complete, Entry::combined_asked, [](const Entry&) { return true; });
  }

  // May some CPU still use an overwritten leaf of this principal in [ipa, ipa + size)?
  [[nodiscard]] bool usable(u64 vmid, u64 ipa, u64 size) const {
    return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& e) {
      return e.vmid == vmid && e.ipa < ipa + size && ipa < e.ipa + e.size;
    });
  }
  [[nodiscard]] bool usable(u64 vmid) const { return usable(vmid, 0, u64{1} << 48); }

 private:
  template <class Matches>
  void advance(u64 vmid, Entry::Phase from, Entry::Phase to, Matches matches) {
    for (Entry& e : entries_) {
      if (e.vmid == vmid && e.phase == from && matches(e)) {
        e.phase = to;
      }
    }
  }
  std::vector<Entry> entries_;
};

}  // namespace redoubt
