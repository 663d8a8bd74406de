// SPDX-License-Identifier: BSD-3-Clause
// How the attack program and the hostile guest talk: registers of a device that only the two of them know.
#pragma once
#include <cstdint>

namespace redoubt::attack {

// Guest addresses. A read of kCommand asks what to do next; a write of kDone ends it.
inline constexpr std::uint64_t kDevice = 0x0a000000;
inline constexpr std::uint64_t kCommand = kDevice, kArguments = kDevice + 8, kResults = kDevice + 0x40,
                               kDone = kDevice + 0x80, kProbe = kDevice + 0xc0;
inline constexpr unsigned kArgumentCount = 4, kResultCount = 4;

enum class Command : std::uint64_t {
  kPing = 1,  // -> ~a0
  kWhere,     // -> load address, address of the entry, of the scratch page, of the spare page
  kLoad,      // a0: address -> value
  kStore,     // a0: address, a1: value
  kHvc,       // a0..a3: x0..x3 -> x0..x3
  kSmc,       // the same by SMC
  kBranch,    // a0: where
  kExecute,   // a0: instruction, a1, a2: its x0, x1 -> x0
  kFill,      // a0: page, a1: seed
  kCompare,   // a0: page, a1: seed -> words that differ
  kSpin,      // a0: rounds
  kHold,      // a0: canary -> general registers that a device read has changed
  kAwait,     // a0: rounds: looks so often for an interrupt, takes it -> its INTID, or 1023
  kCount,     // a0: address, a1: rounds: adds 1 to the word there, so often
};

// Word `index` of a page filled from `seed`.
constexpr std::uint64_t pattern(std::uint64_t seed, std::uint64_t index) {
  return (seed ^ (index * 0x9e3779b97f4a7c15)) | 1;
}

}  // namespace redoubt::attack
