// SPDX-License-Identifier: BSD-3-Clause
// Where everything lies in RAM: the core's image and its tables, the host kernel, the host's device tree.
#pragma once
#include "boot/boot_error.hpp"
#include "boot/boot_info.hpp"
#include "boot/image_format.hpp"

namespace redoubt {

// Memory that the core needs beside its image, in bytes, for a machine with that many pages of RAM.
// PLACEHOLDER: the figures of the page-table layers take its place when they are joined.
[[nodiscard]] constexpr std::uint64_t core_data_size(std::uint64_t ram_pages) {
  constexpr std::uint64_t host_pool = 8'493'466;       // 8.1 MiB of stage-2 tables
  constexpr std::uint64_t guest_pools = 15 * (512u << 10);  // 15 VMs
  constexpr std::uint64_t rest = 1u << 20;
  return align_up(host_pool + guest_pools + rest + 8 * ram_pages, kBlockSize);
}

// What the loaded image says about itself.
struct LoadedImage {
  std::uint64_t base;
  ImageDescriptor descriptor;
};

// The highest free range of `size` bytes: inside one region of info.memory, away from everything `info` lists and
// from `tree`. Size 0: there is none.
[[nodiscard]] Range find_free(BootInfo const& info, Range tree, std::uint64_t size, std::uint64_t alignment);

// Checks image, payload, initrd and tree against RAM and each other; sets core_image, payload, core_data (`data_size`
// bytes, a multiple of 2 MiB) and host_tree (`host_tree_bytes`) of `info`, whose memory and reservations are set.
BootFailure plan_layout(LoadedImage const& image, Range tree, std::uint64_t data_size, std::uint64_t host_tree_bytes,
                        BootInfo& info);

}  // namespace redoubt
