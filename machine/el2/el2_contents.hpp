// SPDX-License-Identifier: BSD-3-Clause
// The page contents of El2Machine: pages that change hands, through the EL2 alias of RAM.
#pragma once
#include <utility>

#include "core/machine/content_machine.hpp"
#include "machine/el2/barrier.hpp"
#include "machine/el2/memory.hpp"
#include "machine/el2/registers.hpp"

namespace redoubt::el2 {

// Calls act(at) for each multiple of `step` in the `bytes` from `from`. Unrolled: with these loops a call
// spends most of its time.
template <u64 unrolled, class Act>
[[gnu::always_inline]] inline void for_each_step(u64 from, u64 bytes, u64 step, Act act) {
  const u64 end = from + bytes;
  u64 at = from;
  const auto steps = [&]<u64... I>(u64 here, std::integer_sequence<u64, I...>)
                         __attribute__((always_inline)) {
                           ((static_cast<void>(I), act(here), here += step), ...);
                           return here;
                         };
  while (end - at >= unrolled * step) {
    at = steps(at, std::make_integer_sequence<u64, unrolled>{});
  }
  for (; at < end; at += step) {
    act(at);
  }
}

// The alias is cacheable; the next owner's mapping, or the next boot, may not be. So what changes hands is
// cleaned and invalidated to the point of coherency, line by line (digest 6.6).
inline void clean_and_invalidate(u64 from, u64 bytes) {
  const u64 line = u64{4} << (read<reg::ctr_el0>() >> 16 & 0xf);  // CTR_EL0.DminLine
  for_each_step<32>(from, bytes, line, [](u64 at) { dc_civac(at); });
  dsb_sy();
}

// Boot images and seals are not there yet: their primitives do not compile, or answer not_supported (R25).
class El2Contents {
 public:
  // By DC ZVA, whose block is at most a page: about 320 instructions where it is 64 bytes. 32 of them fit a
  // call (R18).
  void page_clear(Pfn<u64> pfn, u64 bytes) {
    const u64 page = pfn.raw << PAGE_SHIFT;
    const u64 block = u64{4} << (read<reg::dczid_el0>() & 0xf);  // DCZID_EL0.BS
    for_each_step<8>(page, bytes, block, [](u64 at) { dc_zva(at); });
    clean_and_invalidate(page, PAGE_SIZE);
  }
  // What the principal wrote is in the page already.
  void page_fetch(VmId<u64>, Pfn<u64> pfn, u64 pages) {
    clean_and_invalidate(pfn.raw << PAGE_SHIFT, pages * PAGE_SIZE);
  }
};

}  // namespace redoubt::el2
