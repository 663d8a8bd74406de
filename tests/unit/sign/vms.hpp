// SPDX-License-Identifier: BSD-3-Clause
// Options of VMs that redoubt-sign can make, and keys.
#pragma once
#include <cstring>

#include "boot/image_format.hpp"
#include "tools/redoubt-sign/bundle.hpp"

namespace redoubt::sign {

inline File any_bytes(std::size_t size, unsigned seed) {
  File file(size);
  for (std::size_t i = 0; i < size; ++i) file[i] = static_cast<std::byte>(i * 31 + seed + (i >> 8));
  return file;
}

inline File make_kernel(std::size_t size, std::uint64_t image_size, std::uint64_t text_offset = 0) {
  File kernel = any_bytes(size, 3);
  LinuxImageHeader const header{.code = {},
                                .text_offset = text_offset,
                                .image_size = image_size,
                                .flags = 0xa,
                                .reserved = {},
                                .magic = kLinuxImageMagic,
                                .pe_offset = 0};
  std::memcpy(kernel.data(), &header, sizeof header);
  return kernel;
}

inline VmOptions small_vm() {
  VmOptions options;
  options.name = "small";
  options.cmdline = "console=ttyAMA0 quiet";
  options.memory_size = 64u << 20;
  options.vcpus = 2;
  options.counter = 3;
  options.kernel = make_kernel(0x12'3456, 0x18'0000);
  options.initrd = any_bytes(10'001, 5);
  return options;
}

inline KeyPair fixed_keys(std::uint8_t number = 1) {
  tools::KeyBytes seed{};
  seed[0] = number;
  return key_pair_of(seed);
}

}  // namespace redoubt::sign
