// SPDX-License-Identifier: BSD-3-Clause
// States of VMs and vCPUs as their records keep them (upper digest 0.1).
#pragma once
#include "core/machine/constants.hpp"

namespace redoubt {

// A VM: UNUSED -> MAPPED -> READY -> VERIFIED -> POWEROFF -> UNUSED, and READY -> POWEROFF. MAPPED: the call
// that makes it says what it is; until it is READY nobody else can do anything with it, so that one record
// never mixes two manifests. Only a VERIFIED one runs, and POWEROFF is left by its end alone. A vCPU: UNUSED
// -> READY <-> ACTIVE.
namespace vm_state {
inline constexpr u64 UNUSED = 0, MAPPED = 1, READY = 2, VERIFIED = 3, POWEROFF = 4, ACTIVE = 5;
}  // namespace vm_state

// Most pages that one call gives or takes (R18).
inline constexpr u64 PAGES_PER_CALL = 32;

}  // namespace redoubt
