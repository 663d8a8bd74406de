// SPDX-License-Identifier: BSD-3-Clause
// Specification of layer 2, LockOpsQ: a queue of CPUs with bounded waiting (digest 5.2).
#pragma once
#include "spec/lock/view.hpp"

namespace redoubt::spec::lock {

template <std::size_t N>
class LockOpsQ {
 public:
  LockOpsQ(View<N>& view, u64 id) : view_(view), state_(view.lock(id)), id_(id) {}

  // Stuck: held already, or an undefined replay, or not head of the queue within wait_time polls.
  template <Oracle<N> O>
  Stuck wait_qlock(O& oracle) {
    if (state_.status != Ownership::not_held) {
      return Stuck::held_already;
    }
    if (const Stuck stuck = act(Kind::inc_ticket, LOCK_BOUND, oracle); stuck != Stuck::no) {
      return stuck;
    }
    const auto joined = state_.queue();
    if (!joined) {
      return Stuck::undefined_replay;
    }
    if (const Stuck stuck = wait_head(wait_time(joined->bounds), oracle); stuck != Stuck::no) {
      return stuck;
    }
    if (const Stuck stuck = state_.log.append(view_.event(Kind::hold_lock)); stuck != Stuck::no) {
      return stuck;
    }
    if (!state_.queue()) {
      return Stuck::undefined_replay;
    }
    state_.status = Ownership::won;
    return Stuck::no;
  }

  // Stuck: not held with the object published, or an undefined replay.
  Stuck pass_qlock() {
    if (state_.status != Ownership::won) {
      return Stuck::not_held;
    }
    if (const Stuck stuck = state_.log.append(view_.event(Kind::inc_now)); stuck != Stuck::no) {
      return stuck;
    }
    if (!state_.queue()) {
      return Stuck::undefined_replay;
    }
    state_.status = Ownership::not_held;
    return Stuck::no;
  }

 private:
  // INV-LOCK-5: after the others' events the replay is defined, and they have not used up their credit.
  template <Oracle<N> O>
  Stuck act(Kind kind, u64 value, O& oracle) {
    if (const Stuck stuck = ask(view_, id_, oracle); stuck != Stuck::no) {
      return stuck;
    }
    const auto queue = state_.queue();
    if (!queue || queue->other_credit == 0) {
      return Stuck::environment;
    }
    return state_.log.append(view_.event(kind, value));
  }
  template <Oracle<N> O>
  Stuck wait_head(u64 rounds, O& oracle) {
    for (u64 round = 0; round < rounds; ++round) {
      if (const Stuck stuck = act(Kind::get_now, 0, oracle); stuck != Stuck::no) {
        return stuck;
      }
      const auto queue = state_.queue();
      if (!queue) {
        return Stuck::undefined_replay;
      }
      if (queue->cpus.front() == view_.cpu) {
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
