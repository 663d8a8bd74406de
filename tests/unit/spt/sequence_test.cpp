// SPDX-License-Identifier: BSD-3-Clause
// Layers 9 to 12 as a whole: code, raw and flat specification agree, invariants hold, walkers never see a
// half state.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "tests/unit/spt/sequence.hpp"

namespace redoubt::test {
namespace {

std::vector<Op> some_ops(int longest) {
  const auto length = *rc::gen::inRange(1, longest);
  std::vector<Op> ops;
  ops.reserve(static_cast<std::size_t>(length));
  for (int i = 0; i < length; ++i) {
    ops.push_back(
        make_op([](u64 n) { return static_cast<u64>(*rc::gen::inRange<int>(0, static_cast<int>(n))); }));
  }
  aim_unmaps(ops);
  return ops;
}

template <class P>
void sequences_agree() {
  Sequence<P> sequence;
  const auto failure = sequence.run(some_ops(40));
  RC_CLASSIFY(sequence.refused_for_memory() > 0, "pool used up");
  RC_CLASSIFY(sequence.taken_away() > 0, "page unmapped");
  RC_CLASSIFY(sequence.reused() > 0, "table page used again");
  if (failure) {
    RC_FAIL(*failure);
  }
}

RC_GTEST_PROP(SptSequence, CodeIsSpecificationOnTheSmallModel, ()) { sequences_agree<SmallParams>(); }
RC_GTEST_PROP(SptSequence, CodeIsSpecificationOnTheSmallBoard, ()) { sequences_agree<SmallBoardParams>(); }

// Without the operation that halts, so that long runs use the pool up and empty banks again and again.
TEST(SptSequence, PagesServeAgainForEver) {
  unsigned refused = 0, halted = 0, taken_away = 0, reused = 0;
  for (std::uint32_t seed = 1; seed <= 12; ++seed) {
    std::vector<Op> ops = random_ops(seed, 150);
    for (Op& op : ops) {
      op.kind = op.kind == Op::map ? Op::try_map : op.kind;
    }
    Sequence<SmallParams> sequence;
    const auto failure = sequence.run(ops);
    ASSERT_FALSE(failure) << failure.value_or("") << ", seed " << seed;
    refused += sequence.refused_for_memory();
    taken_away += sequence.taken_away();
    reused += sequence.reused();
    halted += sequence.rig().flat_state.halt ? 1 : 0;
  }
  EXPECT_GT(refused, 40u);  // witnesses: the pool was used up, pages were unmapped, tables served again
  EXPECT_GT(taken_away, 20u);
  EXPECT_GT(reused, 40u);
  EXPECT_EQ(halted, 0u);  // R3: no input of a try_ form stops the machine
}

// Refused calls change nothing at all.
RC_GTEST_PROP(SptSequence, ARefusalIsTheIdentity, ()) {
  Sequence<SmallParams> sequence;
  std::vector<Op> ops = some_ops(40);
  std::erase_if(ops, [](const Op& op) { return op.kind == Op::map; });
  RC_ASSERT(!sequence.run(ops));
  auto& rig = sequence.rig();
  rig.machine->forget_events();
  const Desc leaf = CodeOps<SmallParams>::spt_leaf(Pfn<u64>(9), DmaAccess::read, DmaMemory::device);
  const auto op =
      make_op([](u64 n) { return static_cast<u64>(*rc::gen::inRange<int>(0, static_cast<int>(n))); });
  const Status status = rig.code.try_map_spt(Cb(op.cb), Ix(op.ix), Io(op.iova), leaf);
  if (status != Status::ok) {
    for (const auto& e : rig.machine->events()) {
      RC_ASSERT(e.kind != EventKind::spt_store && e.kind != EventKind::spt_zero &&
                e.kind != EventKind::set_spt_next);
    }
    RC_ASSERT(!rig.compare_raw());
  }
}

TEST(SptSequence, MalformedLeavesAndAddressesAreRefused) {
  Rig<SmallParams> rig;
  const u64 good = CodeOps<SmallParams>::spt_leaf(Pfn<u64>(9), DmaAccess::read, DmaMemory::device).raw;
  const auto map = [&](u64 cb, u64 ix, u64 iova, u64 leaf) {
    return rig.code.try_map_spt(Cb(cb), Ix(ix), Io(iova), Desc(leaf));
  };
  EXPECT_EQ(map(0, 0, 0, good & ~u64{0x400}), Status::invalid_parameter);  // no access flag
  EXPECT_EQ(map(0, 0, 0, good & ~u64{0x100}), Status::invalid_parameter);  // outer shareable
  EXPECT_EQ(map(0, 0, 0, good & ~u64{2}), Status::invalid_parameter);      // reserved at level 3
  EXPECT_EQ(map(0, 0, 0, good & ~u64{1}), Status::invalid_parameter);
  EXPECT_EQ(map(0, 0, 0x800, good), Status::invalid_parameter);
  EXPECT_EQ(map(0, 0, u64{1} << 40, good), Status::invalid_parameter);
  EXPECT_EQ(map(8, 0, 0, good), Status::invalid_parameter);
  EXPECT_EQ(map(5, 1, 0, good), Status::invalid_parameter);  // SMMU 1 has five banks
  EXPECT_EQ(map(0, 2, 0, good), Status::invalid_parameter);
  EXPECT_EQ(map(0, ~u64{0}, 0, good), Status::invalid_parameter);
  EXPECT_TRUE(rig.machine->events().empty());
  EXPECT_EQ(map(4, 1, 0xff'ffff'f000, good), Status::ok);
}

}  // namespace
}  // namespace redoubt::test
