// SPDX-License-Identifier: BSD-3-Clause
// The shipped lock templates against their specification, log for log (digest 7, E7 and E10).
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <memory>

#include "spec/lock/invariants.hpp"
#include "spec/lock/lock_ops.hpp"
#include "tests/unit/lock/log_machine.hpp"

namespace redoubt::test {
namespace {

using namespace spec::lock;
constexpr std::size_t kRoom = 1024;
using BigView = View<kRoom>;
using Machine = LogMachine<kRoom, Others>;
using Locks = tower::LocksLayer<Machine>;

// Each family of locks by name, acquire and release, and its id.
struct Family {
  u64 id;
  void (*acquire)(Locks&);
  void (*release)(Locks&);
};
using V = VmId<u64>;
const Family kFamilies[] = {
    {NPT_ID + 0, [](Locks& l) { l.acquire_lock_pt(V(0)); }, [](Locks& l) { l.release_lock_pt(V(0)); }},
    {NPT_ID + 16, [](Locks& l) { l.acquire_lock_pt(V(16)); }, [](Locks& l) { l.release_lock_pt(V(16)); }},
    {INFO_ID + 0, [](Locks& l) { l.acquire_lock_vm(V(0)); }, [](Locks& l) { l.release_lock_vm(V(0)); }},
    {INFO_ID + 15, [](Locks& l) { l.acquire_lock_vm(V(15)); }, [](Locks& l) { l.release_lock_vm(V(15)); }},
    {SPT_ID, [](Locks& l) { l.acquire_lock_spt(); }, [](Locks& l) { l.release_lock_spt(); }},
    {S2PAGE_ID, [](Locks& l) { l.acquire_lock_s2page(); }, [](Locks& l) { l.release_lock_s2page(); }},
    {CORE_ID, [](Locks& l) { l.acquire_lock_core(); }, [](Locks& l) { l.release_lock_core(); }},
    {SMMU_ID, [](Locks& l) { l.acquire_lock_smmu(); }, [](Locks& l) { l.release_lock_smmu(); }},
};

// Takes and releases one lock in code and in the specification, with the same environment.
void compare(const Family& family, u64 seed, std::uint8_t cpus, u64 first_ticket) {
  auto code = std::make_unique<BigView>();
  auto spec = std::make_unique<BigView>();
  code->lock(family.id).first_ticket = spec->lock(family.id).first_ticket = first_ticket;
  Others others(seed, cpus);
  Machine machine(*code, others);
  Locks locks(machine);
  spec::lock::LockOps<std::uint32_t, kRoom> ops(*spec, family.id);
  Log<kRoom>& expected = spec->lock(family.id).log;
  for (u64 object = 100; object < 103; ++object) {
    family.acquire(locks);
    RC_ASSERT(ops.wait_lock(others) == Stuck::no);
    RC_ASSERT(expected.append({Kind::pull, 0, 0}) == Stuck::no);
    RC_ASSERT(code->lock(family.id).log == expected);
    RC_ASSERT(code->lock(family.id).status == Ownership::own);
    RC_ASSERT(code->tstate == 0u);
    RC_ASSERT(broken(*code, family.id) == 0u);
    code->lock(family.id).object = object;
    family.release(locks);
    RC_ASSERT(expected.append({Kind::publish, 0, object}) == Stuck::no);
    RC_ASSERT(ops.pass_lock() == Stuck::no);
    RC_ASSERT(code->lock(family.id).log == expected);
    RC_ASSERT(broken(*code, family.id) == 0u);
  }
}

RC_GTEST_PROP(LockCode, IsItsSpecification, ()) {
  const auto cpus = static_cast<std::uint8_t>(*rc::gen::inRange<unsigned>(2, 9));
  const auto seed = *rc::gen::arbitrary<u64>();
  const u64 first = *rc::gen::element<u64>(0, 0xffff'fffe, 0xffff'ffff, 0x1'0000'0000);
  const auto family = *rc::gen::inRange<std::size_t>(0, std::size(kFamilies));
  compare(kFamilies[family], seed, cpus, first);
}

// One numbering everywhere: taking a lock touches that lock's log and no other's (designs out defect W1).
TEST(LockCode, OneNumbering) {
  for (const Family& family : kFamilies) {
    auto view = std::make_unique<BigView>();
    Others nobody(1, 1);
    Machine machine(*view, nobody);
    Locks locks(machine);
    family.acquire(locks);
    for (u64 id = 0; id < ID_END; ++id) {
      EXPECT_EQ(view->lock(id).log.empty(), id != family.id);
      EXPECT_EQ(view->lock(id).status, id == family.id ? Ownership::own : Ownership::not_held);
    }
    family.release(locks);
    EXPECT_EQ(view->lock(family.id).status, Ownership::not_held);
  }
}

TEST(LockCode, MisuseIsStuck) {
  auto view = std::make_unique<BigView>();
  Others nobody(1, 1);
  Machine machine(*view, nobody);
  Locks locks(machine);
  const auto reason = [](auto action) {
    try {
      action();
    } catch (const StuckError& error) {
      return error.reason;
    }
    return Stuck::no;
  };
  EXPECT_EQ(reason([&] { locks.release_lock_s2page(); }), Stuck::not_held);
  locks.acquire_lock_s2page();
  EXPECT_EQ(reason([&] { locks.acquire_lock_s2page(); }), Stuck::held_already);
}

// The barrier automaton: a release without its barrier, two barriers in a row, a pull before the barrier.
TEST(LockCode, BarrierMisuseIsStuck) {
  auto view = std::make_unique<View<64>>();
  Base<64> base(*view, CORE_ID);
  Alone nobody;
  EXPECT_EQ(base.incr_ticket(LOCK_BOUND, nobody).stuck, Stuck::no);
  EXPECT_EQ(base.get_now(nobody).stuck, Stuck::no);
  EXPECT_EQ(base.log_hold(), Stuck::no);
  EXPECT_EQ(base.acquire_shared(), Stuck::barriers);
  EXPECT_EQ(base.barrier(), Stuck::no);
  EXPECT_EQ(base.acquire_shared(), Stuck::no);
  EXPECT_EQ(base.release_shared(), Stuck::no);
  EXPECT_EQ(base.incr_now(), Stuck::barriers);
  EXPECT_EQ(base.barrier(), Stuck::no);
  EXPECT_EQ(base.barrier(), Stuck::barriers);
  EXPECT_EQ(base.get_now(nobody).stuck, Stuck::barriers);
  EXPECT_EQ(base.incr_now(), Stuck::no);
}

}  // namespace
}  // namespace redoubt::test
