// SPDX-License-Identifier: BSD-3-Clause
// Where in a principal's table a slot of its pool stands, and what is below an entry; machine words only.
#pragma once
#include "core/machine/constants.hpp"
#include "spec/npt/layout.hpp"

namespace redoubt {

// `Read`: u64(u64 slot). The tables that live now: zones up to their bump pointers.
template <class P, class Read>
class TablePlaces {
 public:
  // The addresses that an entry translates, and the level of its table; size 0: of none of the principal's.
  struct Place {
    u64 ipa, size;
    unsigned level;

    // A valid descriptor that ends a walk here.
    [[nodiscard]] bool is_leaf(u64 entry) const {
      return (entry & 1) != 0 && (level == 3 || (entry & 3) == 1);
    }
    [[nodiscard]] bool is_link(u64 entry) const { return level < 3 && (entry & 3) == 3; }
  };

  TablePlaces(u64 pool_base, u64 vmid, u64 pgd_end, u64 pud_end, Read read)
      : b_(spec::bounds<P>(pool_base, vmid)), pgd_end_(pgd_end), pud_end_(pud_end), read_(read) {}

  // Found by walking from the slot up to the root through live links.
  Place place_of(u64 slot) const {
    const unsigned level = slot < b_.pgd ? 0 : slot < b_.pud ? 1 : slot < b_.pmd ? 2 : 3;
    u64 table = slot & ~(PAGE_SIZE - 1);
    u64 ipa = index(slot) << shift(level);
    for (unsigned above = level; above > 0; --above) {
      const u64 parent = parent_of(table, above - 1);
      if (parent == 0) {
        return {0, 0, level};
      }
      ipa |= index(parent) << shift(above - 1);
      table = parent & ~(PAGE_SIZE - 1);
    }
    return {ipa, u64{1} << shift(level), level};
  }

  // Calls found(place, entry) for the leaf or link `entry` and for whatever is reached through it.
  template <class Found>
  void for_each_below(const Place& place, u64 entry, Found found) const {
    if (place.is_leaf(entry) || place.is_link(entry)) {
      found(place, entry);
    }
    if (!place.is_link(entry)) {
      return;
    }
    const u64 table = spec::frame_of(entry);
    const u64 size = place.size >> 9;
    for (u64 i = 0; i < 512; ++i) {
      const u64 below = read_(table + i * 8);
      if (below != 0) {
        for_each_below(Place{place.ipa + i * size, size, place.level + 1}, below, found);
      }
    }
  }

 private:
  static unsigned shift(unsigned level) { return PGDIR_SHIFT - 9 * level; }
  static u64 index(u64 slot) { return (slot & (PAGE_SIZE - 1)) >> 3; }
  // The slot of a table of `level` that links `table`; 0: none.
  u64 parent_of(u64 table, unsigned level) const {
    const u64 from = level == 0 ? b_.root : level == 1 ? b_.pgd : b_.pud;
    const u64 to = level == 0 ? b_.pgd : level == 1 ? pgd_end_ : pud_end_;
    for (u64 slot = from; slot < to; slot += 8) {
      if (read_(slot) == (table | 3)) {
        return slot;
      }
    }
    return 0;
  }

  spec::Bounds<u64> b_;
  u64 pgd_end_, pud_end_;
  Read read_;
};

}  // namespace redoubt
