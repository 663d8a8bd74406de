// SPDX-License-Identifier: BSD-3-Clause
// Every argument of every call at and beyond its boundaries, calls that do not exist, and calls of others.
#include <cinttypes>

#include "tests/attack/program/argument_controls.hpp"
#include "tests/attack/program/groups.hpp"

namespace redoubt::attack {
namespace {

constexpr std::array kVmCalls{REDOUBT_HOST_VCPU_CREATE, REDOUBT_HOST_VM_DONATE_IMAGE, REDOUBT_HOST_VM_VERIFY,
                              REDOUBT_HOST_VM_DONATE,   REDOUBT_HOST_VM_MAP_BLOCK,    REDOUBT_HOST_VCPU_RUN,
                              REDOUBT_HOST_VM_STOP,     REDOUBT_HOST_VM_RECLAIM,      REDOUBT_HOST_VM_DESTROY,
                              REDOUBT_HOST_VM_INFO};

// One call per row, each of which must be refused with `wanted`, at the victim of one attack.
class Table {
 public:
  explicit Table(const Lab& lab) : host_(lab.host), victim(lab), spare(lab.host, 6) {
    if (!victim.ready()) wrong_ = "no victim";
  }
  void expect(std::int64_t wanted, u64 function, u64 x1, u64 x2 = 0, u64 x3 = 0, u64 x4 = 0, u64 x5 = 0) {
    if (!wrong_.empty()) return;
    const std::int64_t status = call(host_, function, x1, x2, x3, x4, x5).status;
    ++calls_;
    if (status != wanted) {
      wrong_ = text("call %#" PRIx64 "(%#" PRIx64 ", %#" PRIx64 ", %#" PRIx64 ", %#" PRIx64 "): %s, not %s",
                    function & 0xff, x1, x2, x3, x4, name_of(status), name_of(wanted));
    }
  }
  [[nodiscard]] u64 id() const { return victim.vm.id; }
  [[nodiscard]] u64 address() const { return victim.vm.memory() + 3 * kBlockSize; }
  [[nodiscard]] u64 page() const { return spare.page(0); }
  [[nodiscard]] Verdict verdict() {
    const bool sound = wrong_.empty() && victim.sound();
    return {wrong_.empty() && sound,
            wrong_.empty() ? text("%u calls refused; the VM is %s", calls_, sound ? "sound" : "NOT sound")
                           : wrong_};
  }

 private:
  const Host& host_;

 public:
  Victim victim;
  Block spare;

