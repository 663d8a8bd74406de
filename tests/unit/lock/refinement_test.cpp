// SPDX-License-Identifier: BSD-3-Clause
// Refinement between the views of the lock, on random logs and random environments of 2 to 8 CPUs
// (digest 5.1-5.4).
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <memory>

#include "spec/lock/invariants.hpp"
#include "spec/lock/lock_log.hpp"
#include "spec/lock/lock_ops.hpp"
#include "spec/lock/lock_ops_h.hpp"
#include "spec/lock/lock_ops_q.hpp"
#include "tests/unit/lock/cpus.hpp"

namespace redoubt::test {
namespace {

using namespace spec::lock;
constexpr std::size_t kRoom = 2048;
using BigLog = Log<kRoom>;
using BigView = View<kRoom>;
constexpr u64 kId = NPT_ID + 3;

struct Machine {
  std::uint8_t cpus = 2;
  u64 seed = 0;
  u64 first_ticket = 0;
};

// Half of the runs cross 2^32 within their first few tickets.
Machine any_machine() {
  const auto cpus = *rc::gen::inRange<unsigned>(2, 9);
  const auto seed = *rc::gen::arbitrary<u64>();
  const u64 start = (u64{1} << 32) - *rc::gen::inRange<u64>(0, 12);
  return {static_cast<std::uint8_t>(cpus), seed, *rc::gen::arbitrary<bool>() ? start : 0};
}

// The tickets of the CPUs that got the lock, in the order in which they got it.
std::vector<u64> order_of_service(const BigLog& log) {
  std::vector<u64> tickets;
  Cpus cpus(BigLog{});
  for (const Event& event : log) {
    if (event.kind == Kind::hold_lock) {
      tickets.push_back(cpus.ticket(event.cpu));
    }
    cpus.step(event);
  }
  return tickets;
}

unsigned in_section(const Cpus& cpus) {
  unsigned count = 0;
  for (std::uint8_t c = 0; c < TOTAL_CPU; ++c) {
    const auto phase = cpus.phase(c);
    count += phase == Cpus::Phase::holding || phase == Cpus::Phase::pulled || phase == Cpus::Phase::published
                 ? 1
                 : 0;
  }
  return count;
}

// The views after each event of one random history.
struct Views {
  BigLog log;
  Tickets<std::uint32_t> words;
  Tickets<u64> tickets;
  QueueLock queue;
  Cpus cpus{BigLog{}};

  explicit Views(u64 first)
      : words{static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(first), {}},
        tickets{first, first, {}} {}

  // False: one of the automata has no such step.
  bool step(std::mt19937_64& random, std::uint8_t count) {
    if (!random_step(log, cpus, random, count, count)) {
      return false;
    }
    const Event event = log.newest();
    return words.step(event) && tickets.step(event) && queue.step(event);
  }
};

RC_GTEST_PROP(LockRefinement, EveryPrefixIsRelated, ()) {
  const Machine machine = any_machine();
  std::mt19937_64 random(machine.seed);
  auto views = std::make_unique<Views>(machine.first_ticket);
  auto atomic = std::make_unique<BigLog>();
  for (unsigned i = 0; i < 300; ++i) {
    RC_ASSERT(views->step(random, machine.cpus));
    RC_ASSERT(related(views->words, views->tickets));
    RC_ASSERT(related(views->tickets, views->queue));
    RC_ASSERT(inv_lock_2(views->queue));
    RC_ASSERT(in_section(views->cpus) <= 1);  // mutual exclusion
  }
  RC_ASSERT(atomic_log(views->log, *atomic) == Stuck::no);
  RC_ASSERT(related(views->queue, known(replay<AtomicLock>(*atomic))));
  const auto served = order_of_service(views->log);
  for (std::size_t i = 0; i < served.size(); ++i) {
    RC_ASSERT(served[i] == i);
  }  // FIFO by ticket
}

// Once queued, no event takes a CPU farther from the lock, and each event of a non-head brings it nearer.
RC_GTEST_PROP(LockFairness, DistanceDecreases, ()) {
  const Machine machine = any_machine();
  std::mt19937_64 random(machine.seed);
  auto views = std::make_unique<Views>(machine.first_ticket);
  for (unsigned i = 0; i < 300; ++i) {
    const QueueLock before = views->queue;
    RC_ASSERT(views->step(random, machine.cpus));
    const Event event = views->log.newest();
    for (std::size_t w = 1; w < before.cpus.size(); ++w) {
      const u64 then = distance(before, before.cpus[w]);
      const u64 now = distance(views->queue, before.cpus[w]);
      RC_ASSERT(now <= then);
      if (event.cpu != before.cpus.front()) {
        RC_ASSERT(now < then);
      }
    }
  }
}

// CPU 0 in three views at once: words that wrap, counters that do not, queue; then the atomic view fed with
// the events that the relation maps the others' tickets to.
class Together {
 public:
  explicit Together(const Machine& machine) : others_(machine.seed, machine.cpus) {
    for (BigView* view : {words_.get(), tickets_.get(), queue_.get(), atomic_.get(), top_.get()}) {
      view->lock(kId).first_ticket = machine.first_ticket;
    }
  }

