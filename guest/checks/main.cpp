// SPDX-License-Identifier: BSD-3-Clause
// The check program that runs inside the host: `story` (all checks), `measure` (counters only), `group NAME`.
#include <array>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <string_view>

#include "guest/checks/checks.hpp"

namespace redoubt::checks {
namespace {

constexpr int kUsage = 2;

std::uint64_t virtual_counter() {
  std::uint64_t ticks = 0;  // NOLINT(misc-const-correctness): the instruction writes it
  asm volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(ticks));
  return ticks;
}

struct Group {
  const char* name;
  void (*run)(const Host&, Report&);
};

constexpr std::array kGroups{
    Group{"calls", check_calls},
    Group{"registers", check_registers},
    Group{"core-memory", check_core_memory},
    Group{"devices", check_devices},
    Group{"cpus", check_cpus},
    Group{"memory", check_memory},
    Group{"counters", check_bounds},  // before a VM has made and dropped entries of the host's tables
    Group{"vm", check_vm},
    Group{"alive", check_alive},
    Group{"memory-all-words", check_memory_all_words},
};

// In the story, one of the two memory tests runs.
bool belongs(const Group& group, bool all_words) {
  return group.run != (all_words ? check_memory : check_memory_all_words);
}

int run_story(const Host& host, bool all_words) {
  Report report;
  report.heading("core: the hypervisor answers");
  const bool present = host.core_present();
  if (!report.check("core-present", present, present ? "it answers the version call" : "no core found")) {
    report.note("the other checks need a core and are not run");
    return report.total();
  }
  for (const Group& group : kGroups) {
    if (belongs(group, all_words)) group.run(host, report);
  }
  print_counters(host, report);
  return report.total();
}

int run_group(const Host& host, const char* name) {
  for (const Group& group : kGroups) {
    if (std::strcmp(group.name, name) != 0) continue;
    Report report;
    group.run(host, report);
    return report.total();
  }
  std::fprintf(stderr, "error: no such group of checks: %s\n", name);
  return kUsage;
}

int measure(const Host& host, std::uint64_t ticks) {
  Report report;
  report.note(text("ticks at user space %" PRIu64, ticks));
  if (host.core_present()) {
    print_counters(host, report);
  } else {
    report.note("no core found");
  }
  return 0;
}

int usage() {
  std::fputs("Usage: redoubt-checks story [--all-words] | measure | group NAME\nGroups:", stderr);
  for (const Group& group : kGroups) std::fprintf(stderr, " %s", group.name);
  std::fputs("\nRuns inside the host; needs redoubt_test.ko.\n", stderr);
  return kUsage;
}

int run(int count, char** arguments) {
  const std::uint64_t ticks = virtual_counter();
  const std::string_view mode = count > 1 ? arguments[1] : "";
  const std::string_view option = count > 2 ? arguments[2] : "";
  const bool fits = (mode == "story" && (option.empty() || option == "--all-words")) ||
                    (mode == "measure" && option.empty()) || (mode == "group" && !option.empty());
  if (!fits || count > 3) return usage();
  Host host;
  if (!host.open()) {
    std::fputs("error: /dev/redoubt-test is missing: load redoubt_test.ko first\n", stderr);
    return kUsage;
  }
  if (mode == "group") return run_group(host, arguments[2]);
  return mode == "story" ? run_story(host, !option.empty()) : measure(host, ticks);
}

}  // namespace
}  // namespace redoubt::checks

int main(int count, char** arguments) { return redoubt::checks::run(count, arguments); }
