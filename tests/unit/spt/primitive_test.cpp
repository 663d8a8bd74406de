// SPDX-License-Identifier: BSD-3-Clause
// The SMMU group of base primitives, one at a time, on tables that operations lead to: code against
// specification. The layers above are in tests/property/registry.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <functional>
#include <map>

#include "tests/unit/spt/sequence.hpp"

namespace redoubt::test {
namespace {

using P = SmallParams;
using M = Machine<P>;
using Spec = spec::MmioPtWalk<Concrete, P>;
using Page = Pa<u64>;

u64 below(u64 n) { return static_cast<u64>(*rc::gen::inRange<int>(0, static_cast<int>(n))); }

// A state that operations lead to, with or without the locks, before or after the leaf store.
State<P> reachable(Concrete& d) {
  State<P> s = boot<P>(d);
  RawOps<P> ops(s);
  const u64 steps = below(30);
  for (u64 i = 0; i < steps; ++i) {
    const Op op = make_op(below);
    const Desc leaf = FlatOps<P>::spt_leaf(Pfn<u64>(op.pfn), op.access, 15);
    if (op.kind == Op::init) {
      ops.try_init_spt(Cb(op.cb), Ix(op.ix));
    } else if (op.kind == Op::unmap) {
      ops.try_unmap_spt(Cb(op.cb), Ix(op.ix), Io(op.iova));
    } else {
      ops.try_map_spt(Cb(op.cb), Ix(op.ix), Io(op.iova), leaf);
    }
  }
  s.updates = {};
  s.epoch = 0;
  for (const u64 lock : {SPT_ID, SMMU_ID}) {
    s.lock.write(lock, 0, below(8) == 0 ? spec::LOCK_FALSE : spec::LOCK_OWN_TRUE);
  }
  s.tstate = below(4) == 0 ? 1 : 0;
  for (u64 bank = 0; bank < 4; ++bank) {
    s.smmu.smmu_vmid.write(below(16), 0, below(17));
  }
  return s;
}

// Where the specification has a result, the code has the same, leaves the same memory and made the same
// steps.
template <class Layer, class Call>
void agree(const State<P>& s, Call call) {
  Rig<P> rig(s);
  Spec spec(rig.raw_state);
  const Outcome expected = outcome_of([&] { return call(spec); });
  RC_CLASSIFY(expected.kind == Outcome::stuck, "stuck");
  if (expected.kind == Outcome::stuck) {
    return;
  }
  Layer code(*rig.machine);
  const Outcome got = outcome_of([&] { return call(code); });
  if (rig.raw_state.halt) {
    RC_ASSERT(got.kind == Outcome::halt);
    return;
  }
  if (got != expected) {
    RC_FAIL("outcomes differ: " + got.why);
  }
  RC_ASSERT(rig.compare_raw() == std::nullopt);
  RC_ASSERT(rig.machine->tstate() == rig.raw_state.tstate);
  for (u64 bank = 0; bank < 16; ++bank) {
    RC_ASSERT(rig.machine->smmu_vmid(SmmuBank<u64>(bank)) == rig.raw_state.smmu.smmu_vmid.read(bank, 0));
  }
  const auto effects = effects_of(rig.machine->events());
  if (effects) {
    RC_ASSERT(*effects == steps_of(rig.raw_state.updates));
  }
}

// Addresses in and around the zones, most of them slots of live tables.
u64 some_slot() {
  const auto b = spec::spt_bounds<P>(P::pool_base);
  const u64 starts[] = {
      b.roots, b.roots + 0x2000, b.roots + 0x20000, b.pgd, b.pgd + 0x1000, b.pmd, b.pmd + 0x2000, b.end};
  const u64 offsets[] = {0, 8, 0xff8, 0x1ff8, 4, ~u64{7}};
  return starts[below(8)] + offsets[below(6)];
}
u64 some_page() {
  const auto b = spec::spt_bounds<P>(P::pool_base);
  const u64 starts[] = {b.roots, b.pgd,          b.pgd + 0x1000, b.pgd + 0x2000,
                        b.pmd,   b.pmd + 0x1000, b.pmd + 0x4000, b.end};
  return starts[below(8)];
}
Cb some_cb() { return Cb(below(9)); }
Ix some_ix() { return Ix(below(3)); }

RC_GTEST_PROP(SmmuGroup, BumpPointers, ()) {
  Concrete d;
  const State<P> s = reachable(d);
  const Page next(some_page());
  agree<AbstractMachine<M>>(s, [](auto& m) { return m.get_smmu_pgd_next().raw; });
  agree<AbstractMachine<M>>(s, [](auto& m) { return m.get_smmu_pmd_next().raw; });
  agree<AbstractMachine<M>>(s, [&](auto& m) { return m.set_smmu_pgd_next(next), 0; });
  agree<AbstractMachine<M>>(s, [&](auto& m) { return m.set_smmu_pmd_next(next), 0; });
}

RC_GTEST_PROP(SmmuGroup, TableMemory, ()) {
  Concrete d;
  const State<P> s = reachable(d);
  const Page slot(some_slot());
  const Desc value(below(1000) << 1);  // invalid: making valid entries is for the walk layer
  const Cb cb = some_cb();
  const Ix ix = some_ix();
  agree<AbstractMachine<M>>(s, [&](auto& m) { return m.smmu_pt_load(slot).raw; });
  agree<AbstractMachine<M>>(s, [&](auto& m) { return m.smmu_pt_store(slot, value), 0; });
  agree<AbstractMachine<M>>(s, [&](auto& m) { return m.smmu_pt_clear(cb, ix), 0; });
  agree<AbstractMachine<M>>(s, [&](auto& m) { return m.get_smmu_cfg_hw_ttbr(cb, ix).raw; });
}

RC_GTEST_PROP(SmmuGroup, OwnersAndTopology, ()) {
  Concrete d;
  const State<P> s = reachable(d);
  const Cb cb = some_cb();
  const Ix ix = some_ix();
  const u64 vmid = below(2) == 0 ? INVALID : below(40);
  agree<AbstractMachine<M>>(s, [&](auto& m) { return m.get_smmu_cfg_vmid(cb, ix); });
  agree<AbstractMachine<M>>(s, [&](auto& m) { return m.set_smmu_cfg_vmid(cb, ix, vmid), 0; });
  agree<AbstractMachine<M>>(s, [&](auto& m) { return m.get_smmu_num(); });
  agree<AbstractMachine<M>>(s, [&](auto& m) { return m.get_smmu_num_context_banks(ix); });
  agree<AbstractMachine<M>>(s, [&](auto& m) { return m.get_smmu_size(ix); });
  agree<AbstractMachine<M>>(s, [&](auto& m) { return m.get_smmu_base(ix); });
}

// Guards, each by itself: the code refuses what the specification calls stuck.
TEST(SmmuGroup, GuardsAreRealInTheCode) {
  Concrete d;
  State<P> s = boot<P>(d);
  M machine(d, s);
  AbstractMachine<M> free(machine);
  const auto stuck = [](auto call) { return outcome_of([&] { return call(), 0; }).kind == Outcome::stuck; };
  EXPECT_TRUE(stuck([&] { free.smmu_pt_load(Page(0x10000)); }));  // lock not held
  EXPECT_TRUE(stuck([&] { free.get_smmu_pgd_next(); }));
  EXPECT_TRUE(stuck([&] { free.get_smmu_cfg_vmid(Cb(0), Ix(0)); }));
  EXPECT_TRUE(stuck([&] { free.get_smmu_base(Ix(2)); }));
  EXPECT_TRUE(stuck([&] { free.get_smmu_cfg_hw_ttbr(Cb(8), Ix(0)); }));
  s.lock.write(SPT_ID, 0, spec::LOCK_OWN_TRUE);
  s.tstate = 0;
  M held_machine(d, s);
  AbstractMachine<M> held(held_machine);
  const auto b = spec::spt_bounds<P>(s.pool_base);
  EXPECT_TRUE(stuck([&] { held.smmu_pt_load(Page(b.end)); }));
  EXPECT_TRUE(stuck([&] { held.smmu_pt_load(Page(b.roots - 8)); }));
  EXPECT_TRUE(stuck([&] { held.smmu_pt_load(Page(b.roots + 4)); }));
  held.smmu_pt_store(Page(b.pmd), Desc(2));
  EXPECT_TRUE(stuck([&] { held.smmu_pt_store(Page(b.pmd + 8), Desc(2)); }));  // second leaf store
  EXPECT_TRUE(stuck([&] { held.smmu_pt_clear(Cb(0), Ix(0)); }));
  held.smmu_pt_store(Page(b.pgd), Desc(2));  // not a leaf store
}

}  // namespace
}  // namespace redoubt::test
