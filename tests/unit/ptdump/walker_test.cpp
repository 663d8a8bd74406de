// SPDX-License-Identifier: BSD-3-Clause
// Dumps of tables that the layers made: ranges, table pages, both roots; and of made errors, one violation
// each.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <map>

#include "machine/model/model_machine.hpp"
#include "tests/unit/ptdump/images.hpp"
#include "tools/redoubt-ptdump/attributes.hpp"

namespace redoubt::ptdump {
namespace {

constexpr u64 kVm = 3;

Dump dump(const LayerTables& tables, const Request& request) {
  return walk(MemoryImage::raw(tables.bytes(), LayerTables::kPoolBase), request);
}
Dump examples(const Request& request = LayerTables::request(kVm)) {
  LayerTables tables;
  map_examples(tables, kVm);
  return dump(tables, request);
}

TEST(PtdumpWalker, MergesPagesBlocksAndTables) {
  LayerTables tables;
  map_examples(tables, kVm);
  const Dump result = dump(tables, LayerTables::request(kVm));
  EXPECT_EQ(result.violation_count, 0u);
  EXPECT_EQ(result.table_pages(), tables.table_pages());
  ASSERT_EQ(result.ranges.size(), 3u);
  const MappedRange& pages = result.ranges[0];  // across the end of a level-3 table
  EXPECT_EQ(pages.ipa, 0x401f'e000u);
  EXPECT_EQ(pages.pa, 0x5000'0000u);
  EXPECT_EQ(pages.size, 4 * PAGE_SIZE);
  EXPECT_EQ(pages.leaves, (std::array<u64, 4>{0, 0, 0, 4}));
  EXPECT_EQ(result.ranges[1].leaves, (std::array<u64, 4>{0, 0, 1, 0}));
  EXPECT_EQ(result.ranges[1].size, PMD_SIZE);
  EXPECT_EQ(result.ranges[2].ipa, 0x80'0900'0000u);
  EXPECT_EQ(decode(result.ranges[2].entry).memory, "device-ngnre");
}

TEST(PtdumpWalker, HardwareRootShowsTheSameRanges) {
  const Dump software = examples(), hardware = examples(LayerTables::hardware_request(kVm));
  EXPECT_EQ(hardware.violation_count, 0u);
  EXPECT_EQ(hardware.table_pages() + 1, software.table_pages());  // without the software root
  ASSERT_EQ(hardware.ranges.size(), software.ranges.size());
  for (std::size_t i = 0; i < software.ranges.size(); ++i) {
    EXPECT_EQ(hardware.ranges[i].ipa, software.ranges[i].ipa);
    EXPECT_EQ(hardware.ranges[i].size, software.ranges[i].size);
    EXPECT_EQ(hardware.ranges[i].entry, software.ranges[i].entry);
  }
}

TEST(PtdumpWalker, AttributesAndGapsEndARange) {
  LayerTables tables;
  tables.map_page(kVm, 0x1000, 0x10000);
  tables.map_page(kVm, 0x2000, 0x11000, PAGE_S2_KERNEL & ~u64{0x80});  // read-only
  tables.map_page(kVm, 0x3000, 0x13000, PAGE_S2_KERNEL & ~u64{0x80});  // another frame
  tables.map_page(kVm, 0x5000, 0x14000, PAGE_S2_KERNEL & ~u64{0x80});  // a hole before it
  EXPECT_EQ(dump(tables, LayerTables::request(kVm)).ranges.size(), 4u);
}

TEST(PtdumpWalker, MarkersAreRangesOfTheirOwn) {
  LayerTables tables;
  tables.layers().init_s2pt(Principal(HOSTVISOR));
  for (const u64 pfn : {u64{16}, u64{17}, u64{18}}) {
    tables.map_page(HOSTVISOR, pfn << PAGE_SHIFT, pfn << PAGE_SHIFT);
  }
  tables.layers().clear_pfn_host(redoubt::Pfn<u64>(17));
  const Dump result = dump(tables, LayerTables::request(HOSTVISOR));
  ASSERT_EQ(result.ranges.size(), 3u);
  EXPECT_TRUE(result.ranges[1].marker);
  EXPECT_EQ(result.ranges[1].entry, PAGE_GUEST);
  EXPECT_EQ(result.violation_count, 0u);
}

TEST(PtdumpWalker, ReadsTablesOfTheModelMachine) {
  using Model = ModelMachine<Concrete, ModelParams>;
  Concrete domain;
  spec::State<Concrete, ModelParams> state(domain, ModelParams::pool_base);
  const auto pool = pool_of<ModelParams>(ModelParams::pool_base, Principal(kVm));
  state.pt_next.write(kVm, 0, pool.pgd.raw);
  state.pt_next.write(kVm, 1, pool.pud.raw);
  state.pt_next.write(kVm, 2, pool.pmd.raw);
  Model machine(domain, state);
  Stage2<Model> layers(machine);
  ASSERT_EQ(layers.try_map_s2pt(Principal(kVm), Address(0x7fff'ffff'f000), Level::page, Leaf(0x123'4fff)),
            Status::ok);
  std::vector<u64> words;
  for (u64 at = pool.root.raw; at < pool.pmd.raw + PAGE_SIZE; at += 8) {
    words.push_back(machine.memory(kVm, at));
  }
  const Dump result = walk(MemoryImage::raw(std::as_bytes(std::span(words)), pool.root.raw),
                           {.root = pool.root.raw, .pool = Pool{pool.root.raw, ModelParams::guest.size}});
  ASSERT_EQ(result.ranges.size(), 1u);
  EXPECT_EQ(result.ranges[0].ipa, 0x7fff'ffff'f000u);
  EXPECT_EQ(result.ranges[0].pa, 0x123'4000u);
  EXPECT_EQ(result.tables, (std::array<u64, 4>{1, 1, 1, 1}));
  EXPECT_EQ(result.violation_count, 0u);
}

// Any mappings: the dump says for every address what the layers' own walk says, and nothing else.
RC_GTEST_PROP(PtdumpWalker, AgreesWithTheLayersWalk, ()) {
  LayerTables tables;
  std::map<u64, u64> expected;  // 4 KiB page -> frame
  const auto count = *rc::gen::inRange(0, 60);
  for (int i = 0; i < count; ++i) {
    const u64 region = *rc::gen::inRange<u64>(0, 6) * 0x1'0020'0000;
    const u64 ipa = (region & ~(PMD_SIZE - 1)) + *rc::gen::inRange<u64>(0, 8) * PAGE_SIZE;
    const u64 pa = *rc::gen::inRange<u64>(0, 16) * PMD_SIZE + (ipa & (PMD_SIZE - 1));
    const bool block = *rc::gen::inRange(0, 4) == 0;
    const u64 from = block ? ipa & ~(PMD_SIZE - 1) : ipa, to = block ? pa & ~(PMD_SIZE - 1) : pa;
    const Status status = block ? tables.map_block(kVm, from, to) : tables.map_page(kVm, from, to);
    for (u64 page = 0; status == Status::ok && page < (block ? PMD_PAGE_NUM : 1); ++page) {
      expected[from + page * PAGE_SIZE] = to + page * PAGE_SIZE;
    }
  }
  const Dump result = dump(tables, LayerTables::request(kVm));
  RC_ASSERT(result.violation_count == 0u);
  RC_ASSERT(result.table_pages() == tables.table_pages());
  std::map<u64, u64> found;
  for (const MappedRange& range : result.ranges) {
    for (u64 offset = 0; offset < range.size; offset += PAGE_SIZE) {
      found[range.ipa + offset] = range.pa + offset;
    }
  }
  RC_ASSERT(found == expected);
  for (const auto& [ipa, pa] : expected) {
    const u64 leaf = tables.layers().walk_s2pt(Principal(kVm), Address(ipa)).raw;
    RC_ASSERT(phys_page(leaf) + ((leaf & 2) != 0 ? 0 : ipa & (PMD_SIZE - 1)) == pa);
  }
}

}  // namespace
}  // namespace redoubt::ptdump
