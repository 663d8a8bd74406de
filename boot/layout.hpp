// SPDX-License-Identifier: BSD-3-Clause
// Where everything lies in RAM: the core's image and its tables, the host kernel, the host's device tree.
#pragma once
#include "boot/boot_error.hpp"
#include "boot/boot_info.hpp"
#include "boot/image_format.hpp"
#include "core/machine/params.hpp"
#include "core/machine/record_layout.hpp"

namespace redoubt {

// What the core keeps in core_data, in bytes from its start: the page-table pools, whose level-1 pairs are 8
// KiB aligned (R8), the SMMU table pool and a stamp of 8 bytes for each of its pages, then the mailboxes
// that the host shares (R23) and the ownership array, 8 bytes a page of RAM (R17).
inline constexpr std::uint64_t kPoolsOffset = PAGE_SIZE;
inline constexpr std::uint64_t kSmmuPoolOffset = kPoolsOffset + smmu_pool_offset<QemuVirtParams>();
inline constexpr std::uint64_t kSmmuStampsOffset = kSmmuPoolOffset + QemuVirtParams::smmu.size;
inline constexpr std::uint64_t kMailboxesOffset =
    align_up(kSmmuStampsOffset + 8 * smmu_table_pages<QemuVirtParams>(), PAGE_SIZE);
inline constexpr std::uint64_t kMailboxesSize = PRINCIPALS * MAILBOX_PAGES * PAGE_SIZE;
inline constexpr std::uint64_t kOwnershipOffset = kMailboxesOffset + kMailboxesSize;

// Memory that the core needs beside its image, in bytes, for a machine with that many pages of RAM.
[[nodiscard]] constexpr std::uint64_t core_data_size(std::uint64_t ram_pages) {
  return align_up(kOwnershipOffset + 8 * ram_pages, kBlockSize);
}

// What the loaded image says about itself.
struct LoadedImage {
  std::uint64_t base;
  ImageDescriptor descriptor;
};

// The highest free range of `size` bytes: inside one region of info.memory, away from everything `info` lists
// and from `tree`. Size 0: there is none.
[[nodiscard]] Range find_free(BootInfo const& info, Range tree, std::uint64_t size, std::uint64_t alignment);

// Checks image, payload, initrd and tree against RAM and each other; sets core_image, keys, payload,
// core_data
// (`data_size` bytes, a multiple of 2 MiB) and host_tree (`host_tree_bytes`) of `info`, whose memory and
// reservations are set.
BootFailure plan_layout(LoadedImage const& image, Range tree, std::uint64_t data_size,
                        std::uint64_t host_tree_bytes, BootInfo& info);

}  // namespace redoubt
