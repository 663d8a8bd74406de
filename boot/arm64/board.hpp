// SPDX-License-Identifier: BSD-3-Clause
// What a board description says: the physical ranges the core knows. What is not listed is never mapped (deny
// by default).
#pragma once
#include <cstdint>
#include <span>

#include "boot/range.hpp"

namespace redoubt {

inline constexpr std::size_t kMaximumCpus = 8;
inline constexpr std::size_t kMaximumRegions = 32;

struct DeviceWindow {
  Range range;
  char const* name;
};

struct Board {
  char const* name;
  Range ram_window;           // where RAM can be
  std::uint64_t minimum_ram;  // bytes
  std::uint64_t maximum_ram;
  std::uint64_t uart;                          // PL011, the core's console until the host runs
  Range redistributors;                        // GICv3 redistributors, one frame pair a CPU
  std::uint64_t redistributor_stride;          // bytes from one CPU's RD_base to the next
  std::span<DeviceWindow const> host_windows;  // given to the host as they are
  std::span<char const* const> withheld;       // "compatible" strings removed from the host's tree
  char const* smmu_compatible;                 // core-owned where present
  Range smmu;
};

}  // namespace redoubt
