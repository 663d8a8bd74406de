// SPDX-License-Identifier: BSD-3-Clause
// Exceptions of the host: a thin dispatcher.
#pragma once
#include <cstdint>

namespace redoubt {

// The host's general registers, as vectors.S saves them.
struct TrapFrame {
  std::uint64_t x[32];  // x[31] is padding; as a source, register 31 is zero
  [[nodiscard]] std::uint64_t get(std::uint64_t number) const { return number == 31 ? 0 : x[number]; }
  void set(std::uint64_t number, std::uint64_t value) {
    if (number != 31) x[number] = value;
  }
};
static_assert(sizeof(TrapFrame) == 256);

}  // namespace redoubt
