// SPDX-License-Identifier: BSD-3-Clause
// The checker: its verdicts over the corpus, what each clause of the model is good for, and its limits.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tests/unit/litmus/corpus.hpp"
#include "tools/redoubt-litmus/check.hpp"

namespace redoubt::litmus {
namespace {

std::string one_thread(const std::string& code, const std::string& condition) {
  return "AArch64 one\n{ 0:X1=x; 0:X2=y; }\n P0 ;\n" + code + "\n" + condition + "\n";
}

Verdict verdict(const std::string& text) { return check(parse(text), {}).observed; }

TEST(LitmusModel, GivesTheKnownVerdicts) {
  const auto tests = tests_of("model");
  EXPECT_GE(tests.size(), 90u);
  std::map<Verdict, unsigned> count;
  for (const LitmusTest& test : tests) {
    EXPECT_TRUE(test.expected.has_value()) << test.name;
    const Result result = check(test, {});
    EXPECT_TRUE(result.as_claimed) << test.name;
    ++count[result.observed];
  }
  EXPECT_GE(count[Verdict::never], 40u);
  EXPECT_GE(count[Verdict::sometimes], 30u);
}

// With any one clause left out, some test of the model gets another verdict. `rmw` alone is implied by `lws`,
// since the write of an atomic access follows its read in program order at the same location.
TEST(LitmusModel, NeedsEachOfItsClauses) {
  const auto tests = tests_of("model");
  for (std::size_t i = 0; i < CLAUSES.size(); ++i) {
    const Model model(static_cast<Clause>(i));
    std::vector<std::string> changed;
    for (const LitmusTest& test : tests) {
      if (!check(test, {}, model).as_claimed) {
        changed.push_back(test.name);
      }
    }
    EXPECT_EQ(changed.empty(), CLAUSES[i] == "rmw") << "without " << CLAUSES[i];
  }
}

// Leaving out order can only allow more.
TEST(LitmusModel, IsMonotonic) {
  for (const LitmusTest& test : tests_of("model")) {
    const auto whole = check(test, {}).states;
    for (std::size_t i = 0; i < CLAUSES.size(); ++i) {
      const auto part = check(test, {}, Model(static_cast<Clause>(i))).states;
      for (const auto& [state, count] : whole) {
        EXPECT_TRUE(part.contains(state)) << test.name << " without " << CLAUSES[i] << ": " << state;
      }
    }
  }
}

// Each shape of the core that claims order stands beside versions that lack some of it, which the checker
// must tell apart.
TEST(LitmusCore, EveryWeakenedShapeIsFound) {
  std::set<std::string> weakened, claims;
  for (const LitmusTest& test : tests_of("core")) {
    const Result result = check(test, {});
    EXPECT_TRUE(result.as_claimed) << test.name;
    EXPECT_FALSE(result.witness.empty() && result.observed == Verdict::sometimes) << test.name;
    if (test.info.contains("Weakens")) {
      EXPECT_EQ(result.observed, Verdict::sometimes) << test.name;
      weakened.insert(test.info.at("Weakens"));
    } else if (test.expected != Verdict::sometimes) {
      claims.insert(test.name);
    }
  }
  for (const std::string& name : weakened) {
    EXPECT_TRUE(claims.contains(name)) << name;
  }
  for (const char* name :
       {"ticket-mutex", "ticket-exclusion", "ticket-fifo", "lock-handover", "lock-handback", "halt-claim",
        "table-publication", "map-in-new-table", "pool-zeroed-elsewhere"}) {
    EXPECT_TRUE(weakened.contains(name)) << name;
  }
}

TEST(LitmusCheck, RunsAThreadAsTheInstructionsSay) {
  EXPECT_EQ(verdict(one_thread("MOV X3,#5 ;\nLSL X3,X3,#4 ;\nORR X3,X3,#1 ;\nSUB X3,X3,#2 ;\nSTR X3,[X1] ;",
                               "forall (x=79)")),
            Verdict::always);
  EXPECT_EQ(verdict(one_thread("MOV W3,#-1 ;\nADD X4,X3,#1 ;\nADD W5,W3,#1 ;",
                               "forall (0:X4=0x100000000 /\\ 0:X5=0)")),
            Verdict::always);
  EXPECT_EQ(
      verdict(one_thread("MOV X3,#6 ;\nSTR X3,[X1] ;\nMOV X4,#3 ;\nLDCLR X4,X5,[X1] ;\nLDEOR X4,X6,[X1] ;\n"
                         "LDSET X3,X7,[X1] ;",
                         "forall (0:X5=6 /\\ 0:X6=4 /\\ 0:X7=7 /\\ x=7)")),
      Verdict::always);
  EXPECT_EQ(verdict(one_thread("MOV X3,#1 ;\nMOV X4,#9 ;\nCAS X3,X4,[X1] ;\nCAS X3,X4,[X1] ;",
                               "forall (0:X3=0 /\\ x=9)")),
            Verdict::always);
}

TEST(LitmusCheck, TakesTheRightBranches) {
  const std::map<std::string, unsigned> signed_less_unsigned_more{{"EQ", 0}, {"NE", 1}, {"CS", 1}, {"CC", 0},
                                                                  {"MI", 1}, {"PL", 0}, {"HI", 1}, {"LS", 0},
                                                                  {"GE", 0}, {"LT", 1}, {"GT", 0}, {"LE", 1}};
  for (const auto& [flag, taken] : signed_less_unsigned_more) {
    for (const char* compare : {"MOV W3,#-2 ;\nCMP W3,#1 ;\n", "MOV X3,#-2 ;\nCMP X3,#1 ;\n"}) {
      const std::string code =
          compare + std::string("MOV W0,#1 ;\nB.") + flag + " end ;\nMOV W0,#0 ;\nend: ;";
      EXPECT_EQ(verdict(one_thread(code, "forall (0:X0=" + std::to_string(taken) + ")")), Verdict::always)
          << flag;
    }
  }
}

TEST(LitmusCheck, StoreExclusiveNeedsItsLoadExclusive) {
  EXPECT_EQ(verdict(one_thread("STXR W3,X0,[X1] ;", "exists (0:X3=0)")), Verdict::never);
  EXPECT_EQ(verdict(one_thread("LDXR X0,[X2] ;\nSTXR W3,X0,[X1] ;", "exists (0:X3=0)")), Verdict::never);
  EXPECT_EQ(verdict(one_thread("LDXR X0,[X1] ;\nSTXR W3,X0,[X1] ;\nSTXR W4,X0,[X1] ;", "exists (0:X4=0)")),
            Verdict::never);
  EXPECT_EQ(verdict(one_thread("LDXR X0,[X1] ;\nSTXR W3,X0,[X1] ;", "exists (0:X3=0)")), Verdict::sometimes);
}

// A counter that two threads hand to and fro: the set of values is finite only because executions are.
TEST(LitmusCheck, EndsWhenValuesFeedOnEachOther) {
  const Result result = check(parse("AArch64 grow\n{ 0:X1=x; 0:X2=y; 1:X1=x; 1:X2=y; }\n P0 | P1 ;\n"
                                    " LDR X0,[X1] | LDR X0,[X2] ;\n ADD X0,X0,#1 | ADD X0,X0,#1 ;\n"
                                    " STR X0,[X2] | STR X0,[X1] ;\nexists (x=3 \\/ y=3)\n"),
                              {});
  EXPECT_EQ(result.observed, Verdict::never);
}

TEST(LitmusCheck, UnrollsOnlyAsOftenAsAllowed) {
  const std::string text = one_thread("again: ADD X0,X0,#1 ;\nCMP X0,#3 ;\nB.NE again ;", "forall (0:X0=3)");
  EXPECT_THROW(check(parse(text), {1}), NoVerdict);
  EXPECT_EQ(check(parse(text), {2}).observed, Verdict::always);
}

TEST(LitmusCheck, NoExecutionIsNoVerdict) {
  EXPECT_THROW(verdict(one_thread("again: B again ;", "forall (x=1)")), NoVerdict);
  EXPECT_THROW(verdict(one_thread("again: LDR X0,[X1] ;\nCBZ X0,again ;", "~exists (x=1)")), NoVerdict);
}

TEST(LitmusCheck, WorkIsBounded) {
  const LitmusTest test = parse(text_of(corpus("core").front()));
  EXPECT_THROW(check(test, {1, 20}), NoVerdict);
  std::string code;
  for (unsigned i = 0; i < MAX_INSTRUCTIONS; ++i) {
    code += "LDR X0,[X1] ;\n";
  }
  EXPECT_THROW(verdict(one_thread(code, "exists (x=0)")),
               NoVerdict);  // one event too many with the initial write
}

TEST(LitmusCheck, WithoutExpectationTheQuantifierClaims) {
  const auto claimed = [](const std::string& condition) {
    return check(parse(one_thread("MOV X0,#1 ;\nSTR X0,[X1] ;", condition)), {}).as_claimed;
  };
  EXPECT_TRUE(claimed("exists (x=1)"));
  EXPECT_FALSE(claimed("exists (x=0)"));
  EXPECT_TRUE(claimed("~exists (x=0)"));
  EXPECT_FALSE(claimed("~exists (x=1)"));
  EXPECT_TRUE(claimed("forall (x=1)"));
  EXPECT_FALSE(claimed("forall (x=0)"));
}

}  // namespace
}  // namespace redoubt::litmus
