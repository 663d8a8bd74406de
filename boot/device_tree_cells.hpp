// SPDX-License-Identifier: BSD-3-Clause
// Cells of device tree properties: big-endian words, one or two a number (Devicetree
// Specification 2.3.5, 2.3.6).
#pragma once
#include <libfdt.h>

#include <cstdint>
#include <span>

#include "boot/range.hpp"

namespace redoubt {

struct Cells {
  int address = 2;
  int size = 1;
  [[nodiscard]] bool supported() const { return address >= 1 && address <= 2 && size >= 1 && size <= 2; }
  [[nodiscard]] int entry_bytes() const { return (address + size) * 4; }
  friend bool operator==(Cells const&, Cells const&) = default;
};

[[nodiscard]] inline Cells cells_of(void const* tree, int node) {
  return {fdt_address_cells(tree, node), fdt_size_cells(tree, node)};
}

[[nodiscard]] inline std::uint64_t read_cells(unsigned char const* bytes, int cells) {
  std::uint64_t value = 0;
  for (int i = 0; i < cells * 4; ++i) value = value << 8 | bytes[i];
  return value;
}

inline void write_cells(unsigned char* bytes, int cells, std::uint64_t value) {
  for (int i = cells * 4 - 1; i >= 0; --i, value >>= 8) bytes[i] = static_cast<unsigned char>(value & 0xff);
}

// Value of a property; empty if there is none.
[[nodiscard]] inline std::span<unsigned char const> property(void const* tree, int node, char const* name) {
  int length = 0;
  void const* const value = fdt_getprop(tree, node, name, &length);
  if (value == nullptr || length <= 0) return {};
  return {static_cast<unsigned char const*>(value), static_cast<std::size_t>(length)};
}

// The property is this string (its terminating zero included).
[[nodiscard]] inline bool property_is(void const* tree, int node, char const* name, char const* text) {
  auto const value = property(tree, node, name);
  std::size_t i = 0;
  for (; i < value.size() && text[i] != 0; ++i)
    if (value[i] != static_cast<unsigned char>(text[i])) return false;
  return i + 1 == value.size() && text[i] == 0 && value[i] == 0;
}

// `text` is one of the strings of a list property.
[[nodiscard]] inline bool contains_string(std::span<unsigned char const> list, char const* text) {
  return !list.empty() && fdt_stringlist_contains(reinterpret_cast<char const*>(list.data()),
                                                  static_cast<int>(list.size()), text) != 0;
}

// Calls `visit(Range)` for each complete entry of "reg" until it returns false; false if it did or the length
// is odd.
template <class Visit>
[[nodiscard]] bool for_each_reg(void const* tree, int node, Cells cells, Visit visit) {
  auto const reg = property(tree, node, "reg");
  auto const step = static_cast<std::size_t>(cells.entry_bytes());
  if (reg.size() % step != 0) return false;
  for (std::size_t i = 0; i < reg.size(); i += step) {
    Range const range{read_cells(&reg[i], cells.address),
                      read_cells(&reg[i + static_cast<std::size_t>(cells.address) * 4], cells.size)};
    if (!visit(range)) return false;
  }
  return true;
}

}  // namespace redoubt
