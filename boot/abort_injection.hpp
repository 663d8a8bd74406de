// SPDX-License-Identifier: BSD-3-Clause
// What the manual says a CPU does when it takes an exception to EL1, as a pure function (R13; Arm ARM D1.3,
// aarch64/exceptions).
#pragma once
#include <cstdint>

#include "boot/id_registers.hpp"

namespace redoubt {

// State at the trap. All values are the registers' own.
struct TrappedState {
  std::uint64_t pstate;  // SPSR_EL2
  std::uint64_t pc;      // ELR_EL2
  std::uint64_t esr;     // ESR_EL2
  std::uint64_t far;     // FAR_EL2
  std::uint64_t sctlr_el1;
  std::uint64_t vbar_el1;
};

// What to load so that the ERET enters EL1's handler.
struct InjectedException {
  std::uint64_t pc;      // -> ELR_EL2
  std::uint64_t pstate;  // -> SPSR_EL2
  std::uint64_t elr_el1;
  std::uint64_t spsr_el1;
  std::uint64_t esr_el1;
  std::uint64_t far_el1;  // to be written only if sets_far
  bool sets_far;
};

// Level of the stage-1 table whose descriptor could not be read, -1 to 3.
struct WalkLevel {
  bool on_walk = false;
  int level = 0;
};

// A synchronous external abort in place of the stage-2 abort in `state.esr` (classes 0x20, 0x24).
[[nodiscard]] InjectedException inject_abort(TrappedState const& state, WalkLevel walk,
                                             IdRegisters const& id);

// UNDEFINED in place of any trapped instruction.
[[nodiscard]] InjectedException inject_undefined(TrappedState const& state, IdRegisters const& id);

}  // namespace redoubt
