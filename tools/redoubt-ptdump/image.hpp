// SPDX-License-Identifier: BSD-3-Clause
// A memory image: pieces of physical memory inside a file's bytes. Nothing in it is trusted.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <vector>

namespace redoubt::ptdump {

using u64 = std::uint64_t;
using Bytes = std::span<const std::byte>;

inline constexpr u64 kTableSize = 4096;
inline constexpr u64 kAddressEnd = u64{1}
                                   << 48;  // one past the highest physical address that a table can name
using Table = std::array<u64, kTableSize / sizeof(u64)>;

// The file is not an image that can be read; the text says what to do.
struct BadImage : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class MemoryImage {
 public:
  struct Segment {
    u64 address;  // physical, of the first byte
    Bytes bytes;
  };

  // Sorts the segments. Throws BadImage if two of them overlap or one ends above kAddressEnd. The bytes must
  // outlive the image.
  explicit MemoryImage(std::vector<Segment> segments);

  // All of `bytes` is memory from `base` on, a multiple of 4 KiB. Throws BadImage.
  static MemoryImage raw(Bytes bytes, u64 base);

  // Copies the table page at `address`, little-endian words. False: it is not wholly in the image.
  [[nodiscard]] bool read(u64 address, Table& table) const;

  [[nodiscard]] std::span<const Segment> segments() const { return segments_; }

 private:
  std::vector<Segment> segments_;  // ascending, disjoint, none empty
};

// Is this the beginning of an ELF file?
bool is_elf(Bytes file);

// The physical memory in an ELF core as QEMU's dump-guest-memory writes it: 64-bit, little-endian, AArch64,
// one PT_LOAD for each piece of RAM with its physical address. Work is bounded by the file's size. Throws
// BadImage.
MemoryImage elf_core(Bytes file);

}  // namespace redoubt::ptdump
