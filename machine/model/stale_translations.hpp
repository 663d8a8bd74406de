// SPDX-License-Identifier: BSD-3-Clause
// The TLBs of the concrete model: which broken translations a CPU may still use, and what takes them away.
#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/machine/constants.hpp"
#include "machine/model/tlbi_scope.hpp"

namespace redoubt {

// What was valid and has been overwritten may stay cached: a leaf as stage-2 entry and combined with stage 1,
// a link as table in the walk caches. The rules are those of AbstractTlb (abstract_tlb.hpp), here for every
// entry of one CPU, with one exception: what may yet be written into an unhooked table is not listed. The
// table itself is, and its pages serve again only after a reset.
class StaleTranslations {
 public:
  struct Entry {
    u64 vmid, ipa, size, descriptor;
    unsigned level;  // of the descriptor's table
    bool link;
    enum Phase { stored, store_complete, first_asked, first_gone, combined_asked, gone } phase;
  };

  // A leaf, or a link, was overwritten that translated [ipa, ipa + size).
  void broken(u64 vmid, u64 ipa, u64 size, u64 leaf, unsigned level) {
    entries_.push_back({vmid, ipa, size, leaf, level, false, Entry::stored});
  }
  void unhooked(u64 vmid, u64 ipa, u64 size, u64 link, unsigned level) {
    entries_.push_back({vmid, ipa, size, link, level, true, Entry::stored});
  }

  void dsb(bool loads_and_stores) {
    for (Entry& e : entries_) {
      if (e.phase == Entry::stored) {
        e.phase = Entry::store_complete;
      } else if (loads_and_stores && e.phase == Entry::first_asked) {
        e.phase = e.link ? Entry::gone : Entry::first_gone;  // links combine with nothing
      } else if (loads_and_stores && e.phase == Entry::combined_asked) {
        e.phase = Entry::gone;
      }
    }
    std::erase_if(entries_, [](const Entry& e) { return e.phase == Entry::gone; });
  }
  // By IPA: takes a page of 4 KiB of a leaf, and the tables on the walk of that IPA.
  void tlbi_ipa(u64 vmid, u64 ipa, TlbiScope scope = {}) {
    take(vmid, scope,
         [&](const Entry& e) { return (e.link || whole(e)) && e.ipa <= ipa && ipa - e.ipa < e.size; });
  }
  void tlbi_all_ipas(u64 vmid, TlbiScope scope = {}) {
    take(vmid, scope, [](const Entry&) { return true; });
  }
  void tlbi_combined(u64 vmid) {
    for (Entry& e : entries_) {
      if (e.vmid == vmid && e.phase == Entry::first_gone) {
        e.phase = Entry::combined_asked;
      }
    }
  }
  void tlbi_vmid(u64 vmid) {
    for (Entry& e : entries_) {
      if (e.vmid == vmid && e.phase != Entry::stored) {
        e.phase = e.link ? Entry::first_asked : Entry::combined_asked;
      }
    }
  }

  // May some CPU still use an overwritten entry of this principal in [ipa, ipa + size)?
  [[nodiscard]] bool usable(u64 vmid, u64 ipa, u64 size) const {
    return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& e) {
      return e.vmid == vmid && e.ipa < ipa + size && ipa < e.ipa + e.size;
    });
  }
  [[nodiscard]] bool usable(u64 vmid) const { return usable(vmid, 0, u64{1} << 48); }

 private:
  // A leaf that one address covers; a block may be cached in pieces.
  static bool whole(const Entry& e) { return e.size == PAGE_SIZE; }

  // Links first: a leaf goes for good only where no table is left that it may be filled again from, or in the
  // same instruction.
  template <class Matches>
  void take(u64 vmid, TlbiScope scope, Matches matches) {
    std::vector<const Entry*> kept;
    for (Entry& e : entries_) {
      if (e.vmid != vmid || !e.link) {
        continue;
      }
      if (scope.takes_tables() && e.phase != Entry::stored && matches(e)) {
        e.phase = Entry::first_asked;
      } else {
        kept.push_back(&e);
      }
    }
    for (Entry& e : entries_) {
      const bool hinted = scope.level_hint == 0 || scope.level_hint == e.level;
      const bool ready = e.phase == Entry::store_complete && !e.link && e.vmid == vmid;
      const auto serves = [&](const Entry* link) {
        return link->ipa < e.ipa + e.size && e.ipa < link->ipa + link->size;
      };
      if (ready && hinted && matches(e) && std::none_of(kept.begin(), kept.end(), serves)) {
        e.phase = Entry::first_asked;
      }
    }
  }
  std::vector<Entry> entries_;
};

}  // namespace redoubt
