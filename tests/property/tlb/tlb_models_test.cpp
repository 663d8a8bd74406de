// SPDX-License-Identifier: BSD-3-Clause
// The abstract TLB calls an entry gone exactly where no hardware may hold it; the concrete model's agrees;
// the shipped sequences suffice, and each narrower one does not.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "tests/property/tlb/models.hpp"

namespace redoubt::test {
namespace {

// Starts with a change; at most six invalidations, since all their orders are tried.
Program any_program(unsigned hint) {
  const auto number = rc::gen::resize(rc::kNominalSize, rc::gen::inRange(0U, 4'000'000'000U));
  const auto numbers =
      *rc::gen::container<std::vector<unsigned>>(*rc::gen::inRange<std::size_t>(6, 16), number);
  Program program;
  unsigned invalidations = 0;
  for (const unsigned one : numbers) {
    Op op = decode(one, hint);
    if (program.empty()) {
      op.kind = one % 2 == 0 ? Op::overwrite : Op::unhook;
    }
    invalidations += op.invalidates() ? 1 : 0;
    if (invalidations <= 6) {
      program.push_back(op);
    }
  }
  return program;
}
constexpr unsigned kPrograms = 30;  // a case

RC_GTEST_PROP(TlbModels, AbstractIsGoneExactlyWhereNoHardwareHoldsIt, ()) {
  unsigned invalidated = 0;
  for (unsigned i = 0; i < kPrograms; ++i) {
    const Program program = any_program(*rc::gen::element(2U, 3U));
    unsigned held = 0;
    for (const u64 vmid : {0U, 1U}) {
      for (const u64 gfn : kFrames) {
        for (const bool elsewhere : {false, true}) {
          const bool left = possible(program, vmid, gfn, elsewhere);
          held += left ? 1 : 0;
          RC_ASSERT(usable(program, vmid, gfn, elsewhere) == left);
        }
      }
    }
    invalidated += held == 0 ? 1 : 0;
  }
  RC_CLASSIFY(invalidated > 0, "programs that leave nothing stale");
}

// Pages only: the concrete model lets a block go by VMID alone. Where a hint is given it knows the level of
// what lies in an unhooked table, the abstract one does not.
RC_GTEST_PROP(TlbModels, ConcreteAgreesWithAbstract, ()) {
  for (unsigned i = 0; i < 10 * kPrograms; ++i) {
    const unsigned hint = *rc::gen::element(0U, 2U, 3U);
    Program program = any_program(hint);
    std::erase_if(program, [](const Op& op) { return op.gfn == kFrames.back(); });
    StaleTranslations concrete;
    for (Op& op : program) {
      op.scope.broadcast = true;
      step(concrete, op);
    }
    for (const u64 vmid : {0U, 1U}) {
      for (std::size_t frame = 0; frame + 1 < kFrames.size(); ++frame) {
        const bool abstract = usable(program, vmid, kFrames[frame], true);
        const bool seen = concrete.usable(vmid, kFrames[frame] << PAGE_SHIFT, PAGE_SIZE);
        const bool agree = hint == 0 ? seen == abstract : (abstract || !seen);
        RC_ASSERT(agree);
      }
    }
  }
}

// --- the shipped sequences, and what is left by each that lacks something ---

constexpr Op op(Op::Kind kind, TlbiScope scope = {}, u64 vmid = 0, u64 gfn = 0) {
  return {kind, vmid, gfn, 2, scope};
}
const Program kPage{op(Op::overwrite), op(Op::dsb_ishst),     op(Op::tlbi_ipa),
                    op(Op::dsb_ish),   op(Op::tlbi_combined), op(Op::dsb_ish)};
const Program kTable{op(Op::unhook), op(Op::dsb_ishst), op(Op::tlbi_vmid), op(Op::dsb_ish)};
const Program kRange{op(Op::unhook),  op(Op::dsb_ishst),     op(Op::tlbi_all_ipas),
                     op(Op::dsb_ish), op(Op::tlbi_combined), op(Op::dsb_ish)};

bool left(const Program& program, u64 gfn = 0) { return usable(program, 0, gfn, true); }

TEST(TlbSequences, TheShippedOnesLeaveNothing) {
  EXPECT_FALSE(left(kPage));
  EXPECT_FALSE(left(kTable));
  EXPECT_FALSE(left(kTable, 1));
  EXPECT_FALSE(left(kRange));
}
TEST(TlbSequences, EveryOperationIsNeeded) {
  for (const Program& whole : {kPage, kTable, kRange}) {
    for (std::size_t i = 1; i < whole.size(); ++i) {
      Program less = whole;
      less.erase(less.begin() + static_cast<std::ptrdiff_t>(i));
      EXPECT_TRUE(left(less)) << "without operation " << i;
    }
  }
}
TEST(TlbSequences, EveryOperationIsInItsPlace) {
  for (std::size_t i = 1; i + 1 < kPage.size(); ++i) {
    Program swapped = kPage;
    std::swap(swapped[i], swapped[i + 1]);
    EXPECT_TRUE(left(swapped)) << "operations " << i << " and the next swapped";
  }
}
TEST(TlbSequences, ScopeCounts) {
  const auto page_by = [](Op tlbi) {
    Program program = kPage;
    program[2] = tlbi;
    return left(program);
  };
  EXPECT_TRUE(page_by(op(Op::tlbi_ipa, {.level_hint = 2})));
  EXPECT_FALSE(page_by(op(Op::tlbi_ipa, {.level_hint = 3})));
  EXPECT_FALSE(page_by(op(Op::tlbi_ipa, {.last_level = true})));
  EXPECT_TRUE(page_by(op(Op::tlbi_ipa, {.broadcast = false})));
  EXPECT_TRUE(page_by(op(Op::tlbi_ipa, {}, 1)));
  EXPECT_TRUE(page_by(op(Op::tlbi_ipa, {}, 0, 1)));
  const auto table_by = [](Op tlbi) {
    Program program = kRange;
    program[2] = tlbi;
    return left(program);
  };
  EXPECT_TRUE(table_by(op(Op::tlbi_all_ipas, {.last_level = true})));
  EXPECT_TRUE(table_by(op(Op::tlbi_all_ipas, {.level_hint = 3})));
  EXPECT_TRUE(table_by(op(Op::tlbi_all_ipas, {.broadcast = false})));
}
// One address takes its own leaf and the table; what else lay in that table stays.
TEST(TlbSequences, AnUnhookedTableIsNotGoneByOneAddress) {
  Program program = kRange;
  program[2] = op(Op::tlbi_ipa);
  EXPECT_FALSE(left(program, 0));
  EXPECT_TRUE(left(program, 1));
}
// The table first: a leaf that went before it is filled again from it.
TEST(TlbSequences, ALeafIsNotGoneBeforeItsTable) {
  const Program program{op(Op::unhook),
                        op(Op::dsb_ishst),
                        op(Op::tlbi_ipa, {.last_level = true}),
                        op(Op::dsb_ish),
                        op(Op::tlbi_ipa, {}, 0, 1),
                        op(Op::dsb_ish),
                        op(Op::tlbi_combined),
                        op(Op::dsb_ish)};
  EXPECT_TRUE(left(program, 0));
  StaleTranslations concrete;
  for (const Op& one : program) {
    step(concrete, one);
  }
  EXPECT_TRUE(concrete.usable(0, 0, PAGE_SIZE));
  EXPECT_FALSE(concrete.usable(0, PAGE_SIZE, PAGE_SIZE));
}
// A block may be cached in pieces: one address takes one of them.
TEST(TlbSequences, ABlockIsNotGoneByOneAddress) {
  StaleTranslations tlb;
  tlb.broken(0, 0, PMD_SIZE, 1, 2);
  tlb.dsb(false);
  tlb.tlbi_ipa(0, 0);
  tlb.dsb(true);
  tlb.tlbi_combined(0);
  tlb.dsb(true);
  EXPECT_TRUE(tlb.usable(0));
  tlb.tlbi_vmid(0);
  tlb.dsb(true);
  EXPECT_FALSE(tlb.usable(0));
}

}  // namespace
}  // namespace redoubt::test
