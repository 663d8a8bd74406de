// SPDX-License-Identifier: BSD-3-Clause
// A protected guest under this host: it boots, the host cannot look inside, and its pages come back.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cinttypes>
#include <cstdlib>

#include "guest/checks/checks.hpp"
#include "guest/checks/memory_scan.hpp"
#include "guest/checks/user_probe.hpp"
#include "guest/checks/vm_run.hpp"

namespace redoubt::checks {
namespace {

constexpr const char* kDebian = "/vm/debian.bundle";
constexpr const char* kPayload = "/vm/payload.bundle";
constexpr unsigned kProbes = 3;  // guest pages whose every access is tried

// "xxxxxxxx" eight times, as the guest prints its masked secret, low half of each word first.
MaskedPattern parse_secret(const std::string& line) {
  MaskedPattern pattern{};
  const char* at = line.c_str();
  for (std::uint64_t& word : pattern) {
    for (const unsigned shift : {0U, 32U}) {
      char* end = nullptr;
      word |= std::strtoull(at, &end, 16) << shift;
      at = end;
    }
  }
  return pattern;
}

// A pattern of the host's own, planted once, which a search must find: without it, finding nothing says
// nothing.
class Control {
 public:
  explicit Control(const Host& host) : page_(host.own_page()) {
    const int random = ::open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    const bool filled = random >= 0 && ::read(random, pattern_.data(), sizeof(pattern_)) == sizeof(pattern_);
    if (random >= 0) ::close(random);
    if (!filled) pattern_.fill(page_);
    const UserMapping mapping(host, page_, REDOUBT_TEST_CACHED);
    auto* const words = static_cast<volatile std::uint64_t*>(mapping.at(0));
    for (std::size_t i = 0; i < pattern_.size(); ++i) words[i] = pattern_[i] ^ kScanMask;
  }
  [[nodiscard]] const MaskedPattern& pattern() const { return pattern_; }
  [[nodiscard]] bool found_by(const Scan& scan) const {
    return scan.complete && scan.control == std::vector<std::uint64_t>{page_};
  }

