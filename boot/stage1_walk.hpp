// SPDX-License-Identifier: BSD-3-Clause
// R13: on which level of its own stage-1 walk the host or a guest met a stage-2 fault; the CPU does not say.
#pragma once
#include <cstdint>

#include "boot/abort_injection.hpp"
#include "core/machine/field.hpp"

namespace redoubt {

struct Stage1Registers {
  std::uint64_t ttbr0, ttbr1, tcr;
};

namespace stage1 {

using T0sz = Field<5, 0>;
using Tg0 = Field<15, 14>;
using T1sz = Field<21, 16>;
using Tg1 = Field<31, 30>;
using Ds = Flag<59>;  // 52-bit output addresses with small granules

// log2 of the granule; 0 for reserved encodings.
[[nodiscard]] constexpr unsigned granule_bits(std::uint64_t tcr, bool upper) {
  constexpr unsigned tg0[4] = {12, 16, 14, 0};
  constexpr unsigned tg1[4] = {0, 14, 12, 16};
  return upper ? tg1[Tg1::get(tcr)] : tg0[Tg0::get(tcr)];
}

// Address of the next table in a descriptor or TTBR; with DS, bits [51:50] lie in [9:8] of a descriptor.
[[nodiscard]] constexpr std::uint64_t table_address(std::uint64_t descriptor, unsigned granule, bool wide) {
  std::uint64_t const low = descriptor & Field<49, 0>::mask & ~((std::uint64_t{1} << granule) - 1);
  if (!wide) return low & Field<47, 0>::mask;
  return low | Field<9, 8>::get(descriptor) << 50;
}

}  // namespace stage1

// Walks at most five levels for `address` until the descriptor to be read lies in the page of `faulting_ipa`.
// `read(ipa, value)` reads a descriptor and says whether it may be read. If the page is not met, which only
// who changes the tables meanwhile can cause, the answer is the first level.
template <class Read>
[[nodiscard]] WalkLevel find_walk_level(Stage1Registers const& registers, std::uint64_t address,
                                        std::uint64_t faulting_ipa, Read read) {
  bool const upper = (address >> 55 & 1) != 0;
  unsigned const granule = stage1::granule_bits(registers.tcr, upper);
  auto const txsz =
      static_cast<unsigned>(upper ? stage1::T1sz::get(registers.tcr) : stage1::T0sz::get(registers.tcr));
  if (granule == 0 || txsz < 12 || txsz > 48) return {.on_walk = true, .level = 0};
  unsigned const input_bits = 64 - txsz;
  if (input_bits <= granule) return {.on_walk = true, .level = 3};
  unsigned const index_bits = granule - 3;
  auto const levels = static_cast<int>((input_bits - granule + index_bits - 1) / index_bits);
  int const first = 4 - levels;
  bool const wide = stage1::Ds::get(registers.tcr) != 0 && granule != 16;
  std::uint64_t const input = address & ((std::uint64_t{1} << input_bits) - 1);

  std::uint64_t table =
      (upper ? registers.ttbr1 : registers.ttbr0) & Field<47, 0>::mask & ~std::uint64_t{0x3f};
  for (int level = first; level <= 3; ++level) {
    auto const shift = granule + static_cast<unsigned>(3 - level) * index_bits;
    std::uint64_t const index = level == first ? input >> shift : input >> shift & ((1u << index_bits) - 1);
    std::uint64_t const entry = table + index * 8;
    if (entry >> 12 == faulting_ipa >> 12) return {.on_walk = true, .level = level};
    std::uint64_t descriptor = 0;
    if (!read(entry, descriptor) || (descriptor & 3) != 3) break;
    table = stage1::table_address(descriptor, granule, wide);
  }
  return {.on_walk = true, .level = first};
}

}  // namespace redoubt
