// SPDX-License-Identifier: BSD-3-Clause
// Theorems about words alone: every bit field round-trips; a page cleared word by word is a cleared range.
#pragma once
#include <array>
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
    for (unsigned hi = 0; hi < 64; ++hi) {
      Bool all(true);
      for (unsigned lo = 0; lo <= hi; ++lo) {
        all = both(all, round_trips(kFields[hi * (hi + 1) / 2 + lo], reg, value));
      }
      d.prove("a field reads as it was written, and the bits beside it stay", all);
    }
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

  // for (i = 0; i < n; ++i) page[first + i] = tape[from + i], by induction: afterwards every page is as after
  // writing all of them at once.
  static void fetch_pages_loop(D& d) {
    using Map = typename D::Map;
    const Map tape(d, "tape");
    Map pages(d, "pages"), fetched = pages;
    const Word first = d.any("first"), n = d.any("n"), from = d.any("from"), at = d.any("at"), zero(0);
    d.assume(both(first < Word(u64{1} << 28), n < Word(u64{1} << 28)));
    const auto of_page = [=](Word page) { return tape.read(zero, from + (page - first)); };
    fetched.write_rows(first, first + n, zero, of_page);
    const Word before = pages.read(at, zero);
    const auto invariant = [&](const Word& i) {
      const Bool reached = both(first <= at, at < first + i);
      return pages.read(at, zero) == select(reached, of_page(at), before);
    };
    d.for_range(
        n, [&] { pages = Map(d, "pages@round"); }, invariant,
        [&](const Word& i) { pages.write(first + i, zero, tape.read(zero, from + i)); });
    d.prove("pages written one by one are as those written at once",
            pages.read(at, zero) == fetched.read(at, zero));
    d.cover("inside", both(first <= at, at < first + n));
    d.cover("outside", at < first);
  }

 private:
  struct Accessors {  // one field's functions, as the core calls them
    u64 max, mask;
    Word (*get)(Word);
    Word (*put)(Word);
    Word (*set)(Word, Word);
  };
  template <unsigned Hi, unsigned Lo>
  static constexpr Accessors accessors() {
    using F = Field<Hi, Lo>;
    return {F::max, F::mask, &F::get, &F::put, &F::set};
  }
  template <unsigned Hi, unsigned... Lo>
  static constexpr void add_with(std::array<Accessors, 2080>& all, std::integer_sequence<unsigned, Lo...>) {
    ((all[Hi * (Hi + 1) / 2 + Lo] = accessors<Hi, Lo>()), ...);
  }
  template <unsigned... Hi>
  static constexpr auto all_fields(std::integer_sequence<unsigned, Hi...>) {
    std::array<Accessors, 2080> all{};
    (add_with<Hi>(all, std::make_integer_sequence<unsigned, Hi + 1>{}), ...);
    return all;
  }
  static constexpr auto kFields = all_fields(std::make_integer_sequence<unsigned, 64>{});

  static Bool round_trips(const Accessors& f, const Word& reg, const Word& value) {
    const Word result = f.set(reg, value);
    return both(f.get(result) == (value & Word(f.max)), (result & Word(~f.mask)) == (reg & Word(~f.mask)),
                f.put(value) == (f.set(Word(0), value)));
  }
};

}  // namespace redoubt::verify
