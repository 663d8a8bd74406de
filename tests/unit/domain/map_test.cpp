// SPDX-License-Identifier: BSD-3-Clause
// Maps of both domains obey the same laws: proven in the symbolic one, sampled in the concrete one.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "machine/domain/concrete.hpp"
#include "machine/domain/symbolic.hpp"

namespace redoubt {
namespace {

template <class Harness>
smt::Outcome explore(Harness harness) {
  smt::Engine engine({});
  return engine.explore([&] {
    Symbolic domain(engine);
    harness(domain);
  });
}

// Laws of writes, ranges and initial contents, for all keys and values.
template <class D>
void map_laws(D& d) {
  using W = typename D::Word;
  typename D::Map map(d, "cells");
  const W k = d.any("k"), a = d.any("a"), b = d.any("b"), lo = d.any("lo"), hi = lo + W(64);
  d.assume(both((lo & W(7)) == W(0), lo < W(1) << 40, (b & W(7)) == W(0)));
  const W before = map.read(k, b);
  map.write(k, a, d.any("value"));
  d.prove("a write is read", map.read(k, a) == d.any("value"));
  d.prove("other cells stay", implies(a != b, map.read(k, b) == before));
  d.prove("other keys stay", map.read(k + W(1), a) == map.base(k + W(1), a));
  map.zero_range(k, lo, hi);
  const auto inside = both(lo <= b, b < hi);
  d.prove("a cleared range is zero", implies(inside, map.read(k, b) == W(0)));
  d.prove("cells outside the range stay", implies(both(negation(inside), a != b), map.read(k, b) == before));
  d.prove("the initial contents stay", map.base(k, b) == before);
  d.cover("inside", inside);
  d.cover("outside", negation(inside));
}

TEST(SymbolicMap, ObeysTheLaws) {
  const auto outcome = explore([](Symbolic& d) { map_laws(d); });
  EXPECT_TRUE(outcome.failures.empty()) << outcome.failures.front().label;
  EXPECT_TRUE(outcome.unknown.empty());
  EXPECT_EQ(outcome.complete, 1u);
  EXPECT_TRUE(outcome.covers.at("inside") && outcome.covers.at("outside"));
}

RC_GTEST_PROP(ConcreteMap, ObeysTheLaws, ()) {
  Concrete::Inputs inputs;
  const auto near =
      rc::gen::map(rc::gen::inRange(0, 24), [](int i) { return static_cast<std::uint64_t>(i) * 8; });
  for (const char* name : {"a", "b", "lo"}) {
    inputs.names[name] = *near;
  }
  inputs.names["k"] = *rc::gen::inRange<std::uint64_t>(0, 2);
  inputs.names["value"] = *rc::gen::arbitrary<std::uint64_t>();
  for (int i = 0; i < 5; ++i) {
    inputs.maps["cells"][{*rc::gen::inRange<std::uint64_t>(0, 3), *near}] =
        *rc::gen::arbitrary<std::uint64_t>();
  }
  Concrete d(inputs);
  map_laws(d);
  RC_ASSERT(d.proved() == 6u);
}

// An assumption for all cells, used through the hook, proves what needs it and is counted once per cell.
TEST(SymbolicMap, HooksInstantiateAnInvariant) {
  unsigned calls = 0;
  const auto outcome = explore([&](Symbolic& d) {
    calls = 0;
    Symbolic::Map map(d, "map");
    map.on_first_read([&](smt::Word, smt::Word, smt::Word value) {
      ++calls;
      d.assume(value < smt::Word(100));
    });
    const Symbolic::Map copy = map;
    d.prove("every cell is small", map.read(d.any("k"), d.any("a")) < smt::Word(100));
    d.prove("in the copy too", copy.read(d.any("k"), d.any("a")) < smt::Word(100));
  });
  EXPECT_EQ(calls, 1u);
  EXPECT_TRUE(outcome.failures.empty());
}

TEST(SymbolicMap, ASourceFunctionGivesTheInitialContents) {
  const auto outcome = explore([](Symbolic& d) {
    using smt::Word;
    const Symbolic::Map low(d, "low"), high(d, "high");
    Symbolic::Map flat(
        d, "flat", [&](Word k, Word a) { return select(a < Word(100), low.base(k, a), high.base(k, a)); });
    const Word k = d.any("k"), a = d.any("a");
    d.prove("low part", implies(a < Word(100), flat.read(k, a) == low.read(k, a)));
    flat.write(k, a, Word(7));
    d.prove("writes hide it", flat.read(k, a) == Word(7));
    d.prove("and change nothing below", flat.base(k, Word(200)) == high.read(k, Word(200)));
  });
  EXPECT_TRUE(outcome.failures.empty());
}

// A counterexample carries the cells that were read, and fails in the concrete domain for the same reason.
TEST(SymbolicMap, CounterexamplesReplay) {
  const auto harness = [](auto& d) {
    using D = std::remove_reference_t<decltype(d)>;
    using W = typename D::Word;
    const typename D::Map map(d, "map");
    const W a = d.any("a");
    d.assume(a > W(1000));
    d.prove("never 5 at a", map.read(W(1), a) != W(5));
  };
  const auto outcome = explore([&](Symbolic& d) { harness(d); });
  ASSERT_EQ(outcome.failures.size(), 1u);
  Concrete concrete(outcome.failures.front().inputs);
  try {
    harness(concrete);
    FAIL() << "the counterexample does not replay";
  } catch (const Refuted& refuted) {
    EXPECT_STREQ(refuted.what(), "never 5 at a");
  }
}

}  // namespace
}  // namespace redoubt
