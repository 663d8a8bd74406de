// SPDX-License-Identifier: BSD-3-Clause
// SMMU pool boundaries and roots as the specification computes them, from the constants alone (digest 2.4).
#pragma once
#include "core/machine/params.hpp"

namespace redoubt::spec {

template <class W>
struct SptBounds {
  W roots, pgd, pmd, end;  // first byte of the roots and of each zone; end of the pool
};

// In a space of its own at a fixed place, else behind the pools of host, guests and core, at the next 8 KiB
// boundary.
template <class P, class W>
SptBounds<W> spt_bounds(W stage2_base) {
  const auto at = [](W start) {
    return SptBounds<W>{start, start + W(P::smmu.pgd_offset), start + W(P::smmu.pmd_offset),
                        start + W(P::smmu.size)};
  };
  if constexpr (P::smmu_own_space) {
    return at(W(P::smmu_pool_base));
  } else {
    constexpr u64 stage2 = P::host.size + 15 * P::guest.size + P::core.size;
    constexpr u64 past_boundary = (P::pool_base + stage2) % 8192;
    return at(stage2_base + W(stage2 + (past_boundary == 0 ? 0 : 8192 - past_boundary)));
  }
}

template <class W>
W bank_number(W cbndx, W index) {
  return (index << 3) + cbndx;
}
template <class P, class W>
W spt_root(W stage2_base, W bank) {
  return spt_bounds<P>(stage2_base).roots + (bank << 13);
}

}  // namespace redoubt::spec
