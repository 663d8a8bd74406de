// SPDX-License-Identifier: BSD-3-Clause
// The pattern test over all free host RAM.
#include <sys/ioctl.h>

#include <cinttypes>

#include "guest/checks/checks.hpp"

namespace redoubt::checks {
namespace {

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;
constexpr std::uint64_t kLeftToHost = 32 * kMiB;  // the module's reserve and its rounding

// MiB, words and addresses as the report prints them.
struct Figures {
  std::uint64_t available, total, covered, errors, lowest, highest;
};

void run_pattern(const Host& host, Report& report, bool all_words) {
  report.heading("memory: every free page of the host keeps its own pattern");
  redoubt_test_memory_run run{};
  run.all_words = all_words ? 1 : 0;
  if (::ioctl(host.device(), REDOUBT_TEST_MEMORY_RUN, &run) != 0) {
    report.check("memory-pattern", false, "the module could not run it");
    return;
  }
  const Figures figures{run.available_bytes / kMiB,
                        run.total_bytes / kMiB,
                        run.covered_bytes / kMiB,
                        run.errors,
                        run.lowest,
                        run.highest};
  const char* const extent = all_words ? "every word" : "one word a page";
  report.check("memory-pattern", run.errors == 0 && run.covered_bytes > 0,
               text("%" PRIu64 " MiB, %s, %" PRIu64 " errors, pages %#" PRIx64 "..%#" PRIx64, figures.covered,
                    extent, figures.errors, figures.lowest, figures.highest));
  report.check("memory-covered", run.covered_bytes + kLeftToHost >= run.available_bytes,
               text("%" PRIu64 " of %" PRIu64 " MiB available, %" PRIu64 " MiB in all", figures.covered,
                    figures.available, figures.total));
}

}  // namespace

void check_memory(const Host& host, Report& report) { run_pattern(host, report, false); }

void check_memory_all_words(const Host& host, Report& report) { run_pattern(host, report, true); }

}  // namespace redoubt::checks
