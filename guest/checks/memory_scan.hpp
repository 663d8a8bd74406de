// SPDX-License-Identifier: BSD-3-Clause
// A search of all RAM of the machine, page by page, for two patterns; pages that the core refuses are listed.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "guest/checks/host.hpp"

namespace redoubt::checks {

// 32 bytes, kept masked, so that the search does not find its own copy: each word combined with kScanMask.
using MaskedPattern = std::array<std::uint64_t, 4>;
inline constexpr std::uint64_t kScanMask = 0x5a5a5a5a5a5a5a5a;

struct Span {
  std::uint64_t base = 0, size = 0;
  [[nodiscard]] bool holds(std::uint64_t address) const { return address >= base && address - base < size; }
};

// What the device tree says the machine has, and the two ranges of the core.
[[nodiscard]] Span machine_ram();
[[nodiscard]] std::array<Span, 2> core_ranges(const Host& host);

struct Scan {
  bool complete = false;                       // every page of RAM was tried
  std::uint64_t pages = 0;                     // read
  std::vector<std::uint64_t> refused;          // addresses of pages outside the core's ranges
  std::uint64_t core_refused = 0;              // pages inside them
  std::vector<std::uint64_t> secret, control;  // pages where the pattern stands at a multiple of 8 bytes
};

[[nodiscard]] Scan scan_memory(const Host& host, const MaskedPattern& secret, const MaskedPattern& control);

// How many of these pages can be read and are zero throughout.
[[nodiscard]] std::uint64_t count_zero_pages(const Host& host, const std::vector<std::uint64_t>& pages);

}  // namespace redoubt::checks
