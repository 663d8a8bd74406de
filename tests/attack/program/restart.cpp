// SPDX-License-Identifier: BSD-3-Clause
// R15 and R24 from a hostile host: no notifier runs, no driver cleans up. The host's kernel is told to leave
// the end of RAM alone (mem=), so that nothing there changes from boot to boot unless the core does it.
#include "tests/attack/program/restart.hpp"

#include <unistd.h>

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <thread>

#include "guest/checks/memory_scan.hpp"

namespace redoubt::attack {
namespace {

// Above mem=768M, below the core's tables of a machine with 1 GiB.
constexpr u64 kVmBlock = 0x7800'0000, kControlPage = 0x7a00'0000;
// Even: the pages' first words are the seeds plus 1, so that the host never holds the secret itself.
constexpr u64 kSecret = 0x5ec4'e7a1'77ab'1e70, kControl = 0xc047'4015'ee48'1e70;
constexpr unsigned kSecretPages = 8;
constexpr u64 kSystemReset = 0x84000009;

// What the first boot leaves for the second, in the control page behind the pattern's first words.
enum Note : unsigned { kVmid = 16, kMailbox0, kMailbox1, kState, kOwned, kAddress, kCount, kFirstPage };

checks::MaskedPattern masked(u64 seed) {
  checks::MaskedPattern words{};
  for (unsigned i = 0; i < words.size(); ++i) words[i] = pattern(seed, i) ^ checks::kScanMask;
  return words;
}

bool second_boot(const Host& host) { return View(host, kControlPage).words()[0] == pattern(kControl, 0); }

void leave_notes(const Host& host, const Vm& vm, u64 address) {
  const View view(host, kControlPage);
  view.fill(kControl);
  const Result info = vm.info();
  volatile u64* const words = view.words();
  words[kVmid] = vm.id;
  words[kMailbox0] = vm.mailbox_address[0];
  words[kMailbox1] = vm.mailbox_address[1];
  words[kState] = info.x1;
  words[kOwned] = info.x2;
  words[kAddress] = address;
  words[kCount] = vm.given.size();
  for (unsigned i = 0; i < vm.given.size(); ++i) words[kFirstPage + i] = vm.given[i];
}

std::vector<u64> noted_pages(const volatile u64* words) {
  std::vector<u64> pages(words[kCount]);
  for (unsigned i = 0; i < pages.size(); ++i) pages[i] = words[kFirstPage + i];
  std::sort(pages.begin(), pages.end());
  return pages;
}

int failed(const char* what) {
  std::printf("check first-boot ... FAIL %s\n", what);
  return 1;
}

// A VM with secrets, and a second vCPU that stays inside on CPU 1; then `end`, which should not return.
template <class End>
int first_boot(const Host& host, const Bundle& bundle, End end) {
  Vm vm(host, bundle, kVmBlock);
  if (!vm.start() || !vm.answers() || !vm.start_second()) return failed("no VM runs");
  u64 address = 0;
  for (unsigned i = 0; i < kSecretPages; ++i) {
    const auto page = vm.private_page(kSecret);
    if (!page || View(host, page->physical).load().signal == 0) return failed("no private page");
    address = page->address;
  }
  leave_notes(host, vm, address);
  const checks::Scan scan = checks::scan_memory(host, masked(kSecret), masked(kControl));
  if (!scan.secret.empty() || scan.control.size() != 1)
    return failed("the search is wrong before the restart");
  std::printf("note first boot: VM %" PRIu64 " with %zu pages, %u of them secret; restarts\n", vm.id,
              vm.given.size(), kSecretPages);
  std::fflush(stdout);
  const std::thread inside([&] {
    move_to_cpu(1);
    vm.command(Command::kSpin, {~u64{0} >> 1}, 1);
  });
  ::usleep(200'000);
  const std::string problem = end();
  std::printf("check first-boot ... FAIL no restart: %s\n", problem.c_str());
  std::fflush(stdout);
  ::_exit(1);
}

bool check_control(checks::Report& report, const checks::Scan& scan, const std::string& name) {
  const bool found = scan.complete && scan.control == std::vector<u64>{kControlPage};
  return report.check("control-" + name, found,
                      text("what the host itself had in a page is %s among %" PRIu64 " pages read",
                           found ? "still there, once," : "NOT there", scan.pages));
}

bool new_vm_runs(const Host& host, const Bundle& bundle) {
  Vm vm(host, bundle, kVmBlock);
  return vm.start() && vm.answers() && vm.start_second() && vm.end();
}

int finish(checks::Report& report, const Host& host) {
  View(host, kControlPage).words()[0] = 0;
  report.note("1 attacks; in two boots");
  return report.total();
}

int after_reset(const Host& host, const Bundle& bundle) {
  checks::Report report;
  const std::string name = "reset-with-vm-running";
  const checks::Scan scan = checks::scan_memory(host, masked(kSecret), masked(kControl));
  check_control(report, scan, name);
  const std::vector<u64> pages = noted_pages(View(host, kControlPage).words());
  const u64 zero = checks::count_zero_pages(host, pages);
  const bool gone = scan.complete && scan.secret.empty() && scan.refused.empty() && !pages.empty();
  const bool runs = new_vm_runs(host, bundle);
  report.check(
      name, gone && zero == pages.size() && runs,
      text("secret in %zu of %" PRIu64 " pages, %" PRIu64 " of the VM's %zu pages are zero, a new VM %s",
           scan.secret.size(), scan.pages, zero, pages.size(), runs ? "runs" : "does NOT run"));
  return finish(report, host);
}

// The VM outlives the kernel: the same state and pages, the secret where it was, and the new kernel ends it.
int after_kexec(const Host& host, const Bundle& bundle) {
  checks::Report report;
  const std::string name = "kexec-with-vm-running";
  const checks::Scan scan = checks::scan_memory(host, masked(kSecret), masked(kControl));
  check_control(report, scan, name);
  const View view(host, kControlPage);
  const volatile u64* const words = view.words();
  const std::vector<u64> pages = noted_pages(words);
  const bool hidden = scan.complete && scan.secret.empty() && scan.refused == pages && !pages.empty();
  report.check(name, hidden,
               text("secret in %zu of %" PRIu64 " pages, %zu refused of the VM's %zu", scan.secret.size(),
                    scan.pages, scan.refused.size(), pages.size()));
  Vm vm(host, bundle, kVmBlock);
  vm.adopt(words[kVmid], pages, {words[kMailbox0], words[kMailbox1]});
  const Result info = vm.info();
  const bool same = info.status == 0 && info.x1 == words[kState] && info.x2 == words[kOwned];
  const bool lives = vm.answers() && vm.has({words[kAddress], 0}, kSecret);
  report.check("kexec-vm-lives-on", same && lives,
               text("the same state and totals: %s, it answers and has its secret: %s", same ? "yes" : "NO",
                    lives ? "yes" : "NO"));
  const bool ended = vm.end();
  const u64 zero = checks::count_zero_pages(host, pages);
  report.check("kexec-new-kernel-takes-pages-back",
               ended && zero == pages.size() && new_vm_runs(host, bundle),
               text("%" PRIu64 " of %zu pages are back, zero", zero, pages.size()));
  return finish(report, host);
}

}  // namespace

int restart_by_reset(const Host& host, const Bundle& bundle) {
  if (second_boot(host)) return after_reset(host, bundle);
  return first_boot(host, bundle, [&] {
    const std::int64_t status = host.smc(kSystemReset);
    return text("SYSTEM_RESET answers %" PRId64, status);
  });
}

int restart_by_kexec(const Host& host, const Bundle& bundle) {
  if (second_boot(host)) return after_kexec(host, bundle);
  return first_boot(host, bundle, [&] { return start_other_kernel(host); });
}

}  // namespace redoubt::attack
