// SPDX-License-Identifier: BSD-3-Clause
// Runs one thread: deterministic but for the values read and whether a store-exclusive succeeds; tries all of
// them.
#pragma once
#include <vector>

#include "tools/redoubt-litmus/trace.hpp"

namespace redoubt::litmus {

class Tracer {
 public:
  Tracer(const LitmusTest& test, unsigned thread, Domain& domain, const Limits& limits, Work& work)
      : test_(test), thread_(thread), domain_(domain), limits_(limits), work_(work) {}

  std::vector<Trace> run();
  [[nodiscard]] std::uint64_t cut() const { return cut_; }

 private:
  // A value and the reads that it was computed from.
  struct Word {
    Value value = 0;
    EventSet from = 0;
  };
  struct State {
    std::size_t next = 0;
    std::array<Word, REGISTERS> registers;
    Word left, right;  // of the last comparison
    bool wide = true;
    EventSet control = 0;
    std::optional<unsigned> monitor;  // the load-exclusive that a store-exclusive would pair with
    std::vector<unsigned> repeated;   // backward branches taken, by instruction
    std::vector<Event> events;
  };

  void finish(State state);
  bool step(State& state);  // false: this run is over or was continued elsewhere
  bool branch(State& state, const Instruction& instruction);
  void compute(State& state, const Instruction& instruction);
  void load(const State& state, const Instruction& instruction);
  void store_exclusive(const State& state, const Instruction& instruction);
  void atomic(const State& state, const Instruction& instruction);
  void store(State& state, const Instruction& instruction);
  void fence(State& state, const Instruction& instruction);

  static Word read(const State& state, Register reg);
  static void set(State& state, Register reg, Word word);
  static Word operand(const State& state, const Operand& operand);
  static Word address(const State& state, const Instruction& instruction);
  static bool flag(const State& state, Flag flag);
  // Adds an event; its number.
  static unsigned add(State& state, Event event);
  // An access by the instruction at its address; checks that.
  Event access(const State& state, const Instruction& instruction, Event::Kind kind, bool wide);

  const LitmusTest& test_;
  unsigned thread_;
  Domain& domain_;
  const Limits& limits_;
  Work& work_;
  std::vector<Trace> traces_;
  std::uint64_t cut_ = 0;
};

}  // namespace redoubt::litmus
