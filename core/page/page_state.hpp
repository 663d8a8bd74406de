// SPDX-License-Identifier: BSD-3-Clause
// One entry of the ownership array: who owns a page frame, whether it is shared, where its owner sees it.
#pragma once
#include "core/machine/field.hpp"

namespace redoubt {

// Packed into 8 bytes (R17). An all-zero entry is a page of the host that nobody shares: the state of RAM at
// boot.
//
//   INV-PAGE-1  owner is 0..16, or nobody
//   INV-PAGE-2  count is 0 or 1 (R9); only a page of a VM is ever shared, or a mailbox of the core (R23)
//   INV-PAGE-3  gfn is a frame of the owner's space or INVALID64; pages of host and core have none
//   INV-PAGE-12 a page for devices is the host's or a VM's, and not shared
// Protected by the s2page lock.
struct PageState {
  using Owner = Field<7, 0>;         // kNobody: not RAM
  using Count = Field<15, 8>;        // 1: shared with the host
  using DmaAssigned = Flag<16>;      // a page for devices: a separate flag, never a magic count
  using GfnPlusOne = Field<63, 24>;  // 0: no frame

  static constexpr u64 kNobody = 0xff;
  static constexpr u64 kMaxGfn = (u64{1} << 36) - 1;
};
static_assert(PageState::kMaxGfn < PageState::GfnPlusOne::max);

}  // namespace redoubt
