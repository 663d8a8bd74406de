// SPDX-License-Identifier: BSD-3-Clause
// A VM's manifest (abi/bundle.h): every rule of its format, and what the core keeps of it for the VM's life.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "abi/bundle.h"
#include "core/machine/constants.hpp"

namespace redoubt {

static_assert(REDOUBT_MANIFEST_IMAGES == MAX_LOAD_INFO_NUM);
static_assert(sizeof(redoubt_manifest) == 672 && offsetof(redoubt_manifest, signature) == 608);
static_assert(sizeof(redoubt_manifest_image) == 96 && sizeof(redoubt_manifest) <= REDOUBT_MANIFEST_BYTES);

// Bytes that the signature covers: all before it.
inline constexpr std::size_t MANIFEST_SIGNED_BYTES = offsetof(redoubt_manifest, signature);
// Guest addresses end here (R8).
inline constexpr u64 GUEST_ADDRESS_END = u64{1} << 40;

// A SHA-512 digest as it stands in memory: 64 bytes, eight little-endian words.
using Digest = std::array<u64, 8>;
using ManifestName = std::array<char, 32>;
using PublicKey = std::array<std::uint8_t, 32>;  // Ed25519

// Invariants of a record that check_manifest has filled:
//   INV-BOOT-4  the images lie in whole pages inside [memory_base, memory_base + memory_size), share no page,
//               and none is empty; entry and dtb lie inside an image
struct BootImage {
  u64 address = 0;  // guest address, 4 KiB aligned
  u64 size = 0;     // bytes; the last page is padded with zeros, and the digest covers the padding
  Digest digest{};

