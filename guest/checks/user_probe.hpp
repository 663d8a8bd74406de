// SPDX-License-Identifier: BSD-3-Clause
// One instruction at an address from EL0, and what came of it.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "guest/checks/host.hpp"

namespace redoubt::checks {

enum class Instruction {
  kLoadByte,
  kLoadWord,
  kLoad,
  kLoadPair,
  kLoadVector,
  kLoadAcquire,
  kExclusive,
  kAtomicAdd,
  kCompareSwap,
  kStoreByte,
  kStoreWord,
  kStore,
  kStorePair,
  kStoreVector,
  kZeroBlock,
  kClean,
  kPrefetch,
  kExecute
};

const char* name_of(Instruction instruction);
// All instructions this CPU has, in the order of the enumeration.
std::span<const Instruction> all_instructions();
// Cache cleaning and prefetching may be done without a translation: they need not fault.
bool may_pass_silently(Instruction instruction);
bool writes(Instruction instruction);

struct Outcome {
  int signal = 0;                   // 0: the instruction completed
  int code = 0;                     // si_code
  std::uint64_t fault_address = 0;  // si_addr
  std::uint64_t syndrome = 0;       // ESR_EL1 of the abort, 0 if the kernel gave none
  std::uint64_t value = 0;          // what was loaded
};

// Executes `instruction` at `address`; stores write `value`.
Outcome probe_user(Instruction instruction, volatile void* address, std::uint64_t value = 0);

// A mapping of physical memory into this process by one of the host's routes. `address` is null if refused.
class UserMapping {
 public:
  enum class Route { kRemap, kOnFault, kDevMem };
  UserMapping(const Host& host, std::uint64_t physical, redoubt_test_memory memory,
              Route route = Route::kRemap);
  ~UserMapping();
  UserMapping(const UserMapping&) = delete;
  UserMapping& operator=(const UserMapping&) = delete;
  [[nodiscard]] volatile void* at(std::uint64_t offset) const;
  [[nodiscard]] bool valid() const { return base_ != nullptr; }

 private:
  void* base_ = nullptr;
};

}  // namespace redoubt::checks
