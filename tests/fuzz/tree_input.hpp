// SPDX-License-Identifier: BSD-3-Clause
// One device tree of arbitrary bytes through reading, layout and editing, with what must hold whatever the
// bytes are.
#pragma once
#include <libfdt.h>

#include <cstring>
#include <vector>

#include "boot/arm64/qemu_virt.hpp"
#include "boot/device_tree.hpp"
#include "boot/layout.hpp"

namespace redoubt::fuzz {

inline bool memory_is_sane(BootInfo const& info) {
  for (std::size_t i = 0; i < info.memory.size(); ++i) {
    if (!qemu_virt::kBoard.ram_window.contains(info.memory[i])) return false;
    if (i > 0 && info.memory[i - 1].end() > info.memory[i].base) return false;
  }
  return info.cpus.size() >= 1 && info.cpus.size() <= kMaximumCpus;
}

inline bool is_free(BootInfo const& info, Range range) {
  for (auto const& other : info.reservations)
    if (other.overlaps(range)) return false;
  return !info.initrd.overlaps(range) && !info.payload.overlaps(range);
}

// False: a result breaks INV-BOOT-1 or INV-BOOT-2. The bytes stand at an address inside RAM, as at boot.
inline bool handle_tree(unsigned char const* bytes, std::size_t size) {
  if (size < sizeof(fdt_header)) return true;
  std::vector<std::uint64_t> blob(size / 8 + 2);
  std::memcpy(blob.data(), bytes, size);
  BootInfo info;
  if (!read_device_tree(blob.data(), size, qemu_virt::kBoard, 0, info).ok()) return true;
  if (!memory_is_sane(info)) return false;

  LoadedImage const image{0x4020'0000,
                          {.magic = kDescriptorMagic,
                           .version = kDescriptorVersion,
                           .build_flags = 0,
                           .core_memory_size = 0x10'0000,
                           .payload_offset = kBlockSize,
                           .payload_file_size = 1u << 20,
                           .payload_memory_size = 32u << 20,
                           .keys_offset = 0,
                           .keys_count = 0}};
  Range const tree{0x4a00'0000, device_tree_bytes(blob.data())};
  pack_device_tree(blob.data());
  std::size_t const host_size = host_tree_size(blob.data());
  if (!plan_layout(image, tree, core_data_size(info.ram_bytes / kPageSize), host_size, info).ok())
    return true;
  if (!is_free(info, info.core_data) || !is_free(info, info.core_image)) return false;
  std::vector<std::uint64_t> out(host_size / 8);
  if (!write_host_tree(blob.data(), out.data(), host_size, qemu_virt::kBoard, info).ok()) return true;
  return fdt_check_header(out.data()) == 0;
}

}  // namespace redoubt::fuzz
