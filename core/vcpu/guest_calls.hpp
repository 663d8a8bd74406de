// SPDX-License-Identifier: BSD-3-Clause
// Calls of a guest, HVC #0 and SMC #0 alike: PSCI, SMCCC queries, random numbers, sharing of memory (R22,
// R25, digest 2.3).
#pragma once
#include <array>
#include <concepts>
#include <cstdint>

#include "abi/redoubt.h"
#include "core/vcpu/guest_psci.hpp"

namespace redoubt {

// What a call needs around it.
//   is_guest_memory(ipa)       the manifest's memory contains it
//   workaround_features(id)    the firmware's answer to ARCH_FEATURES for a workaround, as the host gets it
//   workaround(id, argument)   executes it, where that answer is not negative
//   has_random()               RNDR exists
//   random(value)              one value of RNDR; false: none now
template <class E>
concept GuestCallEnvironment = requires(E& e, std::uint32_t function, u64 value) {
  { e.is_guest_memory(value) } -> std::same_as<bool>;
  { e.workaround_features(function) } -> std::same_as<std::int64_t>;
  { e.workaround(function, value) } -> std::same_as<std::int64_t>;
  { e.has_random() } -> std::same_as<bool>;
  { e.random(value) } -> std::same_as<bool>;
};

struct GuestCallOutcome {
  enum class Next : std::uint8_t {
    resume,   // into the guest, with x
    exit,     // x stands for the next run; leave with `exit`
    share,    // the caller shares the page at `address`, then writes its status to x0 and resumes
    unshare,  // the same
  };
  Next next = Next::resume;
  redoubt_exit exit = REDOUBT_EXIT_INTERRUPT;
  std::uint32_t wake = 0;  // vCPUs that the host should run
  u64 address = 0;
  unsigned results = 1;  // x[0] .. x[results - 1] go to the guest's registers; 0: none
  std::array<u64, 4> x{};
};

// x0..x4 of the guest when it made the call; `immediate` is the instruction's.
struct GuestCall {
  u64 immediate = 0;
  std::array<u64, 5> x{};
};

// Answers a call of vCPU `self`. The caller steps over an SMC; SYSTEM_OFF, SYSTEM_RESET: it also powers the
// VM off before it leaves. CPU_OFF has changed the state already: the vCPU's registers need not be kept.
template <GuestCallEnvironment E>
[[nodiscard]] GuestCallOutcome answer_guest_call(E& environment, VcpuPower& power, u64 self,
                                                 GuestCall const& call);

}  // namespace redoubt

#include "core/vcpu/guest_calls_inline.hpp"
