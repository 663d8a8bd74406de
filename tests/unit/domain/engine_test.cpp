// SPDX-License-Identifier: BSD-3-Clause
// The proof engine on small harnesses: what it must prove, refute, and refuse to call proven.
#include "machine/domain/symbolic_engine.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "machine/domain/symbolic.hpp"

namespace redoubt {
namespace {

using smt::Bool;
using smt::Word;

template <class Harness>
smt::Outcome explore(Harness harness, smt::Options options = {}) {
  smt::Engine engine(std::move(options));
  return engine.explore([&] {
    Symbolic domain(engine);
    harness(domain);
  });
}

TEST(Engine, ExploresBothSidesOfEveryPossibleDecision) {
  unsigned ends = 0;
  const auto outcome = explore([&](Symbolic& d) {
    const Word x = d.any("x"), y = d.any("y");
    if (x < Word(10)) {
      if (y == x) {
        d.prove("y is small", y < Word(10));
      }
    } else if (x < Word(5)) {
      ADD_FAILURE() << "an impossible path was taken";
    }
    ++ends;
  });
  EXPECT_EQ(ends, 3u);
  EXPECT_EQ(outcome.paths, 3u);
  EXPECT_EQ(outcome.complete, 3u);
  EXPECT_TRUE(outcome.failures.empty());
}

TEST(Engine, RefutesWithInputsAndPath) {
  const auto outcome = explore([](Symbolic& d) {
    const Word x = d.any("x");
    if (x > Word(100)) {
      d.prove("no x is 107", x != Word(107));
    }
  });
  ASSERT_EQ(outcome.failures.size(), 1u);
  const smt::Counterexample& failure = outcome.failures.front();
  EXPECT_EQ(failure.label, "no x is 107");
  EXPECT_EQ(failure.inputs.names.at("x"), 107u);
  EXPECT_EQ(failure.path.size(), 1u);
  EXPECT_TRUE(failure.file.ends_with("engine_test.cpp"));
  EXPECT_GT(failure.line, 0u);
}

TEST(Engine, ContradictoryAssumptionsAreVacuousAndCoversSeeIt) {
  const auto outcome = explore([](Symbolic& d) {
    const Word x = d.any("x");
    d.assume(x < Word(5));
    d.assume(x > Word(7));
    d.prove("anything follows", x == Word(99));
    d.cover("reached", Bool(true));
  });
  EXPECT_TRUE(outcome.failures.empty());
  EXPECT_EQ(outcome.complete, 0u);
  // Where the solver's own rewriting sees the contradiction, the path ends before the cover: never reached
  // too.
  const auto reached = outcome.covers.find("reached");
  EXPECT_TRUE(reached == outcome.covers.end() || !reached->second);
}

TEST(Engine, CoversAreJudgedAtTheEndOfThePath) {
  const auto outcome = explore([](Symbolic& d) {
    const Word x = d.any("x");
    d.cover("x is large", x > Word(1000));
    d.cover("x is small", x < Word(10));
    d.assume(x < Word(100));
  });
  EXPECT_FALSE(outcome.covers.at("x is large"));
  EXPECT_TRUE(outcome.covers.at("x is small"));
}

TEST(Engine, AnUndecidedObligationIsReportedAsUnknown) {
  smt::Options options;
  options.obligation_budget = 1;
  const auto outcome = explore(
      [](Symbolic& d) {
        const Word x = d.any("x"), y = d.any("y");
        d.prove("an identity", (x & y) + (x | y) == x + y);
      },
      options);
  ASSERT_FALSE(outcome.unknown.empty());
  EXPECT_NE(std::find(outcome.unknown.begin(), outcome.unknown.end(), "an identity"), outcome.unknown.end())
      << outcome.unknown.front();
}

TEST(Engine, TheSameObligationIsProvenWithEnoughBudget) {
  const auto outcome = explore([](Symbolic& d) {
    const Word x = d.any("x"), y = d.any("y");
    d.prove("an identity", (x & y) + (x | y) == x + y);
  });
  EXPECT_TRUE(outcome.unknown.empty());
  EXPECT_TRUE(outcome.failures.empty());
  EXPECT_EQ(outcome.obligations, 1u);
}

TEST(Engine, AHarnessThatDoesNotRepeatIsAnError) {
  unsigned run = 0;
  EXPECT_THROW(explore([&](Symbolic& d) {
                 const Word x = d.any("x");
                 if (x == Word(++run)) {
                   return;
                 }
               }),
               smt::EngineError);
}

TEST(Engine, ARunThatEndsEarlyIsAnError) {
  unsigned run = 0;
  EXPECT_THROW(explore([&](Symbolic& d) {
                 if (++run > 1) {
                   return;
                 }
                 if (d.any("x") == Word(1)) {
                   return;
                 }
               }),
               smt::EngineError);
}

TEST(Engine, ALoopWithoutEndIsAnError) {
  smt::Options options;
  options.max_events = 50;
  EXPECT_THROW(explore(
                   [](Symbolic& d) {
                     for (Word x = d.any("x"); bool(x != Word(0)); x = x - Word(1)) {
                     }
                   },
                   options),
               smt::EngineError);
}

TEST(Engine, APathKnowsItsOwnFactsWithoutTheSolver) {
  const auto outcome = explore([](Symbolic& d) {
    const Word x = d.any("x"), y = d.any("y");
    d.assume(both(x < y, y < Word(50)));
    d.prove("assumed", x < y);
    if (x == Word(3)) {
      EXPECT_TRUE(bool(x == Word(3)));
      d.prove("decided", x == Word(3));
    }
  });
  EXPECT_EQ(outcome.obligations, 0u);
  EXPECT_EQ(outcome.immediate, 2u);
}

TEST(Engine, ReliesAreAssumptionsOrObligations) {
  const auto harness = [](Rely meaning) {
    return [meaning](Symbolic& d) {
      d.set_rely(meaning);
      d.rely("x is small", d.any("x") < Word(10));
      d.prove("x is not 20", d.any("x") != Word(20));
    };
  };
  const auto assumed = explore(harness(Rely::assumed));
  EXPECT_TRUE(assumed.failures.empty());
  EXPECT_TRUE(assumed.guards.at("x is small"));
  const auto demanded = explore(harness(Rely::obligation));
  ASSERT_EQ(demanded.failures.size(), 1u);
  EXPECT_EQ(demanded.failures.front().kind, smt::Kind::precondition);
}

TEST(Engine, AGuardThatCannotFailIsSeen) {
  const auto outcome = explore([](Symbolic& d) {
    d.rely("x is odd", (d.any("x") & Word(1)) == Word(1));
    d.rely("x is not zero", d.any("x") != Word(0));
  });
  EXPECT_TRUE(outcome.guards.at("x is odd"));
  EXPECT_FALSE(outcome.guards.at("x is not zero"));
}

// Both answers of a search over an unknown number of cells are explored; "all" holds where the harness looks.
TEST(Engine, SearchesAreExactAtTheIndicesThatTheHarnessNames) {
  const auto outcome = explore([](Symbolic& d) {
    const Symbolic::Map map(d, "map");
    const Word n = d.any("n"), i = d.any("i");
    const auto small = [&](Word at) { return map.read(Word(0), at) < Word(10); };
    d.instantiate_at(i);
    d.assume(i < n);
    const Bool all = d.for_all(n, small);
    d.prove("all of them, so this one", implies(all, small(i)));
    const Word last = d.find_last(n, small);
    d.prove("none after the last", implies(last < i, negation(small(i))));
    d.prove("the last is one", implies(last < n, small(last)));
    d.cover("all", all);
    d.cover("not all", negation(all));
    d.cover("none", last == n);
  });
  EXPECT_TRUE(outcome.failures.empty()) << outcome.failures.front().label;
  EXPECT_TRUE(outcome.covers.at("all") && outcome.covers.at("not all") && outcome.covers.at("none"));
}

TEST(Engine, ASearchProvesNothingAboutOtherIndices) {
  const auto outcome = explore([](Symbolic& d) {
    const Symbolic::Map map(d, "map");
    const Word n = d.any("n");
    d.assume(n > Word(8));
    const auto small = [&](Word at) { return map.read(Word(0), at) < Word(10); };
    const Bool all = d.for_all(n, small);
    d.prove("nothing was small", negation(all));
  });
  EXPECT_EQ(outcome.failures.size(), 1u);
}

TEST(Engine, ShortSearchesUnroll) {
  const auto outcome = explore([](Symbolic& d) {
    const Word x = d.any("x");
    const auto above = [&](Word i) { return i > x; };
    d.prove("not all of three", negation(d.for_all(Word(3), above)));
    d.prove("the last of three", d.find_last(Word(3), above) == select(x < Word(2), Word(2), Word(3)));
  });
  EXPECT_TRUE(outcome.failures.empty());
  EXPECT_EQ(outcome.paths, 1u);
}

TEST(Engine, CountsRepeatExactly) {
  const auto harness = [](Symbolic& d) {
    Symbolic::Map map(d, "map");
    const Word x = d.any("x"), y = d.any("y");
    map.write(x, y, Word(1));
    if (map.read(y, x) == Word(0)) {
      d.prove("the keys differ", x != y);
    }
  };
  const auto first = explore(harness), second = explore(harness);
  EXPECT_EQ(first.paths, second.paths);
  EXPECT_EQ(first.obligations, second.obligations);
  EXPECT_EQ(first.steps, second.steps);
  EXPECT_GT(first.steps, 0u);
}

TEST(Engine, AMissingSecondSolverIsAnError) {
  smt::Options options;
  options.second_solver = "no-such-solver";
  EXPECT_THROW(explore([](Symbolic& d) { d.prove("p", d.any("x") != d.any("y")); }, options),
               smt::EngineError);
}

}  // namespace
}  // namespace redoubt
