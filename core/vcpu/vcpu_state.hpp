// SPDX-License-Identifier: BSD-3-Clause
// Words of a vCPU's context that the layers give a meaning: what to do at its next entry, why it came out.
#pragma once
#include "abi/bundle.h"
#include "abi/redoubt.h"
#include "core/machine/context.hpp"
#include "core/machine/guest_machine.hpp"

namespace redoubt {

// Registers by index (context.hpp) that an exception or a reset sets, or that a stage-1 walk starts from.
namespace ctxt {
inline constexpr u64 ELR_EL1 = 35, SPSR_EL1 = 36, EXIT_REASON = 46, SCTLR_EL1 = 49, ACTLR_EL1 = 50,
                     TTBR0_EL1 = 52, TTBR1_EL1 = 53, TCR_EL1 = 54, FAR_EL1 = 58, VBAR_EL1 = 60,
                     SYSTEM_END = 69;
}  // namespace ctxt

// DIRTY, what the next entry applies (digest 2.8). Zero: nothing. INVALID64: it has never run.
//
//   INV-VCPU-1  at most one register bit is set, that of the register that the saved syndrome names
//   INV-VCPU-2  at most one of the injection flags is set, and then no other bit
namespace dirty {
inline constexpr u64 kRegisters = (u64{1} << 31) - 1;   // bit n: xn takes the host's answer
inline constexpr u64 kPc = u64{1} << 32;                // the instruction is done: PC += 4
inline constexpr u64 kUndefined = u64{1} << 33;         // an exception is due: UNDEFINED,
inline constexpr u64 kInstructionAbort = u64{1} << 34;  // external abort of the fetch,
inline constexpr u64 kDataAbort = u64{1} << 35;         // or of the access that the saved syndrome describes
inline constexpr u64 kInjection = kUndefined | kInstructionAbort | kDataAbort;
}  // namespace dirty

// Class of an exit, as the vectors tell it (EC).
namespace exit_class {
inline constexpr u64 kInterrupt = 0, kSystemError = 1, kTrap = 2;
}

// EXIT_REASON: enum redoubt_exit of the last exit to the host.
inline constexpr u64 GUEST_MMIO_END = REDOUBT_GUEST_MMIO_END;

}  // namespace redoubt
