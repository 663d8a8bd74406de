// SPDX-License-Identifier: BSD-3-Clause
// Exceptions of host and guests: a thin dispatcher.
#pragma once
#include <cstdint>

namespace redoubt {

// Which vector it was; see vectors.S.
enum class ExceptionCause : std::uint64_t { synchronous = 0, irq = 1, fiq = 2, serror = 3 };

// The general registers of host or guest, as vectors.S saves them: always the first thing on the CPU's stack.
struct TrapFrame {
  std::uint64_t x[32];  // x[31] is padding; as a source, register 31 is zero
  [[nodiscard]] std::uint64_t get(std::uint64_t number) const { return number == 31 ? 0 : x[number]; }
  void set(std::uint64_t number, std::uint64_t value) {
    if (number != 31) x[number] = value;
  }
};
static_assert(sizeof(TrapFrame) == 256);

}  // namespace redoubt
