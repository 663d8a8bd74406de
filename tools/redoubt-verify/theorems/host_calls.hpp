// SPDX-License-Identifier: BSD-3-Clause
// host_hvc_dispatcher call by call: theorems for each number, and for all numbers that are none of these.
#pragma once
#include <array>
#include <string>

#include "abi/redoubt.h"
#include "tools/redoubt-verify/theorems/handlers.hpp"
#include "tools/redoubt-verify/theorems/isolation.hpp"

namespace redoubt::verify {

inline constexpr std::array<u64, 10> kHostCalls{
    REDOUBT_HOST_VM_CREATE,  REDOUBT_HOST_VCPU_CREATE,  REDOUBT_HOST_VM_DONATE_IMAGE, REDOUBT_HOST_VM_VERIFY,
    REDOUBT_HOST_VM_DONATE,  REDOUBT_HOST_VM_MAP_BLOCK, REDOUBT_HOST_VM_STOP,         REDOUBT_HOST_VM_RECLAIM,
    REDOUBT_HOST_VM_DESTROY, REDOUBT_HOST_VM_INFO};
inline constexpr u64 kNoHostCall = 0;  // stands for all numbers that are none of these

// Is w0 this call? Bit 16 means nothing (abi/redoubt.h).
template <ValueDomain D>
typename D::Bool is_host_call(const typename D::Word& x0, u64 number) {
  using Word = typename D::Word;
  if (number != kNoHostCall) {
    return (x0 & Word(0xfffe'ffff)) == Word(number);
  }
  typename D::Bool one(false);
  for (const u64 call : kHostCalls) {
    one = either(one, is_host_call<D>(x0, call));
  }
  return negation(one);
}

// Which donations a theorem is about. A page that is taken may say `ok` or `unchanged`, so 32 of them are
// more runs than can be followed one by one.
enum class Pages {
  any,    // all
  few,    // of at most kFewPages pages (or more than a call may name), whatever each page answers
  alike,  // of any number, where all pages that are taken say the same
};
inline constexpr u64 kFewPages = 3;

// Of the answers still to come, by the names that Script and any_status (sealed.hpp) know them by.
template <ValueDomain D>
void assume_taken_alike(D& d) {
  using Word = typename D::Word;
  constexpr u64 last_refusal = 8;  // 0 is `ok`, all above are `unchanged`
  const auto ok = d.any("pages_taken_say_ok") == Word(1);
  for (u64 n = 0; n < PAGES_PER_CALL; ++n) {
    const Word result = d.any("result@" + std::to_string(n));
    d.assume(either(both(ok, result <= Word(last_refusal)), both(negation(ok), result != Word(0))));
  }
}

// Of: OnSpecification or TwoRuns of host_hvc_dispatcher.
template <class Of, ValueDomain D, u64 number, Pages donated>
void prove_host_call(D& d) {
  using Word = typename D::Word;
  Of::prove_where(d, [&d](const typename Of::State& s) {
    const auto x = [&s](u64 n) { return s.cpu.shadow.read(s.cpu.cur_vcpuid, Word(spec::reg::x0 + n)); };
    d.assume(is_host_call<D>(x(0), number));
    if constexpr (donated == Pages::few) {
      d.assume(either(x(4) <= Word(kFewPages), Word(PAGES_PER_CALL) < x(4)));
    } else if constexpr (donated == Pages::alike) {
      assume_taken_alike(d);
    }
  });
}

}  // namespace redoubt::verify
