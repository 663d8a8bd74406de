// SPDX-License-Identifier: BSD-3-Clause
#include "tests/life/program/host_memory.hpp"

#include <array>
#include <cstdio>
#include <cstring>

#include "guest/checks/report.hpp"

namespace redoubt::life {
namespace {

using checks::text;

constexpr long kPageKibibytes = 4;

// Calls `use` with each line of a file of the kernel; of one that is missing, none.
template <typename Use>
void each_line(const char* path, Use use) {
  std::FILE* const file = std::fopen(path, "re");
  if (file == nullptr) return;
  std::array<char, 256> line{};
  while (std::fgets(line.data(), static_cast<int>(line.size()), file) != nullptr) use(line.data());
  std::fclose(file);
}

void drop_caches() {
  std::FILE* const file = std::fopen("/proc/sys/vm/drop_caches", "we");
  if (file == nullptr) return;
  std::fputs("3\n", file);
  std::fclose(file);
}

}  // namespace

HostMemory host_memory() {
  drop_caches();
  HostMemory memory;
  each_line("/proc/meminfo", [&memory](const char* line) {
    std::sscanf(line, "MemAvailable: %ld", &memory.available);
    std::sscanf(line, "SUnreclaim: %ld", &memory.kept_slab);
    std::sscanf(line, "KernelStack: %ld", &memory.kernel_stacks);
    std::sscanf(line, "PageTables: %ld", &memory.page_tables);
  });
  long pages = 0;
  each_line("/proc/zoneinfo", [&pages](const char* line) {
    long count = 0;
    if (std::sscanf(line, " count: %ld", &count) == 1) pages += count;
  });
  memory.cpu_lists = pages * kPageKibibytes;
  return memory;
}

std::string describe_loss(const HostMemory& before, const HostMemory& after) {
  return text(
      "the host has %ld KiB less than after two lives (available %ld less, in the CPUs' lists %ld more; of "
      "these in the kernel's objects %ld, stacks %ld, page tables %ld)",
      before.free() - after.free(), before.available - after.available, after.cpu_lists - before.cpu_lists,
      after.kept_slab - before.kept_slab, after.kernel_stacks - before.kernel_stacks,
      after.page_tables - before.page_tables);
}

}  // namespace redoubt::life
