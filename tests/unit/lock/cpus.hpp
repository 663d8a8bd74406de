// SPDX-License-Identifier: BSD-3-Clause
// Simulated CPUs that take and release one ticket lock fairly: random logs, and the oracle of one CPU's view.
#pragma once
#include <optional>
#include <random>
#include <stdexcept>
#include <vector>

#include "spec/lock/view.hpp"

namespace redoubt::test {

using spec::lock::Event;
using spec::lock::Kind;
using spec::lock::Log;
using spec::lock::QueueLock;
using spec::lock::Stuck;

// What is there; a test in which it is not has failed.
template <class T>
T known(const std::optional<T>& value) {
  if (!value) {
    throw std::logic_error("a replay is undefined");
  }
  return *value;
}

// Where each CPU stands, found again from the log alone, so that what they do next is a function of the log.
class Cpus {
 public:
  enum class Phase : std::uint8_t { idle, waiting, served, holding, pulled, published };

  template <std::size_t N>
  explicit Cpus(const Log<N>& log) {
    for (const Event& event : log) {
      step(event);
    }
  }

  void step(const Event& event) {
    Cpu& c = cpus_[event.cpu];
    switch (event.kind) {
      case Kind::inc_ticket:
        c = {Phase::waiting, next_++};
        break;
      case Kind::get_now:
        if (c.ticket == now_) {
          c.phase = Phase::served;
        }
        break;
      case Kind::hold_lock:
        c.phase = Phase::holding;
        break;
      case Kind::pull:
        c.phase = Phase::pulled;
        break;
      case Kind::publish:
        c.phase = Phase::published;
        break;
      default:
        ++now_;
        c.phase = Phase::idle;
    }
    valid_ = queue_.step(event) && valid_;
  }

  // What CPU `c` does next.
  [[nodiscard]] Event next_event(std::uint8_t c, u64 fresh_object) const {
    switch (cpus_[c].phase) {
      case Phase::idle:
        return {Kind::inc_ticket, c, LOCK_BOUND};
      case Phase::waiting:
        return {Kind::get_now, c, 0};
      case Phase::served:
        return {Kind::hold_lock, c, 0};
      case Phase::holding:
        return {Kind::pull, c, 0};
      case Phase::pulled:
        return {Kind::publish, c, fresh_object};
      default:
        return {Kind::inc_now, c, 0};
    }
  }
  // Would it eat up the last credit of those who are not the head? A fair scheduler lets the head move
  // instead.
  [[nodiscard]] bool fair(std::uint8_t c) const {
    return queue_.cpus.empty() || queue_.cpus.front() == c || queue_.other_credit >= 2;
  }
  [[nodiscard]] const QueueLock& queue() const { return queue_; }
  [[nodiscard]] bool valid() const { return valid_; }
  [[nodiscard]] Phase phase(std::uint8_t c) const { return cpus_[c].phase; }
  [[nodiscard]] u64 ticket(std::uint8_t c) const { return cpus_[c].ticket; }

 private:
  struct Cpu {
    Phase phase = Phase::idle;
    u64 ticket = 0;
  };
  std::array<Cpu, TOTAL_CPU> cpus_{};
  u64 next_ = 0, now_ = 0;
  QueueLock queue_;
  bool valid_ = true;
};

// One random step of the CPUs 0..count-1 without `me` (or with all, if `me` is count); false: nobody may
// move.
template <std::size_t N>
bool random_step(Log<N>& log, Cpus& cpus, std::mt19937_64& random, std::uint8_t count, std::uint8_t me) {
  std::vector<std::uint8_t> able;
  for (std::uint8_t c = 0; c < count; ++c) {
    if (c != me && cpus.fair(c)) {
      able.push_back(c);
    }
  }
  if (able.empty()) {
    return false;
  }
  const bool head_moves = !cpus.queue().cpus.empty() && cpus.queue().cpus.front() != me && random() % 2 == 0;
  const std::uint8_t c = head_moves ? cpus.queue().cpus.front() : able[random() % able.size()];
  const Event event = cpus.next_event(c, random());
  if (log.append(event) != Stuck::no) {
    return false;
  }
  cpus.step(event);
  return true;
}

// The other CPUs of a view: a function of (cpu, log), fair, and correct users of the lock.
class Others {
 public:
  Others(u64 seed, std::uint8_t count) : seed_(seed), count_(count) {}

  template <std::size_t N>
  Stuck operator()(std::uint8_t me, Log<N>& log) {
    std::mt19937_64 random(seed_ * 0x9e37'79b9'7f4a'7c15u + log.size());
    Cpus cpus(log);
    u64 steps = random() % 6;
    while (steps > 0 || must_move(cpus, me)) {
      if (!random_step(log, cpus, random, count_, me)) {
        break;
      }
      if (steps > 0) {
        --steps;
      }
    }
    return Stuck::no;
  }

 private:
  // After the poll of `me` no credit may be missing: another CPU that is the head has to go on.
  static bool must_move(const Cpus& cpus, std::uint8_t me) {
    return cpus.queue().other_credit < 2 && !cpus.queue().cpus.empty() && cpus.queue().cpus.front() != me;
  }
  u64 seed_;
  std::uint8_t count_;
};

// Nobody else does anything.
struct Alone {
  template <std::size_t N>
  Stuck operator()(std::uint8_t, Log<N>&) {
    return Stuck::no;
  }
};

// The others do exactly these events at the next query, and nothing afterwards.
struct Scripted {
  std::vector<Event> events;

  template <std::size_t N>
  Stuck operator()(std::uint8_t, Log<N>& log) {
    for (const Event& event : events) {
      if (const Stuck stuck = log.append(event); stuck != Stuck::no) {
        return stuck;
      }
    }
    events.clear();
    return Stuck::no;
  }
};

}  // namespace redoubt::test
