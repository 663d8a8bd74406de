// SPDX-License-Identifier: BSD-3-Clause
// Exception entry against values worked out from the Arm manual by hand.
#include "boot/abort_injection.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace redoubt {
namespace {

constexpr std::uint64_t kSpan = 1ull << 23, kDssbs = 1ull << 44;
constexpr std::uint64_t kPan = 1u << 22, kSsbs = 1u << 12, kDaif = 0x3c0, kEl1h = 5;
const IdRegisters kModern{.pfr1 = 2u << 4, .mmfr1 = 1u << 20};  // SSBS and PAN

constexpr TrappedState state(std::uint64_t pstate, std::uint64_t esr, std::uint64_t sctlr = kSpan) {
  return {.pstate = pstate,
          .pc = 0x1234,
          .esr = esr,
          .far = 0xdead'0000,
          .sctlr_el1 = sctlr,
          .vbar_el1 = 0xffff'8000'1000'0800};
}

constexpr std::uint64_t kDataRead = 0x24ull << 26 | 1u << 25 | 0x06, kDataWrite = kDataRead | 1u << 6;
constexpr std::uint64_t kFetch = 0x20ull << 26 | 1u << 25 | 0x06;

TEST(AbortInjection, VectorDependsOnWhereItCameFrom) {
  struct Row {
    std::uint64_t pstate, offset, exception_class;
  };
  for (auto const& row : {Row{0x5, 0x200, 0x25}, Row{0x4, 0x000, 0x25}, Row{0x0, 0x400, 0x24},
                          Row{0x10, 0x600, 0x24}, Row{0x1f, 0x600, 0x24}}) {
    auto const result = inject_abort(state(row.pstate, kDataRead), {}, kModern);
    EXPECT_EQ(result.pc, 0xffff'8000'1000'0800 + row.offset) << row.pstate;
    EXPECT_EQ(result.esr_el1 >> 26, row.exception_class) << row.pstate;
    EXPECT_EQ(result.elr_el1, 0x1234u);
    EXPECT_EQ(result.spsr_el1, row.pstate);
    EXPECT_EQ(result.far_el1, 0xdead'0000u);
    EXPECT_TRUE(result.sets_far);
  }
}

TEST(AbortInjection, SyndromeSaysExternalAbort) {
  EXPECT_EQ(inject_abort(state(5, kDataRead), {}, kModern).esr_el1, 0x25ull << 26 | 1u << 25 | 0x10);
  EXPECT_EQ(inject_abort(state(5, kDataWrite), {}, kModern).esr_el1,
            0x25ull << 26 | 1u << 25 | 1u << 6 | 0x10);
  EXPECT_EQ(inject_abort(state(0, kFetch), {}, kModern).esr_el1, 0x20ull << 26 | 1u << 25 | 0x10);
  EXPECT_EQ(inject_abort(state(5, kFetch), {}, kModern).esr_el1, 0x21ull << 26 | 1u << 25 | 0x10);
  // The access fields of a valid instruction syndrome do not show: ISV is 0.
  EXPECT_EQ(inject_abort(state(5, kDataRead | 1u << 24 | 0x1f << 16), {}, kModern).esr_el1,
            0x25ull << 26 | 1u << 25 | 0x10);
}

TEST(AbortInjection, WalksGiveTheirLevel) {
  for (int level = -1; level <= 3; ++level) {
    auto const esr = inject_abort(state(5, kDataRead | 1u << 7), {true, level}, kModern).esr_el1;
    EXPECT_EQ(esr & 0x3f, static_cast<unsigned>(0x14 + level));
    EXPECT_EQ(esr & 1u << 7, 0u);  // S1PTW is RES0 for stage 1
  }
}

TEST(AbortInjection, PstateOfTheHandler) {
  constexpr std::uint64_t flags = 0xf000'0000, dit = 1u << 24;
  // UAO, SS, IL, BTYPE, TCO, ALLINT and the mode are dropped; flags and DIT stay.
  auto const busy = flags | dit | 1u << 25 | 1u << 23 | 1u << 21 | 1u << 20 | 1u << 13 | 3u << 10 | 5;
  EXPECT_EQ(inject_abort(state(busy, kDataRead), {}, kModern).pstate, flags | dit | kDaif | kEl1h);
  EXPECT_EQ(inject_abort(state(5, kDataRead, 0), {}, kModern).pstate, kPan | kDaif | kEl1h);
  EXPECT_EQ(inject_abort(state(5 | kPan, kDataRead, kSpan), {}, kModern).pstate, kPan | kDaif | kEl1h);
  EXPECT_EQ(inject_abort(state(5, kDataRead, kSpan | kDssbs), {}, kModern).pstate, kSsbs | kDaif | kEl1h);
  EXPECT_EQ(inject_abort(state(5 | kSsbs, kDataRead, kSpan), {}, kModern).pstate, kDaif | kEl1h);
  EXPECT_EQ(inject_abort(state(5, kDataRead, kDssbs), {}, IdRegisters{}).pstate,
            kDaif | kEl1h);  // an old CPU
}

TEST(UndefinedInjection, KeepsFarAndInstructionLength) {
  auto const result = inject_undefined(state(5, 0x18ull << 26 | 1u << 25 | 0x3ffff), kModern);
  EXPECT_EQ(result.esr_el1, 1u << 25);
  EXPECT_FALSE(result.sets_far);
  EXPECT_EQ(inject_undefined(state(0x30, 0x03ull << 26), kModern).esr_el1, 0u);  // 16-bit T32 instruction
}

RC_GTEST_PROP(AbortInjectionProperty, NeverRaisesPrivilege, ()) {
  auto const input = state(*rc::gen::arbitrary<std::uint64_t>(), *rc::gen::arbitrary<std::uint64_t>(),
                           *rc::gen::arbitrary<std::uint64_t>());
  for (auto const& result : {inject_abort(input, {}, kModern), inject_undefined(input, kModern)}) {
    RC_ASSERT((result.pstate & 0x1f) == kEl1h);
    RC_ASSERT((result.pstate & kDaif) == kDaif);
    RC_ASSERT((result.pstate & ~(0xf1c0'0000ull | kSsbs | kDaif | 0xf)) == 0u);
    RC_ASSERT((result.esr_el1 >> 32) == 0u);
  }
}

}  // namespace
}  // namespace redoubt
