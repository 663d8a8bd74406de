// SPDX-License-Identifier: BSD-3-Clause
// How the views of one lock hang together: ticket words, queue, atomic log (digest 5.1-5.3).
#pragma once
#include "spec/lock/automata.hpp"

namespace redoubt::spec::lock {

// Words that wrap against counters that do not: with fewer than nine tickets out, equality of the words is
// equality of the counters.
constexpr bool related(const Tickets<std::uint32_t>& low, const Tickets<u64>& high) {
  return low.next == static_cast<std::uint32_t>(high.next) &&
         low.now == static_cast<std::uint32_t>(high.now) && high.now <= high.next &&
         high.next - high.now <= TOTAL_CPU && low.bounds == high.bounds;
}

// The tickets that are out are the CPUs in the queue, in order.
constexpr bool related(const Tickets<u64>& tickets, const QueueLock& queue) {
  return tickets.next - tickets.now == queue.cpus.size() && tickets.bounds == queue.bounds;
}

// The queue's head has it, if its wait is over, with the same credit.
constexpr bool related(const QueueLock& queue, const AtomicLock& atomic) {
  const bool held = queue.head == QueueLock::Head::hold;
  if (held != atomic.held) {
    return false;
  }
  return !held || (atomic.holder == queue.cpus.front() && atomic.credit == queue.self_credit);
}

// The atomic log that stands for a log of tickets: waiting vanishes, hold_lock becomes wait_lock with the
// first pending bound, inc_now becomes rel_lock, shared events stay.
template <std::size_t N>
constexpr Stuck atomic_log(const Log<N>& tickets, Log<N>& out) {
  Queue<u64> pending;
  out = {};
  for (const Event& event : tickets) {
    Event mapped = event;
    switch (event.kind) {
      case Kind::inc_ticket:
        if (!pending.push(event.value)) {
          return Stuck::too_many_tickets;
        }
        continue;
      case Kind::get_now:
        continue;
      case Kind::hold_lock:
        if (pending.empty()) {
          return Stuck::undefined_replay;
        }
        mapped = {Kind::wait_lock, event.cpu, pending.front()};
        break;
      case Kind::inc_now:
        pending.pop();
        mapped = {Kind::rel_lock, event.cpu, 0};
        break;
      case Kind::pull:
      case Kind::publish:
        break;
      case Kind::wait_lock:
      case Kind::rel_lock:
        return Stuck::undefined_replay;
    }
    if (const Stuck stuck = out.append(mapped); stuck != Stuck::no) {
      return stuck;
    }
  }
  return Stuck::no;
}

// How far `cpu` is from being served: the others' credit and 20 for each step that CPUs before it still have.
// No event raises it once `cpu` is queued, and each event of a non-head lowers it, so the wait ends
// (digest 5.3).
constexpr u64 distance(const QueueLock& queue, std::uint8_t cpu) {
  if (queue.cpus.empty() || queue.cpus.front() == cpu) {
    return 0;
  }
  u64 work = 0;
  switch (queue.head) {
    case QueueLock::Head::empty:
      work = 3 + queue.bounds.front();
      break;
    case QueueLock::Head::get:
      work = 2 + queue.self_credit;
      break;
    case QueueLock::Head::hold:
      work = 1 + queue.self_credit;
      break;
  }
  for (std::size_t i = 1; i < queue.cpus.size() && queue.cpus[i] != cpu; ++i) {
    work += 4 + queue.bounds[i];
  }
  return queue.other_credit + OTHERS_CREDIT * work;
}

}  // namespace redoubt::spec::lock
