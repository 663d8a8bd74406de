// SPDX-License-Identifier: BSD-3-Clause
// The replay automata and the digest's test vectors of the locks (digest 6.1, section 9).
#include <gtest/gtest.h>

#include <memory>

#include "spec/lock/invariants.hpp"
#include "spec/lock/lock_log.hpp"
#include "spec/lock/lock_ops.hpp"
#include "spec/lock/lock_ops_q.hpp"
#include "tests/unit/lock/cpus.hpp"

namespace redoubt::test {
namespace {

using namespace spec::lock;
using SmallLog = Log<64>;
using SmallView = View<64>;

SmallLog log_of(std::initializer_list<Event> events) {
  SmallLog log;
  for (const Event& event : events) {
    EXPECT_EQ(log.append(event), Stuck::no);
  }
  return log;
}

template <class A>
bool defined(std::initializer_list<Event> events) {
  return replay<A>(log_of(events)).has_value();
}

constexpr Event ticket(std::uint8_t c, u64 bound = 10) { return {Kind::inc_ticket, c, bound}; }
constexpr Event poll(std::uint8_t c) { return {Kind::get_now, c, 0}; }
constexpr Event hold(std::uint8_t c) { return {Kind::hold_lock, c, 0}; }
constexpr Event pull(std::uint8_t c) { return {Kind::pull, c, 0}; }
constexpr Event publish(std::uint8_t c, u64 v = 0) { return {Kind::publish, c, v}; }
constexpr Event pass(std::uint8_t c) { return {Kind::inc_now, c, 0}; }
constexpr Event wait(std::uint8_t c, u64 bound = 10) { return {Kind::wait_lock, c, bound}; }
constexpr Event rel(std::uint8_t c) { return {Kind::rel_lock, c, 0}; }

// The vectors `acquire_lock_pt(3)` with an empty oracle and `release_lock_pt(3)` next.
TEST(LockVectors, AcquireThenReleasePt3) {
  auto view = std::make_unique<SmallView>();
  Alone nobody;
  LockLog<64> locks(*view);
  const u64 id = pt_lock(VmId<u64>(3)).raw;
  ASSERT_EQ(id, 8u);
  ASSERT_EQ(locks.acquire(id, nobody), Stuck::no);
  EXPECT_EQ(view->lock(8).log, log_of({wait(0), pull(0)}));
  EXPECT_EQ(view->lock(8).status, Ownership::own);
  EXPECT_EQ(view->tstate, 0u);
  view->lock(8).object = 77;
  ASSERT_EQ(locks.release(id), Stuck::no);
  EXPECT_EQ(view->lock(8).log, log_of({wait(0), pull(0), publish(0, 77), rel(0)}));
  EXPECT_EQ(view->tstate, 1u);
  EXPECT_EQ(view->lock(8).atomic(), AtomicLock{});  // (0, EMPTY, none)
}

TEST(LockVectors, WaitTime) {
  Queue<u64> bounds;
  EXPECT_EQ(wait_time(bounds), 21u);
  ASSERT_TRUE(bounds.push(10));
  EXPECT_EQ(wait_time(bounds), 301u);
  ASSERT_TRUE(bounds.push(10));
  EXPECT_EQ(wait_time(bounds), 581u);
}

TEST(TicketAutomaton, CountsAndWraps) {
  const SmallLog log =
      log_of({ticket(0), ticket(1, 4), poll(0), hold(0), pull(0), publish(0), pass(0), ticket(2)});
  const auto high = known(replay<Tickets<u64>>(log));
  EXPECT_EQ(high.next, 3u);
  EXPECT_EQ(high.now, 1u);
  ASSERT_EQ(high.bounds.size(), 2u);
  EXPECT_EQ(high.bounds.front(), 4u);
  const auto low = known(replay(log, Tickets<std::uint32_t>{0xffff'fffe, 0xffff'fffe, {}}));
  EXPECT_EQ(low.next, 1u);
  EXPECT_EQ(low.now, 0xffff'ffffu);
  EXPECT_FALSE(defined<Tickets<u64>>({wait(0)}));
  EXPECT_FALSE(defined<Tickets<u64>>({rel(0)}));
}

TEST(QueueAutomaton, OneSection) {
  const auto state = known(replay<QueueLock>(log_of({ticket(3), poll(3), hold(3), pull(3)})));
  EXPECT_EQ(state.self_credit, 9u);
  EXPECT_EQ(state.other_credit, 20u);
  EXPECT_EQ(state.head, QueueLock::Head::hold);
  EXPECT_TRUE(inv_lock_3(state, 3, Ownership::own));
  EXPECT_FALSE(inv_lock_3(state, 3, Ownership::not_held));
  EXPECT_TRUE(defined<QueueLock>({ticket(3), poll(3), hold(3), pull(3), publish(3), pass(3), ticket(3)}));
}

TEST(QueueAutomaton, OthersSpendCredit) {
  const auto state = known(replay<QueueLock>(log_of({ticket(0), ticket(1), poll(1), ticket(2), poll(2)})));
  EXPECT_EQ(state.other_credit, 16u);
  SmallLog log = log_of({ticket(0)});
  for (unsigned i = 0; i < 20; ++i) {
    ASSERT_EQ(log.append(poll(1)), Stuck::no);
  }
  EXPECT_TRUE(replay<QueueLock>(log));
  ASSERT_EQ(log.append(poll(1)), Stuck::no);
  EXPECT_FALSE(replay<QueueLock>(log));
}

TEST(QueueAutomaton, UndefinedSteps) {
  EXPECT_FALSE(defined<QueueLock>({poll(0)}));                                 // nobody queues
  EXPECT_FALSE(defined<QueueLock>({ticket(0), ticket(1), ticket(1)}));         // queued twice
  EXPECT_FALSE(defined<QueueLock>({ticket(0), hold(0)}));                      // holds without having looked
  EXPECT_FALSE(defined<QueueLock>({ticket(0), poll(0), poll(0)}));             // looks on after its turn came
  EXPECT_FALSE(defined<QueueLock>({ticket(0), ticket(1), poll(0), hold(1)}));  // overtakes: not FIFO
  EXPECT_FALSE(defined<QueueLock>({ticket(0), poll(0), pull(0)}));             // pulls before it holds
  EXPECT_FALSE(defined<QueueLock>({ticket(0), poll(0), hold(0), pass(1)}));    // released by somebody else
  EXPECT_FALSE(defined<QueueLock>({ticket(0), poll(0), pass(0)}));             // released before it is held
  EXPECT_FALSE(defined<QueueLock>({ticket(0, 1), poll(0), hold(0), pull(0), publish(0)}));  // credit used up
  EXPECT_FALSE(defined<QueueLock>({wait(0)}));
}

TEST(AtomicAutomaton, DefinedAndUndefinedSteps) {
  const auto held = known(replay<AtomicLock>(log_of({wait(5), pull(5)})));
  EXPECT_EQ(held, (AtomicLock{9, true, 5}));
  EXPECT_TRUE(defined<AtomicLock>({wait(5), pull(5), publish(5), rel(5), wait(1)}));
  EXPECT_FALSE(defined<AtomicLock>({wait(5), wait(1)}));  // mutual exclusion
  EXPECT_FALSE(defined<AtomicLock>({wait(5), rel(1)}));   // release only by the holder
  EXPECT_FALSE(defined<AtomicLock>({rel(0)}));
  EXPECT_FALSE(defined<AtomicLock>({pull(0)}));
  EXPECT_FALSE(defined<AtomicLock>({wait(5), pull(1)}));
  EXPECT_FALSE(defined<AtomicLock>({wait(5, 1), pull(5), publish(5)}));
  EXPECT_FALSE(defined<AtomicLock>({ticket(0)}));
}

TEST(LockGuards, StatusAndArguments) {
  auto view = std::make_unique<SmallView>();
  Alone nobody;
  LockLog<64> locks(*view);
  EXPECT_EQ(locks.release(S2PAGE_ID), Stuck::not_held);
  ASSERT_EQ(locks.acquire(S2PAGE_ID, nobody), Stuck::no);
  EXPECT_EQ(locks.acquire(S2PAGE_ID, nobody), Stuck::held_already);
  EXPECT_EQ(locks.acquire(FLATMEM_ID, nobody), Stuck::bad_argument);
  EXPECT_EQ(locks.acquire(ID_END, nobody), Stuck::bad_argument);
  EXPECT_EQ(locks.release(ID_END), Stuck::bad_argument);
  view->halt = true;  // guard H: nothing happens any more, and the lock stays held
  EXPECT_EQ(locks.acquire(S2PAGE_ID, nobody), Stuck::no);
  EXPECT_EQ(locks.release(S2PAGE_ID), Stuck::no);
  EXPECT_EQ(view->lock(S2PAGE_ID).status, Ownership::own);
  EXPECT_EQ(view->lock(S2PAGE_ID).log.size(), 2u);
}

// Every pair of locks: the second may be taken inside the first exactly if the digest's order says so (2.7).
TEST(LockGuards, OrderOfEveryPair) {
  const auto family = [](u64 id) {
    if (id == SMMU_ID) {
      return 'm';
    }
    if (id >= INFO_ID) {
      return 'v';
    }
    return id == CORE_ID ? 'c' : id == S2PAGE_ID ? 's' : id == SPT_ID ? 't' : 'p';
  };
  const std::string_view allowed[] = {"mv", "mc", "ms", "mp", "mt", "vc", "vs",
                                      "vp", "vt", "sp", "st", "cp", "ct"};
  for (u64 outer = CORE_ID; outer < ID_END; ++outer) {
    for (u64 inner = CORE_ID; inner < ID_END; ++inner) {
      if (outer == inner) {
        continue;
      }
      SmallView view;
      Alone nobody;
      LockLog<64> locks(view);
      ASSERT_EQ(locks.acquire(outer, nobody), Stuck::no);
      const char pair[] = {family(outer), family(inner), 0};
      const bool may =
          std::find(std::begin(allowed), std::end(allowed), std::string_view(pair)) != std::end(allowed);
      ASSERT_EQ(locks.acquire(inner, nobody), may ? Stuck::no : Stuck::lock_order)
          << outer << " then " << inner;
      ASSERT_TRUE(inv_lock_7(view));
    }
  }
}

TEST(LockGuards, EnvironmentIsChecked) {
  SmallView view;
  Scripted itself{{wait(0)}};
  EXPECT_EQ(LockLog<64>(view).acquire(CORE_ID, itself), Stuck::environment);  // acts in this CPU's name
  SmallView other;
  Scripted ninth{{wait(8)}};
  EXPECT_EQ(LockLog<64>(other).acquire(CORE_ID, ninth), Stuck::environment);  // no such CPU
  SmallView busy;
  Scripted keeps{{wait(1), pull(1)}};
  EXPECT_EQ(LockLog<64>(busy).acquire(CORE_ID, keeps), Stuck::undefined_replay);  // not free
}

// A holder that never leaves: the ticket view gives up after exactly CalWaitTime polls, the queue view when
// the credit is used up.
TEST(LockGuards, HolderThatNeverLeaves) {
  auto view = std::make_unique<View<1024>>();
  Scripted holder{{ticket(1), poll(1), hold(1)}};
  EXPECT_EQ((LockOps<u64, 1024>(*view, CORE_ID).wait_lock(holder)), Stuck::never_served);
  EXPECT_EQ(view->lock(CORE_ID).log.size(), 4 + 581u);
  auto queue = std::make_unique<View<1024>>();
  Scripted again{{ticket(1), poll(1), hold(1)}};
  EXPECT_EQ(LockOpsQ<1024>(*queue, CORE_ID).wait_qlock(again), Stuck::environment);
  auto small = std::make_unique<SmallView>();
  Scripted third{{ticket(1), poll(1), hold(1)}};
  EXPECT_EQ((LockOps<u64, 64>(*small, CORE_ID).wait_lock(third)), Stuck::log_full);
}

TEST(LockGuards, NineTicketsAreTooMany) {
  auto view = std::make_unique<SmallView>();
  Scripted crowd{};
  for (std::uint8_t c = 1; c < 8; ++c) {
    crowd.events.push_back(ticket(c));
  }
  crowd.events.push_back(ticket(1));
  EXPECT_EQ((LockOps<std::uint32_t, 64>(*view, CORE_ID).wait_lock(crowd)), Stuck::too_many_tickets);
}

TEST(Invariants, NumberedInOrder) {
  for (std::size_t i = 0; i < kInvariants.size(); ++i) {
    EXPECT_EQ(kInvariants[i].number, i + 1);
  }
}

}  // namespace
}  // namespace redoubt::test
