// SPDX-License-Identifier: BSD-3-Clause
// Random numbers, address lists and the trace of workload W7.
#include <algorithm>

#include "bench/workloads.hpp"

namespace redoubt::bench {

u64 Random::draw() {
  state_ += 0x9E3779B97F4A7C15;
  u64 z = state_;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return z ^ (z >> 31);
}

u64 Random::below(u64 n) {
  __extension__ using Wide = unsigned __int128;
  return static_cast<u64>((static_cast<Wide>(draw()) * n) >> 64);
}

std::vector<std::uint32_t> random_list(u64 seed, u64 bound, std::size_t count) {
  Random random(seed);
  std::vector<std::uint32_t> list(count);
  for (auto& entry : list) {
    entry = static_cast<std::uint32_t>(random.below(bound));
  }
  return list;
}

std::vector<std::uint32_t> distinct_list(u64 seed, u64 bound, std::size_t count) {
  Random random(seed);
  std::vector<bool> drawn(bound);
  std::vector<std::uint32_t> list;
  list.reserve(count);
  while (list.size() < count) {
    const u64 page = random.below(bound);
    if (!drawn[page]) {
      drawn[page] = true;
      list.push_back(static_cast<std::uint32_t>(page));
    }
  }
  return list;
}

Trace make_trace() {
  constexpr std::size_t kRegions = 2048, kPagesPerRegion = 512;
  std::vector<u64> sums(kRegions);
  u64 total = 0;
  for (std::size_t i = 0; i < kRegions; ++i) {
    total += (u64{1} << 32) / (i + 1);
    sums[i] = total;
  }
  using Kind = Trace::Kind;
  using State = Trace::State;
  Trace trace{{}, std::vector<State>(kRegions * kPagesPerRegion, State::unmapped), total};
  trace.steps.reserve(kDraws);
  Random random(7);
  while (trace.steps.size() < kDraws) {
    const u64 u = random.below(total);
    const auto rank = static_cast<u64>(std::upper_bound(sums.begin(), sums.end(), u) - sums.begin());
    const u64 page = kPagesPerRegion * ((1021 * rank) % kRegions) + random.below(kPagesPerRegion);
    State& state = trace.end[page];
    Kind kind = Kind::map;
    if (state != State::unmapped) {
      const bool toggles = random.draw() % 2 == 0;
      kind = !toggles ? Kind::unmap : state == State::read_write ? Kind::to_read_only : Kind::to_read_write;
    }
    state = kind == Kind::unmap          ? State::unmapped
            : kind == Kind::to_read_only ? State::read_only
                                         : State::read_write;
    trace.steps.push_back({static_cast<std::uint32_t>(page), kind});
  }
  return trace;
}

}  // namespace redoubt::bench
