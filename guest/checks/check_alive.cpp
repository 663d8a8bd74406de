// SPDX-License-Identifier: BSD-3-Clause
// Whether the host still forks, sleeps, keeps files and answers after everything that was refused; and the
// counters.
#include <endian.h>
#include <fcntl.h>
#include <glob.h>
#include <sys/klog.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cinttypes>
#include <vector>

#include "guest/checks/checks.hpp"

namespace redoubt::checks {
namespace {

bool forks() {
  for (int i = 0; i < 20; ++i) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(i);
    int status = 0;
    if (::waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) != i) return false;
  }
  return true;
}

long sleep_milliseconds() {
  timespec before{};
  timespec after{};
  const timespec pause{0, 20'000'000};
  ::clock_gettime(CLOCK_MONOTONIC, &before);
  ::nanosleep(&pause, nullptr);
  ::clock_gettime(CLOCK_MONOTONIC, &after);
  return (after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1'000'000;
}

// Lines of the kernel log that tell of a host that is not well.
int complaints() {
  constexpr int kReadAll = 3;
  constexpr int kSize = 10;
  std::vector<char> log(static_cast<std::size_t>(::klogctl(kSize, nullptr, 0)) + 1);
  const int length = ::klogctl(kReadAll, log.data(), static_cast<int>(log.size()) - 1);
  const std::string all(log.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
  int count = length > 0 ? 0 : 1;
  for (const char* sign :
       {"BUG: soft lockup", "rcu: INFO: rcu_", "hung_task", "BUG: Bad page", "Fixing recursive fault",
        "Out of memory", "self-detected stall", "BUG: Bad rss-counter"}) {
    if (all.find(sign) != std::string::npos) ++count;
  }
  return count;
}

constexpr std::uint64_t kPageSize = 4096;
constexpr std::uint64_t kPagesPerBlock = 512;
// The host's pool on this board: root, level-1 pair, level-2 tables, a level-3 table for each 2 MiB of 4 GiB
// and 16 for the device windows.
constexpr std::uint64_t kMostTablePages = 1 + 2 + 7 + 2048 + 16;

// What the device tree lists as RAM: pairs of 64-bit numbers.
std::uint64_t ram_pages() {
  std::uint64_t pages = 0;
  glob_t nodes{};
  if (::glob("/sys/firmware/devicetree/base/memory@*/reg", 0, nullptr, &nodes) != 0) return 0;
  for (std::size_t i = 0; i < nodes.gl_pathc; ++i) {
    std::array<std::uint64_t, 64> cells{};
    const int file = ::open(nodes.gl_pathv[i], O_RDONLY | O_CLOEXEC);
    const ssize_t length = ::read(file, cells.data(), sizeof(cells));
    ::close(file);
    for (ssize_t at = 1; at < length / 8; at += 2) {
      pages += be64toh(cells.at(static_cast<std::size_t>(at))) / kPageSize;
    }
  }
  ::globfree(&nodes);
  return pages;
}

// Distributor, console, clock, power button, and each CPU's redistributor but its first page.
std::uint64_t device_pages() {
  constexpr std::uint64_t shared = 16 + 3;
  constexpr std::uint64_t redistributor = 31;
  return shared + redistributor * static_cast<std::uint64_t>(::sysconf(_SC_NPROCESSORS_CONF));
}

struct Line {
  redoubt_counter which;
  const char* name;
};

}  // namespace

void check_alive(const Host& host, Report& report) {
  report.heading("host: it is well after all that");
  report.check("alive-fork", forks(), "20 processes");
  const long slept = sleep_milliseconds();
  report.check("alive-timer", slept >= 20 && slept < 2000, text("20 ms asked, %ld ms slept", slept));
  const bool written = write_file("/tmp/alive", "redoubt\n");
  report.check("alive-file", written && read_line("/tmp/alive") == "redoubt", "written and read back");
  const int bad = complaints();
  report.check("alive-kernel-log", bad == 0, text("%d signs of a stall, a bad page or lack of memory", bad));
  report.check("alive-core", host.core_present(), "the core answers");
}

void check_bounds(const Host& host, Report& report) {
  report.heading("the core's page tables for the host: within their bounds");
  const std::uint64_t blocks = host.counter_or_zero(REDOUBT_COUNTER_HOST_BLOCKS_2M);
  const std::uint64_t pages = host.counter_or_zero(REDOUBT_COUNTER_HOST_PAGES_4K);
  const std::uint64_t tables = host.counter_or_zero(REDOUBT_COUNTER_HOST_TABLE_PAGES);
  const std::uint64_t ram = ram_pages();
  const std::uint64_t most =
      ram - host.counter_or_zero(REDOUBT_COUNTER_CORE_BYTES) / kPageSize + device_pages();
  report.check("counter-blocks", blocks > 0, text("%" PRIu64 " blocks of 2 MiB", blocks));
  report.check("counter-tables", tables > 0 && tables <= kMostTablePages,
               text("%" PRIu64 " pages, the pool has %" PRIu64, tables, kMostTablePages));
  report.check("counter-mapped", ram > 0 && pages + kPagesPerBlock * blocks <= most,
               text("%" PRIu64 " of at most %" PRIu64 " pages", pages + kPagesPerBlock * blocks, most));
}

void print_counters(const Host& host, Report& report) {
  static constexpr std::array kLines{
      Line{REDOUBT_COUNTER_EL2_ENTRIES, "EL2 entries"},
      Line{REDOUBT_COUNTER_HVC, "  by HVC"},
      Line{REDOUBT_COUNTER_SMC, "  by SMC"},
      Line{REDOUBT_COUNTER_STAGE2_FAULT, "  by stage-2 fault"},
      Line{REDOUBT_COUNTER_SYSREG, "  by system register"},
      Line{REDOUBT_COUNTER_MMIO, "  device accesses emulated"},
      Line{REDOUBT_COUNTER_OTHER, "  by anything else"},
      Line{REDOUBT_COUNTER_ABORTS_INJECTED, "aborts injected"},
      Line{REDOUBT_COUNTER_UNDEF_INJECTED, "UNDEFINED injected"},
      Line{REDOUBT_COUNTER_HOST_PAGES_4K, "host pages of 4 KiB"},
      Line{REDOUBT_COUNTER_HOST_BLOCKS_2M, "host blocks of 2 MiB"},
      Line{REDOUBT_COUNTER_HOST_TABLE_PAGES, "host table pages"},
      Line{REDOUBT_COUNTER_CORE_BYTES, "core memory, bytes"},
      Line{REDOUBT_COUNTER_EL2_TICKS, "ticks at EL2 since the first ERET"},
      Line{REDOUBT_COUNTER_BOOT_TICKS, "ticks from entry to the first ERET"},
  };
  report.heading("counters of the core");
  for (const Line& line : kLines) {
    const auto value = host.counter(line.which);
    report.note(value ? text("%-36s %12" PRIu64, line.name, *value) : text("%-36s refused", line.name));
  }
}

}  // namespace redoubt::checks
