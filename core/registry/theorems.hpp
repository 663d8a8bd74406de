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

// Layers whose fresh primitives must all have a theorem (R10); the build fails when one has none.
inline constexpr std::array<std::string_view, 0> kProvedLayers{};

// Empty: pending.
constexpr std::string_view theorem_of(std::string_view layer, std::string_view primitive) {
  for (const Theorem& t : kTheorems) {
    if (t.layer == layer && t.primitive == primitive) {
      return t.name;
    }
  }
  return {};
}
constexpr bool theorem_required(std::string_view layer) {
  for (const std::string_view name : kProvedLayers) {
    if (name == layer) {
      return true;
    }
  }
  return false;
}

}  // namespace redoubt::registry
