// SPDX-License-Identifier: BSD-3-Clause
// The empty library: what the driver and the calls cost; its counts are subtracted from every other
// library's.
#include "bench/library.hpp"

namespace redoubt::bench {

extern "C" {
const char* library_name() { return "empty"; }
void library_init(u64) {}
int library_map(u64, u64, u64, Permission) { return 0; }
int library_unmap(u64, u64) { return 0; }
int library_protect(u64, u64, u64, Permission) { return 0; }
u64 library_translate(u64) { return kMiss; }
int library_map_fault(u64, u64, Permission) { return 0; }
}

Counters library_counters() { return {}; }
bool library_is_writable(u64) { return false; }
bool library_is_empty() { return true; }

}  // namespace redoubt::bench
