// SPDX-License-Identifier: BSD-3-Clause
// Firmware services and host calls: the bridges from pure parts to the machine.
#include "boot/arm64/services.hpp"

#include "boot/arm64/core_machine.hpp"
#include "boot/arm64/firmware.hpp"
#include "boot/arm64/guest_run.hpp"
#include "boot/arm64/host_stage2.hpp"
#include "boot/arm64/per_cpu.hpp"
#include "boot/arm64/spin_lock.hpp"
#include "boot/arm64/vm_end.hpp"
#include "boot/log.hpp"
#include "boot/psci.hpp"
#include "boot/smccc.hpp"
#include "core/page/audit.hpp"

extern "C" void secondary_entry();

namespace redoubt {
namespace {

constinit Psci<kMaximumCpus> host_psci{};
constinit SpinLock psci_lock{};
constinit Log<256> event_log{};
constinit SpinLock log_lock{};
constinit std::uint64_t boot_ticks = 0;
constinit bool firmware_smccc_1_1 = false;

struct Environment {
  std::int64_t firmware(std::uint32_t function, std::uint64_t a, std::uint64_t b, std::uint64_t c) {
    if (function == psci::kSystemOff || function == psci::kSystemReset) {
      end_all_vms();
      if constexpr (kCheckedCore) oracle::print_figures();
    }
    return static_cast<std::int32_t>(firmware::call(function, a, b, c).x0);
  }
  // A courtesy to the caller: if the page changes hands later, stage 2 refuses the fetch.
  bool host_may_run_at(std::uint64_t address) { return host_stage2.host_owns(address); }
  std::uint64_t core_entry() { return reinterpret_cast<std::uint64_t>(&secondary_entry); }
  void lock() { psci_lock.lock(); }
  void unlock() { psci_lock.unlock(); }
  void log_cpu_on(std::uint64_t affinity) { log_event(REDOUBT_EVENT_CPU_ON, affinity); }
  void log_cpu_off(std::size_t cpu) { log_event(REDOUBT_EVENT_CPU_OFF, boot_info.cpus[cpu]); }
  void log_system_off(std::uint64_t reset) { log_event(REDOUBT_EVENT_SYSTEM_OFF, reset); }
};

std::uint64_t microseconds() {
  std::uint64_t const frequency = el2::read<el2::reg::cntfrq_el0>();
  std::uint64_t const ticks = el2::read<el2::reg::cntpct_el0>() - boot_ticks;
  if (frequency == 0) return 0;
  return ticks / frequency * 1'000'000 + ticks % frequency * 1'000'000 / frequency;
}

void answer(TrapFrame& frame, std::int64_t status) { frame.x[0] = static_cast<std::uint64_t>(status); }

std::int64_t arch_features(std::uint32_t function) {
  if (function == smccc::kVersion || function == smccc::kArchFeatures) return 0;
  if (smccc::is_workaround(function)) return workaround_features(function);
  return smccc::kNotSupported;
}

void refuse_call(TrapFrame& frame, redoubt_event event, std::uint64_t what) {
  log_event(event, what);
  answer(frame, smccc::kNotSupported);
}

std::uint64_t counter_value(redoubt_counter which) {
  switch (which) {
    case REDOUBT_COUNTER_HOST_TABLE_PAGES:
      return host_stage2.table_pages();
    case REDOUBT_COUNTER_VMIDS:
      return host_stage2.vm_totals().vmids;
    case REDOUBT_COUNTER_VM_PAGES:
      return host_stage2.vm_totals().pages;
    case REDOUBT_COUNTER_VM_TABLE_PAGES:
      return host_stage2.vm_totals().table_pages;
    default:
      return counter_sum(which);
  }
}

void host_counter(TrapFrame& frame) {
  std::uint64_t const which = frame.x[1];
  if (which >= REDOUBT_COUNTER_COUNT) return answer(frame, REDOUBT_INVALID_PARAMETER);
  answer(frame, REDOUBT_SUCCESS);
  frame.x[1] = counter_value(static_cast<redoubt_counter>(which));
}

void host_log_read(TrapFrame& frame) {
  log_lock.lock();
  LogRecord record;
  bool const found = event_log.read(frame.x[1], record);
  std::uint64_t const next = event_log.next();
  log_lock.unlock();
  answer(frame, found ? REDOUBT_SUCCESS : REDOUBT_NOT_FOUND);
  frame.x[1] = found ? record.sequence : next;
  frame.x[2] = found ? record.word : 0;
  frame.x[3] = found ? record.value : 0;
}

void host_version(TrapFrame& frame) {
  answer(frame, REDOUBT_SUCCESS);
  frame.x[1] = std::uint64_t{REDOUBT_ABI_MAJOR} << 32 | REDOUBT_ABI_MINOR;
  frame.x[2] = REDOUBT_BUILD_FLAGS;
  frame.x[3] = 0;
}

// One step of the ownership audit; the release core has none.
void host_audit(TrapFrame& frame) {
  if constexpr (kCheckedCore) {
    CoreMachine machine(core_state);
    CoreTower tower(machine);
    AuditResult const found = Audit<CoreTower, CoreMachine>(tower, machine).step(frame.x[1]);
    answer(frame, found.invariant == 0 ? REDOUBT_SUCCESS : REDOUBT_DENIED);
    frame.x[1] = found.invariant == 0 ? found.next : found.invariant;
    frame.x[2] = found.frame;
  } else {
    refuse_call(frame, REDOUBT_EVENT_HVC_REFUSED, REDOUBT_HOST_AUDIT);
  }
}

// The debug core's alone: to the release core the number is unknown.
[[maybe_unused]] void host_oracle(TrapFrame& frame) {
  if constexpr (kCheckedCore) {
    oracle::Figures const seen = oracle::figures();
    answer(frame, REDOUBT_SUCCESS);
    frame.x[1] = seen.checked;
    frame.x[2] = seen.different;
  }
}

void vendor_uid(TrapFrame& frame) {
  frame.x[0] = REDOUBT_UID_0;
  frame.x[1] = REDOUBT_UID_1;
  frame.x[2] = REDOUBT_UID_2;
  frame.x[3] = REDOUBT_UID_3;
}

}  // namespace

constinit BootInfo boot_info{};
constinit Board const* board = nullptr;

void init_services(std::size_t boot_cpu, std::uint64_t entry_ticks, bool smccc_1_1) {
  host_psci.init(boot_info.cpus, boot_cpu);
  boot_ticks = entry_ticks;
  firmware_smccc_1_1 = smccc_1_1;
}

std::int64_t workaround_features(std::uint32_t function) {
  return run_workaround(smccc::kArchFeatures, function);
}

std::int64_t run_workaround(std::uint32_t function, std::uint64_t argument) {
  if (!firmware_smccc_1_1) return smccc::kNotSupported;
  return static_cast<std::int32_t>(firmware::call(function, argument, 0, 0).x0);
}

std::uint64_t take_start(std::size_t cpu, std::uint64_t& context) {
  Environment environment;
  auto const start = host_psci.arrived(environment, cpu);
  log_event(REDOUBT_EVENT_CPU_UP, boot_info.cpus[cpu]);
  context = start.context;
  return start.entry;
}

void log_event(redoubt_event event, std::uint64_t value) {
  std::uint64_t const word = log_word(event, this_cpu().index, microseconds());
  log_lock.lock();
  event_log.append(word, value);
  log_lock.unlock();
}

void handle_smc(TrapFrame& frame, std::uint64_t immediate) {
  std::uint32_t const function = smccc::function_id(frame.x[0]);
  if (immediate != 0) return refuse_call(frame, REDOUBT_EVENT_SMC_REFUSED, immediate << 32 | function);
  if (function == smccc::kVersion) return answer(frame, smccc::kVersion1_1);
  if (function == smccc::kArchFeatures)
    return answer(frame, arch_features(static_cast<std::uint32_t>(frame.x[1])));
  if (smccc::is_workaround(function) && arch_features(function) >= 0)
    return answer(frame, run_workaround(function, frame.x[1]));
  if (!psci::offered(function)) return refuse_call(frame, REDOUBT_EVENT_SMC_REFUSED, function);
  Environment environment;
  answer(frame,
         host_psci.call(environment, this_cpu().index, function, {frame.x[1], frame.x[2], frame.x[3]}));
}

void handle_hvc(TrapFrame& frame, std::uint64_t immediate) {
  std::uint32_t const function = smccc::function_id(frame.x[0]);
  if (immediate != 0) return refuse_call(frame, REDOUBT_EVENT_HVC_REFUSED, 1ull << 32 | immediate);
  if (is_vm_call(function)) return handle_vm_call(frame, function);
  if constexpr (kCheckedCore) {
    if (function == REDOUBT_HOST_ORACLE) return host_oracle(frame);
    if (function == REDOUBT_HOST_TRACE_READ) return trace::answer_read(frame);
  }
  switch (function) {
    case smccc::kVersion:
      return answer(frame, smccc::kVersion1_1);
    case REDOUBT_SMCCC_VENDOR_UID:
      return vendor_uid(frame);
    case REDOUBT_HOST_VERSION:
      return host_version(frame);
    case REDOUBT_HOST_LOG_READ:
      return host_log_read(frame);
    case REDOUBT_HOST_COUNTER:
      return host_counter(frame);
    case REDOUBT_HOST_AUDIT:
      return host_audit(frame);
    default:
      return refuse_call(frame, REDOUBT_EVENT_HVC_REFUSED, function);
  }
}

}  // namespace redoubt
