// SPDX-License-Identifier: BSD-3-Clause
// A manifest that keeps every rule: kernel, tree and initrd in 64 MiB.
#pragma once
#include <cstring>

#include "core/vm/manifest.hpp"

namespace redoubt {

inline constexpr u64 kMemoryAt = 0x4000'0000, kMemorySize = 64u << 20;

inline void put_image(redoubt_manifest_image& image, u64 address, u64 size, char const* kind) {
  image = {};
  image.address = address;
  image.size = size;
  std::memset(image.sha512, static_cast<int>(size & 0xff), sizeof image.sha512);
  std::strncpy(image.kind, kind, sizeof image.kind - 1);
}

inline redoubt_manifest good_manifest() {
  redoubt_manifest manifest{};
  manifest.magic = REDOUBT_MANIFEST_MAGIC;
  manifest.version = REDOUBT_MANIFEST_VERSION;
  manifest.image_count = 3;
  manifest.memory_base = kMemoryAt;
  manifest.memory_size = kMemorySize;
  manifest.vcpus = 2;
  manifest.entry = kMemoryAt;
  manifest.dtb = kMemoryAt + 0x20'0000;
  manifest.counter = 7;
  std::strncpy(manifest.name, "good.vm_1-a", sizeof manifest.name - 1);
  std::memset(manifest.key, 0x11, sizeof manifest.key);
  put_image(manifest.images[0], kMemoryAt, 0x10'0001, "kernel");
  put_image(manifest.images[1], kMemoryAt + 0x20'0000, 1557, "dtb");
  put_image(manifest.images[2], kMemoryAt + 0x20'1000, 0x3000, "initrd");
  return manifest;
}

}  // namespace redoubt
