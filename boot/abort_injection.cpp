// SPDX-License-Identifier: BSD-3-Clause
// Exception entry to EL1 as the manual's AArch64.TakeException does it.
#include "boot/abort_injection.hpp"

#include "boot/host_registers.hpp"
#include "boot/syndrome.hpp"

namespace redoubt {
namespace {

// SPSR_ELx (Arm ARM C5.2.19).
using Mode = Field<3, 0>;
using Width32 = Flag<4>;
using Daif = Field<9, 6>;
using Ssbs = Flag<12>;
using Pan = Flag<22>;
using Dit = Flag<24>;
using Flags = Field<31, 28>;

constexpr std::uint64_t kEl0t = 0, kEl1t = 4, kEl1h = 5;

// SCTLR_EL1.
using Span = Flag<23>;   // 0: PAN is set on entry
using Dssbs = Flag<44>;  // SSBS on entry

bool from_el1(std::uint64_t pstate) { return Width32::get(pstate) == 0 && Mode::get(pstate) != kEl0t; }

// Vector of a synchronous exception: Arm ARM D1.3.1.5.
std::uint64_t vector_offset(std::uint64_t pstate) {
  if (Width32::get(pstate) != 0) return 0x600;
  if (Mode::get(pstate) == kEl1h) return 0x200;
  if (Mode::get(pstate) == kEl1t) return 0x000;
  return 0x400;
}

// Flags and DIT stay; interrupts are masked; SS, IL, BTYPE, UAO and all that the host cannot use become 0.
std::uint64_t entry_pstate(TrappedState const& state, IdRegisters const& id) {
  std::uint64_t pstate =
      (state.pstate & (Flags::mask | Dit::mask | Pan::mask)) | Daif::mask | Mode::put(kEl1h);
  if (has_pan(id) && Span::get(state.sctlr_el1) == 0) pstate |= Pan::mask;
  if (has_ssbs(id)) pstate |= Ssbs::put(Dssbs::get(state.sctlr_el1));
  return pstate;
}

InjectedException enter_el1(TrappedState const& state, std::uint64_t esr, IdRegisters const& id) {
  return {.pc = (state.vbar_el1 & ~std::uint64_t{0x7ff}) + vector_offset(state.pstate),
          .pstate = entry_pstate(state, id),
          .elr_el1 = state.pc,
          .spsr_el1 = state.pstate,
          .esr_el1 = esr,
          .far_el1 = state.far,
          .sets_far = false};
}

std::uint64_t status_of(WalkLevel walk) {
  if (!walk.on_walk) return syndrome::kExternalAbort;
  return walk.level < 0 ? syndrome::kExternalAbortOnWalk - 1
                        : syndrome::kExternalAbortOnWalk + static_cast<std::uint64_t>(walk.level);
}

}  // namespace

InjectedException inject_abort(TrappedState const& state, WalkLevel walk, IdRegisters const& id) {
  using namespace syndrome;
  bool const is_data = ExceptionClass::get(state.esr) == kDataAbortLower;
  std::uint64_t const exception_class =
      is_data ? (from_el1(state.pstate) ? kDataAbortSame : kDataAbortLower)
              : (from_el1(state.pstate) ? kInstructionAbortSame : kInstructionAbortLower);
  // ISV is 0, so IL is 1; what the access was stays visible.
  std::uint64_t esr = ExceptionClass::put(exception_class) | InstructionLength::mask |
                      FaultStatus::put(status_of(walk)) | (state.esr & FarNotValid::mask);
  if (is_data) esr |= state.esr & (WriteNotRead::mask | CacheMaintenance::mask);
  InjectedException result = enter_el1(state, esr, id);
  result.sets_far = true;
  return result;
}

InjectedException inject_undefined(TrappedState const& state, IdRegisters const& id) {
  using namespace syndrome;
  return enter_el1(state, ExceptionClass::put(kUnknown) | (state.esr & InstructionLength::mask), id);
}

}  // namespace redoubt
