// SPDX-License-Identifier: BSD-3-Clause
// BenchMachine: the stage-2 layers on flat memory, with the counts that the benchmarks rely on.
#include "machine/bench/bench_machine.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

#include "core/tower.hpp"

namespace redoubt::test {
namespace {

using Params = QemuVirtParams;
using Machine = BenchMachine<Params>;
using Tower = tower::Top<Machine>;
using V = VmId<u64>;
using I = Ipa<u64>;

constexpr u64 kPoolBase = 0x1000;

Machine made(const BenchMemory& memory) {
  auto machine = Machine::make(memory);
  if (!machine) {
    throw std::logic_error("the memory is refused");
  }
  return *machine;
}

struct Bench : testing::Test {
  std::vector<u64> pool = std::vector<u64>(pools_size<Params>() / sizeof(u64));
  std::vector<u64> pages = std::vector<u64>(2 * PMD_PAGE_NUM);
  std::vector<u64> smmu_pool = std::vector<u64>(Params::smmu.size / sizeof(u64));
  Machine machine = made({.pool = pool,
                          .pool_base = kPoolBase,
                          .pages = pages,
                          .ram_base = 0x4000'0000,
                          .smmu_pool = smmu_pool});
  Tower tower{machine};

  Status map(u64 ipa) {
    return tower.try_map_s2pt(V(1), I(ipa), Level::page,
                              Descriptor<u64>((ipa & 0xffff'f000) | PAGE_S2_KERNEL));
  }
};

TEST_F(Bench, FirstMapTakesThreeTables) {
  EXPECT_EQ(map(0x4020'1000), Status::ok);
  const BenchCounters first{.dsb_ishst = 1, .table_pages = 3, .locks = 1};
  EXPECT_EQ(machine.counters(), first);
  EXPECT_EQ(tower.walk_s2pt(V(1), I(0x4020'1000)).raw, 0x4020'1fffu);
  machine.reset_counters();
  EXPECT_EQ(map(0x4020'2000), Status::ok);
  const BenchCounters second{.dsb_ishst = 1, .locks = 1};
  EXPECT_EQ(machine.counters(), second);
}

TEST_F(Bench, UnmapPageInvalidatesIt) {
  ASSERT_EQ(map(0x4020'1000), Status::ok);
  machine.reset_counters();
  EXPECT_EQ(tower.unmap_s2pt(V(1), I(0x4020'1000)), Status::ok);
  const BenchCounters expected{
      .tlbi_ipas2e1is = 1, .tlbi_vmalle1is = 1, .dsb_ishst = 1, .dsb_ish = 2, .isb = 1, .locks = 1};
  EXPECT_EQ(machine.counters(), expected);
  EXPECT_EQ(machine.counters().tlbi(), 2u);
  EXPECT_EQ(machine.counters().dsb(), 3u);
  EXPECT_EQ(tower.unmap_s2pt(V(1), I(0x4020'1000)), Status::not_found);
}

TEST_F(Bench, DropBlockInvalidatesTheWholeVmid) {
  EXPECT_EQ(tower.map_page_host(I(0x4000'3000)), Status::ok);
  EXPECT_EQ(tower.get_level_s2pt(V(0), I(0x4000'0000)), Level::block);
  machine.reset_counters();
  EXPECT_EQ(tower.drop_block_s2pt(V(0), I(0x4000'3000)), Status::ok);
  const BenchCounters expected{.tlbi_vmalls12e1is = 1, .dsb_ishst = 1, .dsb_ish = 1, .isb = 1, .locks = 1};
  EXPECT_EQ(machine.counters(), expected);
  EXPECT_EQ(tower.get_level_s2pt(V(0), I(0x4000'0000)), Level::none);
}

TEST_F(Bench, ResetGivesAnEmptyTable) {
  ASSERT_EQ(map(0x4020'1000), Status::ok);
  machine.reset(V(1));
  EXPECT_EQ(pool, std::vector<u64>(pool.size()));
  machine.reset_counters();
  EXPECT_EQ(map(0x4020'1000), Status::ok);
  EXPECT_EQ(machine.counters().table_pages, 3u);
}

TEST_F(Bench, TablesLieInTheCallersBuffer) {
  ASSERT_EQ(map(0x4020'1000), Status::ok);
  const Pool<u64> own = pool_of<Params>(kPoolBase, V(1));
  EXPECT_EQ(pool[(own.root.raw - kPoolBase) / 8], own.pgd.raw | 3);
}

TEST_F(Bench, SmmuTablesLieInTheirOwnBuffer) {
  const ContextBank<u64> bank(3);
  const SmmuIndex<u64> smmu(1);
  const Iova<u64> iova(0x4020'1000);
  const auto leaf = Tower::spt_leaf(Pfn<u64>(9), DmaAccess::read_write, DmaMemory::write_back);
  ASSERT_EQ(tower.try_map_spt(bank, smmu, iova, leaf), Status::ok);
  EXPECT_EQ(tower.walk_spt(bank, smmu, iova), leaf);
  const auto spt = smmu_pool_of<Params>(kPoolBase);
  EXPECT_EQ(smmu_pool[(11 * SMMU_ROOT_SIZE + 8) / 8], spt.pgd.raw | 3);  // bank 11, the second GiB
  EXPECT_EQ(pool, std::vector<u64>(pool.size()));
  EXPECT_EQ(tower.try_unmap_spt(bank, smmu, iova), Status::ok);
  EXPECT_EQ(tower.walk_spt(bank, smmu, iova).raw, 0u);
  EXPECT_EQ(tower.try_init_spt(bank, smmu), Status::ok);
  const BenchSmmuCounters expected{.dsb_st = 3, .tlbi_iova = 1, .tlbi_bank = 1, .sync = 2, .table_pages = 2};
  EXPECT_EQ(machine.smmu_counters(), expected);
}

// Emptied banks give their pages back, so that the pool serves for ever.
TEST_F(Bench, SmmuPoolServesAgain) {
  const auto leaf = Tower::spt_leaf(Pfn<u64>(9), DmaAccess::read, DmaMemory::device);
  constexpr u64 tables = (Params::smmu.pmd_offset - Params::smmu.pgd_offset) / PAGE_SIZE;
  for (u64 round = 0; round < 3; ++round) {
    for (u64 i = 0; i < tables; ++i) {
      ASSERT_EQ(tower.try_map_spt(ContextBank<u64>(round), SmmuIndex<u64>(0), Iova<u64>(i << 30), leaf),
                Status::ok);
    }
    const Iova<u64> one_more(tables << 30);
    EXPECT_EQ(tower.try_map_spt(ContextBank<u64>(7), SmmuIndex<u64>(0), one_more, leaf), Status::no_memory);
    EXPECT_EQ(tower.try_init_spt(ContextBank<u64>(round), SmmuIndex<u64>(0)), Status::ok);
  }
}

TEST(BenchMachine, WithoutSmmuMemoryThereIsNoSmmu) {
  std::vector<u64> pool(pools_size<Params>() / sizeof(u64)), small(Params::smmu.size / sizeof(u64) - 1);
  Machine machine = made({.pool = pool, .pool_base = kPoolBase, .pages = {}, .ram_base = 0});
  Tower tower(machine);
  EXPECT_EQ(tower.try_init_spt(ContextBank<u64>(0), SmmuIndex<u64>(0)), Status::invalid_parameter);
  EXPECT_FALSE(
      Machine::make({.pool = pool, .pool_base = kPoolBase, .pages = {}, .ram_base = 0, .smmu_pool = small}));
}

TEST(BenchMachine, RefusesBadMemory) {
  std::vector<u64> enough(pools_size<Params>() / sizeof(u64));
  const std::span<u64> all(enough);
  EXPECT_TRUE(Machine::make({.pool = all, .pool_base = kPoolBase, .pages = {}, .ram_base = 0}));
  EXPECT_FALSE(
      Machine::make({.pool = all.first(all.size() - 1), .pool_base = kPoolBase, .pages = {}, .ram_base = 0}));
  EXPECT_FALSE(Machine::make({.pool = all, .pool_base = 0x1008, .pages = {}, .ram_base = 0}));
}

static_assert(!Machine::seeded(Fault::map_without_lock));

}  // namespace
}  // namespace redoubt::test
