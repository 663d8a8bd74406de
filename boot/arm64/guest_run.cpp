// SPDX-License-Identifier: BSD-3-Clause
// The tower's handlers for the host's calls about VMs and for the exits of a vCPU, with counters and log
// around them.
#include "boot/arm64/guest_run.hpp"

#include "boot/arm64/core_machine.hpp"
#include "boot/arm64/services.hpp"
#include "boot/arm64/vm_end.hpp"
#include "core/trap/next.hpp"
#include "core/vcpu/vcpu_state.hpp"

namespace redoubt {
namespace {

u64 exit_class_of(ExceptionCause cause) {
  switch (cause) {
    case ExceptionCause::synchronous:
      return exit_class::kTrap;
    case ExceptionCause::serror:
      return exit_class::kSystemError;
    case ExceptionCause::irq:
    case ExceptionCause::fiq:
      break;
  }
  return exit_class::kInterrupt;
}

// What the log says of a call that has been answered.
void log_vm_call(std::uint32_t function, u64 vmid, TrapFrame const& frame) {
  auto const status = static_cast<std::int64_t>(frame.x[0]);
  bool const good = status == REDOUBT_SUCCESS;
  switch (function) {
    case REDOUBT_HOST_VM_CREATE:
      if (good) return log_event(REDOUBT_EVENT_VM_CREATED, frame.x[1]);
      return log_event(REDOUBT_EVENT_VM_REFUSED, static_cast<u64>(-status));
    case REDOUBT_HOST_VM_VERIFY:
      if (good) return log_event(REDOUBT_EVENT_VM_VERIFIED, vmid);
      if (status != REDOUBT_AGAIN)
        log_event(REDOUBT_EVENT_VM_REFUSED, vmid << 32 | static_cast<u64>(-status));
      return;
    case REDOUBT_HOST_VM_STOP:
      if (good) log_event(REDOUBT_EVENT_VM_STOPPED, vmid);
      return;
    case REDOUBT_HOST_VM_DESTROY:
      if (good) log_event(REDOUBT_EVENT_VM_DESTROYED, vmid);
      return;
    default:
      return;
  }
}

void run_vcpu(CoreHandler& handler) {
  if (handler.host_vcpu_run_handler() == Next::resume_guest) count(REDOUBT_COUNTER_VCPU_RUNS);
}

}  // namespace

bool is_vm_call(std::uint32_t function) {
  return function >= REDOUBT_HOST_VM_CREATE && function <= REDOUBT_HOST_VM_INFO;
}

void handle_vm_call(TrapFrame& frame, std::uint32_t function) {
  if (vms_have_ended()) {
    frame.x[0] = static_cast<u64>(std::int64_t{REDOUBT_DENIED});
    return;
  }
  CoreMachine machine(core_state);
  CoreHandler handler(machine);
  if (function == REDOUBT_HOST_VCPU_RUN) return run_vcpu(handler);
  u64 const vmid = frame.x[1];
  handler.host_hvc_handler();
  log_vm_call(function, vmid, frame);
}

void handle_guest_exception(TrapFrame& frame, ExceptionCause cause) {
  count(REDOUBT_COUNTER_VM_EXITS);
  u64 what = exit_class_of(cause);
  if (cause == ExceptionCause::synchronous) {
    InPlace const outcome = answer_in_place(frame, el2::read<el2::reg::esr_el2>());
    if (outcome == InPlace::answered) return;
    if (outcome == InPlace::interrupt) what = exit_class::kInterrupt;
  }
  core_state.cpu.loaded[this_cpu().index].exit_class = what;
  CoreMachine machine(core_state);
  CoreHandler handler(machine);
  (void)handler.vm_exit_handler();
}

}  // namespace redoubt
