// SPDX-License-Identifier: BSD-3-Clause
// Specification of layer 4, Locks, on logs: acquire pulls the newest object, release publishes it
// (digest 4.3, 5.4).
#pragma once
#include "spec/lock/view.hpp"

namespace redoubt::spec::lock {

// One lock each for every protected object, by its object id (lock_id.hpp). Both operations change nothing on
// a halted machine (guard H), so a lock held at a halt stays held.
template <std::size_t N>
class LockLog {
 public:
  explicit LockLog(View<N>& view) : view_(view) {}

  // Stuck: no such lock, held already, against the lock order, or not free after the others' events.
  template <Oracle<N> O>
  Stuck acquire(u64 id, O& oracle) {
    if (view_.halt) {
      return Stuck::no;
    }
    if (!is_lock(id)) {
      return Stuck::bad_argument;
    }
    LockState<N>& state = view_.lock(id);
    if (state.status != Ownership::not_held) {
      return Stuck::held_already;
    }
    if (!order_allows(id)) {
      return Stuck::lock_order;
    }
    const std::size_t mine = state.log.size();
    if (const Stuck stuck = ask(view_, id, oracle); stuck != Stuck::no) {
      return stuck;
    }
    const u64 pulled = newest_object(state.log, mine, state.object);
    if (const Stuck stuck = append(id, Kind::wait_lock, LOCK_BOUND); stuck != Stuck::no) {
      return stuck;
    }
    if (const Stuck stuck = append(id, Kind::pull, 0); stuck != Stuck::no) {
      return stuck;
    }
    if (!state.atomic()) {
      return Stuck::undefined_replay;
    }
    state.object = pulled;
    state.status = Ownership::own;
    view_.tstate = 0;
    return Stuck::no;
  }

  // Stuck: no such lock, not held, or the holder's credit is used up.
  Stuck release(u64 id) {
    if (view_.halt) {
      return Stuck::no;
    }
    if (!is_lock(id)) {
      return Stuck::bad_argument;
    }
    LockState<N>& state = view_.lock(id);
    if (state.status != Ownership::own) {
      return Stuck::not_held;
    }
    if (const Stuck stuck = append(id, Kind::publish, state.object); stuck != Stuck::no) {
      return stuck;
    }
    if (const Stuck stuck = append(id, Kind::rel_lock, 0); stuck != Stuck::no) {
      return stuck;
    }
    if (!state.atomic()) {
      return Stuck::undefined_replay;
    }
    state.status = Ownership::not_held;
    view_.tstate = 1;
    return Stuck::no;
  }

  // May a lock of this rank be taken inside those that are held? INV-LOCK-7.
  [[nodiscard]] bool order_allows(u64 id) const {
    for (u64 held = CORE_ID; held < ID_END; ++held) {
      if (view_.lock(held).status != Ownership::not_held && lock_rank(held) >= lock_rank(id)) {
        return false;
      }
    }
    return true;
  }

 private:
  Stuck append(u64 id, Kind kind, u64 value) { return view_.lock(id).log.append(view_.event(kind, value)); }

  View<N>& view_;
};

}  // namespace redoubt::spec::lock
