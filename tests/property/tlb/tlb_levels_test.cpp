// SPDX-License-Identifier: BSD-3-Clause
// Level hints, in every short program: no model calls an entry gone that hardware may hold, where leaves of
// two levels are cached or the hint is wrong.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <span>
#include <string>

#include "tests/property/tlb/models.hpp"

namespace redoubt::test {
namespace {

constexpr Op overwrite(unsigned level) { return {Op::overwrite, 0, 0, 2, {}, level}; }
constexpr Op tlbi(Op::Kind kind, unsigned hint, u64 gfn = 0) {
  return {kind, 0, gfn, 2, {.level_hint = hint}};
}
constexpr Op plain(Op::Kind kind) { return {kind, 0, 0, 2, {}}; }

// Calls f for each program that starts with one of the first `changes` operations, goes on with any `more`
// ones, and then invalidates what is combined, or all programs would leave something.
template <class F>
unsigned for_each_program(std::span<const Op> all, std::size_t changes, unsigned more, F f) {
  std::size_t last = changes;
  for (unsigned i = 0; i < more; ++i) {
    last *= all.size();
  }
  unsigned gone = 0;
  for (std::size_t number = 0; number < last; ++number) {
    Program program{all[number % changes]};
    std::size_t rest = number / changes;
    for (unsigned i = 0; i < more; ++i, rest /= all.size()) {
      program.push_back(all[rest % all.size()]);
    }
    program.push_back(plain(Op::tlbi_combined));
    program.push_back(plain(Op::dsb_ish));
    gone += f(program) ? 0 : 1;
  }
  return gone;
}
std::string text(const Program& program) {
  std::string all;
  for (const Op& op : program) {
    all += " " + std::to_string(op.kind) + "/" + std::to_string(op.level) + "/" +
           std::to_string(op.scope.level_hint);
  }
  return all;
}
bool has(const Program& program, bool (*what)(const Op&)) {
  return std::any_of(program.begin(), program.end(), what);
}

// A frame that lay in a block, then in a page: leaves of both levels may be cached.
TEST(TlbLevels, TheAbstractOneHoldsWhatHardwareMay) {
  constexpr std::array all{
      overwrite(2),          overwrite(3),          plain(Op::unhook),     plain(Op::dsb_ish),
      tlbi(Op::tlbi_ipa, 0), tlbi(Op::tlbi_ipa, 2), tlbi(Op::tlbi_ipa, 3), tlbi(Op::tlbi_all_ipas, 3)};
  const unsigned gone = for_each_program(all, 3, 4, [](const Program& program) {
    const bool held = possible(program, 0, 0, true), said = usable(program, 0, 0, true);
    EXPECT_TRUE(said || !held) << "held, and called gone:" << text(program);
    const bool hints = has(program, [](const Op& op) { return op.scope.level_hint != 0; });
    EXPECT_TRUE(hints || said == held) << "without hints it is exact:" << text(program);
    return held;
  });
  EXPECT_GT(gone, 0U);
}

// Pages and the table that they lie in.
TEST(TlbLevels, TheConcreteOneHoldsWhatHardwareDoes) {
  constexpr std::array all{plain(Op::overwrite),     plain(Op::unhook),          plain(Op::dsb_ish),
                           tlbi(Op::tlbi_ipa, 0),    tlbi(Op::tlbi_ipa, 2),      tlbi(Op::tlbi_ipa, 3),
                           tlbi(Op::tlbi_ipa, 0, 1), tlbi(Op::tlbi_all_ipas, 2), tlbi(Op::tlbi_all_ipas, 3)};
  const unsigned gone = for_each_program(all, 2, 4, [](const Program& program) {
    StaleTranslations concrete;
    for (const Op& op : program) {
      step(concrete, op);
    }
    bool any = false;
    for (const u64 gfn : {0U, 1U}) {
      const bool held = possible(program, 0, gfn, true);
      EXPECT_EQ(concrete.usable(0, gfn << PAGE_SHIFT, PAGE_SIZE), held)
          << "frame " << gfn << ":" << text(program);
      any = any || held;
    }
    return any;
  });
  EXPECT_GT(gone, 0U);
}

}  // namespace
}  // namespace redoubt::test
