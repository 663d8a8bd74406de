// SPDX-License-Identifier: BSD-3-Clause
// Pool boundaries and table slots as the specification computes them, from the constants alone
// (digest 2.3, 2.5).
#pragma once
#include "core/machine/params.hpp"

namespace redoubt::spec {

template <class W>
struct Bounds {
  W root, pgd, pud, pmd, end;  // first byte of the root page and of each zone; end of the pool
};

// Which of the three shapes applies decides everything; only guests have a stride.
template <class P, class W>
Bounds<W> bounds(W base, W vmid) {
  const auto field = [&](u64 PoolShape::* f) {
    return select(vmid == W(HOSTVISOR), W(P::host.*f),
                  select(vmid == W(COREVISOR), W(P::core.*f), W(P::guest.*f)));
  };
  constexpr unsigned stride = P::guest_pool_shift;
  const W first_guest = base + W(P::host.size);
  const W root = select(vmid == W(HOSTVISOR), base, first_guest + ((vmid - W(1)) << stride));
  return {root, root + field(&PoolShape::pgd_offset), root + field(&PoolShape::pud_offset),
          root + field(&PoolShape::pmd_offset), root + field(&PoolShape::size)};
}

template <class W>
W frame_of(W descriptor) {
  return descriptor & W(0x0000'ffff'ffff'f000);
}  // bits 47:12
template <class W>
W index_at(W addr, unsigned lowest_bit) {
  return (addr >> lowest_bit) & W(0x1ff);
}
template <class W>
W slot_in(W table, W index) {
  return frame_of(table) + (index << 3);
}

}  // namespace redoubt::spec
