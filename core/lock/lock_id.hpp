// SPDX-License-Identifier: BSD-3-Clause
// The locks and what each protects. One numbering serves tickets, ownership and publication (designs out
// defect W1).
#pragma once
#include "core/machine/constants.hpp"

namespace redoubt {

// Object ids (digest 2.7). Id 0 is flat memory, which has no lock.
inline constexpr u64 FLATMEM_ID = 0;
inline constexpr u64 CORE_ID = 1;    // next_vmid, next_remap_ptr
inline constexpr u64 S2PAGE_ID = 2;  // the page ownership array
inline constexpr u64 SPT_ID = 3;     // SMMU page tables
inline constexpr u64 SMMU_ID = 4;    // SMMU bank -> principal
inline constexpr u64 NPT_ID = 5;     // + vmid: stage-2 table of that principal
inline constexpr u64 INFO_ID = 22;   // + vmid: VM information of that principal
inline constexpr u64 ID_END = 39;
static_assert(NPT_ID + PRINCIPALS == INFO_ID && INFO_ID + PRINCIPALS == ID_END);

template <class W>
constexpr LockId<W> pt_lock(VmId<W> vmid) {
  return LockId<W>(vmid.raw + W(NPT_ID));
}
template <class W>
constexpr LockId<W> vm_lock(VmId<W> vmid) {
  return LockId<W>(vmid.raw + W(INFO_ID));
}

// Order in which locks may be taken, outermost first: smmu, vm(v), then core or s2page, then pt(v) or spt
// (digest 2.7). Two locks of one rank are never held together.
constexpr unsigned lock_rank(u64 id) {
  if (id == SMMU_ID) {
    return 0;
  }
  if (id >= INFO_ID) {
    return 1;
  }
  return id == CORE_ID || id == S2PAGE_ID ? 2 : 3;
}

// Number of shared-memory events that a holder announces (digest 2.1); a critical section needs two of them.
inline constexpr u64 LOCK_BOUND = 10;

}  // namespace redoubt
