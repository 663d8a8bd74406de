// SPDX-License-Identifier: BSD-3-Clause
// Primitives below a layer as sealed functions: whatever they do, the same arguments in the same state have
// the same effect.
#pragma once
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "core/vm/layers.hpp"
#include "tools/redoubt-verify/theorems/arguments.hpp"
#include "tools/redoubt-verify/theorems/loop_cut.hpp"
#include "tools/redoubt-verify/theorems/state_parts.hpp"
#include "tools/redoubt-verify/theorems/two_states.hpp"

namespace redoubt::verify {

// A specification is a function of state and arguments. Of a sealed one a proof knows no more than that, and
// the frame of its row. The run of the layer's own specification comes first: each call of a sealed primitive
// gets an arbitrary result, and leaves an arbitrary state within the frame. Then the code runs: its n-th call
// must be the same primitive with the same arguments in the same state, and has the same outcome.
template <ValueDomain D, class P>
class Script {
 public:
  using Word = typename D::Word;
  using Bool = typename D::Bool;
  using State = spec::State<D, P>;

  void code_follows() { role_ = Role::code; }
  // The second of two runs follows, which the host cannot tell from the first: of what is sealed it is
  // assumed that it leaves them alike, with the same answer.
  void twin_follows() { role_ = Role::twin; }
  [[nodiscard]] std::size_t specified() const { return calls_.size(); }
  [[nodiscard]] std::size_t made() const { return made_; }

  // The script of a run on this state.
  static Script& of(State& s) { return *static_cast<Script*>(s.others.context); }

  // Result of the call; the state afterwards is in `s`.
  Word call(State& s, std::string_view name, registry::Fields changes, std::vector<Word> arguments) {
    switch (role_) {
      case Role::specification:
        return specify(s, name, changes, std::move(arguments));
      case Role::code:
        return follow(s, name, arguments);
      default:
        return twin(s, name, changes, arguments);
    }
  }

  // The head of a loop that counts its rounds in `round` and changes no more than `changes` says.
  void loop_round(State& s, registry::Fields changes, Word& round) {
    switch (role_) {
      case Role::specification:
        return loop_.lead(s, changes, calls_.size(), round);
      case Role::code:
        return loop_.follow(s, made_, round);
      default:
        return loop_.twin(s, made_, round);
    }
  }
  // One of the runs. False: it is at the head of its loop again.
  template <class Run>
  static bool completes(Run run) {
    try {
      run();
      return true;
    } catch (const RoundEnd&) {
      return false;
    }
  }

 private:
  enum class Role { specification, code, twin };
  struct Call {
    std::string name;
    std::vector<Word> arguments;
    State before, after;
    Word result;
    Bool allowed;
  };

  Word specify(State& s, std::string_view name, registry::Fields changes, std::vector<Word> arguments) {
    const std::string suffix = "@" + std::to_string(calls_.size());
    const Bool allowed = s.d->any("allowed" + suffix) == Word(1);
    s.d->rely(asks(name), allowed);
    const State before = s;
    make_arbitrary(s, changes, suffix);
    s.halt = (changes & registry::field::halt) != 0 && s.d->any("halts" + suffix) == Word(1);
    const Word result = s.d->any("result" + suffix);
    calls_.push_back({std::string(name), std::move(arguments), before, s, result, allowed});
    return result;
  }

  // The call that the first run made at this point.
  Call& next_call(D& d, std::string_view name, const std::vector<Word>& arguments) {
    const std::size_t n = made_++;
    d.prove("the same primitives are called, in order", Bool(n < calls_.size() && calls_[n].name == name));
    Call& expected = calls_.at(n);
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      d.prove("the arguments of " + expected.name + " are the same",
              arguments[i] == expected.arguments.at(i));
    }
    return expected;
  }

  Word follow(State& s, std::string_view name, const std::vector<Word>& arguments) {
    D& d = *s.d;
    Call& expected = next_call(d, name, arguments);
    prove_equal(d, expected.before, s, " agrees with the specification before " + expected.name);
    prove_same_steps(d, expected.before, s);
    d.rely(asks(name), expected.allowed);
    s = expected.after;
    return expected.result;
  }
  Word twin(State& s, std::string_view name, registry::Fields changes, const std::vector<Word>& arguments) {
    D& d = *s.d;
    Call& expected = next_call(d, name, arguments);
    using Pair = TwoStates<D, P>;
    if (Pair::asks_for_host(name)) {
      d.prove("vm_iso of a primitive that asks for a loaded host: it is",
              Pair::host_is_loaded(expected.before));
    }
    d.prove("vm_iso: INV-CPU-1, 2 hold before " + expected.name, Pair::numbers_in_range(expected.before));
    d.assume(Pair::numbers_in_range(expected.after));
    Pair::prove_alike(d, expected.before, s);
    Pair::make_alike(s, expected.after, changes, "'" + std::to_string(made_));
    return expected.result;
  }
  static std::string asks(std::string_view name) { return "what " + std::string(name) + " asks for"; }

  LoopCut<D, P> loop_;
  std::vector<Call> calls_;
  std::size_t made_ = 0;
  Role role_ = Role::specification;
};

// The frame of a primitive, as its row says.
template <class Entry, class Prim>
constexpr registry::Fields frame_of() {
  registry::Fields changes = registry::field::none;
  registry::for_each(typename registry::Layer<Entry>::FreshAndOwn{}, [&]<class Bound>() {
    if constexpr (std::is_same_v<typename Bound::primitive, Prim>) {
      changes = Bound::changes;
    }
  });
  return changes;
}

// Sharper than the row where that names VM information: operations on memory change totals of pages alone.
template <class Entry, class Prim>
constexpr registry::Fields frame_in_records() {
  constexpr registry::Fields row = frame_of<Entry, Prim>();
  const bool totals = Entry::number < registry::VmPowerEntry::number && (row & registry::field::vm) != 0;
  return totals ? (row & ~registry::field::vm) | kTotals : row;
}

// An arbitrary status from a word: success, or any of the refusals.
template <class Word>
Status any_status(const Word& chosen) {
  constexpr std::array refusals{Status::denied,    Status::invalid_parameter,
                                Status::not_found, Status::no_memory,
                                Status::busy,      Status::exists,
                                Status::again,     Status::not_supported,
                                Status::unchanged};
  if (chosen == Word(0)) {
    return Status::ok;
  }
  for (std::size_t i = 0; i + 1 < refusals.size(); ++i) {
    if (chosen == Word(i + 1)) {
      return refusals[i];
    }
  }
  return refusals.back();
}

// A specification whose derived classes seal some of its primitives.
template <ValueDomain D, class P, class Base>
class Sealing : public Base {
 public:
  using Base::Base;
  using typename Base::Word;

 protected:
  template <class Entry, class Prim, class... Words>
  Word sealed(const Words&... arguments) {
    if (this->s.halt) {
      return Word(0);
    }
    return Script<D, P>::of(this->s).call(this->s, Prim::name, frame_in_records<Entry, Prim>(),
                                          {arguments...});
  }
  template <class Entry, class Prim, class... Words>
  Status sealed_status(const Words&... arguments) {
    return any_status(sealed<Entry, Prim>(arguments...));
  }
};

}  // namespace redoubt::verify
