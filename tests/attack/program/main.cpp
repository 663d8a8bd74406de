// SPDX-License-Identifier: BSD-3-Clause
// Runs attacks, each after its control, and says whether the core held: the attack refused, nothing changed,
// every other VM and the host still running.
#include <sys/wait.h>
#include <unistd.h>

#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "tests/attack/program/groups.hpp"
#include "tests/attack/program/restart.hpp"

namespace redoubt::attack {
namespace {

constexpr int kUsage = 2;

struct Group {
  const char* name;
  std::span<const Attack> (*attacks)();
};

constexpr std::array kGroups{
    Group{"memory", memory_attacks},
    Group{"ownership", ownership_attacks},
    Group{"arguments", argument_attacks},
    Group{"admission", admission_attacks},
    Group{"vcpu", vcpu_attacks},
    Group{"guest", guest_attacks},
    Group{"translation", translation_attacks},
    Group{"race", race_attacks},
    Group{"edges", edge_attacks},
    Group{"registers", register_attacks},
    Group{"narrow", narrow_attacks},
    Group{"signals", signal_attacks},
    Group{"ledger", ledger_attacks},  // leaves no room for new names
};

// What no attack may change: every VMID's state and totals.
using Snapshot = std::array<Result, kMostVms + 1>;

Snapshot take_snapshot(const Host& host) {
  Snapshot snapshot{};
  for (u64 vmid = 1; vmid <= kMostVms; ++vmid) snapshot[vmid] = call(host, REDOUBT_HOST_VM_INFO, vmid);
  return snapshot;
}

std::string difference(const Snapshot& before, const Snapshot& after) {
  for (u64 i = 1; i <= kMostVms; ++i) {
    if (before[i].status != after[i].status || before[i].x1 != after[i].x1 || before[i].x2 != after[i].x2 ||
        before[i].x3 != after[i].x3) {
      return text("VM %" PRIu64 " was %" PRIu64 "/%" PRIu64 "/%" PRIu64 ", is %" PRIu64 "/%" PRIu64
                  "/%" PRIu64,
                  i, before[i].x1, before[i].x2, before[i].x3, after[i].x1, after[i].x2, after[i].x3);
    }
  }
  return {};
}

bool host_forks() {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(7);
  int status = 0;
  return ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 7;
}

// The audit of a core that has one; empty: clean, or there is none.
std::string audit(const Host& host, bool& exists) {
  u64 index = 0;
  do {
    const Result result = call(host, REDOUBT_HOST_AUDIT, index);
    exists = result.status != REDOUBT_NOT_SUPPORTED;
    if (!exists) return {};
    if (result.status != REDOUBT_SUCCESS)
      return text("audit: invariant %" PRIu64 " at frame %#" PRIx64, result.x1, result.x2);
    index = result.x1;
  } while (index != 0);
  return {};
}

// Everything around the attack.
std::string damage(const Lab& lab, const Snapshot& before) {
  bool audited = false;
  if (std::string changed = difference(before, take_snapshot(lab.host)); !changed.empty()) return changed;
  if (!lab.witness.answers() || !lab.witness.answers(1)) return "the other VM does not run any more";
  if (!host_forks() || !lab.host.core_present()) return "the host does not work any more";
  return audit(lab.host, audited);
}

void run_one(const Lab& lab, checks::Report& report, const Attack& attack) {
  move_to_cpu(0);
  const Snapshot before = take_snapshot(lab.host);
  const Verdict control = attack.control(lab);
  report.check(std::string("control-") + attack.name, control.good, control.seen);
  const Verdict verdict = attack.attack(lab);
  move_to_cpu(0);
  const std::string harm = damage(lab, before);
  report.check(attack.name, verdict.good && control.good && harm.empty(),
               harm.empty() ? verdict.seen : verdict.seen + "; " + harm);
}

struct Options {
  std::string_view mode, what;
  u64 number = 100, seed = 1;
  std::string file;  // for the trace
};

int run_attacks(const Lab& lab, const Options& options) {
  checks::Report report;
  unsigned count = 0;
  for (const Group& group : kGroups) {
    if (options.mode == "group" && options.what != group.name) continue;
    report.heading(text("attacks: %s", group.name));
    for (const Attack& attack : group.attacks()) {
      if (options.mode == "one" && options.what != attack.name) continue;
      run_one(lab, report, attack);
      ++count;
    }
  }
  bool audited = false;
  audit(lab.host, audited);
  report.note(text("%u attacks; the core %s an audit", count, audited ? "has" : "does not have"));
  return report.total();
}

int list() {
  for (const Group& group : kGroups)
    for (const Attack& attack : group.attacks()) std::printf("%s %s\n", group.name, attack.name);
  return 0;
}

int usage() {
  std::fputs(
      "Usage: redoubt-attack all | group NAME | one NAME | fuzz CALLS SEED [TRACE_FILE] | reset | kexec | "
      "leave | "
      "list\n"
      "Runs inside the host; needs redoubt_test.ko, and the bundles in /vm. No driver may use VMs "
      "meanwhile.\n",
      stderr);
  return kUsage;
}

struct Bundles {
  Bundle main, older, stranger, wide;
  [[nodiscard]] bool read() {
    return main.read("/vm/attack-main.bundle") && older.read("/vm/attack-older.bundle") &&
           stranger.read("/vm/attack-stranger.bundle") && wide.read("/vm/attack-wide.bundle");
  }
};

// Leaves two VMs as they run, for the machine to be switched off: nothing is ended, no destructor runs.
int leave(const Lab& lab) {
  const Victim victim(lab);
  if (!victim.ready()) return 1;
  std::printf("note left page %#" PRIx64 " seed %#" PRIx64 "\n", victim.page.physical, Victim::kSeed);
  std::fflush(stdout);
  ::sleep(4);  // time to look at the page
  ::_exit(0);
}

int perform(const Options& options) {
  Host host;
  Bundles bundles;
  if (!host.open() || !bundles.read()) {
    std::fputs("error: /dev/redoubt-test or a bundle in /vm is missing\n", stderr);
    return kUsage;
  }
  move_to_cpu(0);
  if (options.mode == "reset") return restart_by_reset(host, bundles.main);
  if (options.mode == "kexec") return restart_by_kexec(host, bundles.main);
  Vm witness(host, bundles.main);
  if (!witness.start() || !witness.answers() || !witness.start_second()) {
    std::printf("check witness ... FAIL a VM does not run: %s\n", name_of(witness.status));
    return 1;
  }
  std::printf("check witness ... PASS VM %" PRIu64 " runs, 2 vCPUs\n", witness.id);
  const Lab lab{host, bundles.main, bundles.older, bundles.stranger, bundles.wide, witness, options.number};
  if (options.mode == "leave") return leave(lab);
  return options.mode == "fuzz" ? fuzz(lab, options.number, options.seed, options.file)
                                : run_attacks(lab, options);
}

int run(int count, char** arguments) {
  Options options;
  options.mode = count > 1 ? arguments[1] : "";
  options.what = count > 2 ? arguments[2] : "";
  if (options.mode == "list") return list();
  if ((options.mode == "all" || options.mode == "reset" || options.mode == "kexec" ||
       options.mode == "leave") &&
      count == 2)
    return perform(options);
  if ((options.mode == "group" || options.mode == "one") && count == 3) return perform(options);
  if (options.mode != "fuzz" || count < 4 || count > 5) return usage();
  if (count == 5) options.file = arguments[4];
  options.number = std::strtoull(arguments[2], nullptr, 0);
  options.seed = std::strtoull(arguments[3], nullptr, 0);
  return perform(options);
}

}  // namespace
}  // namespace redoubt::attack

int main(int count, char** arguments) { return redoubt::attack::run(count, arguments); }
