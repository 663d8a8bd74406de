// SPDX-License-Identifier: BSD-3-Clause
// Joins the core, a key set and a stock host kernel into one file that boots by the Linux arm64 boot
// protocol.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "boot/image_format.hpp"

namespace redoubt::pack {

using Bytes = std::span<std::byte const>;

enum class Error : std::uint8_t {
  none,
  core_not_an_image,    // no Image header or no Redoubt descriptor
  core_wrong_version,   // descriptor of another version
  core_already_packed,  // has a payload
  core_too_large,       // core and keys exceed their 2 MiB
  kernel_missing,       // empty file
  kernel_gzip,          // compressed by gzip
  kernel_zboot,         // compressed, in an EFI wrapper
  kernel_not_an_image,  // none of these
  kernel_truncated,     // shorter than its header
  kernel_big_endian,
  kernel_page_size,    // made for 16 or 64 KiB pages
  kernel_text_offset,  // must not need an offset from a 2 MiB boundary
  kernel_size,         // image_size is 0 or smaller than the file
  kernel_too_large,    // more than kMaximumPayload
  keys_length,         // not a multiple of 32 bytes
  keys_too_many,
};

inline constexpr std::uint64_t kMaximumPayload = 512u << 20;  // all of the smallest supported machine

// One sentence: what is wrong and what to do.
[[nodiscard]] char const* describe(Error error);

// The first problem of a core (not packed yet), of a kernel, of a key set; `none` if it can be used.
[[nodiscard]] Error check_core(Bytes core);
[[nodiscard]] Error check_kernel(Bytes kernel);
[[nodiscard]] Error check_keys(Bytes core, Bytes keys);

// The packed file. All three have passed their checks.
[[nodiscard]] std::vector<std::byte> join(Bytes core, Bytes kernel, Bytes keys);

}  // namespace redoubt::pack
