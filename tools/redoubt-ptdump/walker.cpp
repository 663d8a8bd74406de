// SPDX-License-Identifier: BSD-3-Clause
// The walk: depth first in address order, each table page once.
#include "tools/redoubt-ptdump/walker.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "core/machine/field.hpp"
#include "tools/redoubt-ptdump/attributes.hpp"

namespace redoubt::ptdump {
namespace {

constexpr unsigned kLeafLevel = 3;
constexpr u64 kAddressMask = PHYS_MASK & PAGE_MASK;
constexpr u64 kNoTranslation = u64{1} << 16;  // nT, the one attribute inside a block's address field
using TableReserved = Field<50, 48>;
using TableAttributes = Field<63, 59>;  // stage 1 only

constexpr unsigned shift_of(unsigned level) { return PGDIR_SHIFT - 9 * level; }

class Walker {
 public:
  Walker(const MemoryImage& image, const Request& request) : image_(image), request_(request) {}

  Dump run() {
    const u64 tables = root_tables(request_);
    for (u64 i = 0; i < tables; ++i) {
      seen_.insert(request_.root + i * kTableSize);
    }
    const u64 entries = u64{1} << (request_.ipa_bits - shift_of(request_.start_level));
    for (u64 i = 0; i < tables && !stopped_; ++i) {
      const u64 table = request_.root + i * kTableSize;
      const u64 ipa = i << (shift_of(request_.start_level) + 9);
      const Place root{request_.start_level, table, 0, ipa};
      check_pool(root, table);
      walk_table(root, request_.start_level, table, std::min<u64>(entries, PTRS_PER_TABLE));
    }
    return std::move(dump_);
  }

 private:
  // An entry: the level of its table, its address, its contents, the first address that it translates.
  struct Place {
    unsigned level;
    u64 slot, entry, ipa;
  };

  void report(ViolationKind kind, const Place& at) {
    if (dump_.violation_count++ < Dump::kMaxViolations) {
      dump_.violations.push_back({kind, at.level, at.slot, at.entry, at.ipa});
    }
  }

  // Tables outside the pool are reported and read all the same.
  void check_pool(const Place& at, u64 table) {
    const auto& pool = request_.pool;
    if (pool && (table < pool->address || table - pool->address >= pool->size)) {
      report(ViolationKind::outside_pool, at);
    }
  }

  // Reads the table page of `level` to which `parent` leads (a root: itself) and everything below. What is
  // read and what cannot be read each count against max_tables, so a hostile image cannot make this long.
  void walk_table(const Place& parent, unsigned level, u64 table, u64 entries) {
    if (dump_.table_pages() >= request_.max_tables) {
      return stop(parent);
    }
    Table contents;
    if (!image_.read(table, contents)) {
      report(ViolationKind::not_in_image, parent);
      return ++unreadable_ < request_.max_tables ? void() : stop(parent);
    }
    seen_.insert(table);
    ++dump_.tables[level];
    path_[level] = table;
    for (u64 i = 0; i < entries && !stopped_; ++i) {
      if (contents[i] != 0) {
        visit({level, table + 8 * i, contents[i], parent.ipa + (i << shift_of(level))});
      }
    }
  }

  void visit(const Place& at) {
    const Descriptor<u64> entry(at.entry);
    if (!is_valid(entry)) {
      return add(at, true);
    }
    const bool table_type = is_table(entry);
    if (at.level < kLeafLevel && table_type) {
      return follow(at);
    }
    if (table_type != (at.level == kLeafLevel) || at.level == 0) {
      return report(ViolationKind::reserved_type, at);  // hardware takes it as invalid
    }
    check_leaf(at);
    add(at, false);
  }

  void follow(const Place& at) {
    const u64 table = at.entry & kAddressMask;
    if (TableReserved::get(at.entry) != 0 || TableAttributes::get(at.entry) != 0) {
      report(ViolationKind::reserved_bits, at);
    }
    if (seen_.contains(table)) {
      const auto above = path_.begin() + at.level + 1;
      const bool cycle = std::find(path_.begin() + request_.start_level, above, table) != above;
      return report(cycle ? ViolationKind::cycle : ViolationKind::two_parents, at);
    }
    check_pool(at, table);
    walk_table(at, at.level + 1, table, PTRS_PER_TABLE);
  }

  void check_leaf(const Place& at) {
    const u64 size = u64{1} << shift_of(at.level);
    const u64 output = at.entry & kAddressMask;
    if (at.level < kLeafLevel && (output & (size - 1) & ~kNoTranslation) != 0) {
      report(ViolationKind::unaligned_block, at);
    }
    if (has_reserved_encoding(at.entry)) {
      report(ViolationKind::reserved_bits, at);
    }
    const u64 from = output & ~(size - 1);
    const auto& pool = request_.pool;
    if (pool && from < pool->address + pool->size && pool->address < from + size) {
      report(ViolationKind::maps_pool, at);
    }
  }

