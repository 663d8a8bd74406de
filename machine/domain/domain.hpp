// SPDX-License-Identifier: BSD-3-Clause
// What a value domain offers to specifications, the model machine and harnesses: words, total maps, assume
// and prove.
#pragma once
#include <concepts>
#include <string_view>

#include "core/machine/types.hpp"

namespace redoubt {

// The concrete domain computes on 64-bit integers, the symbolic one on solver terms. Beside these two there
// can be one whose maps read live memory through and keep a small write log: nothing here may need
// allocation.
//
// Map: a total function (k0, k1) -> word. `read` sees earlier writes; `base` sees the initial contents only.
// The initial contents are arbitrary unless a source function is given at construction. `zero_range` writes
// zero to every k1 in [lo, hi), `zero_row` to every k1, `write_rows` source(k0) to cell k1 of every row k0 in
// [lo, hi). `on_first_read(hook)` lets a harness assume what it knows of every initial cell, lazily.
//
// for_all: does p(i) hold for every i < n? find_last: the last i < n with p(i), or n. The symbolic domain
// answers with a case split: "all" becomes a fact that is instantiated where needed, "not all" a witness.
// for_range(n, havoc, invariant, body): a loop with effects, by induction.
template <class D>
concept ValueDomain = requires(D& d, typename D::Word w, typename D::Bool b, typename D::Map& m) {
  { D::symbolic } -> std::convertible_to<bool>;
  { d.any(std::string_view{}) } -> std::same_as<typename D::Word>;  // arbitrary, named; same name, same value
  { d.assume(b) };                                                  // restricts what is considered
  { d.prove(std::string_view{}, b) };                               // an obligation
  { d.cover(std::string_view{}, b) };                               // must be possible on some path
  { d.rely(std::string_view{}, b) };  // a precondition: stuck, assumed or an obligation, as the harness says
  { d.require(std::string_view{}, b) };  // a usage rule of the machine: an obligation of the code
  { d.stop() };                          // [[noreturn]]: the machine halts here
  {
    d.for_all(w, [](typename D::Word) { return typename D::Bool(true); })
  } -> std::same_as<typename D::Bool>;
  {
    d.find_last(w, [](typename D::Word) { return typename D::Bool(true); })
  } -> std::same_as<typename D::Word>;
  { typename D::Map(d, std::string_view{}) };
  { m.read(w, w) } -> std::same_as<typename D::Word>;
  { m.base(w, w) } -> std::same_as<typename D::Word>;
  { m.write(w, w, w) };
  { m.zero_range(w, w, w) };
  { m.zero_row(w) };
  {
    m.write_rows(w, w, w, [](typename D::Word) { return typename D::Word(0); })
  };
  { select(b, w, w) } -> std::same_as<typename D::Word>;
  { both(b, b) } -> std::same_as<typename D::Bool>;
  { either(b, b) } -> std::same_as<typename D::Bool>;
  { negation(b) } -> std::same_as<typename D::Bool>;
};

}  // namespace redoubt
