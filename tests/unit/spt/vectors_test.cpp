// SPDX-License-Identifier: BSD-3-Clause
// Numbers computed by hand for the SMMU tables (digest 2.4, 9), on the model's parameters.
#include <gtest/gtest.h>

#include "tests/unit/spt/rig.hpp"

namespace redoubt::test {
namespace {

using R = Rig<ModelParams>;
using Alloc10 = tower::MmioPtWalkLayer<Machine<ModelParams>>;

TEST(SptVectors, Ttbr) {
  R rig;
  EXPECT_EQ(rig.code.get_smmu_cfg_hw_ttbr(Cb(0), Ix(0)).raw, 0x10000u);
  EXPECT_EQ(rig.code.get_smmu_cfg_hw_ttbr(Cb(7), Ix(0)).raw, 0x1e000u);
  EXPECT_EQ(rig.code.get_smmu_cfg_hw_ttbr(Cb(0), Ix(1)).raw, 0x20000u);
  EXPECT_EQ(rig.code.get_smmu_cfg_hw_ttbr(Cb(7), Ix(1)).raw, 0x2e000u);
}

TEST(SptVectors, Zones) {
  const auto pool = smmu_pool_of<ModelParams>(u64{0x1234000});
  EXPECT_EQ(pool.roots.raw, 0x10000u);
  EXPECT_EQ(pool.pgd.raw, 0x110000u);
  EXPECT_EQ(pool.pmd.raw, 0x210000u);
  EXPECT_EQ(pool.end.raw, 0x310000u);
}

TEST(SptVectors, BoardPoolLiesBehindTheStage2Pools) {
  using P = QemuVirtParams;
  const u64 base = 0x40001000;
  const auto pool = smmu_pool_of<P>(base);
  const auto last = pool_of<P>(base, VmId<u64>(COREVISOR));
  EXPECT_GE(pool.roots.raw, last.end.raw);
  EXPECT_EQ(pool.roots.raw % 0x2000, 0u);
  const auto spec = spec::spt_bounds<P>(base);
  EXPECT_EQ(pool.roots.raw, spec.roots);
  EXPECT_EQ(pool.end.raw, spec.end);
}

// The first mapping takes the first page of each zone; the indices of the two given addresses.
TEST(SptVectors, IndicesOfAddresses) {
  struct {
    u64 iova, root, pmd, pte;
  } const rows[] = {{0x3fff'f000, 0, 511, 511}, {0xff'ffff'f000, 1023, 511, 511}, {0x4020'1000, 1, 1, 1}};
  for (const auto& row : rows) {
    R rig;
    const Desc leaf = R().code.spt_leaf(Pfn<u64>(0x80000), DmaAccess::read_write, DmaMemory::write_back);
    ASSERT_EQ(rig.code.try_map_spt(Cb(1), Ix(1), Io(row.iova), leaf), Status::ok);
    EXPECT_EQ(rig.machine->spt_memory(0x22000 + row.root * 8), 0x110003u);
    EXPECT_EQ(rig.machine->spt_memory(0x110000 + row.pmd * 8), 0x210003u);
    EXPECT_EQ(rig.machine->spt_memory(0x210000 + row.pte * 8), leaf.raw);
    EXPECT_EQ(rig.machine->spt_next(SmmuZone::pgd).raw, 0x111000u);
    EXPECT_EQ(rig.machine->spt_next(SmmuZone::pmd).raw, 0x211000u);
  }
}

// W14: page, AF, inner shareable, MemAttr 1111, S2AP 11, never executable.
TEST(SptVectors, Leaf) {
  EXPECT_EQ(
      CodeOps<ModelParams>::spt_leaf(Pfn<u64>(0x12345), DmaAccess::read_write, DmaMemory::write_back).raw,
      0x0040'0000'1234'57ffu);
  EXPECT_EQ(CodeOps<ModelParams>::spt_leaf(Pfn<u64>(1), DmaAccess::read, DmaMemory::device).raw,
            0x0040'0000'0000'1747u);
  EXPECT_EQ(CodeOps<ModelParams>::spt_leaf(Pfn<u64>(0), DmaAccess::write, DmaMemory::non_cacheable).raw,
            0x0040'0000'0000'0797u);
}

// 256 level-2 tables: the 257th distinct GiB is refused with nothing changed, and map_spt halts.
TEST(SptVectors, Exhaustion) {
  R rig;
  const Desc leaf = rig.code.spt_leaf(Pfn<u64>(0x80000), DmaAccess::read_write, DmaMemory::write_back);
  for (u64 i = 0; i < 256; ++i) {
    ASSERT_EQ(rig.code.try_map_spt(Cb(0), Ix(0), Io(i << 30), leaf), Status::ok);
  }
  EXPECT_EQ(rig.code.try_map_spt(Cb(0), Ix(0), Io(u64{256} << 30), leaf), Status::no_memory);
  EXPECT_EQ(rig.code.try_map_spt(Cb(3), Ix(1), Io(0), leaf), Status::no_memory);
  EXPECT_EQ(rig.machine->spt_memory(0x10000 + 256 * 8), 0u);
  EXPECT_THROW(rig.code.map_spt(Cb(3), Ix(1), Io(0), leaf), Halt);
  EXPECT_EQ(rig.machine->spt_memory(0x26000), 0u);
  EXPECT_EQ(rig.machine->lock_status(SPT_ID), spec::LOCK_OWN_TRUE);  // a halted machine keeps its locks
}

// Every page of the pool, over and over: emptying a bank gives back what it took, for ever (W42).
TEST(SptVectors, ThePoolServesAgain) {
  R rig;
  const Desc leaf = rig.code.spt_leaf(Pfn<u64>(0x80000), DmaAccess::read, DmaMemory::write_back);
  for (u64 round = 0; round < 4; ++round) {
    const Cb bank(round % 8);
    for (u64 i = 0; i < 256; ++i) {
      ASSERT_EQ(rig.code.try_map_spt(bank, Ix(round & 1), Io((i * 3) << 30 | i << 21), leaf), Status::ok)
          << round << " " << i;
    }
    ASSERT_EQ(rig.code.try_map_spt(bank, Ix(round & 1), Io(1 << 30), leaf), Status::no_memory);
    ASSERT_EQ(rig.code.try_init_spt(bank, Ix(round & 1)), Status::ok);
    EXPECT_FALSE(rig.machine->stale_smmu().usable());
    EXPECT_EQ(rig.code.walk_spt(bank, Ix(round & 1), Io(0)).raw, 0u);
  }
}

TEST(SptVectors, LockLogOfACall) {
  R rig;
  rig.code.walk_spt(Cb(0), Ix(0), Io(0));
  std::vector<EventKind> kinds;
  for (const auto& e : rig.machine->events()) {
    if (e.kind == EventKind::pull || e.kind == EventKind::publish) {
      EXPECT_EQ(e.who, SPT_ID);
      kinds.push_back(e.kind);
    }
  }
  EXPECT_EQ(kinds, (std::vector{EventKind::pull, EventKind::publish}));
}

}  // namespace
}  // namespace redoubt::test
