// SPDX-License-Identifier: BSD-3-Clause
// How much memory the host has to give, and in whose hands the rest is.
#pragma once

#include <string>

namespace redoubt::life {

// KiB. `available` counts neither pages in the CPUs' own free lists nor what the kernel's objects keep.
struct HostMemory {
  long available = 0, cpu_lists = 0, kept_slab = 0, kernel_stacks = 0, page_tables = 0;

  // Free, as far as the host is concerned: a CPU's list goes back when memory is short.
  [[nodiscard]] long free() const { return available + cpu_lists; }
};

// After the kernel was asked to drop its caches; as root, in a host with /proc.
HostMemory host_memory();

// What became of the difference, for people.
std::string describe_loss(const HostMemory& before, const HostMemory& after);

}  // namespace redoubt::life
