// SPDX-License-Identifier: BSD-3-Clause
// What the boot found out about the machine, fixed before the host starts and read-only afterwards.
#pragma once
#include <cstdint>

#include "boot/arm64/board.hpp"
#include "boot/range.hpp"

namespace redoubt {

// Invariants, from the moment the host runs:
//   INV-BOOT-1  memory is sorted, disjoint, 4 KiB aligned and inside the board's RAM window
//   INV-BOOT-2  core_image and core_data are 2 MiB aligned, inside memory, disjoint from each other and from
//               payload, initrd, host_tree and every reservation
//   INV-BOOT-3  host_devices are 4 KiB aligned and disjoint from memory and from what the core owns
struct BootInfo {
  FixedList<Range, kMaximumRegions> memory;
  FixedList<Range, kMaximumRegions> reservations;  // the boot loader's
  FixedList<Range, 24> host_devices;               // pages that the host may map, redistributors included
  FixedList<std::uint64_t, kMaximumCpus> cpus;     // MPIDR affinity of each CPU
  std::uint64_t ram_bytes = 0;
  Range core_image;
  Range keys;  // inside core_image: the key set, 32 bytes a key; size 0: none
  Range core_data;
  Range payload;  // the host kernel with its BSS
  Range initrd;   // size 0: none
  Range host_tree;
  std::uint64_t devices_withheld = 0;
  bool smmu_present = false;

  [[nodiscard]] constexpr std::uint64_t core_bytes() const { return core_image.size + core_data.size; }
  // R17: what the core may take.
  [[nodiscard]] constexpr std::uint64_t core_limit() const { return (24u << 20) + ram_bytes / 64; }
};

}  // namespace redoubt
