// SPDX-License-Identifier: BSD-3-Clause
// Specification of layer 3, LockOpsH: the lock as one atomic step each to take and to release (digest 5.3).
#pragma once
#include "spec/lock/view.hpp"

namespace redoubt::spec::lock {

template <std::size_t N>
class LockOpsH {
 public:
  LockOpsH(View<N>& view, u64 id) : view_(view), state_(view.lock(id)), id_(id) {}

  // Stuck: held already, or not free after the others' events.
  template <Oracle<N> O>
  Stuck wait_hlock(O& oracle) {
    if (state_.status != Ownership::not_held) {
      return Stuck::held_already;
    }
    if (const Stuck stuck = ask(view_, id_, oracle); stuck != Stuck::no) {
      return stuck;
    }
    return append(Kind::wait_lock, LOCK_BOUND, Ownership::won);
  }

  // Stuck: not held with the object published.
  Stuck pass_hlock() {
    if (state_.status != Ownership::won) {
      return Stuck::not_held;
    }
    return append(Kind::rel_lock, 0, Ownership::not_held);
  }

 private:
  Stuck append(Kind kind, u64 value, Ownership then) {
    if (const Stuck stuck = state_.log.append(view_.event(kind, value)); stuck != Stuck::no) {
      return stuck;
    }
    if (!state_.atomic()) {
      return Stuck::undefined_replay;
    }
    state_.status = then;
    return Stuck::no;
  }

  View<N>& view_;
  LockState<N>& state_;
  u64 id_;
};

}  // namespace redoubt::spec::lock
