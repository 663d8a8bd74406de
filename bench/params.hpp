// SPDX-License-Identifier: BSD-3-Clause
// Platform parameters of the page-table benchmarks: a host pool that holds the largest workload's tables.
#pragma once
#include "core/machine/params.hpp"

namespace redoubt::bench {

// 48-bit addresses, four levels from the root. Workload W2 needs 32,824 tables: root, 1 of level 1, 64 of
// level 2 and 32,758 of level 3. Host, guests and core differ in shape, as on a board, so that picking the
// shape is paid for.
struct BenchParams {
  static constexpr std::string_view name = "bench";
  static constexpr bool fixed_pool_base = false;
  static constexpr u64 pool_base = 0x4000'0000;
  static constexpr u64 root_tables = 1, level1_tables = 16, level2_tables = 128, level3_tables = 32'768;
  static constexpr PoolShape host{root_tables * PAGE_SIZE, (root_tables + level1_tables) * PAGE_SIZE,
                                  (root_tables + level1_tables + level2_tables) * PAGE_SIZE,
                                  (root_tables + level1_tables + level2_tables + level3_tables) * PAGE_SIZE};
  static constexpr PoolShape guest{0x1000, 0x3000, 0x9000, 0x80000};
  static constexpr PoolShape core{0x1000, 0x3000, 0x4000, 0x8000};
  static constexpr unsigned guest_pool_shift = 19;
  static constexpr unsigned ipa_bits = 48;
  static constexpr bool concatenated_root = false;
};
static_assert(coherent<BenchParams>());

}  // namespace redoubt::bench