  void add(const Place& at, bool marker) {
    const u64 size = u64{1} << shift_of(at.level);
    MappedRange range{at.ipa, marker ? 0 : at.entry & kAddressMask & ~(size - 1), size, at.entry, marker, {}};
    range.leaves[at.level] = 1;
    if (!dump_.ranges.empty() && extends(dump_.ranges.back(), range)) {
      dump_.ranges.back().size += size;
      ++dump_.ranges.back().leaves[at.level];
    } else if (dump_.ranges.size() >= request_.max_ranges) {
      stop(at);
    } else {
      dump_.ranges.push_back(range);
    }
  }

  static bool extends(const MappedRange& last, const MappedRange& next) {
    if (last.ipa + last.size != next.ipa || last.marker != next.marker) {
      return false;
    }
    if (next.marker) {
      return last.entry == next.entry;
    }
    constexpr u64 kAttributes = ~(kAddressMask | PMD_TABLE_BIT);
    return last.pa + last.size == next.pa && ((last.entry ^ next.entry) & kAttributes) == 0;
  }

  void stop(const Place& at) {
    stopped_ = true;
    report(ViolationKind::limit_reached, at);
  }

  const MemoryImage& image_;
  const Request& request_;
  Dump dump_;
  std::unordered_set<u64> seen_;  // root tables and what has been read
  u64 unreadable_ = 0;
  std::array<u64, 4> path_{};  // table page now open at each level
  bool stopped_ = false;
};

struct KindText {
  ViolationKind kind;
  std::string_view name, text;
};
constexpr std::array<KindText, 9> kKinds{{
    {ViolationKind::two_parents, "two-parents", "a second entry links the same table page"},
    {ViolationKind::cycle, "cycle", "the entry links a table that leads to it"},
    {ViolationKind::outside_pool, "outside-pool", "the table page lies outside the pool"},
    {ViolationKind::maps_pool, "maps-pool", "the mapping leads into the table pool"},
    {ViolationKind::not_in_image, "not-in-image", "the image does not hold the table page"},
    {ViolationKind::unaligned_block, "unaligned-block",
     "the block's output address is not a multiple of its size"},
    {ViolationKind::reserved_type, "reserved-type", "this level has no such descriptor type"},
    {ViolationKind::reserved_bits, "reserved-bits",
     "bits or encodings are set that the architecture reserves"},
    {ViolationKind::limit_reached, "limit-reached",
     "stopped here, the rest is unknown: raise --max-tables or --max-ranges"},
}};
constexpr bool in_order() {
  for (std::size_t i = 0; i < kKinds.size(); ++i) {
    if (static_cast<std::size_t>(kKinds[i].kind) != i) {
      return false;
    }
  }
  return true;
}
static_assert(in_order());

}  // namespace

std::string_view name_of(ViolationKind kind) { return kKinds[static_cast<std::size_t>(kind)].name; }
std::string_view text_of(ViolationKind kind) { return kKinds[static_cast<std::size_t>(kind)].text; }

u64 root_tables(const Request& request) {
  const unsigned one_table = shift_of(request.start_level) + 9;
  return request.ipa_bits > one_table ? u64{1} << (request.ipa_bits - one_table) : 1;
}

std::optional<std::string> refusal(const Request& request) {
  if (request.start_level > 1) {
    return fmt::format("start level {}: it is 0 or 1", request.start_level);
  }
  const unsigned least = request.start_level == 0 ? 40 : 31, most = request.start_level == 0 ? 48 : 43;
  if (request.ipa_bits < least || request.ipa_bits > most) {
    return fmt::format("{} IPA bits: at start level {} there are {} to {}", request.ipa_bits,
                       request.start_level, least, most);
  }
  const u64 size = root_tables(request) * kTableSize;
  if (request.root % size != 0) {
    return fmt::format("the root {:#x} is not a multiple of {:#x}, the size of {} table pages", request.root,
                       size, size / kTableSize);
  }
  if (request.root >= kAddressEnd) {
    return fmt::format("the root {:#x} lies above the 48-bit address space", request.root);
  }
  const auto& pool = request.pool;
  if (pool && (pool->size == 0 || pool->address >= kAddressEnd || pool->size > kAddressEnd - pool->address)) {
    return fmt::format("the pool at {:#x} of {:#x} bytes is empty or lies above the 48-bit address space",
                       pool->address, pool->size);
  }
  return std::nullopt;
}

Dump walk(const MemoryImage& image, const Request& request) { return Walker(image, request).run(); }

}  // namespace redoubt::ptdump
