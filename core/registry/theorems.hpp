// SPDX-License-Identifier: BSD-3-Clause
// Which theorem proves a primitive. One line for each; a primitive without a line has its theorem pending.
#pragma once
#include <array>
#include <string_view>

namespace redoubt::registry {

struct Theorem {
  std::string_view layer, primitive;
  std::string_view name;  // as redoubt-verify --only takes it
};

inline constexpr std::array<Theorem, 0> kTheorems{};

// Empty: pending.
constexpr std::string_view theorem_of(std::string_view layer, std::string_view primitive) {
  for (const Theorem& t : kTheorems) {
    if (t.layer == layer && t.primitive == primitive) {
      return t.name;
    }
  }
  return {};
}
// R10: a layer's declaration says `must_be_proved = true` from the commit that proves it; then none may be
// pending.
template <class E>
constexpr bool theorem_required() {
  if constexpr (requires { E::must_be_proved; }) {
    return E::must_be_proved;
  }
  return false;
}

}  // namespace redoubt::registry