 private:
  std::uint64_t page_;
  MaskedPattern pattern_{};
};

std::string describe(const Scan& scan) {
  return text("%" PRIu64 " pages read, %zu refused beside the core's %" PRIu64
              "; secret in %zu, control in %zu",
              scan.pages, scan.refused.size(), scan.core_refused, scan.secret.size(), scan.control.size());
}

struct Stage {
  const Host& host;
  Report& report;
  VmRun& run;
  Control control;
  MaskedPattern secret{};
  std::vector<std::uint64_t> pages;  // of the guest
};

// From the first entry of a vCPU: under a counted clock a nanosecond is an instruction.
void note_boot(Stage& stage, long start) {
  const auto vm = find_vm("debian");
  if (!vm) return;
  stage.report.note(
      text("from its start to its first process: %ld ms; %llu pages owned, %llu blocks of 2 MiB",
           now_milliseconds() - start, vm->pages, vm->blocks));
  stage.report.note(text("exits: %llu interrupts, %llu waits, %llu device accesses, %llu faults",
                         vm->exits[0], vm->exits[1], vm->exits[2], vm->exits[3]));
}

bool check_boot(Stage& stage) {
  const bool verified = stage.run.expect("redoubt: debian: verified").has_value();
  const long start = now_milliseconds();
  stage.report.check("vm-verified", verified, "by the core, page by page");
  const auto version = stage.run.expect("guest: Linux version ");
  stage.report.check("vm-kernel", version.has_value(),
                     version ? "Linux version " + version->substr(0, 40) : "silent");
  if (version) note_boot(stage, start);
  const auto up = version ? stage.run.expect("guest: up, ") : std::nullopt;
  stage.report.check("vm-user-space", up.has_value(), up.value_or("it never came up"));
  stage.report.check("vm-cpus", up && up->starts_with("2 CPUs"), "both vCPUs run");
  VmRun list({"ps"});
  stage.report.check("vm-listed", list.expect("   1 debian").has_value(), "redoubt ps shows it");
  return up.has_value();
}

bool check_secret(Stage& stage) {
  stage.run.send("secret");
  const auto line = stage.run.expect("guest: secret");
  if (line) stage.secret = parse_secret(*line);
  return stage.report.check("vm-secret", line.has_value() && stage.secret[0] != 0,
                            line ? "made inside; the host knows it masked" : "the guest made none");
}

void check_hidden(Stage& stage) {
  const Scan scan = scan_memory(stage.host, stage.secret, stage.control.pattern());
  const auto vm = find_vm("debian");
  stage.pages = scan.refused;
  stage.report.check("vm-scan-control", stage.control.found_by(scan), describe(scan));
  stage.report.check("vm-scan-secret", scan.complete && scan.secret.empty(),
                     text("in no page of %" PRIu64 " that the host can read", scan.pages));
  stage.report.check("vm-scan-refused", vm && vm->pages != 0 && scan.refused.size() == vm->pages,
                     text("%zu pages refused, the VM owns %llu", scan.refused.size(), vm ? vm->pages : 0));
}

void check_refused(Stage& stage) {
  const std::size_t count = stage.pages.size();
  for (unsigned i = 0; i < kProbes && count != 0; ++i) {
    const std::uint64_t page = stage.pages[i * (count - 1) / (kProbes - 1)];
    check_user_refused(stage.host, stage.report, {text("vm-user-%u", i), page});
    check_kernel_refused(stage.host, stage.report, {text("vm-kernel-%u", i), page}, false);
  }
}

void check_sharing(Stage& stage) {
  stage.run.send("share");
  const bool shared = stage.run.expect("guest: shared").has_value();
  const Scan scan = scan_memory(stage.host, stage.secret, stage.control.pattern());
  const auto vm = find_vm("debian");
  stage.report.check("vm-shared-found", shared && scan.secret.size() == 1 && vm && vm->shared_pages == 1,
                     describe(scan));
  stage.run.send("unshare");
  const bool unshared = stage.run.expect("guest: unshared").has_value();
  const bool refused = scan.secret.size() == 1 && [&] {
    const UserMapping mapping(stage.host, scan.secret[0], REDOUBT_TEST_CACHED);
    return probe_user(Instruction::kLoad, mapping.at(0)).signal == SIGBUS;
  }();
  stage.report.check("vm-unshared-refused", unshared && refused,
                     "the same page, after the guest took it back");
}

void check_intact(Stage& stage) {
  stage.run.send("check");
  stage.report.check("vm-intact", stage.run.expect("guest: memory intact").has_value(),
                     "the guest's memory, after all the host tried");
}

void check_second_name(Report& report) {
  std::string last;
  const int status = run_and_end({"run", "--name", "debian", kPayload}, last);
  report.check("vm-name-taken", status == 2 && last.find("exists") != std::string::npos, last);
}

// What is left once no VM exists.
void check_returned(const Stage& stage, const char* name) {
  const Scan scan = scan_memory(stage.host, stage.secret, stage.control.pattern());
  const bool good = stage.control.found_by(scan) && scan.refused.empty() && scan.secret.empty();
  if (stage.pages.empty()) {
    stage.report.check(name, good, describe(scan));
    return;
  }
  const std::uint64_t zero = count_zero_pages(stage.host, stage.pages);
  stage.report.check(
      name, good && zero != 0,
      text("all can be read, the secret is in none; %" PRIu64 " of %zu still zero, the others in use", zero,
           stage.pages.size()));
}

void check_stop(Stage& stage) {
  std::string last;
  const int stopped = run_and_end({"stop", "debian"}, last);
  const int status = stage.run.finish();
  stage.report.check("vm-stopped", stopped == 0 && status == 1 && !find_vm("debian"),
                     text("redoubt stop %d, redoubt run %d, none listed", stopped, status));
  check_returned(stage, "vm-returned");
  for (const std::string& remark : stage.run.remarks()) stage.report.note(remark);
}

// The VM's process is killed while its images are verified; then the same VMID serves another guest to its
// end.
void check_kill(Stage& stage) {
  {
    VmRun run({"run", kDebian});
    const bool began = run.expect("redoubt: debian: ").has_value();
    ::usleep(300'000);
    run.kill(SIGKILL);
    const int status = run.finish();
    stage.report.check("vm-killed", began && status == -1 - SIGKILL && !find_vm("debian"),
                       "kill -9, none listed");
  }
  VmRun run({"run", kPayload});
  const bool done = run.expect("payload: done").has_value();
  const int status = run.finish();
  stage.report.check("vm-again", done && status == 0,
                     text("the smallest guest ran to its end, status %d", status));
  stage.pages.clear();
  check_returned(stage, "vm-killed-returned");
}

}  // namespace

void check_vm(const Host& host, Report& report) {
  report.heading("protected guest: Debian's kernel, signed, verified by the core");
  VmRun run({"run", kDebian});
  Stage stage{host, report, run, Control(host), {}, {}};
  if (!check_boot(stage) || !check_secret(stage)) return;
  check_hidden(stage);
  check_refused(stage);
  check_sharing(stage);
  check_second_name(report);
  check_intact(stage);
  check_stop(stage);
  check_kill(stage);
  check_bundles(report);
}

}  // namespace redoubt::checks
