// SPDX-License-Identifier: BSD-3-Clause
// The page contents of El2Machine: pages that change hands, through the EL2 alias of RAM.
#pragma once
#include "core/machine/content_machine.hpp"
#include "machine/el2/barrier.hpp"
#include "machine/el2/memory.hpp"
#include "machine/el2/registers.hpp"

namespace redoubt::el2 {

// The alias is cacheable; the next owner's mapping, or the next boot, may not be. So what changes hands is
// cleaned and invalidated to the point of coherency, line by line (digest 6.6).
inline void clean_and_invalidate(u64 from, u64 bytes) {
  const u64 line = u64{4} << (read<reg::ctr_el0>() >> 16 & 0xf);  // CTR_EL0.DminLine
  for (u64 at = from; at < from + bytes; at += line) {
    dc_civac(at);
  }
  dsb_sy();
}

// Boot images and seals are not there yet: their primitives do not compile, or answer not_supported (R25).
class El2Contents {
 public:
  // By DC ZVA, whose block is at most a page: about 500 instructions where it is 64 bytes. 32 of them fit a
  // call (R18).
  void page_clear(Pfn<u64> pfn, u64 bytes) {
    const u64 page = pfn.raw << PAGE_SHIFT;
    const u64 block = u64{4} << (read<reg::dczid_el0>() & 0xf);  // DCZID_EL0.BS
    for (u64 at = 0; at < bytes; at += block) {
      dc_zva(page + at);
    }
    clean_and_invalidate(page, PAGE_SIZE);
  }
  // What the principal wrote is in the page already.
  void page_fetch(VmId<u64>, Pfn<u64> pfn, u64 pages) {
    clean_and_invalidate(pfn.raw << PAGE_SHIFT, pages * PAGE_SIZE);
  }
};

}  // namespace redoubt::el2
