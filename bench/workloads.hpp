// SPDX-License-Identifier: BSD-3-Clause
// The workloads: address lists and traces that anybody can make again, the timed loops, the checks
// afterwards.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bench/library.hpp"

namespace redoubt::bench {

// Pages: PA - IPA is an odd multiple of 4 KiB, so no block can stand in for them. Blocks: PA and IPA are
// congruent modulo 2 MiB but not modulo 1 GiB.
inline constexpr u64 kIpaBase = 0x10'0000'0000;
inline constexpr u64 kPageOffset = 0x20'0000'1000;
inline constexpr u64 kBlockOffset = 0x20'0020'0000;
inline constexpr std::uint32_t kPages = 262'144;  // 1 GiB
inline constexpr std::uint32_t kBlocks = 512;
inline constexpr std::uint32_t kDraws = 1'000'000;

// splitmix64, and below(n): the high half of the 128-bit product of one draw and n.
class Random {
 public:
  explicit Random(u64 seed) : state_(seed) {}
  u64 draw();
  u64 below(u64 n);

 private:
  u64 state_;
};

std::vector<std::uint32_t> random_list(u64 seed, u64 bound, std::size_t count);
std::vector<std::uint32_t> distinct_list(u64 seed, u64 bound, std::size_t count);  // repeats skipped

// Workload W7: maps, unmaps and permission changes over 2,048 regions of 2 MiB, drawn by Zipf's law.
struct Trace {
  enum class Kind : std::uint8_t { map, unmap, to_read_only, to_read_write };
  struct Step {
    std::uint32_t page;
    Kind kind;
  };
  enum class State : std::uint8_t { unmapped, read_write, read_only };
  std::vector<Step> steps;
  std::vector<State> end;  // by page
  u64 total_weight = 0;
};
Trace make_trace();

struct Workload {
  std::string_view name;
  std::string_view text;
  u64 operations;
  u64 tables;              // table pages afterwards
  void (*prepare)();       // not timed
  void (*loop)();          // timed
  std::string (*check)();  // empty: every translation is as it should be
};
std::span<const Workload> workloads();

// Operations of the last loop that were refused or answered wrongly.
u64 failures();

}  // namespace redoubt::bench
