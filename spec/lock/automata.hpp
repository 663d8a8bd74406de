// SPDX-License-Identifier: BSD-3-Clause
// The three views of one lock as automata over its log: tickets, queue of CPUs, atomic holder (digest 6.1).
#pragma once
#include <optional>

#include "spec/lock/event.hpp"

namespace redoubt::spec::lock {

// First in, first out; room for more waiters than there are CPUs, so that one too many is seen and not cut
// off.
template <class T>
class Queue {
 public:
  static constexpr std::size_t capacity = 2 * TOTAL_CPU;

  [[nodiscard]] constexpr bool push(T value) {
    if (size_ == capacity) {
      return false;
    }
    items_[size_++] = value;
    return true;
  }
  constexpr void pop() {
    for (std::size_t i = 1; i < size_; ++i) {
      items_[i - 1] = items_[i];
    }
    if (size_ > 0) {
      --size_;
    }
  }
  [[nodiscard]] constexpr std::size_t size() const { return size_; }
  [[nodiscard]] constexpr bool empty() const { return size_ == 0; }
  constexpr const T& operator[](std::size_t index) const { return items_[index]; }
  [[nodiscard]] constexpr const T& front() const { return items_[0]; }
  [[nodiscard]] constexpr std::size_t count(T value) const {
    std::size_t found = 0;
    for (std::size_t i = 0; i < size_; ++i) {
      found += items_[i] == value ? 1 : 0;
    }
    return found;
  }
  friend constexpr bool operator==(const Queue& a, const Queue& b) {
    if (a.size_ != b.size_) {
      return false;
    }
    for (std::size_t i = 0; i < a.size_; ++i) {
      if (!(a.items_[i] == b.items_[i])) {
        return false;
      }
    }
    return true;
  }

 private:
  std::array<T, capacity> items_{};
  std::size_t size_ = 0;
};

inline constexpr u64 OTHERS_CREDIT = 20;  // events that non-heads may add before the head must move: fairness

// Longest wait in polls behind the queued bounds (CalWaitTime).
constexpr u64 wait_time(const Queue<u64>& bounds) {
  u64 work = 0;
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    work += 4 + bounds[i];
  }
  return 1 + OTHERS_CREDIT + OTHERS_CREDIT * work;
}

// The ticket words. Counter is u64 for the view without wrap-around, std::uint32_t for the words as they are.
template <class Counter>
struct Tickets {
  Counter next = 0, now = 0;
  Queue<u64> bounds{};

  [[nodiscard]] constexpr bool step(const Event& event) {
    switch (event.kind) {
      case Kind::inc_ticket:
        next = static_cast<Counter>(next + 1);
        return bounds.push(event.value);
      case Kind::inc_now:
        now = static_cast<Counter>(now + 1);
        bounds.pop();
        return true;
      case Kind::wait_lock:
      case Kind::rel_lock:
        return false;
      default:
        return true;
    }
  }
};

// Who waits, who is served, and how much patience is left.
struct QueueLock {
  enum class Head : std::uint8_t { empty, get, hold };  // what the head of the queue has done so far

  u64 self_credit = 0;               // shared events that the holder may still announce
  u64 other_credit = OTHERS_CREDIT;  // events of non-heads until the head must move
  Head head = Head::empty;
  Queue<std::uint8_t> cpus{};
  Queue<u64> bounds{};

  [[nodiscard]] constexpr bool step(const Event& event) {
    switch (event.kind) {
      case Kind::inc_ticket:
        return join(event);
      case Kind::get_now:
        return poll(event);
      case Kind::hold_lock:
        return is_head(event) && head == Head::get && progress(Head::hold);
      case Kind::pull:
      case Kind::publish:
        return share(event);
      case Kind::inc_now:
        return leave(event);
      case Kind::wait_lock:
      case Kind::rel_lock:
        break;
    }
    return false;
  }

 private:
  [[nodiscard]] constexpr bool is_head(const Event& event) const {
    return !cpus.empty() && cpus.front() == event.cpu;
  }
  constexpr bool progress(Head next) {
    head = next;
    other_credit = OTHERS_CREDIT;
    return true;
  }
  constexpr bool join(const Event& event) {
    if (cpus.empty()) {
      head = Head::empty;
    } else {
      if (cpus.count(event.cpu) != 0 || other_credit == 0) {
        return false;
      }
      --other_credit;
    }
    return cpus.push(event.cpu) && bounds.push(event.value);
  }
  constexpr bool poll(const Event& event) {
    if (cpus.empty()) {
      return false;
    }
    if (!is_head(event)) {
      if (other_credit == 0) {
        return false;
      }
      --other_credit;
      return true;
    }
    if (head != Head::empty) {
      return false;
    }
    self_credit = bounds.front();
    return progress(Head::get);
  }
  constexpr bool share(const Event& event) {
    if (!is_head(event) || head != Head::hold || self_credit == 0) {
      return false;
    }
    --self_credit;
    return progress(Head::hold);
  }
  constexpr bool leave(const Event& event) {
    if (!is_head(event) || head != Head::hold) {
      return false;
    }
    self_credit = 0;
    cpus.pop();
    bounds.pop();
    return progress(Head::empty);
  }
};

// One holder or none.
struct AtomicLock {
  u64 credit = 0;
  bool held = false;
  std::uint8_t holder = 0;  // zero while nobody holds it

  [[nodiscard]] constexpr bool step(const Event& event) {
    if (event.kind == Kind::wait_lock) {
      if (held) {
        return false;
      }
      *this = {event.value, true, event.cpu};
      return true;
    }
    if (!held || holder != event.cpu) {
      return false;
    }
    if (event.kind == Kind::rel_lock) {
      *this = {};
      return true;
    }
    if (!is_shared(event.kind) || credit == 0) {
      return false;
    }
    --credit;
    return true;
  }
  friend constexpr bool operator==(const AtomicLock&, const AtomicLock&) = default;
};

// The automaton after the whole log; nothing if an event has no transition.
template <class Automaton, std::size_t N>
constexpr std::optional<Automaton> replay(const Log<N>& log, Automaton state = {}) {
  for (const Event& event : log) {
    if (!state.step(event)) {
      return std::nullopt;
    }
  }
  return state;
}

}  // namespace redoubt::spec::lock
