// SPDX-License-Identifier: BSD-3-Clause
// A bounded table of words by (kind, k0, k1), kept in order of arrival: undo log and write log of the oracle.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

namespace redoubt::oracle {

using u64 = std::uint64_t;

struct Cell {
  u64 k0 = 0, k1 = 0, value = 0;
  std::uint32_t kind = 0;
};

// Nothing here allocates. A full table says so and takes nothing more.
template <std::size_t Capacity>
class CellLog {
 public:
  static_assert((Capacity & (Capacity - 1)) == 0 && Capacity < 0x8000);

  void clear() {
    for (std::size_t n = 0; n < size_; ++n) {
      index_[places_[n]] = 0;
    }
    size_ = 0;
    overflow_ = false;
  }
  [[nodiscard]] Cell const* find(std::uint32_t kind, u64 k0, u64 k1) const {
    const std::size_t number = index_[place(kind, k0, k1)];
    return number == 0 ? nullptr : &cells_[number - 1];
  }
  void put(std::uint32_t kind, u64 k0, u64 k1, u64 value) {
    const std::size_t at = place(kind, k0, k1);
    if (index_[at] != 0) {
      cells_[index_[at] - 1].value = value;
    } else if (size_ == Capacity) {
      overflow_ = true;
    } else {
      cells_[size_] = {k0, k1, value, kind};
      places_[size_] = static_cast<std::uint16_t>(at);
      index_[at] = static_cast<std::uint16_t>(++size_);
    }
  }
  // Keeps the value that was put first.
  void put_first(std::uint32_t kind, u64 k0, u64 k1, u64 value) {
    if (find(kind, k0, k1) == nullptr) {
      put(kind, k0, k1, value);
    }
  }
  [[nodiscard]] bool overflow() const { return overflow_; }
  [[nodiscard]] Cell const* begin() const { return cells_.data(); }
  [[nodiscard]] Cell const* end() const { return cells_.data() + size_; }

 private:
  static constexpr std::size_t kPlaces = 2 * Capacity;  // so that a free one is always found

  // Where the key stands, or would.
  [[nodiscard]] std::size_t place(std::uint32_t kind, u64 k0, u64 k1) const {
    u64 hash = (k0 * 0x9e37'79b9'7f4a'7c15 ^ k1) * 0xbf58'476d'1ce4'e5b9 + kind * 0x94d0'49bb'1331'11eb;
    hash ^= hash >> 29;
    for (std::size_t at = hash & (kPlaces - 1);; at = (at + 1) & (kPlaces - 1)) {
      const std::size_t number = index_[at];
      if (number == 0) {
        return at;
      }
      const Cell& cell = cells_[number - 1];
      if (cell.kind == kind && cell.k0 == k0 && cell.k1 == k1) {
        return at;
      }
    }
  }

  std::array<Cell, Capacity> cells_{};
  std::array<std::uint16_t, Capacity> places_{};  // of each cell in the index
  std::array<std::uint16_t, kPlaces> index_{};    // number of the cell + 1; 0: free
  std::size_t size_ = 0;
  bool overflow_ = false;
};

}  // namespace redoubt::oracle
