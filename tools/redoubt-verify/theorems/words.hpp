// SPDX-License-Identifier: BSD-3-Clause
// Theorems about words alone: every bit field round-trips; a page cleared word by word is a cleared range.
#pragma once
#include <utility>

#include "core/machine/field.hpp"
#include "machine/domain/domain.hpp"

namespace redoubt::verify {

template <ValueDomain D>
struct WordTheorems {
  using Word = typename D::Word;
  using Bool = typename D::Bool;

  // All 2080 fields that a 64-bit register or descriptor can have, so also all that are declared.
  static void fields(D& d) {
    const Word reg = d.any("reg"), value = d.any("value");
    every_high(d, reg, value, std::make_integer_sequence<unsigned, 64>{});
    d.cover("a value too wide for some fields", value > Word(1));
  }

  // for (i = 0; i < 512; ++i) page[i] = 0, by induction: afterwards every word is as after clearing the
  // range.
  static void clear_page_loop(D& d) {
    using Map = typename D::Map;
    Map memory(d, "memory"), cleared = memory;
    const Word page = d.any("page"), at = d.any("at");
    const Word size(PAGE_SIZE);
    d.assume(
        both(page < Word(u64{1} << 48), (page & (size - Word(1))) == Word(0), (at & Word(7)) == Word(0)));
    cleared.zero_range(Word(0), page, page + size);
    const Word before = memory.read(Word(0), at);
    const auto invariant = [&](const Word& i) {
      const Bool reached = both(page <= at, at < page + (i << 3));
      return memory.read(Word(0), at) == select(reached, Word(0), before);
    };
    d.for_range(
        size >> 3, [&] { memory = Map(d, "memory@round"); }, invariant,
        [&](const Word& i) { memory.write(Word(0), page + (i << 3), Word(0)); });
    d.prove("a page cleared word by word is a cleared range",
            memory.read(Word(0), at) == cleared.read(Word(0), at));
    d.cover("inside the page", both(page <= at, at < page + size));
    d.cover("outside the page", at < page);
  }

 private:
  template <unsigned Hi, unsigned Lo>
  static Bool round_trips(const Word& reg, const Word& value) {
    using F = Field<Hi, Lo>;
    const Word result = F::set(reg, value);
    return both(F::get(result) == (value & Word(F::max)), (result & Word(~F::mask)) == (reg & Word(~F::mask)),
                F::put(value) == (F::set(Word(0), value)));
  }
  template <unsigned Hi, unsigned... Lo>
  static Bool every_low(const Word& reg, const Word& value, std::integer_sequence<unsigned, Lo...>) {
    Bool all(true);
    ((all = both(all, round_trips<Hi, Lo>(reg, value))), ...);
    return all;
  }
  template <unsigned... Hi>
  static void every_high(D& d, const Word& reg, const Word& value, std::integer_sequence<unsigned, Hi...>) {
    (d.prove("a field reads as it was written, and the bits beside it stay",
             every_low<Hi>(reg, value, std::make_integer_sequence<unsigned, Hi + 1>{})),
     ...);
  }
};

}  // namespace redoubt::verify
