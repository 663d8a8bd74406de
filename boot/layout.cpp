// SPDX-License-Identifier: BSD-3-Clause
// The decisions of layout.hpp.
#include "boot/layout.hpp"

namespace redoubt {
namespace {

bool inside_ram(BootInfo const& info, Range range) {
  for (auto const& region : info.memory)
    if (region.contains(range)) return true;
  return false;
}

// Base of the lowest listed range that `candidate` hits; `none` if it hits nothing.
constexpr std::uint64_t none = ~std::uint64_t{0};
std::uint64_t lowest_obstacle(BootInfo const& info, Range tree, Range candidate) {
  std::uint64_t lowest = none;
  auto const consider = [&](Range range) {
    if (range.overlaps(candidate) && range.base < lowest) lowest = range.base;
  };
  for (auto const& range : info.reservations) consider(range);
  for (auto const& range : {info.core_image, info.core_data, info.payload, info.initrd, info.host_tree, tree})
    consider(range);
  return lowest;
}

static_assert(kMaximumKeys * kKeySize <= kPageSize);

BootFailure check_keys(ImageDescriptor const& descriptor, BootInfo& info) {
  if (descriptor.keys_count == 0) return {};
  if (descriptor.keys_count > kMaximumKeys || descriptor.keys_offset < descriptor.core_memory_size ||
      descriptor.keys_offset >= kBlockSize || !is_aligned(descriptor.keys_offset, kPageSize))
    return {BootError::keys_malformed};
  info.keys = {info.core_image.base + descriptor.keys_offset, descriptor.keys_count * kKeySize};
  return {};
}

BootFailure check_image(LoadedImage const& image, BootInfo& info) {
  ImageDescriptor const& descriptor = image.descriptor;
  if (!is_aligned(image.base, kBlockSize)) return {BootError::core_misaligned, image.base};
  info.core_image = {image.base, kBlockSize};
  if (!inside_ram(info, info.core_image)) return {BootError::core_outside_ram, image.base};
  if (descriptor.payload_offset == 0 || descriptor.payload_memory_size == 0)
    return {BootError::payload_missing};
  if (descriptor.payload_offset != kBlockSize) return {BootError::payload_not_an_image};
  info.payload = {image.base + kBlockSize, descriptor.payload_memory_size};
  if (!info.payload.valid() || !inside_ram(info, info.payload))
    return {BootError::payload_outside_ram, descriptor.payload_memory_size};
  return check_keys(descriptor, info);
}

BootFailure check_overlaps(BootInfo const& info, Range tree) {
  Range const image{info.core_image.base, info.core_image.size + info.payload.size};
  if (!inside_ram(info, tree)) return {BootError::tree_outside_ram, tree.base};
  if (tree.overlaps(image)) return {BootError::tree_overlaps, tree.base};
  if (info.initrd.overlaps(image)) return {BootError::initrd_overlaps, info.initrd.base};
  for (auto const& range : info.reservations)
    if (range.overlaps(image)) return {BootError::payload_overlaps_reservation, range.base};
  return {};
}

}  // namespace

Range find_free(BootInfo const& info, Range tree, std::uint64_t size, std::uint64_t alignment) {
  for (std::size_t i = info.memory.size(); i-- > 0;) {
    Range const region = info.memory[i];
    std::uint64_t limit = region.end();
    while (limit >= size && limit - size >= region.base) {
      Range const candidate{align_down(limit - size, alignment), size};
      if (candidate.base < region.base) break;
      std::uint64_t const obstacle = lowest_obstacle(info, tree, candidate);
      if (obstacle == none) return candidate;
      limit = obstacle;
    }
  }
  return {};
}

BootFailure plan_layout(LoadedImage const& image, Range tree, std::uint64_t data_size,
                        std::uint64_t host_tree_bytes, BootInfo& info) {
  if (auto const failure = check_image(image, info); !failure.ok()) return failure;
  if (auto const failure = check_overlaps(info, tree); !failure.ok()) return failure;
  info.core_data = find_free(info, tree, data_size, kBlockSize);
  if (info.core_data.size == 0) return {BootError::core_no_room, data_size};
  info.host_tree = find_free(info, tree, host_tree_bytes, kPageSize);
  if (info.host_tree.size == 0) return {BootError::core_no_room, host_tree_bytes};
  if (info.core_bytes() > info.core_limit()) return {BootError::ram_too_small, info.core_bytes()};
  return {};
}

}  // namespace redoubt
