// SPDX-License-Identifier: BSD-3-Clause
// Broken and hostile tables: each violation is found, named and placed, and the work stays bounded.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/ptdump/images.hpp"

namespace redoubt::ptdump {
namespace {

constexpr u64 kVm = 3;
constexpr u64 kSecond = 2 * sizeof(u64), kFifth = 5 * sizeof(u64), kSeventh = 7 * sizeof(u64);

// A guest's examples with one word changed.
class BrokenTables : public testing::Test {
 protected:
  BrokenTables() { map_examples(tables, kVm); }

  Dump dump(Request request = LayerTables::request(kVm)) {
    return walk(MemoryImage::raw(tables.bytes(), LayerTables::kPoolBase), request);
  }
  static void expect_one(const Dump& dump, ViolationKind kind, unsigned level, u64 slot) {
    ASSERT_EQ(dump.violation_count, 1u);
    EXPECT_EQ(name_of(dump.violations[0].kind), name_of(kind));
    EXPECT_EQ(dump.violations[0].level, level);
    EXPECT_EQ(dump.violations[0].slot, slot);
  }

  LayerTables tables;
  redoubt::Pool<u64> zones = pool_of<LayerTables::Params>(LayerTables::kPoolBase, Principal(kVm));
  // Slots of the first page: level 0 entry 0, level 1 entry 1, level 2 entry 0, level 3 entry 0x1fe.
  u64 root = zones.root.raw, level1 = zones.pgd.raw + 8, level2 = zones.pud.raw,
      level3 = zones.pmd.raw + 0x1fe * sizeof(u64);
};

TEST_F(BrokenTables, SecondParent) {
  tables.word(level2 + kFifth) = tables.word(level2);
  expect_one(dump(), ViolationKind::two_parents, 2, level2 + kFifth);
}
TEST_F(BrokenTables, CycleToTheRoot) {
  tables.word(level2 + kFifth) = root | 3;
  expect_one(dump(), ViolationKind::cycle, 2, level2 + kFifth);
}
TEST_F(BrokenTables, TableLinksItself) {
  tables.word(level1 + 8) = zones.pgd.raw | 3;
  expect_one(dump(), ViolationKind::cycle, 1, level1 + 8);
}
TEST_F(BrokenTables, NeighboursTable) {
  tables.word(level2 + kFifth) =
      pool_of<LayerTables::Params>(LayerTables::kPoolBase, Principal(kVm + 1)).pmd.raw | 3;
  expect_one(dump(), ViolationKind::outside_pool, 2, level2 + kFifth);
}
TEST_F(BrokenTables, TableOutsideTheImage) {
  Request request = LayerTables::request(kVm);
  request.pool.reset();
  tables.word(level2 + kFifth) = 0x7f'0000'0003;
  expect_one(dump(request), ViolationKind::not_in_image, 2, level2 + kFifth);
}
TEST_F(BrokenTables, MappingIntoThePool) {
  tables.word(level3) = zones.pud.raw | PAGE_S2_KERNEL;
  expect_one(dump(), ViolationKind::maps_pool, 3, level3);
}
TEST_F(BrokenTables, UnalignedBlock) {
  tables.word(level2 + kSecond) |= u64{1} << 20;
  expect_one(dump(), ViolationKind::unaligned_block, 2, level2 + kSecond);
}
TEST_F(BrokenTables, BlockAtLevelZero) {
  tables.word(root + kSeventh) = PAGE_S2_KERNEL & ~PMD_TABLE_BIT;
  Request request = LayerTables::request(kVm);
  request.ipa_bits = 48;
  expect_one(dump(request), ViolationKind::reserved_type, 0, root + kSeventh);
}
TEST_F(BrokenTables, ReservedTypeAtLevelThree) {
  tables.word(level3) &= ~PMD_TABLE_BIT;
  expect_one(dump(), ViolationKind::reserved_type, 3, level3);
}
TEST_F(BrokenTables, ReservedShareability) {
  tables.word(level3) ^= u64{2} << 8;
  expect_one(dump(), ViolationKind::reserved_bits, 3, level3);
}
TEST_F(BrokenTables, ReservedAddressBits) {
  tables.word(level2) |= u64{1} << 49;
  expect_one(dump(), ViolationKind::reserved_bits, 2, level2);
}
TEST_F(BrokenTables, RootOutsideThePool) {
  Request request = LayerTables::request(kVm);
  request.pool = Pool{request.root + PAGE_SIZE, zones.end.raw - request.root - PAGE_SIZE};
  expect_one(dump(request), ViolationKind::outside_pool, 0, request.root);
}

// Every entry of every page links some page: each page is read once, and the list of violations is bounded.
TEST(HostileTables, EveryEntryLinks) {
  std::vector<u64> words(std::size_t{64} * 512);
  for (std::size_t i = 0; i < words.size(); ++i) {
    words[i] = ((i * 2654435761u) % 64 * PAGE_SIZE) | 3;
  }
  const Dump dump = walk(MemoryImage::raw(std::as_bytes(std::span(words)), 0), {});
  EXPECT_LE(dump.table_pages(), 64u);
  EXPECT_GT(dump.violation_count, 512u);
  EXPECT_LE(dump.violations.size(), Dump::kMaxViolations);
  EXPECT_TRUE(std::any_of(dump.violations.begin(), dump.violations.end(),
                          [](const Violation& v) { return v.kind == ViolationKind::cycle; }));
}

TEST(HostileTables, LimitsStopTheWalkAndSaySo) {
  LayerTables tables;
  for (u64 page = 0; page < 40; ++page) {
    tables.map_page(kVm, page * PMD_SIZE, page * 2 * PMD_SIZE);
  }
  const MemoryImage image = MemoryImage::raw(tables.bytes(), LayerTables::kPoolBase);
  Request request = LayerTables::request(kVm);
  request.max_tables = 10;
  const Dump few_tables = walk(image, request);
  EXPECT_EQ(few_tables.table_pages(), 10u);
  ASSERT_EQ(few_tables.violation_count, 1u);
  EXPECT_EQ(few_tables.violations[0].kind, ViolationKind::limit_reached);
  request.max_tables = 1000;
  request.max_ranges = 3;
  const Dump few_ranges = walk(image, request);
  EXPECT_EQ(few_ranges.ranges.size(), 3u);
  ASSERT_EQ(few_ranges.violation_count, 1u);
  EXPECT_EQ(few_ranges.violations[0].kind, ViolationKind::limit_reached);
}

// Links to pages that the image does not hold are not followed for ever.
TEST(HostileTables, UnreadableLinksAreLimited) {
  std::vector<u64> words(512, 0x1003);
  for (std::size_t i = 0; i < words.size(); ++i) {
    words[i] += i * PAGE_SIZE;
  }
  Request request;
  request.max_tables = 100;
  const Dump dump = walk(MemoryImage::raw(std::as_bytes(std::span(words)), 0), request);
  EXPECT_EQ(dump.table_pages(), 1u);
  ASSERT_EQ(dump.violation_count, 101u);
  EXPECT_EQ(dump.violations.back().kind, ViolationKind::limit_reached);
}

TEST(PtdumpRequest, RefusesWhatNoHardwareHas) {
  const auto refused = [](Request request) { return refusal(request).has_value(); };
  EXPECT_FALSE(refused({.root = 0x1000}));
  EXPECT_FALSE(refused({.root = 0x2000, .start_level = 1, .ipa_bits = 40}));
  EXPECT_TRUE(refused({.root = 0x1000, .start_level = 1, .ipa_bits = 40}));  // the pair is 8 KiB aligned
  EXPECT_TRUE(refused({.root = 0x1008}));
  EXPECT_TRUE(refused({.root = kAddressEnd}));
  EXPECT_TRUE(refused({.root = 0, .start_level = 2}));
  EXPECT_TRUE(refused({.root = 0, .start_level = 0, .ipa_bits = 49}));
  EXPECT_TRUE(refused({.root = 0, .start_level = 1, .ipa_bits = 44}));
  EXPECT_TRUE(refused({.root = 0, .pool = Pool{0, 0}}));
  EXPECT_TRUE(refused({.root = 0, .pool = Pool{0x1000, ~u64{0}}}));
}

}  // namespace
}  // namespace redoubt::ptdump
