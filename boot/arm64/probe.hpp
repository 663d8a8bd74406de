// SPDX-License-Identifier: BSD-3-Clause
// Finding out whether there is memory at an address, while the device tree has not told it yet.
#pragma once
#include <cstdint>

#include "boot/image_format.hpp"
#include "boot/range.hpp"

// False: the load of the 8 bytes at `address` (8-byte aligned, mapped at EL2) took an external abort. Before
// the host only; vectors.S steps over the load.
extern "C" [[nodiscard]] bool can_read(std::uint64_t address);

namespace redoubt {

// The first address of `range` (8-byte aligned, not empty) that cannot be read, one load a page; range.end()
// if there is none.
[[nodiscard]] inline std::uint64_t first_unreadable(Range range) {
  std::uint64_t at = range.base;
  while (at < range.end() && can_read(at)) at = align_down(at, kPageSize) + kPageSize;
  return at < range.end() ? at : range.end();
}

}  // namespace redoubt
