// SPDX-License-Identifier: BSD-3-Clause
// CPUs go off and come back, through the core, as often as the host likes.
#include <sched.h>
#include <unistd.h>

#include <cinttypes>

#include "guest/checks/checks.hpp"

namespace redoubt::checks {
namespace {

constexpr int kRounds = 3;
constexpr std::int64_t kOn = 0;
constexpr std::int64_t kOff = 1;

bool set_online(unsigned cpu, bool online) {
  return write_file(text("/sys/devices/system/cpu/cpu%u/online", cpu), online ? "1" : "0");
}

bool runs_on(unsigned cpu) {
  cpu_set_t before;
  cpu_set_t wanted;
  CPU_ZERO(&wanted);
  CPU_SET(cpu, &wanted);
  sched_getaffinity(0, sizeof(before), &before);
  if (sched_setaffinity(0, sizeof(wanted), &wanted) != 0) return false;
  const bool there = sched_getcpu() == static_cast<int>(cpu);
  sched_setaffinity(0, sizeof(before), &before);
  return there;
}

// On QEMU virt, CPUs 0..7 have affinity 0..7.
std::int64_t affinity(const Host& host, unsigned cpu) { return host.smc(kPsciAffinityInfo, cpu, 0); }

void check_one(const Host& host, Report& report, unsigned cpu) {
  bool fine = true;
  const std::uint64_t position = host.log_position();
  for (int round = 0; round < kRounds; ++round) {
    fine = fine && set_online(cpu, false) && affinity(host, cpu) == kOff && !runs_on(cpu);
    fine = fine && set_online(cpu, true) && affinity(host, cpu) == kOn && runs_on(cpu);
  }
  report.check(text("cpu-%u-off-on", cpu), fine,
               text("%d rounds, AFFINITY_INFO agrees, it runs tasks again", kRounds));
  constexpr std::uint64_t kAffinity = 0xff'00ff'ffff;  // MPIDR without its flag bits
  const bool logged = host.logged(position, REDOUBT_EVENT_CPU_OFF, cpu, kAffinity) &&
                      host.logged(position, REDOUBT_EVENT_CPU_ON, cpu, kAffinity) &&
                      host.logged(position, REDOUBT_EVENT_CPU_UP, cpu, kAffinity);
  report.check(text("cpu-%u-logged", cpu), logged, "off, on and up are in the log");
}

// While a CPU is off, the host may not start it in the core's memory or nowhere.
void check_bad_entries(const Host& host, Report& report, unsigned cpu) {
  constexpr std::int64_t kInvalidAddress = -9;
  if (!report.check("cpu-off-for-bad-entry", set_online(cpu, false) && affinity(host, cpu) == kOff, "off"))
    return;
  const std::int64_t core =
      host.smc(kPsciCpuOn, cpu, host.counter_or_zero(REDOUBT_COUNTER_CORE_IMAGE_BASE), 0);
  const std::int64_t device = host.smc(kPsciCpuOn, cpu, 0x09000000, 0);
  const bool still_off = affinity(host, cpu) == kOff;
  report.check("cpu-on-in-core-memory", core == kInvalidAddress && still_off, text("answer %" PRId64, core));
  report.check("cpu-on-in-a-device", device == kInvalidAddress && still_off, text("answer %" PRId64, device));
  report.check("control-cpu-on", set_online(cpu, true) && affinity(host, cpu) == kOn && runs_on(cpu),
               "the kernel's own entry works");
}

}  // namespace

void check_cpus(const Host& host, Report& report) {
  const auto count = static_cast<unsigned>(::sysconf(_SC_NPROCESSORS_CONF));
  report.heading("CPUs: off and on through the core");
  report.check("cpus-online", count == static_cast<unsigned>(::sysconf(_SC_NPROCESSORS_ONLN)),
               text("%u of %u", count, count));
  if (count == 1) {
    report.note("one CPU: none to switch off");
    return;
  }
  for (unsigned cpu = 1; cpu < count; ++cpu) check_one(host, report, cpu);
  bool together = true;
  for (unsigned cpu = 1; cpu < count; ++cpu) together = set_online(cpu, false) && together;
  for (unsigned cpu = 1; cpu < count; ++cpu) together = affinity(host, cpu) == kOff && together;
  for (unsigned cpu = 1; cpu < count; ++cpu) together = set_online(cpu, true) && runs_on(cpu) && together;
  report.check("cpus-all-off-all-on", together, "the host ran on CPU 0 alone in between");
  check_bad_entries(host, report, count - 1);
}

}  // namespace redoubt::checks
