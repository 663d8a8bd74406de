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

// False: it was refused.
bool run_vcpu(CoreHandler& handler) {
  oracle::begin<kCheckedCore>();
  Next const next = handler.host_vcpu_run_handler();
  oracle::end<kCheckedCore>(oracle::Primitive::host_vcpu_run_handler, 0, next);
  const bool runs = next == Next::resume_guest;
  if (runs) count(REDOUBT_COUNTER_VCPU_RUNS);
  return runs;
}

// The call as the trace has it; made before the call, which changes the frame.
class TracedCall {
 public:
  TracedCall(TrapFrame const& frame, std::uint32_t function)
      : frame_(frame), asked_{function, frame.x[1], frame.x[2], frame.x[3], frame.x[4], frame.x[5]} {}
  void answered() const {
    trace::append(REDOUBT_TRACE_CALL, 0, asked_, {frame_.x[0], frame_.x[1], frame_.x[2], frame_.x[3]});
  }

 private:
  TrapFrame const& frame_;
  std::array<u64, 6> asked_;
};
struct UntracedCall {
  UntracedCall(TrapFrame const&, std::uint32_t) {}
  static void answered() {}
};
using CallTrace = std::conditional_t<kCheckedCore, TracedCall, UntracedCall>;

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
  CallTrace const trace(frame, function);
  if (function == REDOUBT_HOST_VCPU_RUN) {
    if (!run_vcpu(handler)) trace.answered();
    return;
  }
  u64 const vmid = frame.x[1];
  oracle::begin<kCheckedCore>();
  handler.host_hvc_handler();
  oracle::end<kCheckedCore>(oracle::Primitive::host_hvc_handler, 0, 0);
  trace.answered();
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
  oracle::begin<kCheckedCore>();
  Next const next = handler.vm_exit_handler();
  oracle::end<kCheckedCore>(oracle::Primitive::vm_exit_handler, 0, next);
}

}  // namespace redoubt
