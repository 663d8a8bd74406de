// SPDX-License-Identifier: BSD-3-Clause
// A platform so small that its states can be walked exhaustively: two level-1, two level-2 and three level-3
// tables.
#pragma once
#include "core/machine/params.hpp"

namespace redoubt {

struct TinyParams {
  static constexpr std::string_view name = "tiny";
  static constexpr bool fixed_pool_base = true;
  static constexpr u64 pool_base = 0x10000;
  static constexpr PoolShape host{0x1000, 0x3000, 0x5000, 0x8000};
  static constexpr PoolShape guest = host;
  static constexpr PoolShape core = host;
  static constexpr unsigned guest_pool_shift = 15;
  static constexpr unsigned ipa_bits = 48;
  static constexpr bool concatenated_root = false;
  static constexpr bool smmu_own_space = true;
  static constexpr u64 smmu_pool_base = 0x10000;
  static constexpr SmmuShape smmu{0x20000, 0x22000, 0x25000};
};
static_assert(coherent<TinyParams>() && coherent_smmu<TinyParams>());

}  // namespace redoubt
