// SPDX-License-Identifier: BSD-3-Clause
// Layer 14, PageIndex: position of a page in the ownership array (upper digest 1.1).
#pragma once
#include "core/machine/constants.hpp"
#include "core/machine/fault.hpp"

namespace redoubt {

template <class Lower>
class PageIndexLayer : public Lower {
 public:
  using Lower::Lower;
  using typename Lower::Pa;
  using typename Lower::Word;

  // Index of the page that holds `addr`; INVALID64 if no region holds it or the region has no entries, so
  // reserved memory behaves like a device. No lock.
  Word get_s2_page_index(Pa addr) {
    const Word region = mem_region_search(addr);
    if (region == Word(INVALID)) {
      return Word(INVALID64);
    }
    const Word first = get_mem_region_index(region);
    if (!Lower::seeded(Fault::reserved_has_entries) && first == Word(INVALID64)) {
      return first;
    }
    return first + ((addr.raw - get_mem_region_base(region)) >>
                    (Lower::seeded(Fault::index_of_two_pages) ? PAGE_SHIFT + 1 : PAGE_SHIFT));
  }

 private:  // hidden from here up
  using Lower::get_mem_region_base;
  using Lower::get_mem_region_index;
  using Lower::mem_region_search;
};

}  // namespace redoubt
