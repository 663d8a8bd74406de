// SPDX-License-Identifier: BSD-3-Clause
// Invariants of the locks, INV-LOCK-1 to INV-LOCK-9; 1 to 6 are I1 to I6 of digest 5.2, registered nowhere
// there (W17).
#pragma once
#include <string_view>

#include "spec/lock/relation.hpp"
#include "spec/lock/view.hpp"

namespace redoubt::spec::lock {

struct Invariant {
  unsigned number;
  std::string_view statement;
  std::string_view source;
};

inline constexpr std::array<Invariant, 9> kInvariants{{
    {1, "the executing CPU is one of 0..7", "5.2 I1"},
    {2, "every queued CPU is one of 0..7", "5.2 I2"},
    {3, "a lock that is not held has not queued this CPU; one that is held has it once, as the head, in hold",
     "5.2 I3"},
    {4, "every log replays", "5.2 I4"},
    {5, "the environment adds only other CPUs' events, and leaves a defined replay with credit", "5.2 I5"},
    {6, "the newest event of every log is this CPU's, or the log is empty", "5.2 I6"},
    {7, "held locks stand in the lock order, each in a rank of its own", "2.7"},
    {8, "outside the lock layers the barrier automaton is in state valid", "6.2"},
    {9, "at most eight tickets are out, and they are the queue", "5.1"},
}};

constexpr bool inv_lock_1(std::uint8_t cpu) { return cpu < TOTAL_CPU; }

constexpr bool inv_lock_2(const QueueLock& queue) {
  for (std::size_t i = 0; i < queue.cpus.size(); ++i) {
    if (queue.cpus[i] >= TOTAL_CPU) {
      return false;
    }
  }
  return true;
}

constexpr bool inv_lock_3(const QueueLock& queue, std::uint8_t cpu, Ownership status) {
  if (status == Ownership::not_held) {
    return queue.cpus.count(cpu) == 0;
  }
  return queue.cpus.count(cpu) == 1 && queue.cpus.front() == cpu && queue.head == QueueLock::Head::hold;
}

template <std::size_t N>
constexpr bool inv_lock_6(const Log<N>& log, std::uint8_t cpu) {
  return log.empty() || log.newest().cpu == cpu;
}

// INV-LOCK-7, for any view.
template <std::size_t N>
constexpr bool inv_lock_7(const View<N>& view) {
  unsigned ranks = 0;
  for (u64 id = CORE_ID; id < ID_END; ++id) {
    if (view.lock(id).status == Ownership::not_held) {
      continue;
    }
    const unsigned bit = 1u << lock_rank(id);
    if ((ranks & bit) != 0) {
      return false;
    }
    ranks |= bit;
  }
  return true;
}

// The number of the first invariant that one lock, seen as a queue of tickets, breaks between two operations;
// 0 if none.
template <std::size_t N>
constexpr unsigned broken(const View<N>& view, u64 id) {
  const LockState<N>& state = view.lock(id);
  if (!inv_lock_1(view.cpu)) {
    return 1;
  }
  const auto queue = state.queue();
  const auto tickets = state.template tickets<u64>();
  if (!queue || !tickets) {
    return 4;
  }
  if (!inv_lock_2(*queue)) {
    return 2;
  }
  if (!inv_lock_3(*queue, view.cpu, state.status)) {
    return 3;
  }
  if (!inv_lock_6(state.log, view.cpu)) {
    return 6;
  }
  if (!inv_lock_7(view)) {
    return 7;
  }
  if (view.bars != Bars::valid) {
    return 8;
  }
  return tickets->next - tickets->now <= TOTAL_CPU && related(*tickets, *queue) ? 0 : 9;
}

}  // namespace redoubt::spec::lock
