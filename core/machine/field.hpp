// SPDX-License-Identifier: BSD-3-Clause
// Bit fields of registers and descriptors, declared once with their range and checked to round-trip.
#pragma once
#include "core/machine/constants.hpp"

namespace redoubt {

// Bits hi..lo of a 64-bit register or descriptor, inclusive, as the Arm manual writes them.
template <unsigned Hi, unsigned Lo>
struct Field {
  static_assert(Hi < 64 && Lo <= Hi);
  static constexpr unsigned hi = Hi, lo = Lo, width = Hi - Lo + 1;
  static constexpr u64 max = ~u64{0} >> (64 - width);
  static constexpr u64 mask = max << Lo;

  static constexpr u64 get(u64 reg) { return (reg >> Lo) & max; }
  static constexpr u64 put(u64 value) { return (value & max) << Lo; }
  static constexpr u64 set(u64 reg, u64 value) { return (reg & ~mask) | put(value); }

  // The same on the words of any other domain.
  template <class W>
    requires(!std::integral<W>)
  static constexpr W get(W reg) {
    return (reg >> Lo) & W(max);
  }
  template <class W>
    requires(!std::integral<W>)
  static constexpr W put(W value) {
    return (value & W(max)) << Lo;
  }
  template <class W>
    requires(!std::integral<W>)
  static constexpr W set(W reg, W value) {
    return (reg & W(~mask)) | put(value);
  }
};
template <unsigned Bit>
using Flag = Field<Bit, Bit>;

// Stage-2 leaf descriptor, 4 KiB granule, FWB = 0 (Arm ARM D8.3.2, D8.5).
struct Stage2Leaf {
  using Valid = Flag<0>;
  using Type = Field<1, 0>;  // 1 block, 3 page
  using MemAttr = Field<5, 2>;
  using S2Ap = Field<7, 6>;
  using Shareability = Field<9, 8>;
  using AccessFlag = Flag<10>;
  using OutputAddress = Field<47, 12>;
  using ExecuteNever = Field<54, 53>;
};

template <class F>
constexpr bool round_trips(u64 value, u64 background) {
  return F::get(F::set(background, value)) == (value & F::max) &&
         (F::set(background, value) & ~F::mask) == (background & ~F::mask);
}
static_assert(round_trips<Stage2Leaf::OutputAddress>(0x80000, ~u64{0}) &&
              round_trips<Stage2Leaf::S2Ap>(3, 0));
static_assert(Stage2Leaf::MemAttr::get(PAGE_S2_KERNEL) == 0xf &&
              Stage2Leaf::MemAttr::get(PAGE_S2_DEVICE) == 1);
static_assert(Stage2Leaf::S2Ap::get(PAGE_S2_HOST_DEVICE) == 3 &&
              Stage2Leaf::AccessFlag::get(PAGE_S2_KERNEL) == 1);

// Is `entry` at level 0, 1 or 2 a table descriptor? A level-3 page has the same type bits.
template <class W>
constexpr auto is_table(Descriptor<W> entry) {
  return (entry.raw & W(PMD_TYPE_MASK)) == W(PMD_TYPE_TABLE);
}
template <class W>
constexpr auto is_valid(Descriptor<W> entry) {
  return (entry.raw & W(DESC_VALID)) != W(0);
}

}  // namespace redoubt
