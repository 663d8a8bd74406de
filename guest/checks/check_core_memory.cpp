// SPDX-License-Identifier: BSD-3-Clause
// Every route the host has to the core's memory: each access is refused by one abort, and the host lives on.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cinttypes>
#include <vector>

#include "guest/checks/checks.hpp"
#include "guest/checks/kernel_probe.hpp"
#include "guest/checks/user_probe.hpp"

namespace redoubt::checks {
namespace {

using Route = UserMapping::Route;

constexpr std::uint64_t kPageSize = 4096;
constexpr std::uint32_t kReturn = 0xd65f03c0;  // RET
constexpr std::uint64_t kTwoReturns = std::uint64_t{kReturn} << 32 | kReturn;
constexpr unsigned kProbeOffset = 0x40;

// Exception classes and fault status codes of ESR_ELx (Arm ARM D24.2).
constexpr unsigned kInstructionAbortLower = 0x20;
constexpr unsigned kInstructionAbortSame = 0x21;
constexpr unsigned kDataAbortLower = 0x24;
constexpr unsigned kDataAbortSame = 0x25;
constexpr unsigned kExternalAbort = 0x10;
constexpr unsigned kExternalAbortWalkLevel0 = 0x14;  // and so on up to level 3
constexpr unsigned kExternalAbortWalkLevel3 = 0x17;

unsigned class_of(std::uint64_t syndrome) { return static_cast<unsigned>(syndrome >> 26 & 0x3f); }
unsigned status_of(std::uint64_t syndrome) { return static_cast<unsigned>(syndrome & 0x3f); }
bool write_bit(std::uint64_t syndrome) { return (syndrome >> 6 & 1) != 0; }

std::vector<Target> targets(const Host& host) {
  std::vector<Target> list;
  const auto add = [&](const std::string& name, redoubt_counter base_counter, redoubt_counter size_counter) {
    const std::uint64_t base = host.counter_or_zero(base_counter);
    const std::uint64_t size = host.counter_or_zero(size_counter);
    if (size < kPageSize) return;
    list.push_back({name + "-first", base});
    list.push_back({name + "-middle", base + (size / 2 & ~(kPageSize - 1))});
    list.push_back({name + "-last", base + size - kPageSize});
  };
  add("image", REDOUBT_COUNTER_CORE_IMAGE_BASE, REDOUBT_COUNTER_CORE_IMAGE_SIZE);
  add("data", REDOUBT_COUNTER_CORE_DATA_BASE, REDOUBT_COUNTER_CORE_DATA_SIZE);
  return list;
}

// --- EL0 through a mapping ---

bool refused_as_it_should(Instruction instruction, const Outcome& outcome, std::uint64_t address) {
  const bool fetch = instruction == Instruction::kExecute;
  const bool right_class = class_of(outcome.syndrome) == (fetch ? kInstructionAbortLower : kDataAbortLower);
  const bool right_direction =
      fetch || write_bit(outcome.syndrome) == writes(instruction) || !writes(instruction);
  return outcome.signal == SIGBUS && outcome.code == BUS_OBJERR && outcome.fault_address == address &&
         right_class && right_direction && status_of(outcome.syndrome) == kExternalAbort;
}

// All instructions at one page through one kind of mapping; returns an empty string or what went wrong.
std::string try_all(const Host& host, const UserMapping& mapping, std::uint64_t physical, int& refused,
                    int& silent) {
  for (const Instruction instruction : all_instructions()) {
    const RefusalWitness witness(host);
    volatile void* const at = mapping.at(kProbeOffset);
    const Outcome outcome = probe_user(instruction, at, kTwoReturns);
    const std::uint64_t aborts = witness.aborts();
    if (outcome.signal == 0 && may_pass_silently(instruction)) {
      ++silent;
      continue;
    }
    const bool good = refused_as_it_should(instruction, outcome, reinterpret_cast<std::uint64_t>(at));
    if (!good || aborts != 1 || !witness.logged(physical)) {
      return text("%s: signal %d code %d address %#" PRIx64 " ESR %#" PRIx64 ", %" PRIu64 " aborts, %s",
                  name_of(instruction), outcome.signal, outcome.code, outcome.fault_address, outcome.syndrome,
                  aborts, witness.logged(physical) ? "logged" : "not logged");
    }
    ++refused;
  }
  return {};
}

}  // namespace

void check_user_refused(const Host& host, Report& report, const Target& target) {
  const UserMapping mapping(host, target.physical, REDOUBT_TEST_CACHED);
  int refused = 0;
  int silent = 0;
  const std::string wrong =
      mapping.valid() ? try_all(host, mapping, target.physical, refused, silent) : "no mapping";
  report.check(
      target.name, wrong.empty() && refused > 0,
      wrong.empty()
          ? text("%#" PRIx64 ": %d instructions, each SIGBUS, one abort, one log record; %d not translated",
                 target.physical, refused, silent)
          : wrong);
}

namespace {

void check_user_route(const Host& host, Report& report, const char* name, const Target& target,
                      const UserMapping& mapping) {
  std::string wrong;
  for (const Instruction instruction : {Instruction::kLoad, Instruction::kStore}) {
    const RefusalWitness witness(host);
    volatile void* const at = mapping.at(kProbeOffset);
    const Outcome outcome = probe_user(instruction, at);
    if (!refused_as_it_should(instruction, outcome, reinterpret_cast<std::uint64_t>(at)) ||
        witness.aborts() != 1) {
      wrong = text("%s: signal %d, ESR %#" PRIx64, name_of(instruction), outcome.signal, outcome.syndrome);
    }
  }
  report.check(text("core-user-%s-%s", name, target.name.c_str()), wrong.empty(),
               wrong.empty() ? text("%#" PRIx64 ": load and store give SIGBUS", target.physical) : wrong);
}

void check_other_routes(const Host& host, Report& report, const Target& target) {
  struct Kind {
    const char* name;
    redoubt_test_memory memory;
    Route route;
  };
  static constexpr std::array kKinds{Kind{"uncached", REDOUBT_TEST_UNCACHED, Route::kRemap},
                                     Kind{"device", REDOUBT_TEST_DEVICE, Route::kRemap},
                                     Kind{"mapped-on-fault", REDOUBT_TEST_CACHED, Route::kOnFault}};
  for (const Kind& kind : kKinds) {
    const UserMapping mapping(host, target.physical, kind.memory, kind.route);
    if (mapping.valid()) {
      check_user_route(host, report, kind.name, target, mapping);
    } else {
      report.check(text("core-user-%s-%s", kind.name, target.name.c_str()), false,
                   "the module gave no mapping");
    }
  }
  const UserMapping devmem(host, target.physical, REDOUBT_TEST_UNCACHED, Route::kDevMem);
  if (devmem.valid()) {
    check_user_route(host, report, "dev-mem", target, devmem);
  } else {
    report.note("/dev/mem: this kernel refuses to map core memory by itself");
  }
}

void control_user(const Host& host, Report& report) {
  const std::uint64_t physical = host.own_page();
  std::string wrong;
  int done = 0;
  for (const redoubt_test_memory memory : {REDOUBT_TEST_CACHED, REDOUBT_TEST_UNCACHED}) {
    const UserMapping mapping(host, physical, memory);
    for (const Instruction instruction : all_instructions()) {
      if (instruction == Instruction::kZeroBlock && memory != REDOUBT_TEST_CACHED) continue;
      volatile void* const at = mapping.at(kProbeOffset);
      const Outcome stored = probe_user(Instruction::kStore, at, kTwoReturns);
      char* const code = static_cast<char*>(const_cast<void*>(at));
      if (memory == REDOUBT_TEST_CACHED) __builtin___clear_cache(code, code + sizeof(kTwoReturns));
      const RefusalWitness witness(host);
      const Outcome outcome = probe_user(instruction, at, kTwoReturns);
      if (stored.signal != 0 || outcome.signal != 0 || witness.aborts() != 0) wrong = name_of(instruction);
      ++done;
    }
  }
  report.check("control-core-user", wrong.empty(),
               wrong.empty() ? text("all %d accesses to an ordinary page succeed", done)
                             : wrong + " fails on an ordinary page");
}

// --- EL1 ---

std::string describe(const TaskEnd& end, std::uint64_t aborts) {
  return text("completed %d, signal %d, oops '%s', %" PRIu64 " aborts", end.completed, end.signal,
              end.oops.title.c_str(), aborts);
}

bool killed_by_external_abort(const TaskEnd& end, bool fetch) {
  const unsigned wanted = fetch ? kInstructionAbortSame : kDataAbortSame;
  return !end.completed && end.oops.seen && end.oops.title.starts_with("synchronous external abort") &&
         class_of(end.oops.syndrome) == wanted && status_of(end.oops.syndrome) == kExternalAbort &&
         end.oops.probe_in_trace && end.oops.address_in_register;
}

}  // namespace

void check_kernel_refused(const Host& host, Report& report, const Target& target, bool all_operations) {
  const KernelWindow window(host, REDOUBT_TEST_WINDOW_LEAF, target.physical);
  std::string wrong;
  int refused = 0;
  for (int i = 0; i < REDOUBT_TEST_OPERATION_COUNT; ++i) {
    const auto operation = static_cast<redoubt_test_operation>(i);
    const bool basic = operation == REDOUBT_TEST_LOAD || operation == REDOUBT_TEST_STORE ||
                       operation == REDOUBT_TEST_EXECUTE;
    if (!basic && !all_operations) continue;
    const RefusalWitness witness(host);
    const TaskEnd end = window.probe(operation, kProbeOffset, kTwoReturns);
    if (operation == REDOUBT_TEST_CLEAN && end.completed) continue;  // cleaning needs no translation
    const bool good = killed_by_external_abort(end, operation == REDOUBT_TEST_EXECUTE);
    if (!good || witness.aborts() != 1 || !witness.logged(target.physical)) {
      wrong = std::string(name_of(operation)) + ": " + describe(end, witness.aborts());
    }
    ++refused;
  }
  report.check(target.name, wrong.empty(),
               wrong.empty() ? text("%#" PRIx64 ": %d operations, each that task's oops (external abort)",
                                    target.physical, refused)
                             : wrong);
}

namespace {

void control_kernel(const Host& host, Report& report) {
  const KernelWindow window(host, REDOUBT_TEST_WINDOW_LEAF, host.own_page());
  std::string wrong;
  for (int i = 0; i < REDOUBT_TEST_OPERATION_COUNT; ++i) {
    const auto operation = static_cast<redoubt_test_operation>(i);
    const TaskEnd stored = window.probe(REDOUBT_TEST_STORE, kProbeOffset, kTwoReturns);
    const TaskEnd end = window.probe(operation, kProbeOffset, kTwoReturns);
    if (!stored.completed || !end.completed)
      wrong = std::string(name_of(operation)) + ": " + describe(end, 0);
  }
  report.check("control-core-kernel", wrong.empty(),
               wrong.empty() ? "all 8 operations on an ordinary page succeed" : wrong);
}

// --- translation tables in core memory ---

void check_kernel_walk(const Host& host, Report& report, const Target& target) {
  const KernelWindow window(host, REDOUBT_TEST_WINDOW_TABLE, target.physical);
  const RefusalWitness witness(host);
  const TaskEnd end = window.probe(REDOUBT_TEST_LOAD, kProbeOffset);
  const bool good = !end.completed && end.oops.seen && class_of(end.oops.syndrome) == kDataAbortSame &&
                    status_of(end.oops.syndrome) == kExternalAbortWalkLevel3;
  report.check("core-kernel-walk-" + target.name,
               good && witness.aborts() == 1 && witness.logged(target.physical),
               end.oops.seen ? "'" + end.oops.title + "'" : describe(end, witness.aborts()));
}

void check_user_walk(const Host& host, Report& report, const Target& target, unsigned level) {
  const RefusalWitness witness(host);
  const TaskEnd end = probe_user_walk(host, target.physical, level);
  const bool right_syndrome = class_of(end.syndrome) == kDataAbortLower &&
                              status_of(end.syndrome) == kExternalAbortWalkLevel0 + level;
  const char* const infix = level == 3 ? "" : "level-2-";
  report.check(
      text("core-user-walk-%s%s", infix, target.name.c_str()),
      end.signal == SIGKILL && !end.oops.seen && right_syndrome && witness.aborts() == 1 &&
          witness.logged(target.physical),
      text("signal %d, ESR %#" PRIx64 ", %" PRIu64 " aborts", end.signal, end.syndrome, witness.aborts()));
}

void control_walks(const Host& host, Report& report) {
  bool kernel_fine = false;
  {
    const KernelWindow window(host, REDOUBT_TEST_WINDOW_TABLE, 0);
    kernel_fine = window.probe(REDOUBT_TEST_LOAD, kProbeOffset).completed;
  }
  report.check("control-kernel-walk", kernel_fine, "a table in ordinary memory translates");
  for (const unsigned level : {2U, 3U}) {
    const TaskEnd user = probe_user_walk(host, 0, level);
    report.check(text("control-user-walk-level-%u", level), user.completed && user.value == 1,
                 "a table in ordinary memory translates");
  }
}

// The kernel touches core memory on behalf of a system call.
void check_system_call(const Host& host, Report& report, const Target& target) {
  const auto read_into = [&](std::uint64_t physical) {
    return run_in_task(
        [&]() -> std::uint64_t {
          const UserMapping mapping(host, physical, REDOUBT_TEST_CACHED);
          const int zero = ::open("/dev/zero", O_RDONLY | O_CLOEXEC);
          const ssize_t length = ::read(zero, const_cast<void*>(mapping.at(0)), 64);
          return length == 64 ? 1 : 2;
        },
        0);
  };
  const TaskEnd control = read_into(host.own_page());
  report.check("control-system-call-" + target.name, control.completed && control.value == 1,
               "read() into an ordinary page succeeds");
  const RefusalWitness witness(host);
  const TaskEnd end = read_into(target.physical);
  const bool refused =
      (!end.completed || end.value == 2) && witness.aborts() >= 1 && witness.logged(target.physical);
  report.check("core-system-call-" + target.name, refused, describe(end, witness.aborts()));
}

}  // namespace

void check_core_memory(const Host& host, Report& report) {
  report.heading("core memory: every route the host has is refused, the host lives on");
  control_user(host, report);
  control_kernel(host, report);
  control_walks(host, report);
  const std::vector<Target> list = targets(host);
  if (!report.check("core-ranges", list.size() == 6,
                    text("%zu pages to try: first, middle, last of both ranges", list.size())))
    return;
  for (const Target& target : list)
    check_user_refused(host, report, {"core-user-" + target.name, target.physical});
  check_other_routes(host, report, list.front());
  check_other_routes(host, report, list.back());
  for (const Target& target : list) {
    check_kernel_refused(host, report, {"core-kernel-" + target.name, target.physical},
                         &target == &list.front());
  }
  for (const std::size_t i : {std::size_t{0}, std::size_t{3}}) {
    check_kernel_walk(host, report, list[i]);
    check_user_walk(host, report, list[i], 3);
    check_user_walk(host, report, list[i], 2);
    check_system_call(host, report, list[i]);
  }
}

}  // namespace redoubt::checks
