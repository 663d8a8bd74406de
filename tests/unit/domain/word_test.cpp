// SPDX-License-Identifier: BSD-3-Clause
// The symbolic words compute what std::uint64_t computes: random expressions evaluated in both domains.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <cstdint>
#include <vector>

#include "core/machine/field.hpp"
#include "machine/domain/symbolic.hpp"

namespace redoubt {
namespace {

using Values = std::array<std::uint64_t, 3>;

// A straight-line program: each step applies one operation to two earlier results and appends its own.
struct Step {
  unsigned operation, left, right, shift;
};

template <class W, class B>
W result_of(const Step& step, const W& a, const W& b, B (*truth)(bool)) {
  const B less = a < b;
  switch (step.operation) {
    case 0:
      return a + b;
    case 1:
      return a - b;
    case 2:
      return a & b;
    case 3:
      return a | b;
    case 4:
      return a ^ b;
    case 5:
      return ~a;
    case 6:
      return a << step.shift;
    case 7:
      return a >> step.shift;
    case 8:
      return select(a == b, a, b);
    case 9:
      return select(both(less, a != b), b, a);
    case 10:
      return select(either(a <= b, truth(step.shift % 2 != 0)), a + b, a - b);
    case 11:
      return select(negation(a > b), a ^ b, a);
    case 12:
      return select(a >= b, W(step.shift), b);
    default:
      return select(implies(less, a == W(0)), a, ~b);
  }
}
constexpr unsigned kOperations = 14;

template <class W, class B>
W run(const std::vector<Step>& program, std::vector<W> results, B (*truth)(bool)) {
  for (const Step& step : program) {
    const W a = results[step.left % results.size()], b = results[step.right % results.size()];
    results.push_back(result_of<W, B>(step, a, b, truth));
  }
  return results.back();
}

rc::Gen<std::uint64_t> word() {
  return rc::gen::oneOf(
      rc::gen::arbitrary<std::uint64_t>(), rc::gen::inRange<std::uint64_t>(0, 4),
      rc::gen::map(rc::gen::inRange(0, 64), [](int bit) { return std::uint64_t{1} << bit; }));
}

rc::Gen<std::vector<Step>> programs() {
  const auto step = rc::gen::build<Step>(rc::gen::set(&Step::operation, rc::gen::inRange(0u, kOperations)),
                                         rc::gen::set(&Step::left, rc::gen::arbitrary<unsigned>()),
                                         rc::gen::set(&Step::right, rc::gen::arbitrary<unsigned>()),
                                         rc::gen::set(&Step::shift, rc::gen::inRange(0u, 64u)));
  return rc::gen::nonEmpty(rc::gen::container<std::vector<Step>>(step));
}

// The value of a term over the inputs "x0".. when they have these values.
std::uint64_t value_of(const smt::Word& word, smt::Context& context, const Values& values) {
  z3::expr_vector names(context), numerals(context);
  for (unsigned i = 0; i < values.size(); ++i) {
    names.push_back(context.bv_const(("in.x" + std::to_string(i)).c_str(), 64));
    numerals.push_back(context.bv_val(values.at(i), 64));
  }
  std::uint64_t value = 0;
  RC_ASSERT(word.term(context).substitute(names, numerals).simplify().is_numeral_u64(value));
  return value;
}

RC_GTEST_PROP(SymbolicWord, ComputesAsMachineWordsDo, ()) {
  const Values values{*word(), *word(), *word()};
  const auto program = *programs();
  smt::Engine engine({});
  Symbolic domain(engine);
  const std::vector<smt::Word> terms{domain.any("x0"), domain.any("x1"), smt::Word(values[2])};
  const smt::Word symbolic = run<smt::Word, smt::Bool>(program, terms, [](bool b) { return smt::Bool(b); });
  const std::vector<std::uint64_t> words(values.begin(), values.end());
  const std::uint64_t concrete = run<std::uint64_t, bool>(program, words, [](bool b) { return b; });
  RC_ASSERT(value_of(symbolic, engine.context(), values) == concrete);
}

RC_GTEST_PROP(SymbolicWord, ConstantsFoldWithoutTheSolver, ()) {
  const Values values{*word(), *word(), *word()};
  const auto program = *programs();
  const std::vector<smt::Word> constants{smt::Word(values[0]), smt::Word(values[1]), smt::Word(values[2])};
  const smt::Word folded = run<smt::Word, smt::Bool>(program, constants, [](bool b) { return smt::Bool(b); });
  const std::vector<std::uint64_t> words(values.begin(), values.end());
  RC_ASSERT(folded.constant());
  RC_ASSERT(folded.value() == (run<std::uint64_t, bool>(program, words, [](bool b) { return b; })));
}

RC_GTEST_PROP(SymbolicBool, ComputesAsBoolDoes, (bool a, bool b)) {
  smt::Engine engine({});
  Symbolic domain(engine);
  const auto term = [&](const char* name, bool value) {
    return value ? domain.any(name) == domain.any(name) : domain.any(name) != domain.any(name);
  };
  const smt::Bool x = term("x0", a), y = term("x1", b);
  const auto same = [&](const smt::Bool& symbolic, bool concrete) {
    return (symbolic.constant() ? symbolic.value() : symbolic.term(engine.context()).simplify().is_true()) ==
           concrete;
  };
  RC_ASSERT(same(both(x, y), a && b) && same(both(x, smt::Bool(b)), a && b) &&
            same(both(smt::Bool(a), y), a && b));
  RC_ASSERT(same(either(x, y), a || b) && same(either(x, smt::Bool(b)), a || b) &&
            same(either(smt::Bool(a), y), a || b));
  RC_ASSERT(same(negation(x), !a) && same(x == y, a == b) && same(x == smt::Bool(b), a == b) &&
            same(x != y, a != b));
}

// The typed quantities and the field helpers of the core work on symbolic words.
TEST(SymbolicWord, FitsTheVocabularyOfTheLayers) {
  smt::Engine engine({});
  const smt::Outcome outcome = engine.explore([&] {
    Symbolic d(engine);
    const Descriptor<smt::Word> entry(d.any("entry"));
    const smt::Word page = d.any("page");
    const smt::Word replaced = Stage2Leaf::OutputAddress::set(entry.raw, page);
    d.prove("the field reads back",
            Stage2Leaf::OutputAddress::get(replaced) == (page & smt::Word((u64{1} << 36) - 1)));
    d.prove("the type bits stay", is_table(Descriptor<smt::Word>(replaced)) == is_table(entry));
  });
  EXPECT_TRUE(outcome.failures.empty());
  EXPECT_EQ(outcome.complete, 1u);
}

}  // namespace
}  // namespace redoubt
