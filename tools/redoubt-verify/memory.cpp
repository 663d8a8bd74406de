// SPDX-License-Identifier: BSD-3-Clause
// Sums and comparisons; each worker's report says what it took.
#include "tools/redoubt-verify/memory.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <functional>

namespace redoubt::verify {
namespace {

constexpr long kMiB = 1024;  // in KiB

long own_peak() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}
long in_mib(long kib) { return (kib + kMiB - 1) / kMiB; }

}  // namespace

Memory memory_of(const std::vector<Report>& reports, unsigned jobs) {
  Memory memory;
  memory.own_kib = own_peak();
  std::vector<long> peaks;
  for (const Report& report : reports) {
    peaks.push_back(report.peak_kib);
    if (report.peak_kib > memory.largest_kib) {
      memory.largest_kib = report.peak_kib;
      memory.largest = report.id;
    }
  }
  std::sort(peaks.begin(), peaks.end(), std::greater<>());
  memory.together_kib = memory.own_kib;
  for (std::size_t i = 0; i < std::min<std::size_t>(jobs, peaks.size()); ++i) {
    memory.together_kib += peaks.at(i);
  }
  return memory;
}

std::string memory_line(const Memory& memory, unsigned jobs) {
  if (jobs == 0) {
    return fmt::format("memory: {} MiB, all in this process\n", in_mib(memory.own_kib));
  }
  return fmt::format(
      "memory: largest worker {} MiB ({}), this process {} MiB, with {} jobs at most {} MiB together\n",
      in_mib(memory.largest_kib), memory.largest, in_mib(memory.own_kib), jobs, in_mib(memory.together_kib));
}

nlohmann::json to_json(const Memory& memory) {
  return {{"own_kib", memory.own_kib},
          {"largest_kib", memory.largest_kib},
          {"largest", memory.largest},
          {"together_kib", memory.together_kib}};
}

std::vector<std::string> beyond(const std::vector<Report>& reports, const Memory& memory, long limit_mib) {
  std::vector<std::string> lines;
  const auto look = [&](const std::string& who, long kib) {
    if (limit_mib != 0 && kib > limit_mib * kMiB) {
      lines.push_back(fmt::format("{} took {} MiB of memory, more than the limit of {} MiB", who, in_mib(kib),
                                  limit_mib));
    }
  };
  look("redoubt-verify itself", memory.own_kib);
  for (const Report& report : reports) {
    look(report.id, report.peak_kib);
  }
  return lines;
}

}  // namespace redoubt::verify
