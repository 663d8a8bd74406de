// SPDX-License-Identifier: BSD-3-Clause
// Specification of the lock primitives of layer 0: ticket words, barrier, pull and publish (digest 4.18).
#pragma once
#include "spec/lock/view.hpp"

namespace redoubt::spec::lock {

template <class T>
struct Result {
  Stuck stuck = Stuck::no;
  T value{};
};

// The primitives on one lock `id` of one CPU's view. Ticket words wrap at 2^32. Unlike the digest's text,
// log_hold and incr_now move the status, so that the path through the base machine can execute (designs out
// defect W9).
template <std::size_t N>
class Base {
 public:
  using Words = Tickets<std::uint32_t>;

  Base(View<N>& view, u64 id) : view_(view), state_(view.lock(id)), id_(id) {}

  // The ticket before the increment. Stuck on a lock that this CPU holds: it would wait for itself.
  template <Oracle<N> O>
  Result<std::uint32_t> incr_ticket(u64 bound, O& oracle) {
    if (state_.status != Ownership::not_held) {
      return {Stuck::held_already, 0};
    }
    const auto words = shared_step(view_.event(Kind::inc_ticket, bound), oracle);
    return {words.stuck, words.value.next - 1};
  }
  template <Oracle<N> O>
  Result<std::uint32_t> get_now(O& oracle) {
    const auto words = shared_step(view_.event(Kind::get_now), oracle);
    return {words.stuck, words.value.now};
  }
  Stuck log_hold() {
    if (view_.bars != Bars::valid) {
      return Stuck::barriers;
    }
    if (state_.status != Ownership::not_held) {
      return Stuck::held_already;
    }
    view_.bars = Bars::needed;
    state_.status = Ownership::won;
    return state_.log.append(view_.event(Kind::hold_lock));
  }
  Stuck barrier() {
    if (view_.bars == Bars::done) {
      return Stuck::barriers;
    }
    view_.bars = view_.bars == Bars::needed ? Bars::valid : Bars::done;
    return Stuck::no;
  }
  Stuck incr_now() {
    if (view_.bars != Bars::done) {
      return Stuck::barriers;
    }
    if (state_.status != Ownership::won) {
      return Stuck::not_held;
    }
    view_.bars = Bars::valid;
    state_.status = Ownership::not_held;
    return state_.log.append(view_.event(Kind::inc_now));
  }
  Stuck acquire_shared() {
    if (view_.bars != Bars::valid) {
      return Stuck::barriers;
    }
    if (state_.status != Ownership::won) {
      return Stuck::not_held;
    }
    state_.status = Ownership::own;
    state_.object = newest_object(state_.log, 0, state_.object);
    view_.tstate = 0;
    return state_.log.append(view_.event(Kind::pull));
  }
  Stuck release_shared() {
    if (view_.bars != Bars::valid) {
      return Stuck::barriers;
    }
    if (state_.status != Ownership::own) {
      return Stuck::not_held;
    }
    state_.status = Ownership::won;
    view_.tstate = 1;
    return state_.log.append(view_.event(Kind::publish, state_.object));
  }

 private:
  // The others act, then this CPU's event happens; the ticket words afterwards.
  template <Oracle<N> O>
  Result<Words> shared_step(Event event, O& oracle) {
    if (view_.bars != Bars::valid) {
      return {Stuck::barriers, {}};
    }
    if (const Stuck stuck = ask(view_, id_, oracle); stuck != Stuck::no) {
      return {stuck, {}};
    }
    if (const Stuck stuck = state_.log.append(event); stuck != Stuck::no) {
      return {stuck, {}};
    }
    const auto words = state_.template tickets<std::uint32_t>();
    if (!words) {
      return {Stuck::undefined_replay, {}};
    }
    return {Stuck::no, *words};
  }

  View<N>& view_;
  LockState<N>& state_;
  u64 id_;
};

}  // namespace redoubt::spec::lock
