// SPDX-License-Identifier: BSD-3-Clause
// Calls of a guest, HVC #0 and SMC #0 alike: PSCI, SMCCC queries, random numbers, sharing of memory (R22,
// R25, upper digest 2.3).
#pragma once
#include <array>
#include <concepts>
#include <cstdint>

#include "abi/redoubt.h"
#include "core/vcpu/guest_psci.hpp"

namespace redoubt {

// Function identifiers and codes, with the names of Arm's documents: DEN0022 (PSCI), DEN0028 (SMCCC), DEN0098
// (TRNG).
namespace guest_call {
inline constexpr std::uint32_t kSmccVersion = 0x8000'0000, kArchFeatures = 0x8000'0001,
                               kWorkaround1 = 0x8000'8000, kWorkaround2 = 0x8000'7fff,
                               kWorkaround3 = 0x8000'3fff;
inline constexpr std::uint32_t kPsciVersion = 0x8400'0000, kCpuOff = 0x8400'0002, kCpuOn32 = 0x8400'0003,
                               kCpuOn64 = 0xc400'0003, kAffinityInfo32 = 0x8400'0004,
                               kAffinityInfo64 = 0xc400'0004, kMigrateInfoType = 0x8400'0006,
                               kSystemOff = 0x8400'0008, kSystemReset = 0x8400'0009,
                               kPsciFeatures = 0x8400'000a;
inline constexpr std::uint32_t kTrngVersion = 0x8400'0050, kTrngFeatures = 0x8400'0051,
                               kTrngUuid = 0x8400'0052, kTrngRandom32 = 0x8400'0053,
                               kTrngRandom64 = 0xc400'0053;

inline constexpr std::int64_t kSuccess = 0, kNotSupported = -1, kInvalidParameters = -2, kInvalidAddress = -9,
                              kNoEntropy = -3;
inline constexpr std::int64_t kVersion1_1 = 1 << 16 | 1, kTrngVersion1_0 = 1 << 16;
inline constexpr std::int64_t kAffinityOn = 0, kAffinityOff = 1, kAffinityOnPending = 2;
inline constexpr std::int64_t kNoTrustedOs = 2;  // MIGRATE_INFO_TYPE
inline constexpr u64 kSharingGranule = PAGE_SIZE;

// The function identifier in w0; bit 16 only hints that SVE state is dead.
[[nodiscard]] constexpr std::uint32_t id_of(u64 x0) { return static_cast<std::uint32_t>(x0) & ~0x1'0000u; }
[[nodiscard]] constexpr bool is_wide(std::uint32_t function) { return (function & 0x4000'0000) != 0; }
[[nodiscard]] constexpr bool is_workaround(std::uint32_t function) {
  return function == kWorkaround1 || function == kWorkaround2 || function == kWorkaround3;
}
[[nodiscard]] constexpr bool is_psci(std::uint32_t function) {
  constexpr std::array<std::uint32_t, 10> offered{
      kPsciVersion,    kCpuOff,          kCpuOn32,   kCpuOn64,     kAffinityInfo32,
      kAffinityInfo64, kMigrateInfoType, kSystemOff, kSystemReset, kPsciFeatures};
  for (std::uint32_t const one : offered)
    if (one == function) return true;
  return false;
}
// The answer of a call that is the same always, whatever its arguments; kNotSupported: it is none of these.
[[nodiscard]] constexpr std::int64_t constant_answer(std::uint32_t function) {
  if (function == kPsciVersion || function == kSmccVersion) return kVersion1_1;
  return function == kMigrateInfoType ? kNoTrustedOs : kNotSupported;
}
[[nodiscard]] constexpr bool is_trng(std::uint32_t function) {
  return (function >= kTrngVersion && function <= kTrngRandom32) || function == kTrngRandom64;
}
}  // namespace guest_call

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
  u64 address = 0;
  unsigned results = 1;  // x[0] .. x[results - 1] go to the guest's registers; 0: none
  std::array<u64, 4> x{};
};

// The guest's registers when it made the call: x0 (of which w0 counts) to x3.
struct GuestCall {
  std::array<u64, 4> x{};
};

// Answers calls of vCPU `self`, the instruction's immediate having been 0. SYSTEM_OFF, SYSTEM_RESET: the
// caller powers the VM off before it leaves. CPU_OFF has changed the state already: nothing of the vCPU need
// be kept.
template <GuestCallEnvironment E>
class GuestCalls {
 public:
  using Next = GuestCallOutcome::Next;

  GuestCalls(E& environment, VcpuPower& power, u64 self)
      : environment_(environment), power_(power), self_(self) {}

  [[nodiscard]] GuestCallOutcome answer(GuestCall call) {
    std::uint32_t const function = guest_call::id_of(call.x[0]);
    std::int64_t const constant = guest_call::constant_answer(function);
    if (constant != guest_call::kNotSupported) return code(constant);
    if (!guest_call::is_wide(function))
      for (u64& x : call.x) x &= 0xffff'ffff;
    if (guest_call::is_psci(function)) return psci(function, call);
    if (guest_call::is_trng(function) && environment_.has_random()) return trng(function, call);
    return query(function, call);
  }

 private:
  static GuestCallOutcome code(std::int64_t value) {
    GuestCallOutcome outcome;
    outcome.x[0] = static_cast<u64>(value);
    return outcome;
  }
  static GuestCallOutcome words(std::array<u64, 4> const& x) {
    GuestCallOutcome outcome;
    outcome.results = 4;
    outcome.x = x;
    return outcome;
  }
  static GuestCallOutcome leave(redoubt_exit exit, unsigned results) {
    GuestCallOutcome outcome;
    outcome.next = Next::exit;
    outcome.exit = exit;
    outcome.results = results;
    return outcome;
  }

  GuestCallOutcome psci(std::uint32_t function, GuestCall const& call) {
    switch (function) {
      case guest_call::kPsciFeatures:
        return code(psci_features(static_cast<std::uint32_t>(call.x[1])));
      case guest_call::kCpuOn32:
      case guest_call::kCpuOn64:
        return cpu_on(call.x[1], {call.x[2], call.x[3]});
      case guest_call::kCpuOff:
        power_.switch_off(self_);
        return leave(REDOUBT_EXIT_CPU_OFF, 0);
      case guest_call::kAffinityInfo32:
      case guest_call::kAffinityInfo64:
        return code(affinity_info(call.x[1], call.x[2]));
      case guest_call::kSystemOff:
        return leave(REDOUBT_EXIT_SYSTEM_OFF, 0);
      default:
        return leave(REDOUBT_EXIT_SYSTEM_RESET, 0);
    }
  }

  static std::int64_t psci_features(std::uint32_t function) {
    return guest_call::is_psci(function) || function == guest_call::kSmccVersion ? guest_call::kSuccess
                                                                                 : guest_call::kNotSupported;
  }

  // A target's affinity is its number: 0.0.0.vcpu.
  GuestCallOutcome cpu_on(u64 target, VcpuStart start) {
    if (target >= VCPU_PER_VM || power_.state(target) == CpuPower::absent)
      return code(guest_call::kInvalidParameters);
    if (start.entry % 4 != 0 || !environment_.is_guest_memory(start.entry))
      return code(guest_call::kInvalidAddress);
    std::int64_t const result = power_.switch_on(target, start);
    if (result != guest_call::kSuccess) return code(result);
    return leave(REDOUBT_EXIT_CPU_ON, 1);  // x0 = 0: success
  }

  std::int64_t affinity_info(u64 target, u64 level) {
    if (target >= VCPU_PER_VM || level != 0) return guest_call::kInvalidParameters;
    switch (power_.state(target)) {
      case CpuPower::absent:
        return guest_call::kInvalidParameters;
      case CpuPower::off:
        return guest_call::kAffinityOff;
      case CpuPower::on:
        return guest_call::kAffinityOn;
      default:
        return guest_call::kAffinityOnPending;
    }
  }

  GuestCallOutcome query(std::uint32_t function, GuestCall const& call) {
    switch (function) {
      case guest_call::kArchFeatures:
        return code(arch_features(static_cast<std::uint32_t>(call.x[1])));
      case REDOUBT_SMCCC_VENDOR_UID:
        return words({REDOUBT_UID_0, REDOUBT_UID_1, REDOUBT_UID_2, REDOUBT_UID_3});
      case REDOUBT_GUEST_FEATURES:
        return words({1u << 0 | 1u << 2 | 1u << 3 | 1u << 4, 0, 0, 0});
      case REDOUBT_GUEST_MEMINFO:
        return code((call.x[1] | call.x[2] | call.x[3]) != 0 ? guest_call::kInvalidParameters
                                                             : std::int64_t{guest_call::kSharingGranule});
      case REDOUBT_GUEST_MEM_SHARE:
        return share(Next::share, call);
      case REDOUBT_GUEST_MEM_UNSHARE:
        return share(Next::unshare, call);
      default:
        return workaround(function, call);
    }
  }

  std::int64_t arch_features(std::uint32_t function) {
    if (function == guest_call::kSmccVersion || function == guest_call::kArchFeatures)
      return guest_call::kSuccess;
    return guest_call::is_workaround(function) ? environment_.workaround_features(function)
                                               : guest_call::kNotSupported;
  }

  GuestCallOutcome workaround(std::uint32_t function, GuestCall const& call) {
    if (!guest_call::is_workaround(function) || environment_.workaround_features(function) < 0)
      return code(guest_call::kNotSupported);
    return code(environment_.workaround(function, call.x[1]));
  }

  GuestCallOutcome share(Next next, GuestCall const& call) {
    u64 const address = call.x[1];
    if (address % guest_call::kSharingGranule != 0 || (call.x[2] | call.x[3]) != 0 ||
        !environment_.is_guest_memory(address))
      return code(guest_call::kInvalidParameters);
    GuestCallOutcome outcome;
    outcome.next = next;
    outcome.address = address;
    return outcome;
  }

  GuestCallOutcome trng(std::uint32_t function, GuestCall const& call) {
    switch (function) {
      case guest_call::kTrngVersion:
        return code(guest_call::kTrngVersion1_0);
      case guest_call::kTrngFeatures:
        return code(guest_call::is_trng(static_cast<std::uint32_t>(call.x[1])) ? guest_call::kSuccess
                                                                               : guest_call::kNotSupported);
      case guest_call::kTrngUuid:
        return words({REDOUBT_UID_0, REDOUBT_UID_1, REDOUBT_UID_2, REDOUBT_UID_3});
      default:
        return random_bits(guest_call::is_wide(function) ? 64 : 32, call.x[1]);
    }
  }

  // `bits` of entropy: x3 has the lowest, x1 the highest.
  GuestCallOutcome random_bits(u64 width, u64 bits) {
    if (bits == 0 || bits > 3 * width) return code(guest_call::kInvalidParameters);
    std::array<u64, 4> x{};
    for (unsigned i = 3; bits != 0; --i) {
      u64 const here = bits < width ? bits : width;
      if (!environment_.random(x[i])) return code(guest_call::kNoEntropy);
      x[i] &= ~u64{0} >> (64 - here);
      bits -= here;
    }
    return words(x);
  }

  E& environment_;
  VcpuPower& power_;
  u64 self_;
};

}  // namespace redoubt
