// SPDX-License-Identifier: BSD-3-Clause
// Theorems about the layers of traps on the specifications of the layers below each.
#pragma once
#include "tools/redoubt-verify/theorems/handlers_below.hpp"

namespace redoubt::verify {

// One run of a layer's specification, one of its code, from the same arbitrary state: same calls of what is
// sealed, same result, state and steps; nothing outside the row's frame changes.
// Entry: the layer; Spec and Code: its classes on what it stands on.
template <class Entry, class Prim, class Spec, class Code, class P, ValueDomain D>
class OnSpecification {
 public:
  using Word = typename D::Word;
  using Bool = typename D::Bool;
  using State = spec::State<D, P>;
  using F = decltype(Prim::template in<Spec>());

  static void prove(D& d) {
    prove_where(d, [](const State&) {});
  }
  // From the states of which `assume` assumes something.
  template <class Assume>
  static void prove_where(D& d, Assume assume) {
    Script<D, P> script;
    State initial(d, any_pool_base<P>(d));
    initial.others.context = &script;
    assume_cpu(initial);
    assume(initial);
    const auto arguments =
        AnyArguments<D>(d, Prim::row.signature).draw(typename registry::Signature<F>::Arguments{});
    State expected = initial, actual = initial;
    Spec spec(expected);
    Word wanted(0), got(0);
    const bool ends = script.completes([&] { wanted = call<D>(spec, Prim::template in<Spec>(), arguments); });
    script.code_follows();
    Code code(actual);
    set_rely(d, Rely::obligation);
    const bool code_ends =
        script.completes([&] { got = call<D>(code, Prim::template in<Code>(), arguments); });
    set_rely(d, Rely::assumed);

    d.prove("both go on with a loop, or none", Bool(ends == code_ends));
    d.cover("another round", Bool(!ends));
    if (!ends) {
      return;
    }
    d.prove("the code calls as often as the specification", Bool(script.made() == script.specified()));
    d.prove("the code stops exactly when the specification halts", Bool(expected.halt == actual.halt));
    d.prove("the result agrees with the specification", got == wanted);
    prove_equal(d, expected, actual, " agrees with the specification");
    prove_same_steps(d, expected, actual);
    prove_frame(d, initial, expected);
    d.cover("goes on", Bool(!expected.halt));
    cover_result(d, wanted);
  }

 private:
  static void prove_frame(D& d, State& before, State& after) {
    const Word k0 = d.any("some_row"), k1 = d.any("some_column");
    const auto old = abstract_parts(before, k0, k1), now = abstract_parts(after, k0, k1);
    constexpr registry::Fields changes = frame_of<Entry, Prim>();
    Bool changed(false);
    for (std::size_t i = 0; i < old.size(); ++i) {
      const Bool same = now[i].value == old[i].value;
      if ((old[i].fields & changes) == 0) {
        d.prove("frame: " + old[i].name + " stays as it was", same);
      } else {
        changed = either(changed, negation(same));
      }
    }
    if constexpr (changes != registry::field::none) {
      d.cover("changes something", changed);
    }
  }
  static void cover_result(D& d, const Word& result) {
    using Result = typename registry::Signature<F>::Result;
    if constexpr (std::is_same_v<Result, Next>) {
      d.cover("to the host", result == Word(static_cast<u64>(Next::to_host)));
      d.cover("the vCPU goes on", result == Word(static_cast<u64>(Next::resume_guest)));
    } else if constexpr (std::is_same_v<Result, Status>) {
      d.cover("done", result == Word(0));
      d.cover("refused", result != Word(0));
    }
  }
};

}  // namespace redoubt::verify
