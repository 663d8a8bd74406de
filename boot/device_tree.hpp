// SPDX-License-Identifier: BSD-3-Clause
// The boot loader's device tree: checked and read into BootInfo, then edited for the host. Uses libfdt;
// before the host only.
#pragma once
#include <cstddef>
#include <cstdint>

#include "boot/boot_error.hpp"
#include "boot/boot_info.hpp"

namespace redoubt {

inline constexpr std::uint64_t kMaximumTreeSize = 2u << 20;  // Linux's own limit

// Reads memory, CPUs, reservations, initrd and SMMU of the tree at `blob` (8-byte aligned, `readable` bytes
// may be read) into `info`, and checks them against `board` and the MPIDR affinity of the CPU that boots.
BootFailure read_device_tree(void const* blob, std::size_t readable, Board const& board,
                             std::uint64_t boot_cpu, BootInfo& info);

// Bytes of the tree at `blob`, which read_device_tree accepted.
[[nodiscard]] std::size_t device_tree_bytes(void const* blob);

// Drops the unused room inside the tree at `blob` (QEMU's is 1 MiB), so that copying it is cheap. In place.
void pack_device_tree(void* blob);

// Bytes that `write_host_tree` needs for the tree at `blob`, which pack_device_tree has packed.
[[nodiscard]] std::size_t host_tree_size(void const* blob);

// Copies the tree into `buffer` and edits it for the host: devices not listed by the board are removed
// (counted in info.devices_withheld), both core ranges become no-map reservations.
BootFailure write_host_tree(void const* blob, void* buffer, std::size_t size, Board const& board,
                            BootInfo& info);

}  // namespace redoubt
