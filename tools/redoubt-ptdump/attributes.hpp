// SPDX-License-Identifier: BSD-3-Clause
// The attribute fields of a stage-2 leaf in words (Arm ARM D8.3.2, D8.5; FWB = 0).
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace redoubt::ptdump {

struct Attributes {
  std::string_view access;        // none, r-, -w, rw
  std::string_view execute;       // x, x-el0, x-el1, -
  std::string memory;             // normal-wb, device-ngnre, ...
  std::string_view shareability;  // non, outer, inner, reserved
  bool accessed = false;          // access flag
  bool contiguous = false;
  unsigned software = 0;  // bits 58 to 55
};

// `leaf` is a valid block or page descriptor.
Attributes decode(std::uint64_t leaf);

// Does the leaf use an encoding that the architecture reserves: SH = 1, a normal memory type without inner
// cacheability, an address above 48 bits?
bool has_reserved_encoding(std::uint64_t leaf);

}  // namespace redoubt::ptdump
