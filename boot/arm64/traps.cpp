// SPDX-License-Identifier: BSD-3-Clause
// handle_exception: counts, decides by exception class, injects what is refused. Nothing here halts for the
// host.
#include "boot/arm64/traps.hpp"

#include "boot/abort_injection.hpp"
#include "boot/arm64/core_machine.hpp"
#include "boot/arm64/guest_run.hpp"
#include "boot/arm64/halt.hpp"
#include "boot/arm64/host_stage2.hpp"
#include "boot/arm64/id_reader.hpp"
#include "boot/arm64/per_cpu.hpp"
#include "boot/arm64/services.hpp"
#include "boot/image_format.hpp"
#include "boot/stage1_walk.hpp"
#include "boot/syndrome.hpp"

namespace redoubt {
namespace {

using namespace syndrome;
namespace reg = el2::reg;

TrappedState trapped_state(std::uint64_t esr) {
  return {.pstate = el2::read<reg::spsr_el2>(),
          .pc = el2::read<reg::elr_el2>(),
          .esr = esr,
          .far = el2::read<reg::far_el2>(),
          .sctlr_el1 = el2::read<reg::sctlr_el1>(),
          .vbar_el1 = el2::read<reg::vbar_el1>()};
}

void apply(InjectedException const& exception) {
  el2::write<reg::elr_el1>(exception.elr_el1);
  el2::write<reg::spsr_el1>(exception.spsr_el1);
  el2::write<reg::esr_el1>(exception.esr_el1);
  if (exception.sets_far) el2::write<reg::far_el1>(exception.far_el1);
  el2::write<reg::elr_el2>(exception.pc);
  el2::write<reg::spsr_el2>(exception.pstate);
}

void advance_pc() { el2::write<reg::elr_el2>(el2::read<reg::elr_el2>() + 4); }

// HPFAR_EL2 holds the page for translation faults and for all faults on a stage-1 walk (Arm ARM D24.2.69).
bool has_fault_address(std::uint64_t esr) {
  return is_translation_fault(FaultStatus::get(esr)) || OnStage1Walk::get(esr) != 0;
}

WalkLevel walk_level(std::uint64_t esr, std::uint64_t far, std::uint64_t ipa) {
  if (OnStage1Walk::get(esr) == 0) return {};
  Stage1Registers const registers{el2::read<reg::ttbr0_el1>(), el2::read<reg::ttbr1_el1>(),
                                  el2::read<reg::tcr_el1>()};
  return find_walk_level(registers, far, ipa, [](std::uint64_t address, std::uint64_t& value) {
    return address % 8 == 0 && host_stage2.read_host_word(address, value);
  });
}

void refuse_access(std::uint64_t esr, std::uint64_t ipa) {
  TrappedState const state = trapped_state(esr);
  log_event(REDOUBT_EVENT_HOST_ABORT, ipa);
  count(REDOUBT_COUNTER_ABORTS_INJECTED);
  apply(inject_abort(state, walk_level(esr, state.far, ipa), this_cpu().id));
}

void refuse_instruction(std::uint64_t esr) {
  log_event(REDOUBT_EVENT_HOST_UNDEF, esr);
  count(REDOUBT_COUNTER_UNDEF_INJECTED);
  apply(inject_undefined(trapped_state(esr), this_cpu().id));
}

void handle_abort(TrapFrame& frame, std::uint64_t esr) {
  count(REDOUBT_COUNTER_STAGE2_FAULT);
  if (!has_fault_address(esr)) return refuse_access(esr, 0);
  std::uint64_t const page = FaultingPage::get(el2::read<reg::hpfar_el2>()) << 12;
  std::uint64_t const ipa = page | (el2::read<reg::far_el2>() & (kPageSize - 1));
  bool const is_data = ExceptionClass::get(esr) == kDataAbortLower;
  if (is_translation_fault(FaultStatus::get(esr))) {
    if (is_data && OnStage1Walk::get(esr) == 0 && emulate_redistributor(frame, esr, ipa)) return advance_pc();
    if (host_stage2.handle_fault(page)) return;
  }
  // On a walk, FAR is the address that was walked for: only the page is known.
  refuse_access(esr, OnStage1Walk::get(esr) != 0 ? page : ipa);
}

bool emulate_register(TrapFrame& frame, std::uint64_t esr) {
  bool const is_read = IsRead::get(esr) != 0;
  el2::SysReg const which = trapped_register(esr);
  constexpr el2::SysReg actlr_el1{3, 0, 1, 0, 1};
  if (which == actlr_el1) {  // no auxiliary control: reads as zero, writes ignored
    if (is_read) frame.set(Rt::get(esr), 0);
    return true;
  }
  if (!is_id_register(which) || !is_read) return false;
  frame.set(Rt::get(esr), host_view(which, read_id_register(which)));
  return true;
}

void handle_system_register(TrapFrame& frame, std::uint64_t esr) {
  count(REDOUBT_COUNTER_SYSREG);
  if (emulate_register(frame, esr)) return advance_pc();
  refuse_instruction(esr);
}

void dispatch(TrapFrame& frame, std::uint64_t esr) {
  switch (ExceptionClass::get(esr)) {
    case kHvc64:
      count(REDOUBT_COUNTER_HVC);
      return handle_hvc(frame, Immediate::get(esr));
    case kSmc64:
      count(REDOUBT_COUNTER_SMC);
      advance_pc();  // a trapped SMC is not stepped over by the CPU
      return handle_smc(frame, Immediate::get(esr));
    case kSystemRegister:
      return handle_system_register(frame, esr);
    case kInstructionAbortLower:
    case kDataAbortLower:
      return handle_abort(frame, esr);
    default:
      count(REDOUBT_COUNTER_OTHER);
      return refuse_instruction(esr);
  }
}

}  // namespace
}  // namespace redoubt

extern "C" void handle_exception(redoubt::TrapFrame& frame, redoubt::ExceptionCause cause) {
  using namespace redoubt;
  std::uint64_t const start = el2::read<el2::reg::cntpct_el0>();
  if (halted()) stop_this_cpu();
  if (guest_is_loaded()) {
    handle_guest_exception(frame, cause);
  } else {
    if (cause != ExceptionCause::synchronous) panic(Invariant::host_interrupt);
    count(REDOUBT_COUNTER_EL2_ENTRIES);
    dispatch(frame, el2::read<el2::reg::esr_el2>());
  }
  if (halted()) stop_this_cpu();
  count(REDOUBT_COUNTER_EL2_TICKS, el2::read<el2::reg::cntpct_el0>() - start);
}
