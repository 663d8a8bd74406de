// SPDX-License-Identifier: BSD-3-Clause
// SMC Calling Convention general queries (Arm DEN0028, section 7; DEN0115 for the workarounds).
#pragma once
#include <cstdint>

namespace redoubt::smccc {

inline constexpr std::uint32_t kVersion = 0x8000'0000;
inline constexpr std::uint32_t kArchFeatures = 0x8000'0001;
inline constexpr std::uint32_t kWorkaround1 = 0x8000'8000;
inline constexpr std::uint32_t kWorkaround2 = 0x8000'7fff;
inline constexpr std::uint32_t kWorkaround3 = 0x8000'3fff;

inline constexpr std::int64_t kVersion1_1 = 1 << 16 | 1;
inline constexpr std::int64_t kNotSupported = -1;

// The function identifier in w0; bit 16 only hints that SVE state is dead.
[[nodiscard]] constexpr std::uint32_t function_id(std::uint64_t x0) {
  return static_cast<std::uint32_t>(x0) & ~(std::uint32_t{1} << 16);
}

[[nodiscard]] constexpr bool is_workaround(std::uint32_t function) {
  return function == kWorkaround1 || function == kWorkaround2 || function == kWorkaround3;
}

}  // namespace redoubt::smccc
