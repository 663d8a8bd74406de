// SPDX-License-Identifier: BSD-3-Clause
// What a page-table library offers the benchmark driver: one out-of-line function each, so that all pay the
// same call.
#pragma once
#include <cstdint>

namespace redoubt::bench {

using u64 = std::uint64_t;

enum class Permission : std::uint32_t { read_write = 0, read_only = 1 };

inline constexpr u64 kPageSize = 4096;
inline constexpr u64 kBlockSize = u64{2} << 20;
inline constexpr u64 kMiss = ~u64{0};  // what translate answers for an address without a mapping

struct Counters {
  u64 tlbi = 0, dsb = 0, isb = 0;
  u64 tables = 0;  // now, the root included
};

// Sizes are kPageSize or kBlockSize. Functions that return int answer 0 for done, else the refusal.
extern "C" {
const char* library_name();
void library_init(u64 vmid);  // empty tables for that principal; before anything else
int library_map(u64 ipa, u64 pa, u64 size, Permission permission);
int library_unmap(u64 ipa, u64 size);
int library_protect(u64 ipa, u64 pa, u64 size, Permission permission);
u64 library_translate(u64 ipa);                                 // physical address or kMiss
int library_map_fault(u64 ipa, u64 pa, Permission permission);  // translate, which must miss, then map
}

// Not timed. The C++ ABI will do.
Counters library_counters();
bool library_is_writable(u64 ipa);
bool library_is_empty();  // the driver alone: nothing is ever mapped

}  // namespace redoubt::bench
