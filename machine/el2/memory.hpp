// SPDX-License-Identifier: BSD-3-Clause
// Single-copy atomic accesses to physical addresses; at EL2 a physical address is its own virtual address.
#pragma once
#include <cstdint>

namespace redoubt::el2 {

// One load or store of exactly that width, with the attributes that EL2 stage 1 gives the address.
template <class T>
[[gnu::always_inline]] inline T load(std::uint64_t address) {
  return *reinterpret_cast<T const volatile*>(address);
}

template <class T>
[[gnu::always_inline]] inline void store(std::uint64_t address, T value) {
  *reinterpret_cast<T volatile*>(address) = value;
}

}  // namespace redoubt::el2
