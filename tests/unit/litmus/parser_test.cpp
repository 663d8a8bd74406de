// SPDX-License-Identifier: BSD-3-Clause
// The reader of litmus files: what it understands, and what it says about the rest.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "tests/unit/litmus/corpus.hpp"
#include "tools/redoubt-litmus/check.hpp"

namespace redoubt::litmus {
namespace {

// One thread with these instructions, each on a line of its own from line 4 on.
std::string thread(const std::string& code, const std::string& condition = "exists (true)") {
  return "AArch64 one\n{ 0:X1=x; 0:X2=y; }\n P0 ;\n" + code + "\n" + condition + "\n";
}

struct Refusal {
  std::string text;
  unsigned line;
  std::string says;
};

void expect_refused(const Refusal& refusal) {
  try {
    const LitmusTest test = parse(refusal.text);
    check(test, {});
    ADD_FAILURE() << "not refused: " << refusal.text;
  } catch (const BadInput& problem) {
    EXPECT_EQ(problem.line, refusal.line) << problem.what();
    EXPECT_NE(std::string(problem.what()).find(refusal.says), std::string::npos) << problem.what();
  }
}

TEST(LitmusParser, ReadsAWholeTest) {
  const LitmusTest test = parse(
      "AArch64 A+name\n\"words\"\n(* a (* nested *) comment: | ; *)\nExpected=Never\nKey = some value\n"
      "{ uint64_t x = 3; int y; [z] = y; 0:X1=x; uint64_t 1:X2 = -1; }\n"
      " P0            | P1 ;\n LDR W0,[X1]   |    ;\n L: CBNZ W0,L  | NOP;\n"
      "~exists (0:X0=3 /\\ not (x=0 \\/ z=y) \\/ ~ [y]=0x10)\n");
  EXPECT_EQ(test.name, "A+name");
  EXPECT_EQ(test.info.at("Key"), "some value");
  EXPECT_EQ(test.expected, Verdict::never);
  EXPECT_EQ(test.quantifier, Quantifier::not_exists);
  EXPECT_EQ(test.memory.at(test.addresses.at("x")), 3u);
  EXPECT_EQ(test.memory.at(test.addresses.at("z")), test.addresses.at("y"));
  EXPECT_EQ(test.registers[0][1], test.addresses.at("x"));
  EXPECT_EQ(test.registers[1][2], ~Value{0});
  ASSERT_EQ(test.programs.size(), 2u);
  ASSERT_EQ(test.programs[0].size(), 2u);
  EXPECT_EQ(test.programs[0][1].line, 9u);
  EXPECT_EQ(test.programs[0][1].target, 1u);
  EXPECT_EQ(test.atoms.size(), 4u);
  EXPECT_EQ(test.condition.kind, Condition::Kind::disjunction);
}

TEST(LitmusParser, ShowsAddressesByName) {
  const LitmusTest test = parse(thread("NOP ;"));
  EXPECT_EQ(show_value(test, test.addresses.at("y")), "y");
  EXPECT_EQ(show_value(test, test.addresses.at("y") + 8), "y+8");
  EXPECT_EQ(show_value(test, 5), "5");
}

// clang-format off: as many as fit in a line
constexpr const char* kInstructions[] = {
    "MOV W0,#1", "MOV X0,X1", "ADD X0,X1,#8", "SUB W0,W1,W2", "EOR W0,W0,W0", "AND W0,W1,#0xff",
    "ORR X0,X0,#3", "LSL X0,X0,#3", "CMP W0,W1", "CMP W0,#0", "LDR X0,[X1]", "LDR W0,[X1,#4]",
    "LDR X0,[X1,X3]", "LDR X0,[X1,X3,LSL #3]", "LDR X0,[X1,W3,SXTW]", "LDR X0,[X1,W3,UXTW #3]",
    "LDAR X0,[X1]", "LDAPR X0,[X1]", "STR XZR,[X1]", "STLR X0,[X1]", "LDXR X0,[X1]", "LDAXR X0,[X1]",
    "STXR W3,X0,[X1]", "STLXR W3,X0,[X1]", "LDADD X3,X0,[X1]", "LDADDA X3,X0,[X1]", "LDADDL X3,X0,[X1]",
    "LDADDAL X3,X0,[X1]", "LDEOR X3,X0,[X1]", "LDCLRAL X3,X0,[X1]", "LDSETA X3,X0,[X1]", "SWP X3,X0,[X1]",
    "SWPAL X3,X0,[X1]", "CAS X3,X0,[X1]", "CASAL X3,X0,[X1]", "STADD X3,[X1]", "STADDL X3,[X1]",
    "STCLR X3,[X1]", "DMB ISH", "DMB ISHST", "DMB ISHLD", "DMB SY", "DMB ST", "DMB LD", "DSB ISH",
    "DSB OSHST", "dsb sy", "ISB", "ISB SY", "NOP", "YIELD", "WFE", "SEV", "SEVL", "B end", "B.EQ end",
    "b.hs end", "B.LO end", "CBZ X0,end", "CBNZ W0,end",
};
// clang-format on

TEST(LitmusParser, UnderstandsEveryInstructionOfItsList) {
  for (const char* instruction : kInstructions) {
    const LitmusTest test = parse(thread(std::string(instruction) + " ;\nend: ;"));
    EXPECT_EQ(check(test, {}).observed, Verdict::always) << instruction;
  }
}

TEST(LitmusParser, AnAtomicIntoTheZeroRegisterIsNoAcquire) {
  EXPECT_TRUE(parse(thread("LDADDA X3,X0,[X1] ;")).programs[0][0].acquire);
  EXPECT_FALSE(parse(thread("LDADDA X3,XZR,[X1] ;")).programs[0][0].acquire);
  EXPECT_TRUE(parse(thread("LDADDA X3,XZR,[X1] ;")).programs[0][0].no_return);
  EXPECT_TRUE(parse(thread("CASA X3,XZR,[X1] ;")).programs[0][0].acquire);
}

TEST(LitmusParser, SaysWhatIsWrongAndWhere) {
  const std::string head = "AArch64 t\n{ 0:X1=x; }\n";
  const Refusal refusals[] = {
      {"", 1, "starts with 'AArch64'"},
      {"X86 t\n{}\n", 1, "starts with 'AArch64'"},
      {"AArch64 t\nnonsense\n{}\n", 2, "neither"},
      {"AArch64 t\nExpected=Maybe\n{}\n", 2, "Expected=Maybe"},
      {"AArch64 t\nUnroll=many\n{}\n", 2, "Unroll=many"},
      {"AArch64 t\n(* open\n{}\n", 2, "not closed"},
      {"AArch64 t\n", 2, "initial state is missing"},
      {"AArch64 t\n{ x=1;\n", 2, "'}' is missing"},
      {"AArch64 t\n{ x=1 y=2; }\n", 2, "';' expected"},
      {"AArch64 t\n{ 0:Q1=x; }\n", 2, "'Q1' is not a register"},
      {"AArch64 t\n{\n9:X1=x; }\n", 3, "at most 8 threads"},
      {"AArch64 t\n{ 1:X1=x; }\n P0 ;\n NOP ;\nexists (true)\n", 2, "there are 1 threads"},
      {"AArch64 t\n{ x=99999999999999999999999; }\n", 2, "not a 64-bit number"},
      {head, 2, "programs are missing"},
      {head + " P1 ;\n", 3, "'P0' expected"},
      {head + " P0 ;\n NOP | NOP ;\n", 4, "2 columns"},
      {head + " P0 ;\n NOP\n", 4, "does not end in ';'"},
      {head + " P0|P1|P2|P3|P4|P5|P6|P7|P8 ;\n", 3, "at most 8"},
      {head + " P0 ;\n NOP ;\n", 5, "condition is missing"},
      {head + " P0 ;\n NOP ;\nfilter (true)\n", 5, "exists, ~exists or forall"},
      {head + " P0 ;\n NOP ;\nexists (1:X0=0)\n", 5, "no thread 1"},
      {head + " P0 ;\n NOP ;\nexists (w=0)\n", 5, "'w' is not a location"},
      {head + " P0 ;\n NOP ;\nexists (x=w)\n", 5, "not a location"},
      {head + " P0 ;\n NOP ;\nexists (x=0\n", 6, "')' is missing"},
      {head + " P0 ;\n NOP ;\nexists (x=0) x\n", 5, "too much"},
      {head + " P0 ;\n NOP ;\nexists " + std::string(100, '('), 5, "nest deeper"},
  };
  for (const Refusal& refusal : refusals) {
    expect_refused(refusal);
  }
}

TEST(LitmusParser, SaysWhatIsWrongWithAnInstruction) {
  const Refusal refusals[] = {
      {thread("NOP ;\nFMOV D0,#1 ;"), 5, "unknown instruction 'FMOV'"},
      {thread("NOP ;\n\n TLBI VMALLE1IS ;"), 6, "translation caches are not modelled"},
      {thread("LDADDX X0,X1,[X1] ;"), 4, "unknown instruction"},
      {thread("STADDA X0,[X1] ;"), 4, "unknown instruction"},
      {thread("B.XX end ;"), 4, "unknown instruction"},
      {thread("LDR X31,[X1] ;"), 4, "'X31' is not a register"},
      {thread("LDR X0,[W1] ;"), 4, "base of an address"},
      {thread("LDR X0,[X1 ;"), 4, "']' is missing"},
      {thread("LDAR X0,[X1,#8] ;"), 4, "without offset"},
      {thread("MOV X0,#y ;"), 4, "number is missing"},
      {thread("LSL X0,X0,X1 ;"), 4, "constant below 64"},
      {thread("DMB NSH ;"), 4, "this CPU alone"},
      {thread("DMB XY ;"), 4, "takes SY"},
      {thread("NOP NOP ;"), 4, "too much"},
      {thread("B nowhere ;"), 4, "no label 'nowhere'"},
      {thread("CBZ X0, ;"), 4, "needs a label"},
      {thread("a: NOP ;\na: NOP ;"), 5, "stands twice"},
      {thread("LDR X0,[X5] ;"), 4, "is no location"},
      {thread("LDR X0,[X1,#4] ;"), 4, "not aligned"},
      {thread("LDR X0,[X1] ;\nLDR W0,[X1] ;"), 5, "mixed size"},
  };
  for (const Refusal& refusal : refusals) {
    expect_refused(refusal);
  }
}

TEST(LitmusParser, RefusesWhatIsTooLarge) {
  EXPECT_THROW(parse(std::string(MAX_FILE + 1, ' ')), BadInput);
  std::string code;
  for (unsigned i = 0; i <= MAX_INSTRUCTIONS; ++i) {
    code += "NOP ;\n";
  }
  expect_refused({thread(code), 4 + MAX_INSTRUCTIONS, "more than 64 instructions"});
}

enum class End { verdict, bad_input, no_verdict };

End end_of(std::string_view text) {
  try {
    check(parse(text), {1, 20'000});
  } catch (const BadInput&) {
    return End::bad_input;
  } catch (const NoVerdict&) {
    return End::no_verdict;
  }
  return End::verdict;
}

// Whatever is cut off of the last row or before it, the answer is a typed error.
TEST(LitmusParser, SurvivesTruncation) {
  for (const auto& path : corpus("core")) {
    const std::string text = text_of(path);
    const std::size_t condition = std::min(text.rfind("exists"), text.rfind("forall"));
    for (std::size_t length = 0; length < condition; ++length) {
      EXPECT_EQ(end_of(std::string_view(text).substr(0, length)), End::bad_input)
          << path << " cut at " << length;
    }
  }
}

// Any other damage may leave a test, but nothing else than the three ends.
RC_GTEST_PROP(LitmusParser, SurvivesChangedBytes, ()) {
  static const auto files = corpus("core");
  std::string text = text_of(*rc::gen::elementOf(files));
  for (const auto& [place, byte] : *rc::gen::container<std::vector<std::pair<std::size_t, char>>>(
           rc::gen::pair(rc::gen::inRange<std::size_t>(0, text.size()), rc::gen::arbitrary<char>()))) {
    text[place] = byte;
  }
  const End end = end_of(text);
  RC_CLASSIFY(end == End::bad_input, "refused");
  RC_CLASSIFY(end == End::verdict, "judged");
}

}  // namespace
}  // namespace redoubt::litmus
