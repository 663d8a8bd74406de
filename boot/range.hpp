// SPDX-License-Identifier: BSD-3-Clause
// Physical address ranges and short lists of them.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

namespace redoubt {

struct Range {
  std::uint64_t base = 0;
  std::uint64_t size = 0;

  [[nodiscard]] constexpr std::uint64_t end() const { return base + size; }
  // The end can be written as a number: nothing wraps.
  [[nodiscard]] constexpr bool valid() const { return base + size >= base; }
  [[nodiscard]] constexpr bool contains(std::uint64_t address) const { return address - base < size; }
  [[nodiscard]] constexpr bool contains(Range other) const {
    return other.valid() && other.base >= base && other.end() <= end();
  }
  [[nodiscard]] constexpr bool overlaps(Range other) const {
    return size != 0 && other.size != 0 && base < other.end() && other.base < end();
  }
  constexpr bool operator==(Range const&) const = default;
};

[[nodiscard]] constexpr std::uint64_t align_down(std::uint64_t value, std::uint64_t alignment) {
  return value & ~(alignment - 1);
}
[[nodiscard]] constexpr std::uint64_t align_up(std::uint64_t value, std::uint64_t alignment) {
  return align_down(value + alignment - 1, alignment);
}
[[nodiscard]] constexpr bool is_aligned(std::uint64_t value, std::uint64_t alignment) {
  return (value & (alignment - 1)) == 0;
}

// A list with a fixed capacity; `push` says whether there was room.
template <class T, std::size_t Capacity>
class FixedList {
 public:
  [[nodiscard]] constexpr bool push(T const& value) {
    if (count_ == Capacity) return false;
    items_[count_++] = value;
    return true;
  }
  [[nodiscard]] constexpr std::size_t size() const { return count_; }
  [[nodiscard]] constexpr T& operator[](std::size_t index) { return items_[index]; }
  [[nodiscard]] constexpr T const& operator[](std::size_t index) const { return items_[index]; }
  [[nodiscard]] constexpr T const* begin() const { return items_.data(); }
  [[nodiscard]] constexpr T const* end() const { return items_.data() + count_; }

 private:
  std::array<T, Capacity> items_{};
  std::size_t count_ = 0;
};

}  // namespace redoubt
