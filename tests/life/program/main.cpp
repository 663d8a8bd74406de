// SPDX-License-Identifier: BSD-3-Clause
// Lives of VMs through the driver and the redoubt command: one after the other, many at once, their VMMs
// killed. Afterwards the core has no VMID, page or table page of a VM, and no page holds what a guest wrote.
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <vector>

#include "guest/checks/memory_scan.hpp"
#include "guest/checks/report.hpp"
#include "guest/checks/user_probe.hpp"
#include "tests/life/program/host_memory.hpp"
#include "tests/life/program/runs.hpp"

namespace redoubt::life {
namespace {

using checks::Host;
using checks::Report;
using checks::text;
using u64 = std::uint64_t;

constexpr const char *kShort = "/vm/life.bundle", *kLong = "/vm/life-long.bundle",
                     *kDebian = "/vm/debian.bundle";
constexpr u64 kMaskedMark = 0x0b51e55ed0c0ffee;  // MASKED_MARK of guest/life
constexpr u64 kMaskedControl = 0x0c0117201ba5eba1;
constexpr int kUsage = 2, kProgress = 4000;  // milliseconds between lines
constexpr long kSlack = 16 << 10;            // KiB that the host may need for itself meanwhile

struct Plan {
  unsigned cycles = 0, together = 0, kills = 0, debians = 0;
  u64 seed = 0;
};

// What the core counts of VMs.
struct Totals {
  u64 vmids = 0, pages = 0, table_pages = 0;
  [[nodiscard]] bool none() const { return vmids == 0 && pages == 0 && table_pages == 0; }
};

Totals totals(const Host& host) {
  return {host.counter_or_zero(REDOUBT_COUNTER_VMIDS), host.counter_or_zero(REDOUBT_COUNTER_VM_PAGES),
          host.counter_or_zero(REDOUBT_COUNTER_VM_TABLE_PAGES)};
}

std::string describe(const Totals& t) {
  return text("%" PRIu64 " VMIDs, %" PRIu64 " pages, %" PRIu64 " table pages", t.vmids, t.pages,
              t.table_pages);
}

class Lives {
 public:
  Lives(const Host& host, const Plan& plan) : host_(host), plan_(plan), random_(plan.seed) {}

  int run() {
    report_.note(text("seed %" PRIu64, plan_.seed));
    const Totals before = totals(host_);
    report_.check("life-before", before.none(), describe(before));
    warm_up();
    const HostMemory memory = host_memory();
    if (plan_.cycles != 0) one_after_the_other();
    if (plan_.together != 0) all_at_once();
    if (plan_.kills != 0) killed();
    if (plan_.debians != 0) debians();
    const HostMemory left = host_memory();
    report_.check("life-host-memory", memory.free() - left.free() < kSlack, describe_loss(memory, left));
    nothing_left();
    return report_.total();
  }

 private:
  // A whole life: what went wrong, empty: nothing.
  std::string live(const char* bundle, const std::string& name) {
    Run run(bundle, name);
    return judge(run, run.finish());
  }
  static std::string judge(const Run& run, int status) {
    if (status == 0 && run.output().find("life: done") != std::string::npos) return {};
    return text("status %d, output: %.400s", status, run.output().c_str());
  }
  // While one lives, the core's counters say so: they are no constants. Also how long a life takes.
  void warm_up() {
    const long start = now_milliseconds();
    const std::string wrong = live(kShort, "first");
    usual_ = now_milliseconds() - start;
    Totals most;
    Run run(kLong, "watched");
    for (int tries = 0; tries < 1000 && most.pages < 64; ++tries) {
      most = totals(host_);
      ::usleep(2000);
    }
    const std::string also = judge(run, run.finish());
    const Totals after = totals(host_);
    report_.check("life-control",
                  wrong.empty() && also.empty() && most.vmids == 1 && most.table_pages != 0 && after.none(),
                  text("while one lives: %s; a life takes %ld ms %s%s", describe(most).c_str(), usual_,
                       wrong.c_str(), also.c_str()));
  }

  void progress(const char* what, unsigned done, unsigned all) {
    if (now_milliseconds() < next_line_) return;
    next_line_ = now_milliseconds() + kProgress;
    report_.note(text("%s: %u of %u", what, done, all));
  }

  void one_after_the_other() {
    unsigned done = 0;
    std::string wrong;
    const long start = now_milliseconds();
    for (; done < plan_.cycles && wrong.empty(); ++done) {
      wrong = live(kShort, text("life-%u", done));
      const Totals now = totals(host_);
      if (wrong.empty() && !now.none()) wrong = "left: " + describe(now);
      progress("lives", done + 1, plan_.cycles);
    }
    report_.check("life-cycles", wrong.empty(),
                  wrong.empty() ? text("%u lives, nothing left after any, %ld ms each", done,
                                       (now_milliseconds() - start) / static_cast<long>(done))
                                : text("life %u: ", done) + wrong);
  }

