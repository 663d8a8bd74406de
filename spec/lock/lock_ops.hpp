// SPDX-License-Identifier: BSD-3-Clause
// Specification of layer 1, LockOps: the ticket lock, with and without wrap-around (digest 5.1).
#pragma once
#include "spec/lock/view.hpp"

namespace redoubt::spec::lock {

// Counter u64: what LockOps exports; tickets never wrap. Counter std::uint32_t: what the code does; words
// wrap at 2^32 and the barrier automaton is asked. relation.hpp relates the two.
template <class Counter, std::size_t N>
class LockOps {
 public:
  static constexpr bool low = sizeof(Counter) == 4;

  LockOps(View<N>& view, u64 id) : view_(view), state_(view.lock(id)), id_(id) {}

  // Stuck: nine or more tickets out, or not served within wait_time polls.
  template <Oracle<N> O>
  Stuck wait_lock(O& oracle) {
    if (low && view_.bars != Bars::valid) {
      return Stuck::barriers;
    }
    if (const Stuck stuck = act(Kind::inc_ticket, LOCK_BOUND, oracle); stuck != Stuck::no) {
      return stuck;
    }
    const auto drawn = state_.template tickets<Counter>();
    if (!drawn) {
      return Stuck::undefined_replay;
    }
    if (static_cast<Counter>(drawn->next - drawn->now) > TOTAL_CPU) {
      return Stuck::too_many_tickets;
    }
    const auto mine = static_cast<Counter>(drawn->next - 1);
    if (const Stuck stuck = wait_for(mine, wait_time(drawn->bounds), oracle); stuck != Stuck::no) {
      return stuck;
    }
    return state_.log.append(view_.event(Kind::hold_lock));
  }

  Stuck pass_lock() {
    if (low && view_.bars != Bars::valid) {
      return Stuck::barriers;
    }
    return state_.log.append(view_.event(Kind::inc_now));
  }

 private:
  template <Oracle<N> O>
  Stuck act(Kind kind, u64 value, O& oracle) {
    if (const Stuck stuck = ask(view_, id_, oracle); stuck != Stuck::no) {
      return stuck;
    }
    return state_.log.append(view_.event(kind, value));
  }
  template <Oracle<N> O>
  Stuck wait_for(Counter mine, u64 rounds, O& oracle) {
    for (u64 round = 0; round < rounds; ++round) {
      if (const Stuck stuck = act(Kind::get_now, 0, oracle); stuck != Stuck::no) {
        return stuck;
      }
      const auto words = state_.template tickets<Counter>();
      if (!words) {
        return Stuck::undefined_replay;
      }
      if (words->now == mine) {
        return Stuck::no;
      }
    }
    return Stuck::never_served;
  }

  View<N>& view_;
  LockState<N>& state_;
  u64 id_;
};

}  // namespace redoubt::spec::lock
