// SPDX-License-Identifier: BSD-3-Clause
// A loop in two runs that are compared, by induction over its rounds: both are cut at its head.
#pragma once
#include <cstddef>
#include <optional>
#include <utility>

#include "core/registry/primitive.hpp"
#include "tools/redoubt-verify/theorems/state_parts.hpp"
#include "tools/redoubt-verify/theorems/two_states.hpp"

namespace redoubt::verify {

// Ends a run that has come to the head of its loop again.
struct RoundEnd {};

// At the head (loop_round of a specification and of code) the state becomes arbitrary within the loop's
// frame, and so does the number of the round: what the run does next is any round, or what comes after the
// loop. At the head again it ends. The run that follows must
//   base  come to the head of its round 0 in the state of the first run (or one like it), and gets that
//         arbitrary state and that round;
//   step  come to the head again exactly where the first one does, in its state;
//   use   else end as the first one does, which the harness looks at.
// Both count every round, so they make equally many.
template <ValueDomain D, class P>
class LoopCut {
 public:
  using Word = typename D::Word;
  using Bool = typename D::Bool;
  using State = spec::State<D, P>;
  using Pair = TwoStates<D, P>;

  // The first run; `calls`: sealed ones that it has made so far.
  void lead(State& s, registry::Fields changes, std::size_t calls, Word& round) {
    D& d = *s.d;
    if (!cut_) {
      d.prove("a loop counts its rounds from 0", round == Word(0));
      const State before = s;
      make_arbitrary(s, changes, "@loop");
      s.halt = s.halt || ((changes & registry::field::halt) != 0 && d.any("halts@loop") == Word(1));
      round = d.any("round@loop");
      cut_.emplace(Cut{before, s, {}, round, changes, calls, calls});
      return;
    }
    d.prove("a loop counts every round", round == cut_->round + Word(1));
    prove_frame(s);
    cut_->after.emplace(s);
    cut_->calls_after = calls;
    throw RoundEnd{};
  }

  // The code, after its specification.
  void follow(State& s, std::size_t calls, Word& round) {
    D& d = *s.d;
    Cut& cut = entered(d, calls, round);
    if (!std::exchange(inside_, true)) {
      prove_equal(d, cut.before, s, " agrees with the specification before a loop");
      prove_same_steps(d, cut.before, s);
      s = cut.at_head;
      round = cut.round;
      return;
    }
    State& after = again(s, cut, calls, round);
    prove_equal(d, after, s, " agrees with the specification after a round");
    prove_same_steps(d, after, s);
    throw RoundEnd{};
  }

  // The second of two runs that the host cannot tell apart.
  void twin(State& s, std::size_t calls, Word& round) {
    D& d = *s.d;
    Cut& cut = entered(d, calls, round);
    if (!std::exchange(inside_, true)) {
      d.prove("vm_iso: INV-CPU-1, 2 hold before a loop", Pair::numbers_in_range(cut.before));
      d.assume(Pair::numbers_in_range(cut.at_head));
      Pair::prove_alike(d, cut.before, s);
      Pair::make_alike(s, cut.at_head, cut.changes, "'loop");
      round = cut.round;
      return;
    }
    State& after = again(s, cut, calls, round);
    d.prove("vm_iso: INV-CPU-1, 2 hold after a round", Pair::numbers_in_range(after));
    Pair::prove_alike(d, after, s);
    throw RoundEnd{};
  }

 private:
  struct Cut {
    State before, at_head;
    std::optional<State> after;  // of the round, where there is one
    Word round;
    registry::Fields changes;
    std::size_t calls, calls_after;
  };

  Cut& entered(D& d, std::size_t calls, const Word& round) {
    d.prove("the runs that are compared come to the same loop", Bool(cut_.has_value()));
    Cut& cut = cut_.value();
    if (!inside_) {
      d.prove("a loop counts its rounds from 0", round == Word(0));
      d.prove("before a loop both call what is sealed equally often", Bool(calls == cut.calls));
    }
    return cut;
  }
  static State& again(State& s, Cut& cut, std::size_t calls, const Word& round) {
    s.d->prove("both go on with a loop, or none", Bool(cut.after.has_value()));
    s.d->prove("in a round both call what is sealed equally often", Bool(calls == cut.calls_after));
    s.d->prove("a loop counts every round", round == cut.round + Word(1));
    s.d->prove("both stop in a round, or none", Bool(cut.after.value().halt == s.halt));
    return *cut.after;
  }
  // What the loop was not said to change, no round does.
  void prove_frame(State& s) {
    D& d = *s.d;
    const Word k0 = d.any("some_row"), k1 = d.any("some_column");
    const auto old = abstract_parts(cut_->at_head, k0, k1), now = abstract_parts(s, k0, k1);
    for (std::size_t i = 0; i < old.size(); ++i) {
      if ((old[i].fields & cut_->changes) == 0) {
        d.prove("a loop leaves as it was: " + old[i].name, now[i].value == old[i].value);
      }
    }
    if ((cut_->changes & registry::field::updates) == 0) {
      d.prove("a loop takes no step", Bool(s.updates.size == cut_->at_head.updates.size));
    }
  }

  std::optional<Cut> cut_;
  bool inside_ = false;  // the run that follows has come to the head
};

}  // namespace redoubt::verify
