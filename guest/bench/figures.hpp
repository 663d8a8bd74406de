// SPDX-License-Identifier: BSD-3-Clause
// What the measuring programs of the host share: the counter, the names of what the guest measures, lines of
// figures.
#pragma once
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <string_view>
#include <vector>

#include "guest/bench-payload/report.h"

namespace redoubt::bench {

using u64 = std::uint64_t;

inline constexpr unsigned kRounds = 512;

inline constexpr std::array<std::string_view, REDOUBT_BENCH_OPERATIONS> kNames{
    "nothing",          "hvc-psci-version", "hvc-smccc-version",
    "smc-psci-version", "id-register",      "eoi",
    "self-sgi",         "timer-due",        "mmio-read",
    "mmio-write",       "distributor-read", "redistributor-read",
    "fault-4k",         "fault-2m",         "share",
    "unshare",          "ipi-polling",      "ipi-waiting"};

inline u64 now() {
  u64 value = 0;  // NOLINT(misc-const-correctness): the instruction writes it
  asm volatile("isb\n\tmrs %0, cntvct_el0\n\tisb" : "=r"(value)::"memory");
  return value;
}

inline void print(std::string_view name, std::string_view view, u64 count, u64 minimum, u64 median,
                  u64 maximum, u64 sum) {
  fmt::print(
      "bench: {{\"name\": \"{}\", \"view\": \"{}\", \"count\": {}, \"min\": {}, \"median\": {}, \"max\": {}, "
      "\"mean\": {:.1f}}}\n",
      name, view, count, minimum, median, maximum, static_cast<double>(sum) / static_cast<double>(count));
  std::fflush(stdout);
}

inline void print(std::string_view name, std::vector<u64> samples) {
  u64 sum = 0;
  for (u64 const sample : samples) sum += sample;
  std::sort(samples.begin(), samples.end());
  print(name, "host", samples.size(), samples.front(), samples[samples.size() / 2], samples.back(), sum);
}

template <class Action>
std::vector<u64> timed(unsigned rounds, Action action) {
  std::vector<u64> samples;
  for (unsigned i = 0; i < rounds; ++i) {
    u64 const start = now();
    action();
    samples.push_back(now() - start);
  }
  return samples;
}

// What the guest said on its device; a store to SUM completes a record. False: an operation that nobody
// knows.
class Report {
 public:
  explicit Report(unsigned vcpus) : vcpus_(vcpus) {}

  [[nodiscard]] u64 read(u64 offset) const { return offset == REDOUBT_BENCH_VCPUS ? vcpus_ : 0; }
  [[nodiscard]] bool write(u64 offset, u64 value) {
    if (offset < words_.size() * sizeof(u64)) words_[offset / sizeof(u64)] = value;
    if (offset != REDOUBT_BENCH_SUM) return true;
    if (operation() >= kNames.size()) return false;
    print(kNames[operation()], "guest", word(REDOUBT_BENCH_COUNT), word(REDOUBT_BENCH_MINIMUM),
          word(REDOUBT_BENCH_MEDIAN), word(REDOUBT_BENCH_MAXIMUM), word(REDOUBT_BENCH_SUM));
    return true;
  }
  // What is measured now.
  [[nodiscard]] u64 operation() const { return words_[0]; }

 private:
  [[nodiscard]] u64 word(u64 offset) const { return words_[offset / sizeof(u64)]; }

  unsigned vcpus_;
  std::array<u64, 7> words_{};
};

}  // namespace redoubt::bench
