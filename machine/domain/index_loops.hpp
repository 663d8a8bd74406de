// SPDX-License-Identifier: BSD-3-Clause
// Bounded searches over an index, for domains and machines whose words are the machine's own.
#pragma once
#include <cstdint>

namespace redoubt {

// Base of such a domain or machine; domain.hpp says what the two mean.
struct IndexLoops {
  template <class Predicate>
  static constexpr bool for_all(std::uint64_t n, Predicate predicate) {
    for (std::uint64_t i = 0; i < n; ++i) {
      if (!predicate(i)) {
        return false;
      }
    }
    return true;
  }
  template <class Predicate>
  static constexpr std::uint64_t find_last(std::uint64_t n, Predicate predicate) {
    for (std::uint64_t i = n; i > 0; --i) {
      if (predicate(i - 1)) {
        return i - 1;
      }
    }
    return n;
  }
};

}  // namespace redoubt
