// SPDX-License-Identifier: BSD-3-Clause
// host_hvc_dispatcher call by call: one theorem for each number, one for all other numbers, and one that
// these are all.
#pragma once
#include <array>

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

template <ValueDomain D>
void prove_host_calls_are_all(D& d) {
  const auto x0 = d.any("x0");
  typename D::Bool all = is_host_call<D>(x0, kNoHostCall);
  d.cover("none", all);
  for (const u64 call : kHostCalls) {
    d.cover("a call", is_host_call<D>(x0, call));
    all = either(all, is_host_call<D>(x0, call));
  }
  d.prove("every number is one of those that have a theorem", all);
}

// Two ways to say that `pages` frames from pa end below 2^40: the specification's in bytes, the code's in
// frames. Proved once and then known, as the decisions of both depend on it.
template <ValueDomain D>
void prove_frames_fit(D& d, const typename D::Word& pa, const typename D::Word& pages) {
  using Word = typename D::Word;
  const Word end(u64{1} << 40);
  const auto aligned = both((pa & Word(0xfff)) == Word(0), pa < end);
  const auto in_bytes = pages <= ((end - pa) >> 12);
  const auto in_frames = pages <= Word(KVM_PFN_SPACE) - (pa >> PAGE_SHIFT);
  const auto same = implies(aligned, both(implies(in_bytes, in_frames), implies(in_frames, in_bytes)));
  d.prove("frames below 2^40, said in bytes and in frames", same);
  d.assume(same);
}

// Of: OnSpecification or TwoRuns of host_hvc_dispatcher.
template <class Of, ValueDomain D, u64 number>
void prove_host_call(D& d) {
  Of::prove_where(d, [&d](const typename Of::State& s) {
    const auto x = [&s](u64 n) {
      return s.cpu.shadow.read(s.cpu.cur_vcpuid, typename D::Word(spec::reg::x0 + n));
    };
    d.assume(is_host_call<D>(x(0), number));
    if constexpr (number == REDOUBT_HOST_VM_RECLAIM) {
      prove_frames_fit(d, x(2), x(3));
    } else if constexpr (number == REDOUBT_HOST_VM_DONATE || number == REDOUBT_HOST_VM_DONATE_IMAGE) {
      prove_frames_fit(d, x(3), x(4));
    }
  });
}

}  // namespace redoubt::verify
