// SPDX-License-Identifier: BSD-3-Clause
// The groups of checks, each in a file of its own.
#pragma once

#include "guest/checks/host.hpp"
#include "guest/checks/report.hpp"

namespace redoubt::checks {

// What came of one refused access: exactly one injected abort, and a log record with its address.
class RefusalWitness {
 public:
  explicit RefusalWitness(const Host& host)
      : host_(host),
        position_(host.log_position()),
        aborts_(host.counter_or_zero(REDOUBT_COUNTER_ABORTS_INJECTED)) {}
  // Aborts injected since construction.
  [[nodiscard]] std::uint64_t aborts() const {
    return host_.counter_or_zero(REDOUBT_COUNTER_ABORTS_INJECTED) - aborts_;
  }
  // A HOST_ABORT record that names the page of `physical`.
  [[nodiscard]] bool logged(std::uint64_t physical) const {
    return host_.logged(position_, REDOUBT_EVENT_HOST_ABORT, physical, ~std::uint64_t{0xfff});
  }

 private:
  const Host& host_;
  std::uint64_t position_;
  std::uint64_t aborts_;
};

// A page that must be refused, and the name of the check.
struct Target {
  std::string name;
  std::uint64_t physical;
};
// Every instruction at EL0 gives SIGBUS, one abort and a log record.
void check_user_refused(const Host& host, Report& report, const Target& target);
// The kernel's accesses (all, or load, store and fetch) each end their task by an external abort.
void check_kernel_refused(const Host& host, Report& report, const Target& target, bool all_operations);

// Calls into the core and to the firmware.
void check_calls(const Host& host, Report& report);
// Exception level, ID registers, EL2 registers.
void check_registers(const Host& host, Report& report);
// Every route to the core's memory.
void check_core_memory(const Host& host, Report& report);
// Devices withheld, and LPIs.
void check_devices(const Host& host, Report& report);
// CPUs off and on.
void check_cpus(const Host& host, Report& report);
// The pattern test over the host's RAM: one word a page, or every word.
void check_memory(const Host& host, Report& report);
void check_memory_all_words(const Host& host, Report& report);
// A protected guest: it runs, its memory is its own, and comes back when it ends.
void check_vm(const Host& host, Report& report);
// Bundles that must be refused, each with one message and without a trace.
void check_bundles(Report& report);
// Whether the host still works after all that.
void check_alive(const Host& host, Report& report);
// What the page-table counters must satisfy; and all counters, as notes.
void check_bounds(const Host& host, Report& report);
void print_counters(const Host& host, Report& report);

}  // namespace redoubt::checks