  void acquire() {
    RC_ASSERT((LockOps<std::uint32_t, kRoom>(*words_, kId).wait_lock(others_)) == Stuck::no);
    RC_ASSERT((LockOps<u64, kRoom>(*tickets_, kId).wait_lock(others_)) == Stuck::no);
    RC_ASSERT(LockOpsQ<kRoom>(*queue_, kId).wait_qlock(others_) == Stuck::no);
    RC_ASSERT(LockOpsH<kRoom>(*atomic_, kId).wait_hlock(mapped_others()) == Stuck::no);
    RC_ASSERT(LockLog<kRoom>(*top_).acquire(kId, mapped_others()) == Stuck::no);
    for (BigView* view : {words_.get(), tickets_.get(), queue_.get(), atomic_.get()}) {
      RC_ASSERT(log(view).append({Kind::pull, 0, 0}) == Stuck::no);
    }
    check();
    RC_ASSERT(top_->lock(kId).object == newest_object(log(queue_.get()), 0, 0));
  }

  void release(u64 object) {
    top_->lock(kId).object = object;
    for (BigView* view : {words_.get(), tickets_.get(), queue_.get(), atomic_.get()}) {
      RC_ASSERT(log(view).append({Kind::publish, 0, object}) == Stuck::no);
    }
    RC_ASSERT((LockOps<std::uint32_t, kRoom>(*words_, kId).pass_lock()) == Stuck::no);
    RC_ASSERT((LockOps<u64, kRoom>(*tickets_, kId).pass_lock()) == Stuck::no);
    RC_ASSERT(LockOpsQ<kRoom>(*queue_, kId).pass_qlock() == Stuck::no);
    RC_ASSERT(LockOpsH<kRoom>(*atomic_, kId).pass_hlock() == Stuck::no);
    RC_ASSERT(LockLog<kRoom>(*top_).release(kId) == Stuck::no);
    check();
  }

 private:
  static BigLog& log(BigView* view) { return view->lock(kId).log; }

  // What the atomic view's environment answers: the mapped events between its log so far and this CPU's
  // wait_lock.
  Scripted& mapped_others() {
    RC_ASSERT(atomic_log(log(queue_.get()), *mapped_) == Stuck::no);
    scripted_.events.clear();
    const std::size_t known = log_size_;
    for (std::size_t i = known; i + 1 < mapped_->size(); ++i) {
      scripted_.events.push_back((*mapped_)[i]);
    }
    return scripted_;
  }

  void check() {
    RC_ASSERT(log(words_.get()) == log(tickets_.get()));
    RC_ASSERT(log(tickets_.get()) == log(queue_.get()));
    RC_ASSERT(atomic_log(log(queue_.get()), *mapped_) == Stuck::no);
    RC_ASSERT(*mapped_ == log(atomic_.get()));
    RC_ASSERT(*mapped_ == log(top_.get()));
    log_size_ = mapped_->size();
    RC_ASSERT(related(known(words_->lock(kId).tickets<std::uint32_t>()),
                      known(tickets_->lock(kId).tickets<u64>())));
    RC_ASSERT(related(known(queue_->lock(kId).queue()), known(atomic_->lock(kId).atomic())));
    RC_ASSERT(broken(*queue_, kId) == 0u);
  }

  Others others_;
  std::unique_ptr<BigView> words_ = std::make_unique<BigView>(), tickets_ = std::make_unique<BigView>();
  std::unique_ptr<BigView> queue_ = std::make_unique<BigView>(), atomic_ = std::make_unique<BigView>();
  std::unique_ptr<BigView> top_ = std::make_unique<BigView>();
  std::unique_ptr<BigLog> mapped_ = std::make_unique<BigLog>();
  Scripted scripted_;
  std::size_t log_size_ = 0;
};

RC_GTEST_PROP(LockRefinement, AllSpecificationsAgree, ()) {
  const Machine machine = any_machine();
  Together together(machine);
  for (u64 i = 0; i < 4; ++i) {
    together.acquire();
    together.release(1000 + i);
  }
}

}  // namespace
}  // namespace redoubt::test
