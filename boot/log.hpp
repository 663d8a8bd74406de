// SPDX-License-Identifier: BSD-3-Clause
// The bounded in-memory log: fixed event types of abi/redoubt.h, the oldest record is overwritten.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

namespace redoubt {

struct LogRecord {
  std::uint64_t sequence = 0;
  std::uint64_t word = 0;  // event << 56 | CPU << 48 | microseconds since boot
  std::uint64_t value = 0;
};

[[nodiscard]] constexpr std::uint64_t log_word(std::uint8_t event, std::size_t cpu,
                                               std::uint64_t microseconds) {
  return std::uint64_t{event} << 56 | static_cast<std::uint64_t>(cpu & 0xff) << 48 |
         (microseconds & ((std::uint64_t{1} << 48) - 1));
}

// Invariant INV-LOG-1: record n, while kept, is in slot n % Capacity; kept are the last min(next, Capacity)
// ones. The caller holds the log's lock.
template <std::size_t Capacity>
class Log {
 public:
  constexpr void append(std::uint64_t word, std::uint64_t value) {
    records_[next_ % Capacity] = {next_, word, value};
    ++next_;
  }

  // The oldest kept record that is not older than `wanted`; false: there is none yet.
  [[nodiscard]] constexpr bool read(std::uint64_t wanted, LogRecord& out) const {
    std::uint64_t const oldest = next_ > Capacity ? next_ - Capacity : 0;
    std::uint64_t const sequence = wanted < oldest ? oldest : wanted;
    if (sequence >= next_) return false;
    out = records_[sequence % Capacity];
    return true;
  }

  [[nodiscard]] constexpr std::uint64_t next() const { return next_; }

 private:
  std::array<LogRecord, Capacity> records_{};
  std::uint64_t next_ = 0;
};

}  // namespace redoubt
