// SPDX-License-Identifier: BSD-3-Clause
// What redoubt-verify calls proved, and everything that it must not: small theorems with known verdicts.
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <fstream>
#include <string>

#include "machine/domain/symbolic.hpp"
#include "tools/redoubt-verify/baseline.hpp"
#include "tools/redoubt-verify/jobs.hpp"
#include "tools/redoubt-verify/prover.hpp"

namespace redoubt::verify {
namespace {

template <class Harness>
Theorem theorem(Harness harness) {
  Theorem result;
  result.set = "test";
  result.name = "small";
  result.prove = [](Symbolic& d) { Harness{}(d); };
  result.replay = [](Concrete& d) { Harness{}(d); };
  static_cast<void>(harness);
  return result;
}

template <class D>
using WordOf = typename std::remove_reference_t<D>::Word;

TEST(Judgement, ProvedAndRefuted) {
  const Report good = prove(theorem([](auto& d) {
                              const auto x = d.any("x");
                              d.prove("and or", (x & x) == x);
                              d.prove("sum", x + x == (x << 1));
                            }),
                            {});
  EXPECT_EQ(good.verdict, Verdict::proved) << good.message;
  const Report bad = prove(theorem([](auto& d) {
                             using W = WordOf<decltype(d)>;
                             d.prove("x is not 77", d.any("x") != W(77));
                           }),
                           {});
  ASSERT_EQ(bad.verdict, Verdict::refuted);
  EXPECT_EQ(bad.failures.front().replay, "CONFIRMED");
}

TEST(Judgement, ContradictoryAssumptionsAreVacuous) {
  const Report report = prove(theorem([](auto& d) {
                                using W = WordOf<decltype(d)>;
                                d.assume(d.any("x") < W(1));
                                d.assume(d.any("x") > W(1));
                                d.prove("anything", d.any("x") == W(99));
                              }),
                              {});
  EXPECT_EQ(report.verdict, Verdict::vacuous);
}

TEST(Judgement, AnImpossibleOrMissingCoverIsVacuous) {
  const auto harness = [](auto& d) {
    using W = WordOf<decltype(d)>;
    d.assume(d.any("x") < W(5));
    d.cover("large", d.any("x") > W(9));
    d.cover("small", d.any("x") < W(3));
  };
  Theorem t = theorem(harness);
  t.covers = {"small"};
  EXPECT_EQ(prove(t, {}).verdict, Verdict::proved);
  t.covers = {"small", "large"};
  EXPECT_EQ(prove(t, {}).verdict, Verdict::vacuous);
  t.covers = {"never mentioned"};
  EXPECT_EQ(prove(t, {}).verdict, Verdict::vacuous);
}

TEST(Judgement, PreconditionsMustBeDeclaredAndAbleToFail) {
  const auto harness = [](auto& d) {
    using W = WordOf<decltype(d)>;
    d.rely("odd", (d.any("x") & W(1)) == W(1));
    d.rely("not zero", d.any("x") != W(0));
  };
  Theorem t = theorem(harness);
  EXPECT_EQ(prove(t, {}).verdict, Verdict::vacuous) << "an assumption that nobody declared";
  t.stuck = {"odd"};
  EXPECT_EQ(prove(t, {}).verdict, Verdict::proved);
  t.stuck = {"odd", "not zero"};
  EXPECT_EQ(prove(t, {}).verdict, Verdict::vacuous) << "a precondition that cannot fail";
}

TEST(Judgement, NoAnswerIsUnknownAndANondeterministicHarnessAnError) {
  smt::Options tiny;
  tiny.obligation_budget = 1;
  const Report unknown = prove(theorem([](auto& d) {
                                 const auto x = d.any("x"), y = d.any("y");
                                 d.prove("identity", (x & y) + (x | y) == x + y);
                               }),
                               tiny);
  EXPECT_EQ(unknown.verdict, Verdict::unknown);
  const Report error = prove(theorem([](auto& d) {
                               using W = WordOf<decltype(d)>;
                               static std::uint64_t runs = 0;
                               if (d.any("x") == W(++runs)) {
                                 return;
                               }
                             }),
                             {});
  EXPECT_EQ(error.verdict, Verdict::error);
  EXPECT_NE(error.message.find("does not repeat"), std::string::npos);
}

// "For all" said of one search is used at the witness of another.
TEST(Judgement, SearchesMeetAtTheirWitnesses) {
  const auto harness = [](auto& d) {
    using D = std::remove_reference_t<decltype(d)>;
    using W = typename D::Word;
    typename D::Map map(d, "map");
    const W n = d.any("n");
    d.assume(n < W(100));
    const auto zero = [&](W i) { return map.read(i, W(0)) == W(0); };
    const bool first = bool(d.for_all(n, zero)), second = bool(d.for_all(n, zero));
    d.prove("the same question has the same answer", typename D::Bool(first == second));
    const W last = d.find_last(n, [&](W i) { return negation(zero(i)); });
    d.prove("there is one that is not zero unless all are", typename D::Bool(first) == (last == n));
    d.cover("all", typename D::Bool(first));
    d.cover("not all", typename D::Bool(!first));
  };
  Theorem t = theorem(harness);
  t.covers = {"all", "not all"};
  const Report report = prove(t, {});
  EXPECT_EQ(report.verdict, Verdict::proved) << report.message;
}

TEST(Judgement, ALoopNeedsAnInvariantThatItKeeps) {
  const auto sum_to = [](unsigned step) {
    return [step](auto& d) {
      using W = WordOf<decltype(d)>;
      const W n = d.any("n");
      d.assume(n < W(1000));
      W sum(0);
      d.for_range(
          n, [&] { sum = d.any("sum@round"); }, [&](const W& i) { return sum == (i << 1); },
          [&](const W&) { sum = sum + W(step); });
      d.prove("twice the rounds", sum == n + n);
    };
  };
  [[maybe_unused]] static const auto good = sum_to(2), bad = sum_to(3);
  EXPECT_EQ(prove(theorem([](auto& d) { good(d); }), {}).verdict, Verdict::proved);
  const Report report = prove(theorem([](auto& d) { bad(d); }), {});
  ASSERT_EQ(report.verdict, Verdict::refuted);
  EXPECT_EQ(report.message, "a loop's invariant holds after every round");
}

// A counterexample that the concrete domain does not accept is never called confirmed.
TEST(Judgement, ReplayTellsRealFromSpurious) {
  const Report engine_wrong = prove(theorem([](auto& d) {
                                      using D = std::remove_reference_t<decltype(d)>;
                                      d.prove("domains differ", typename D::Bool(!D::symbolic));
                                    }),
                                    {});
  ASSERT_EQ(engine_wrong.verdict, Verdict::refuted);
  EXPECT_TRUE(engine_wrong.failures.front().replay.starts_with("NOT REPRODUCED"));
  const Report spurious = prove(theorem([](auto& d) {
                                  using D = std::remove_reference_t<decltype(d)>;
                                  using W = typename D::Word;
                                  if constexpr (!D::symbolic) {
                                    d.assume(d.any("x") == W(1));
                                  }
                                  d.prove("x is 1", d.any("x") == W(1));
                                }),
                                {});
  ASSERT_EQ(spurious.verdict, Verdict::refuted);
  EXPECT_TRUE(spurious.failures.front().replay.starts_with("SPURIOUS"));
}

TEST(Judgement, ReportsSurviveTheWayThroughJson) {
  const Report report = prove(theorem([](auto& d) {
                                using D = std::remove_reference_t<decltype(d)>;
                                using W = typename D::Word;
                                const typename D::Map map(d, "map");
                                d.cover("a cover", d.any("x") == W(1));
                                if (d.any("x") > W(2)) {
                                  d.prove("false", map.read(d.any("x"), W(8)) == W(0));
                                }
                              }),
                              {});
  ASSERT_EQ(report.verdict, Verdict::refuted);
  EXPECT_EQ(to_json(report_from(to_json(report))), to_json(report));
}

TEST(Jobs, AKilledWorkerIsNoResult) {
  unsigned good = 0, bad = 0;
  run_jobs(
      4, 2,
      [](std::size_t i) {
        if (i == 2) {
          std::raise(SIGKILL);
        }
        return nlohmann::json{{"index", i}};
      },
      [&](std::size_t i, const nlohmann::json& result, const std::string& why) {
        if (i == 2) {
          EXPECT_TRUE(result.is_null());
          EXPECT_NE(why.find("signal 9"), std::string::npos);
          ++bad;
        } else {
          EXPECT_EQ(result.at("index"), i);
          ++good;
        }
      });
  EXPECT_EQ(good, 3u);
  EXPECT_EQ(bad, 1u);
}

TEST(Baseline, NoticesGrowthBeyondTenPercent) {
  const std::string file = testing::TempDir() + "redoubt-baseline-" + std::to_string(getpid());
  Report report;
  report.id = "test/small";
  report.outcome.paths = 100;
  report.outcome.obligations = 200;
  report.outcome.steps = 1'000'000;
  std::string note;
  update_baseline(file, {report});
  EXPECT_TRUE(compare_with_baseline(file, {report}, note).empty());
  report.outcome.paths = 109;
  EXPECT_TRUE(compare_with_baseline(file, {report}, note).empty());
  report.outcome.paths = 112;
  EXPECT_EQ(compare_with_baseline(file, {report}, note).size(), 1u);
  report.outcome.steps = 800'000;
  EXPECT_EQ(compare_with_baseline(file, {report}, note).size(), 2u);
  report.id = "test/new";
  EXPECT_EQ(compare_with_baseline(file, {report}, note).size(), 1u);
  EXPECT_TRUE(note.empty());
  std::ofstream(file) << "no json";
  EXPECT_THROW(compare_with_baseline(file, {report}, note), std::runtime_error);
  std::remove(file.c_str());
}

}  // namespace
}  // namespace redoubt::verify
