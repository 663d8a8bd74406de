// SPDX-License-Identifier: BSD-3-Clause
// The bootable file: the Linux arm64 Image header and the core's own descriptor behind it; shared by core and
// packer.
#pragma once
#include <cstddef>
#include <cstdint>

namespace redoubt {

inline constexpr std::uint64_t kBlockSize = 2u << 20;  // the core's slot, and the alignment of both images
inline constexpr std::uint64_t kPageSize = 4096;

// Header of an arm64 Image, all fields little-endian (Linux Documentation/arch/arm64/booting.rst, "Call the
// kernel image").
struct LinuxImageHeader {
  std::uint32_t code[2];
  std::uint64_t text_offset;  // bytes from a 2 MiB aligned base
  std::uint64_t image_size;   // bytes the image needs in memory, its BSS counted
  std::uint64_t flags;
  std::uint64_t reserved[3];
  std::uint32_t magic;
  std::uint32_t pe_offset;
};
static_assert(sizeof(LinuxImageHeader) == 64 && offsetof(LinuxImageHeader, magic) == 56);

inline constexpr std::uint32_t kLinuxImageMagic = 0x644d5241;  // "ARM\x64"
inline constexpr std::uint64_t kImageFlagBigEndian = 1;
inline constexpr std::uint64_t kImageFlagPageSizeShift = 1;  // 0 unspecified, 1 4 KiB, 2 16 KiB, 3 64 KiB
inline constexpr std::uint64_t kImageFlagPageSizeMask = 3;
inline constexpr std::uint64_t kImageFlagAnywhere = 8;  // may lie anywhere in RAM at a 2 MiB aligned base

// Placed directly behind the Linux header of the core; offsets count from the first byte of the file.
// The build fills the first three fields and `core_memory_size`, the packer the others.
struct ImageDescriptor {
  std::uint64_t magic;
  std::uint32_t version;
  std::uint32_t build_flags;       // REDOUBT_BUILD_*
  std::uint64_t core_memory_size;  // bytes the core needs, BSS and stacks counted
  std::uint64_t payload_offset;    // 0: not packed
  std::uint64_t payload_file_size;
  std::uint64_t payload_memory_size;  // the kernel's own image_size
  std::uint64_t keys_offset;          // 32-byte Ed25519 public keys, one after the other, in one page
  std::uint64_t keys_count;           // may be 0
};
static_assert(sizeof(ImageDescriptor) == 64);

inline constexpr std::uint64_t kDescriptorMagic = 0x54425544'45520a01;  // changes if the layout does
inline constexpr std::uint32_t kDescriptorVersion = 1;
inline constexpr std::size_t kDescriptorOffset = sizeof(LinuxImageHeader);
inline constexpr std::size_t kKeySize = 32;
inline constexpr std::size_t kMaximumKeys = 8;

}  // namespace redoubt
