// SPDX-License-Identifier: BSD-3-Clause
// R11: an SMMUv3 that is present lets no DMA through from boot on (Arm IHI 0070, 6.3.9 SMMU_CR0, 6.3.14
// SMMU_GBPA).
#pragma once
#include <cstdint>

#include "machine/el2/barrier.hpp"
#include "machine/el2/memory.hpp"

namespace redoubt {

// With translation off, GBPA decides: ABORT. `base` is mapped as a device.
inline void abort_all_dma(std::uint64_t base) {
  constexpr std::uint64_t cr0 = 0x20, gbpa = 0x44;
  constexpr std::uint32_t abort = 1u << 20, update = 1u << 31;
  constexpr unsigned patience = 1u << 16;
  el2::store<std::uint32_t>(base + gbpa, update | abort);
  for (unsigned i = 0; i < patience && (el2::load<std::uint32_t>(base + gbpa) & update) != 0; ++i) {
  }
  el2::store<std::uint32_t>(base + cr0, 0);
  el2::dsb_sy();
}

}  // namespace redoubt
