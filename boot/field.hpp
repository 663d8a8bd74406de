// SPDX-License-Identifier: BSD-3-Clause
// A field of a register, declared once by its bit range as the Arm manual prints it: [High:Low].
#pragma once
#include <cstdint>

namespace redoubt {

template <unsigned High, unsigned Low>
struct Field {
  static_assert(High >= Low && High < 64);
  static constexpr unsigned shift = Low;
  static constexpr unsigned width = High - Low + 1;
  static constexpr std::uint64_t maximum = ~std::uint64_t{0} >> (64 - width);
  static constexpr std::uint64_t mask = maximum << Low;

  [[nodiscard]] static constexpr std::uint64_t get(std::uint64_t word) { return (word & mask) >> Low; }
  [[nodiscard]] static constexpr std::uint64_t make(std::uint64_t value) { return (value << Low) & mask; }
  [[nodiscard]] static constexpr std::uint64_t set(std::uint64_t word, std::uint64_t value) {
    return (word & ~mask) | make(value);
  }
  static_assert(get(make(maximum)) == maximum && set(~std::uint64_t{0}, 0) == ~mask);
};

template <unsigned Position>
using Bit = Field<Position, Position>;

}  // namespace redoubt
