// SPDX-License-Identifier: BSD-3-Clause
// What one CPU knows about the locks, and the environment through which the other CPUs act (digest 1, 3.1).
#pragma once
#include "spec/lock/automata.hpp"

namespace redoubt::spec::lock {

// Ownership of a lock as this CPU sees it. The digest's names: LockFalse, LockOwn false, LockOwn true.
enum class Ownership : std::uint8_t { not_held, won, own };

// Barrier automaton (digest 6.2). needed: a barrier is due before the first protected access; done: the
// barrier before the release has been issued.
enum class Bars : std::uint8_t { valid, needed, done };

// One lock: its history, this CPU's status, and what it last saw of the object.
template <std::size_t N>
struct LockState {
  Log<N> log{};
  u64 first_ticket = 0;  // tickets drawn, and served, before the log begins
  Ownership status = Ownership::not_held;
  u64 object = 0;  // stands for the whole protected object: locks carry it and never look inside

  template <class Counter>
  [[nodiscard]] constexpr std::optional<Tickets<Counter>> tickets() const {
    const auto start = static_cast<Counter>(first_ticket);
    return replay(log, Tickets<Counter>{start, start, {}});
  }
  [[nodiscard]] constexpr std::optional<QueueLock> queue() const { return replay<QueueLock>(log); }
  [[nodiscard]] constexpr std::optional<AtomicLock> atomic() const { return replay<AtomicLock>(log); }
};

// Invariants INV-LOCK-1 to INV-LOCK-9: invariants.hpp.
template <std::size_t N>
struct View {
  std::uint8_t cpu = 0;
  bool halt = false;
  Bars bars = Bars::valid;
  unsigned tstate = 1;  // 0: one leaf store is still allowed
  std::array<LockState<N>, ID_END> locks{};

  constexpr LockState<N>& lock(u64 id) { return locks[id]; }
  [[nodiscard]] constexpr const LockState<N>& lock(u64 id) const { return locks[id]; }
  [[nodiscard]] constexpr Event event(Kind kind, u64 value = 0) const { return {kind, cpu, value}; }
};

constexpr bool is_lock(u64 id) { return id >= CORE_ID && id < ID_END; }

// The other CPUs: given who asks and the log so far, appends what they have done since. It must be a function
// of the two.
template <class O, std::size_t N>
concept Oracle = requires(O& oracle, Log<N>& log) {
  { oracle(std::uint8_t{}, log) } -> std::same_as<Stuck>;
};

// Lets the other CPUs act on lock `id`; INV-LOCK-5: every new event is another CPU's, with an id of 0..7.
template <std::size_t N, Oracle<N> O>
constexpr Stuck ask(View<N>& view, u64 id, O& oracle) {
  Log<N>& log = view.lock(id).log;
  const std::size_t before = log.size();
  if (const Stuck stuck = oracle(view.cpu, log); stuck != Stuck::no) {
    return stuck;
  }
  if (log.size() < before) {
    return Stuck::environment;
  }
  for (std::size_t i = before; i < log.size(); ++i) {
    if (log[i].cpu == view.cpu || log[i].cpu >= TOTAL_CPU) {
      return Stuck::environment;
    }
  }
  return Stuck::no;
}

// The newest published object in the log from event `from` on; `otherwise` if there is none (CalState).
template <std::size_t N>
constexpr u64 newest_object(const Log<N>& log, std::size_t from, u64 otherwise) {
  for (std::size_t i = log.size(); i > from; --i) {
    if (log[i - 1].kind == Kind::publish) {
      return log[i - 1].value;
    }
  }
  return otherwise;
}

}  // namespace redoubt::spec::lock
