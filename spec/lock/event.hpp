// SPDX-License-Identifier: BSD-3-Clause
// Lock events, and the bounded log in which one lock's history is written (digest 3.5).
#pragma once
#include <array>
#include <cstddef>

#include "core/lock/lock_id.hpp"

namespace redoubt::spec::lock {

// Why a specification has no result.
enum class [[nodiscard]] Stuck : std::uint8_t {
  no,                // it has one
  held_already,      // taking a lock that this CPU holds
  not_held,          // a release or a pull without the lock in the right status
  undefined_replay,  // the log makes no sense to the automaton
  too_many_tickets,  // nine or more tickets are out: more than there are CPUs
  never_served,      // the wait is longer than CalWaitTime allows
  barriers,          // the barrier automaton forbids the step (digest 6.2)
  lock_order,        // INV-LOCK-7 would break
  environment,       // INV-LOCK-5 is broken by the oracle
  bad_argument,      // no such lock or principal
  log_full,          // not a fault of the caller: the bounded log is too small
};

// Events of the ticket lock and of its queue view; wait_lock and rel_lock exist in the atomic view only.
enum class Kind : std::uint8_t {
  inc_ticket,
  inc_now,
  get_now,
  hold_lock,
  wait_lock,
  rel_lock,
  pull,
  publish
};

constexpr bool is_shared(Kind kind) { return kind == Kind::pull || kind == Kind::publish; }

// `value`: the bound of inc_ticket and wait_lock; for publish, what stands for the whole object; else zero.
struct Event {
  Kind kind{};
  std::uint8_t cpu = 0;
  u64 value = 0;

  friend constexpr bool operator==(const Event&, const Event&) = default;
};

// Oldest event first. A full log refuses further events, so nothing is ever lost silently.
template <std::size_t Capacity>
class Log {
 public:
  [[nodiscard]] constexpr Stuck append(Event event) {
    if (size_ == Capacity) {
      return Stuck::log_full;
    }
    events_[size_++] = event;
    return Stuck::no;
  }
  [[nodiscard]] constexpr std::size_t size() const { return size_; }
  [[nodiscard]] constexpr bool empty() const { return size_ == 0; }
  constexpr const Event& operator[](std::size_t index) const { return events_[index]; }
  [[nodiscard]] constexpr const Event& newest() const { return events_[size_ - 1]; }
  [[nodiscard]] constexpr const Event* begin() const { return events_.data(); }
  [[nodiscard]] constexpr const Event* end() const { return events_.data() + size_; }

  friend constexpr bool operator==(const Log& a, const Log& b) {
    if (a.size_ != b.size_) {
      return false;
    }
    for (std::size_t i = 0; i < a.size_; ++i) {
      if (!(a.events_[i] == b.events_[i])) {
        return false;
      }
    }
    return true;
  }

 private:
  std::array<Event, Capacity> events_{};
  std::size_t size_ = 0;
};

}  // namespace redoubt::spec::lock