  // As many VMs as planned, started one after the other; `most` becomes how many lived at once. What went
  // wrong.
  std::string live_together(u64& most) {
    std::vector<std::unique_ptr<Run>> runs;
    runs.reserve(plan_.together);
    for (unsigned i = 0; i < plan_.together; ++i)
      runs.push_back(std::make_unique<Run>(kLong, text("together-%u", i)));
    most = 0;
    for (int tries = 0; tries < 3000 && most < plan_.together; ++tries) {
      const u64 alive = totals(host_).vmids;
      if (alive == 0 && most != 0) break;  // all have ended
      most = std::max(most, alive);
      ::usleep(5000);
      progress("VMs at once", static_cast<unsigned>(most), plan_.together);
    }
    std::string wrong;
    for (unsigned i = 0; i < plan_.together; ++i) {
      const std::string one = judge(*runs[i], runs[i]->finish());
      if (!one.empty()) wrong += text("VM %u: ", i) + one + "; ";
    }
    const Totals after = totals(host_);
    return after.none() ? wrong : wrong + "left: " + describe(after);
  }

  // On a busy machine the first VM may end before the last one is there: that is tried again.
  void all_at_once() {
    constexpr unsigned kAttempts = 4;
    std::string wrong;
    u64 most = 0;
    unsigned attempts = 0;
    const long start = now_milliseconds();
    for (; attempts < kAttempts && wrong.empty() && most < plan_.together; ++attempts)
      wrong = live_together(most);
    report_.check("life-together", wrong.empty() && most == plan_.together,
                  text("%" PRIu64 " at once, all to their end in %ld ms, attempt %u; %s", most,
                       now_milliseconds() - start, attempts, wrong.empty() ? "nothing left" : wrong.c_str()));
  }

  // The VMM ends at a random moment: while it starts, loads, verifies, runs, ends.
  void killed() {
    std::string wrong;
    unsigned done = 0, alive = 0, over = 0;
    for (; done < plan_.kills && wrong.empty(); ++done) {
      const bool is_long = random_() % 2 == 0;
      const u64 wait = random_() % (static_cast<u64>(usual_) * 1100);
      Run run(is_long ? kLong : kShort, text("killed-%u", done));
      ::usleep(static_cast<useconds_t>(wait));
      alive += totals(host_).vmids != 0 ? 1 : 0;
      run.kill();
      const int status = run.finish();
      over += status == 0 ? 1 : 0;
      const Totals now = totals(host_);
      if ((status != 0 && status != -1 - SIGKILL) || !now.none())
        wrong = text("killed after %" PRIu64 " us: status %d, left: %s", wait, status, describe(now).c_str());
      progress("VMMs killed", done + 1, plan_.kills);
    }
    if (wrong.empty()) wrong = live(kShort, "after-kills");
    report_.check("life-kills", wrong.empty() && alive != 0,
                  wrong.empty()
                      ? text("%u killed: %u with a VM, %u had just ended; nothing left, and a VM lives again",
                             done, alive, over)
                      : wrong);
  }

  void debians() {
    std::string wrong;
    unsigned done = 0;
    for (; done < plan_.debians && wrong.empty(); ++done) {
      constexpr int kSeconds = 120;
      Run run(kDebian, text("debian-%u", done));
      report_.note(text("Debian's kernel: life %u of %u", done + 1, plan_.debians));
      const bool up = run.answer("guest: up, ", "off");
      const int status = run.finish(kSeconds);
      const Totals now = totals(host_);
      if (!up || status != 0 || !now.none()) {
        wrong = text("life %u: status %d, left: %s; %.200s", done, status, describe(now).c_str(),
                     run.output().c_str());
      }
    }
    report_.check("life-debian", wrong.empty(), wrong.empty() ? text("%u lives, nothing left", done) : wrong);
  }

  // All memory, page by page: the host can read it again, and no guest's mark is in it. A word of the host's
  // own must be found.
  void nothing_left() {
    const u64 own = host_.own_page();
    const checks::UserMapping mapping(host_, own, REDOUBT_TEST_CACHED);
    static_cast<volatile u64*>(mapping.at(0))[7] = kMaskedControl ^ checks::kScanMask;
    const checks::Scan scan = checks::scan_memory(host_, {kMaskedMark}, {kMaskedControl});
    const bool control = scan.complete && scan.control == std::vector<u64>{own};
    report_.check("life-zeroed", control && scan.secret.empty() && scan.refused.empty(),
                  text("%" PRIu64 " pages read, %zu refused, the guests' mark in %zu, the host's own in %zu",
                       scan.pages, scan.refused.size(), scan.secret.size(), scan.control.size()));
  }

  const Host& host_;
  Plan plan_;
  Report report_;
  std::mt19937_64 random_;
  long usual_ = 0, next_line_ = 0;
};

int usage() {
  std::fputs(
      "Usage: redoubt-life CYCLES TOGETHER KILLS DEBIANS SEED\n"
      "Lets VMs live and end, many times; 0 leaves a part out. Needs redoubt.ko, redoubt_test.ko and the "
      "bundles in "
      "/vm.\n",
      stderr);
  return kUsage;
}

int run(int count, char** arguments) {
  constexpr int kArguments = 6;
  if (count != kArguments) return usage();
  const auto number = [&](int i) { return static_cast<unsigned>(std::strtoul(arguments[i], nullptr, 0)); };
  const Plan plan{number(1), number(2), number(3), number(4), std::strtoull(arguments[5], nullptr, 0)};
  Host host;
  if (!host.open()) {
    std::fputs("error: /dev/redoubt-test is missing\n", stderr);
    return kUsage;
  }
  return Lives(host, plan).run();
}

}  // namespace
}  // namespace redoubt::life

int main(int count, char** arguments) { return redoubt::life::run(count, arguments); }