 private:
  std::string wrong_;
  unsigned calls_ = 0;
};

Verdict vmid_out_of_range(const Lab& lab) {
  Table table(lab);
  const u64 id = table.id();
  for (const u64 vmid : {u64{0}, u64{16}, u64{17}, u64{255}, u64{1} << 31, u64{0xffffffff}, id | u64{1} << 32,
                         ~u64{0}, id | u64{1} << 63, id << 8}) {
    for (const u64 function : kVmCalls) {
      table.expect(REDOUBT_INVALID_PARAMETER, function, vmid,
                   function == REDOUBT_HOST_VM_RECLAIM ? table.page() : 0,
                   function == REDOUBT_HOST_VM_RECLAIM        ? 1
                   : function == REDOUBT_HOST_VM_DONATE_IMAGE ? table.page()
                                                              : 0,
                   1);
    }
  }
  return table.verdict();
}

// Numbers of VMs that do not exist now.
Verdict vmid_unused(const Lab& lab) {
  Table table(lab);
  for (u64 vmid = 1; vmid <= kMostVms; ++vmid) {
    if (call(lab.host, REDOUBT_HOST_VM_INFO, vmid).x1 != REDOUBT_VM_UNUSED) continue;
    table.expect(REDOUBT_NOT_FOUND, REDOUBT_HOST_VM_STOP, vmid);
    table.expect(REDOUBT_NOT_FOUND, REDOUBT_HOST_VM_DESTROY, vmid);
    table.expect(REDOUBT_DENIED, REDOUBT_HOST_VCPU_CREATE, vmid, 0);
    table.expect(REDOUBT_DENIED, REDOUBT_HOST_VM_VERIFY, vmid);
    table.expect(REDOUBT_DENIED, REDOUBT_HOST_VM_DONATE_IMAGE, vmid, 0, table.page(), 1);
    table.expect(REDOUBT_DENIED, REDOUBT_HOST_VM_DONATE, vmid, table.address(), table.page(), 1, 1);
    table.expect(REDOUBT_DENIED, REDOUBT_HOST_VM_RECLAIM, vmid, table.page(), 1);
  }
  return table.verdict();
}

Verdict vcpu_out_of_range(const Lab& lab) {
  Table table(lab);
  for (const u64 vcpu :
       {u64{8}, u64{9}, u64{255}, u64{1} << 31, u64{0xffffffff}, u64{1} << 32, ~u64{0}, ~u64{7}}) {
    table.expect(REDOUBT_INVALID_PARAMETER, REDOUBT_HOST_VCPU_CREATE, table.id(), vcpu);
    table.expect(REDOUBT_INVALID_PARAMETER, REDOUBT_HOST_VCPU_RUN, table.id(), vcpu);
  }
  for (const u64 vcpu : {u64{2}, u64{7}})
    table.expect(REDOUBT_NOT_FOUND, REDOUBT_HOST_VCPU_RUN, table.id(), vcpu);
  table.expect(REDOUBT_NOT_FOUND, REDOUBT_HOST_VCPU_RUN, table.id(), 1);  // it is off
  return table.verdict();
}

Verdict image_out_of_range(const Lab& lab) {
  Table table(lab);
  for (const u64 image : {u64{5}, u64{6}, u64{255}, u64{0xffffffff}, u64{1} << 32, ~u64{0}})
    table.expect(REDOUBT_INVALID_PARAMETER, REDOUBT_HOST_VM_DONATE_IMAGE, table.id(), image, table.page(), 1);
  return table.verdict();
}

Verdict unaligned(const Lab& lab) {
  Table table(lab);
  for (const u64 off : {u64{1}, u64{8}, u64{0x800}, u64{0xfff}}) {
    table.expect(REDOUBT_INVALID_PARAMETER, REDOUBT_HOST_VM_DONATE, table.id(), table.address() + off,
                 table.page(), 1, 1);
    table.expect(REDOUBT_INVALID_PARAMETER, REDOUBT_HOST_VM_DONATE, table.id(), table.address(),
                 table.page() + off, 1, 1);
    table.expect(REDOUBT_INVALID_PARAMETER, REDOUBT_HOST_VM_DONATE_IMAGE, table.id(), 0, table.page() + off,
                 1);
    table.expect(REDOUBT_INVALID_PARAMETER, REDOUBT_HOST_VM_RECLAIM, table.id(), table.page() + off, 1);
    table.expect(REDOUBT_INVALID_PARAMETER, REDOUBT_HOST_VM_CREATE, table.page() + off,
                 REDOUBT_MANIFEST_BYTES);
  }
  for (const u64 off : {kPageSize, kBlockSize / 2}) {
    table.expect(REDOUBT_INVALID_PARAMETER, REDOUBT_HOST_VM_MAP_BLOCK, table.id(), table.address() + off,
                 0x80000000);
    table.expect(REDOUBT_INVALID_PARAMETER, REDOUBT_HOST_VM_MAP_BLOCK, table.id(), table.address(),
                 0x80000000 + off);
  }
  return table.verdict();
}

Verdict page_counts(const Lab& lab) {
  Table table(lab);
  for (const u64 pages :
       {u64{0}, kMostPages + 1, u64{512}, u64{1} << 32, u64{1} << 52, ~u64{0}, u64{1} << 63 | 1}) {
    table.expect(REDOUBT_INVALID_PARAMETER, REDOUBT_HOST_VM_DONATE, table.id(), table.address(), table.page(),
                 pages, 1);
    table.expect(REDOUBT_INVALID_PARAMETER, REDOUBT_HOST_VM_DONATE_IMAGE, table.id(), 0, table.page(), pages);
    table.expect(REDOUBT_INVALID_PARAMETER, REDOUBT_HOST_VM_RECLAIM, table.id(), table.page(), pages);
  }
  for (const u64 flags : {u64{2}, u64{3}, u64{1} << 32, ~u64{0}}) {
    table.expect(REDOUBT_INVALID_PARAMETER, REDOUBT_HOST_VM_DONATE, table.id(), table.address(), table.page(),
                 1, flags);
  }
  return table.verdict();
}

// Ranges that wrap, or pass the end of physical or guest addresses.
Verdict overflow(const Lab& lab) {
  Table table(lab);
  for (const u64 physical :
       {~u64{0} & ~(kPageSize - 1), u64{1} << 52, u64{1} << 56, u64{1} << 63, u64{1} << 60}) {
    table.expect(REDOUBT_INVALID_PARAMETER, REDOUBT_HOST_VM_DONATE, table.id(), table.address(), physical,
                 kMostPages, 1);
    table.expect(REDOUBT_INVALID_PARAMETER, REDOUBT_HOST_VM_DONATE_IMAGE, table.id(), 0, physical,
                 kMostPages);
    table.expect(REDOUBT_INVALID_PARAMETER, REDOUBT_HOST_VM_RECLAIM, table.id(), physical, kMostPages);
    table.expect(REDOUBT_INVALID_PARAMETER, REDOUBT_HOST_VM_CREATE, physical, REDOUBT_MANIFEST_BYTES);
    table.expect(REDOUBT_INVALID_PARAMETER, REDOUBT_HOST_VM_MAP_BLOCK, table.id(), table.address(),
                 physical & ~(kBlockSize - 1));
  }
  for (const u64 address :
       {~u64{0} & ~(kPageSize - 1), u64{1} << 40, (u64{1} << 40) - kPageSize, u64{1} << 63}) {
    table.expect(REDOUBT_INVALID_PARAMETER, REDOUBT_HOST_VM_DONATE, table.id(), address, table.page(), 2, 1);
    table.expect(REDOUBT_INVALID_PARAMETER, REDOUBT_HOST_VM_MAP_BLOCK, table.id(),
                 address & ~(kBlockSize - 1), 0x80000000);
  }
  return table.verdict();
}

Verdict manifest_sizes(const Lab& lab) {
  Table table(lab);
  for (const u64 bytes : {u64{0}, u64{1}, u64{671}, u64{4097}, u64{1} << 32, ~u64{0}, u64{1} << 32 | 4096})
    table.expect(REDOUBT_INVALID_PARAMETER, REDOUBT_HOST_VM_CREATE, table.page(), bytes);
  return table.verdict();
}

// A manifest where the host has no business to let the core read.
Verdict manifest_elsewhere(const Lab& lab) {
  Table table(lab);
  for (const u64 physical :
       {table.victim.page.physical, lab.host.counter_or_zero(REDOUBT_COUNTER_CORE_IMAGE_BASE),
        lab.host.counter_or_zero(REDOUBT_COUNTER_CORE_DATA_BASE), u64{0x09000000},
        lab.witness.mailbox_address[0], u64{0xff'0000'0000}})
    table.expect(REDOUBT_DENIED, REDOUBT_HOST_VM_CREATE, physical, REDOUBT_MANIFEST_BYTES);
  return table.verdict();
}

// --- calls that do not exist ---

constexpr u64 kHypStub[] = {0, 1, 2, 3};  // Linux's at EL2: vectors, restart, reset of vectors, finalise
constexpr u64 kOthers[] = {0xc6000000, 0xc6000001, 0xc6000003, 0xc6000004, 0xc600011e,
                           0xc60001ff, 0xc6000180, 0x86000110, 0x86000000, 0xc4000050,
                           0x84000053, 0xc5000000, 0xbf00ff01, 0xffffffff};

Verdict hypervisor_stub(const Lab& lab) {
  Table table(lab);
  for (const u64 function : kHypStub)
    table.expect(REDOUBT_NOT_SUPPORTED, function, table.page(), table.page(), table.page());
  const bool alive = lab.host.core_present();
  Verdict verdict = table.verdict();
  verdict.good = verdict.good && alive;
  return verdict;
}

Verdict unknown_calls(const Lab& lab) {
  Table table(lab);
  for (const u64 function : kOthers)
    table.expect(REDOUBT_NOT_SUPPORTED, function, table.victim.page.address, table.id(), table.page());
  return table.verdict();
}

Verdict other_immediates(const Lab& lab) {
  Table table(lab);
  for (const redoubt_test_conduit conduit : {REDOUBT_TEST_HVC_1, REDOUBT_TEST_HVC_FFFF}) {
    const checks::Registers x = lab.host.call(conduit, {REDOUBT_HOST_VM_STOP, table.id()});
    if (static_cast<std::int64_t>(x[0]) != REDOUBT_NOT_SUPPORTED)
      return {false, "another immediate is taken for HVC #0"};
  }
  const checks::Registers smc = lab.host.call(REDOUBT_TEST_SMC_0, {REDOUBT_HOST_VM_STOP, table.id()});
  Verdict verdict = table.verdict();
  verdict.good = verdict.good && static_cast<std::int64_t>(smc[0]) == REDOUBT_NOT_SUPPORTED;
  return verdict;
}

// CPU 1, as the host's kernel switches it; true if the firmware then says so.
bool switch_second_cpu(const Lab& lab, bool on) {
  constexpr std::int64_t kOn = 0, kOff = 1;
  return checks::write_file("/sys/devices/system/cpu/cpu1/online", on ? "1" : "0") &&
         lab.host.smc(checks::kPsciAffinityInfo, 1, 0) == (on ? kOn : kOff);
}

// Firmware calls that would start a CPU, which is off, in a VM's memory or in the core, or put this one to
// sleep with a way back.
Verdict firmware_entry(const Lab& lab) {
  Table table(lab);
  constexpr std::int64_t kInvalidAddress = -9;
  const std::array entries{table.victim.page.physical, table.victim.vm.given.front(),
                           lab.host.counter_or_zero(REDOUBT_COUNTER_CORE_IMAGE_BASE),
                           lab.host.counter_or_zero(REDOUBT_COUNTER_CORE_DATA_BASE)};
  if (!switch_second_cpu(lab, false)) return {false, "CPU 1 does not go off"};
  unsigned refused = 0;
  for (const u64 entry : entries) {
    const bool still_off = lab.host.smc(checks::kPsciCpuOn, 1, entry, 0) == kInvalidAddress &&
                           lab.host.smc(checks::kPsciAffinityInfo, 1, 0) == 1;
    refused += still_off && lab.host.smc(checks::kPsciCpuOn, 77, entry, 0) < 0 ? 1 : 0;
  }
  const std::int64_t sleep = lab.host.smc(checks::kPsciSystemSuspend, table.page(), 0);
  const bool on_again = switch_second_cpu(lab, true);
  Verdict verdict = table.verdict();
  verdict.good = verdict.good && refused == entries.size() && sleep == REDOUBT_NOT_SUPPORTED && on_again;
  verdict.seen += text("; %u of %zu entries are no address for a CPU that is off", refused, entries.size());
  return verdict;
}

// The kernel's own entry is a good one.
Verdict firmware_control(const Lab& lab) {
  const bool off = switch_second_cpu(lab, false);
  const bool on = switch_second_cpu(lab, true);
  return {off && on, "CPU 1 goes off, and starts at the kernel's own entry"};
}

constexpr Attack kAttacks[] = {
    {"vmid-out-of-range", vmid_of_a_vm, vmid_out_of_range},
    {"vmid-of-no-vm", vmid_of_a_new_vm, vmid_unused},
    {"vcpu-out-of-range", vcpus_of_the_manifest, vcpu_out_of_range},
    {"image-out-of-range", images_of_the_manifest, image_out_of_range},
    {"unaligned-addresses", aligned_addresses, unaligned},
    {"page-counts-and-flags-out-of-range", largest_page_counts, page_counts},
    {"ranges-that-overflow", last_page_of_memory, overflow},
    {"manifest-sizes-out-of-range", manifest_of_right_size, manifest_sizes},
    {"manifest-in-memory-of-others", manifest_in_own_page, manifest_elsewhere},
    {"hypervisor-stub-calls", calls_that_exist, hypervisor_stub},
    {"calls-that-do-not-exist", calls_that_exist, unknown_calls},
    {"calls-by-other-immediates-and-smc", stop_by_hvc_0, other_immediates},
    {"firmware-starts-cpu-in-protected-memory", firmware_control, firmware_entry},
};

}  // namespace

std::span<const Attack> argument_attacks() { return kAttacks; }

}  // namespace redoubt::attack
