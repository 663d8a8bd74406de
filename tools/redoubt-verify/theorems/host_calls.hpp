// SPDX-License-Identifier: BSD-3-Clause
// host_hvc_dispatcher call by call: two runs for each number, and for all numbers that are none of these;
// what the latter are answered.
#pragma once
#include <array>
#include <cstdint>

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

// Two runs where w0 is this call. Of: TwoRuns of host_hvc_dispatcher.
template <class Of, ValueDomain D, u64 number>
void prove_host_call(D& d) {
  Of::prove_where(d, [&d](const typename Of::State& s) {
    const auto x0 = s.cpu.shadow.read(s.cpu.cur_vcpuid, typename D::Word(spec::reg::x0));
    d.assume(is_host_call<D>(x0, number));
  });
}

// The code's answer to a number that is no call, from the interface's header alone.
template <class P, ValueDomain D>
void prove_no_host_call(D& d) {
  using Word = typename D::Word;
  using Bool = typename D::Bool;
  Script<D, P> script;
  spec::State<D, P> before(d, any_pool_base<P>(d));
  before.others.context = &script;
  assume_cpu(before);
  const Word host = before.cpu.cur_vcpuid, x0(spec::reg::x0), w0 = before.cpu.shadow.read(host, x0);
  d.assume(is_host_call<D>(w0, kNoHostCall));
  spec::State<D, P> after = before;
  TrapDispatcher<CodeBase<D, P, BelowDispatcher<D, P>>>(after).host_hvc_dispatcher();
  d.prove("its status is NOT_SUPPORTED",
          after.cpu.shadow.read(host, x0) == Word(static_cast<u64>(std::int64_t{REDOUBT_NOT_SUPPORTED})));
  d.prove("no operation is called, no step taken, and nothing stops",
          Bool(script.specified() == 0 && after.updates.size == before.updates.size && !after.halt));
  const Word k0 = d.any("some_row"), k1 = d.any("some_column");
  const auto old = abstract_parts(before, k0, k1), now = abstract_parts(after, k0, k1);
  for (std::size_t i = 0; i < old.size(); ++i) {
    const Bool status(old[i].name == "shadow");
    d.prove("but for the status nothing changes: " + old[i].name,
            either(both(status, k0 == host, k1 == x0), now[i].value == old[i].value));
  }
  d.cover("bits that mean nothing are set", both((w0 >> 32) != Word(0), (w0 & Word(1 << 16)) != Word(0)));
}

}  // namespace redoubt::verify
