// SPDX-License-Identifier: BSD-3-Clause
// System registers of a vCPU that has not run yet: architectural reset values where there are any, zero where
// not.
#pragma once
#include "core/machine/context.hpp"

namespace redoubt {

inline constexpr u64 MAX_REGISTER_NUM = 256;

struct ResetValue {
  u64 number;  // context.hpp
  u64 value;
};

// Registers whose reset value is unknown get zero; nothing of another principal can be in it. MPIDR_EL1 and
// ACTLR_EL1 depend on vCPU and CPU: their owner sets them after this.
inline constexpr auto kResetValues = std::to_array<ResetValue>({
    {ctxt::MPIDR_EL1, u64{1} << 31},  // RES1
    {49, 0x30d0'0800},                // SCTLR_EL1: MMU, caches and alignment checks off, RES1 bits set
});

constexpr bool resets_are_system_registers() {
  for (const ResetValue& r : kResetValues) {
    if (r.number < ctxt::MPIDR_EL1 || !is_register(r.number)) {
      return false;
    }
  }
  return true;
}
static_assert(resets_are_system_registers());

}  // namespace redoubt