  [[nodiscard]] constexpr u64 pages() const { return (size + PAGE_SIZE - 1) >> PAGE_SHIFT; }
  [[nodiscard]] constexpr bool contains(u64 at) const { return at - address < size; }
};

struct BootRecord {
  u64 memory_base = 0, memory_size = 0;  // multiples of 2 MiB
  u64 vcpus = 0;                         // 1..8
  u64 entry = 0, dtb = 0;                // PC and x0 of vCPU 0 at its first run (R22)
  u64 counter = 0;
  u64 image_count = 0;  // 1..5
  std::array<BootImage, REDOUBT_MANIFEST_IMAGES> images{};
  ManifestName name{};  // NUL-terminated, zeros behind
  PublicKey key{};
};

// Why bytes are no manifest, in the order of the checks.
enum class ManifestError : std::uint8_t {
  none,
  length,         // not sizeof(redoubt_manifest) to REDOUBT_MANIFEST_BYTES
  magic,          // not a bundle at all
  version,        // of a format that this core does not know
  reserved,       // a field or image slot that must be zero is not
  vcpus,          // not 1..8
  memory,         // not whole blocks of 2 MiB between device space and the end of guest addresses
  name,           // empty, not terminated, or other characters than letters, digits, '-', '_', '.'
  image_count,    // not 1..5
  image_kind,     // as `name`
  image_address,  // not 4 KiB aligned
  image_size,     // 0
  image_outside,  // not inside the memory
  image_overlap,  // shares a page with another
  entry,          // not 4-byte aligned, or inside no image
  dtb,            // not 8-byte aligned, or inside no image
};

namespace manifest {

constexpr bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
         c == '.';
}
// One character at least, a NUL, and nothing but zeros behind it.
template <std::size_t N>
constexpr bool is_name(char const (&text)[N]) {
  std::size_t length = 0;
  while (length < N && is_name_character(text[length])) ++length;
  bool rest_is_zero = length != 0 && length < N;
  for (std::size_t i = length; i < N; ++i) rest_is_zero = rest_is_zero && text[i] == 0;
  return rest_is_zero;
}

constexpr bool is_memory(u64 base, u64 size) {
  return base % PMD_SIZE == 0 && size % PMD_SIZE == 0 && size != 0 && base >= REDOUBT_GUEST_MMIO_END &&
         base < GUEST_ADDRESS_END && size <= GUEST_ADDRESS_END - base;
}

// `memory` has been checked, so nothing here wraps.
constexpr ManifestError check_image(BootRecord const& memory, redoubt_manifest_image const& image) {
  if (!is_name(image.kind)) return ManifestError::image_kind;
  if (image.address % PAGE_SIZE != 0) return ManifestError::image_address;
  if (image.size == 0) return ManifestError::image_size;
  u64 const offset = image.address - memory.memory_base;
  if (image.address < memory.memory_base || offset >= memory.memory_size) return ManifestError::image_outside;
  // Both ends are page aligned: what fits also fits with its padding.
  return image.size <= memory.memory_size - offset ? ManifestError::none : ManifestError::image_outside;
}

constexpr bool shares_a_page(BootImage const& a, BootImage const& b) {
  return a.address < b.address + (b.pages() << PAGE_SHIFT) &&
         b.address < a.address + (a.pages() << PAGE_SHIFT);
}

constexpr bool is_inside_an_image(BootRecord const& record, u64 at) {
  for (u64 i = 0; i < record.image_count; ++i) {
    if (record.images[i].contains(at)) return true;
  }
  return false;
}

inline bool is_zero(redoubt_manifest_image const& image) {
  redoubt_manifest_image const zero{};
  return std::memcmp(&image, &zero, sizeof zero) == 0;
}

inline ManifestError take_head(redoubt_manifest const& from, BootRecord& record) {
  if (from.magic != REDOUBT_MANIFEST_MAGIC) return ManifestError::magic;
  if (from.version != REDOUBT_MANIFEST_VERSION) return ManifestError::version;
  if (from.reserved != 0) return ManifestError::reserved;
  if (from.vcpus == 0 || from.vcpus > VCPU_PER_VM) return ManifestError::vcpus;
  if (!is_memory(from.memory_base, from.memory_size)) return ManifestError::memory;
  if (!is_name(from.name)) return ManifestError::name;
  if (from.image_count == 0 || from.image_count > REDOUBT_MANIFEST_IMAGES) return ManifestError::image_count;
  record.memory_base = from.memory_base;
  record.memory_size = from.memory_size;
  record.vcpus = from.vcpus;
  record.entry = from.entry;
  record.dtb = from.dtb;
  record.counter = from.counter;
  record.image_count = from.image_count;
  std::memcpy(record.name.data(), from.name, sizeof from.name);
  std::memcpy(record.key.data(), from.key, sizeof from.key);
  return ManifestError::none;
}

inline ManifestError take_images(redoubt_manifest const& from, BootRecord& record) {
  for (u64 i = 0; i < REDOUBT_MANIFEST_IMAGES; ++i) {
    redoubt_manifest_image const& image = from.images[i];
    if (i >= record.image_count) {
      if (!is_zero(image)) return ManifestError::reserved;
      continue;
    }
    if (ManifestError const error = check_image(record, image); error != ManifestError::none) return error;
    record.images[i].address = image.address;
    record.images[i].size = image.size;
    std::memcpy(record.images[i].digest.data(), image.sha512, sizeof image.sha512);
    for (u64 other = 0; other < i; ++other) {
      if (shares_a_page(record.images[other], record.images[i])) return ManifestError::image_overlap;
    }
  }
  return ManifestError::none;
}

}  // namespace manifest

// Fills `record` from `from`, a copy that nobody else can write, of a host buffer of `bytes` bytes. Says
// nothing about the signature: see admission.hpp. Unless the answer is `none`, `record` has no meaning.
[[nodiscard]] inline ManifestError check_manifest(redoubt_manifest const& from, u64 bytes,
                                                  BootRecord& record) {
  record = BootRecord{};
  if (bytes < sizeof from || bytes > REDOUBT_MANIFEST_BYTES) return ManifestError::length;
  if (ManifestError const error = manifest::take_head(from, record); error != ManifestError::none)
    return error;
  if (ManifestError const error = manifest::take_images(from, record); error != ManifestError::none)
    return error;
  if (from.entry % 4 != 0 || !manifest::is_inside_an_image(record, from.entry)) return ManifestError::entry;
  if (from.dtb % 8 != 0 || !manifest::is_inside_an_image(record, from.dtb)) return ManifestError::dtb;
  return ManifestError::none;
}

}  // namespace redoubt
