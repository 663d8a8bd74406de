// SPDX-License-Identifier: BSD-3-Clause
// Walks a stage-2 table in a memory image: mapped ranges, table pages, violated invariants. Work is bounded.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/redoubt-ptdump/image.hpp"

namespace redoubt::ptdump {

struct Pool {
  u64 address, size;
};

struct Request {
  u64 root = 0;              // address of the first root table
  unsigned start_level = 0;  // 0: one root of four levels; 1: up to 16 concatenated level-1 tables
  unsigned ipa_bits = 48;    // 40 to 48 at level 0, 31 to 43 at level 1
  std::optional<Pool> pool = std::nullopt;  // where every table page must lie, and no mapping may lead
  u64 max_tables = 65'536;                  // table pages to read, at most
  u64 max_ranges = 1'000'000;
};

// Tables that start at the same level, one after the other (Arm ARM D8.2.2, concatenated translation tables).
u64 root_tables(const Request& request);

// What is wrong with a request, or nothing.
std::optional<std::string> refusal(const Request& request);

enum class ViolationKind : std::uint8_t {
  two_parents,      // INV-NPT-4: a second entry links the same table page
  cycle,            // a table links a table that leads to it
  outside_pool,     // INV-NPT-3, 5: a table page outside the given pool
  maps_pool,        // a mapping leads into the given pool
  not_in_image,     // a table page that the image does not hold
  unaligned_block,  // a block whose output address is not a multiple of its size
  reserved_type,    // a descriptor type that its level does not have
  reserved_bits,    // bits or encodings that the architecture reserves
  limit_reached,    // the walk stopped at max_tables or max_ranges: the rest is unknown
};
std::string_view name_of(ViolationKind kind);
std::string_view text_of(ViolationKind kind);

struct Violation {
  ViolationKind kind;
  unsigned level;  // of the table that holds the entry
  u64 slot;        // physical address of the entry
  u64 entry;
  u64 ipa;  // first address that the entry translates
};

// Consecutive addresses with consecutive translations and equal attributes; or consecutive equal markers,
// which are invalid entries that are not zero.
struct MappedRange {
  u64 ipa, pa, size;
  u64 entry;  // the first leaf or marker
  bool marker;
  std::array<u64, 4> leaves;  // by level
};

struct Dump {
  std::vector<MappedRange> ranges;    // ascending by ipa
  std::array<u64, 4> tables{};        // table pages by level
  std::vector<Violation> violations;  // the first kMaxViolations
  u64 violation_count = 0;

  static constexpr std::size_t kMaxViolations = 1000;
  [[nodiscard]] u64 table_pages() const { return tables[0] + tables[1] + tables[2] + tables[3]; }
};

// Needs a request that refusal() has nothing against. Every table page is read at most once.
Dump walk(const MemoryImage& image, const Request& request);

}  // namespace redoubt::ptdump
