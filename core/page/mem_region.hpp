// SPDX-License-Identifier: BSD-3-Clause
// Layer 13, MemRegion: which memory region an address lies in (upper digest 1.1).
#pragma once
#include "core/machine/constants.hpp"
#include "core/machine/fault.hpp"

namespace redoubt {

// Regions are boot constants; no lock.
//   INV-PAGE-4  at most 32, of whole pages; no two share an address or an entry; a run of 512 entries is a
//   run
//               of 512 frames
//   INV-PAGE-7  frame 0 lies in none
template <class Lower>
class MemRegion : public Lower {
 public:
  using Lower::Lower;
  using typename Lower::Pa;
  using typename Lower::Word;

  // Index of the last region with base <= addr < base + size; INVALID if there is none.
  Word mem_region_search(Pa addr) {
    const Word count = get_mem_region_cnt();
    const Word found = this->find_last(count, [&](Word i) {
      const Word base = get_mem_region_base(i);
      const Word size = this->get_mem_region_size(i);
      if (Lower::seeded(Fault::region_end_inclusive)) {
        return both(base <= addr.raw, addr.raw - base <= size);
      }
      return both(base <= addr.raw, addr.raw - base < size);
    });
    return select(found == count, Word(INVALID), found);
  }

 protected:  // used by PageIndex, hidden above it
  using Lower::get_mem_region_base;

 private:  // hidden from here up
  using Lower::get_mem_region_cnt;
  using Lower::get_mem_region_size;
};

}  // namespace redoubt
