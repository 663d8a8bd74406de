// SPDX-License-Identifier: BSD-3-Clause
// A guest's accesses to the redistributors of its vCPUs (Arm IHI 0069, 12.11).
//
// All interrupts are group 1; no LPIs, no power management beyond GICR_WAKER's handshake. What does not
// exist, and any access of a width the manual does not give the register, reads as zero and ignores writes.
// The SGI frame and WAKER of another vCPU do the same, except for writes of ISPENDR0, which arrive as SGIs
// do: that vCPU may be running.
#pragma once
#include "core/vcpu/vgic.hpp"

namespace redoubt {

struct FrameAccess {
  u64 offset;  // from the redistributor's base, below REDOUBT_GUEST_GICR_STRIDE
  unsigned bytes;
  bool is_write;
  u64 value;  // if is_write
};

// Of the vCPU that makes the access: to its own frames. Returns what a read gives, zero-extended; between
// vgic.fold() and vgic.load().
[[nodiscard]] u64 access_own_frame(Vgic& vgic, bool& awake, u64 vcpu, u64 vcpus, FrameAccess access);

// To the frames of another vCPU of the same VM. `kick` is set if that vCPU must be told (Vgic::post).
[[nodiscard]] u64 access_other_frame(Vgic& target, u64 vcpu, u64 vcpus, FrameAccess access, bool& kick);

}  // namespace redoubt

#include "core/vcpu/redistributor_inline.hpp"
