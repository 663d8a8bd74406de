// SPDX-License-Identifier: BSD-3-Clause
// Devices that could write memory are withheld: no node in the device tree, an abort at their registers; LPIs
// stay off.
#include <dirent.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cinttypes>

#include "guest/checks/checks.hpp"
#include "guest/checks/kernel_probe.hpp"
#include "guest/checks/user_probe.hpp"

namespace redoubt::checks {
namespace {

constexpr std::uint64_t kPageMask = 0xfff;
constexpr std::uint64_t kRedistributors = 0x080a0000;  // QEMU virt, GICv3
constexpr std::uint64_t kRedistributorStride = 0x20000;
constexpr std::uint64_t kBeyondIpa = std::uint64_t{1} << 40;

struct Register {
  const char* name;
  std::uint64_t address;
};

struct Identified {
  const char* name;
  std::uint64_t address;
  std::uint64_t value;
};

Outcome touch(const Host& host, std::uint64_t address, Instruction instruction, std::uint64_t value = 0) {
  const UserMapping mapping(host, address & ~kPageMask, REDOUBT_TEST_DEVICE);
  if (!mapping.valid()) return {.signal = -1};
  return probe_user(instruction, mapping.at(address & kPageMask), value);
}

void check_permitted(const Host& host, Report& report) {
  static constexpr std::array kList{Identified{"rtc-pl031", 0x09010fe0, 0x31},
                                    Identified{"uart-pl011", 0x09000fe0, 0x11},
                                    Identified{"gic-distributor", 0x0800ffe8, 0x3b}};
  for (const Identified& device : kList) {
    const Outcome outcome = touch(host, device.address, Instruction::kLoadWord);
    report.check(std::string("control-device-") + device.name,
                 outcome.signal == 0 && outcome.value == device.value,
                 text("identification register reads %#" PRIx64, outcome.value));
  }
}

void check_withheld(const Host& host, Report& report) {
  static constexpr std::array kList{
      Register{"fw-cfg-data", 0x09020000},      Register{"fw-cfg-selector", 0x09020008},
      Register{"fw-cfg-dma", 0x09020010},       Register{"its", 0x08080000},
      Register{"its-translater", 0x08090040},   Register{"virtio-mmio-first", 0x0a000000},
      Register{"virtio-mmio-last", 0x0a003e00}, Register{"pcie-ecam", 0x4010000000},
      Register{"pcie-mmio", 0x10000000},        Register{"pcie-pio", 0x3eff0000},
      Register{"pcie-high-mmio", 0x8000000000}, Register{"flash-0", 0x00000000},
      Register{"flash-1", 0x04000000},          Register{"smmu", 0x09050000},
      Register{"unlisted-hole", 0x0b000000},
  };
  for (const Register& device : kList) {
    std::string wrong;
    for (const Instruction instruction : {Instruction::kLoadWord, Instruction::kStoreWord}) {
      const RefusalWitness witness(host);
      const Outcome outcome = touch(host, device.address, instruction);
      if (outcome.signal != SIGBUS || witness.aborts() != 1 || !witness.logged(device.address)) {
        wrong =
            text("%s: signal %d, %" PRIu64 " aborts", name_of(instruction), outcome.signal, witness.aborts());
      }
    }
    report.check(std::string("device-") + device.name, wrong.empty(),
                 wrong.empty() ? text("%#" PRIx64 ": load and store refused", device.address) : wrong);
  }
}

// Past the intermediate address space: by stage 1 (PARange) or by stage 2, but never reached.
void check_beyond(const Host& host, Report& report) {
  const TaskEnd end = run_in_task(
      [&]() -> std::uint64_t {
        return touch(host, kBeyondIpa, Instruction::kLoadWord).signal == SIGBUS ? 1 : 2;
      },
      0);
  const bool refused = end.signal == SIGKILL || (end.completed && end.value == 1);
  report.check("device-beyond-40-bits", refused,
               end.signal == SIGKILL ? "refused by stage 1" : "refused by stage 2");
}

// Whether any node below `folder` has a `compatible` string that contains `wanted`.
bool has_compatible(const std::string& folder, const std::string& wanted) {
  if (read_line(folder + "/compatible").find(wanted) != std::string::npos) return true;
  DIR* const directory = ::opendir(folder.c_str());
  if (directory == nullptr) return false;
  bool found = false;
  for (const dirent* entry = ::readdir(directory); entry != nullptr && !found; entry = ::readdir(directory)) {
    if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
      found = has_compatible(folder + "/" + entry->d_name, wanted);
  }
  ::closedir(directory);
  return found;
}

void check_nodes(Report& report) {
  static const std::string kTree = "/proc/device-tree";
  for (const char* kept : {"arm,pl011", "arm,gic-v3", "arm,armv8-timer", "arm,psci"}) {
    report.check(std::string("control-node-") + kept, has_compatible(kTree, kept), "present");
  }
  for (const char* withheld : {"qemu,fw-cfg-mmio", "arm,gic-v3-its", "virtio,mmio", "pci-host-ecam-generic",
                               "cfi-flash", "arm,smmu-v3", "arm,gic-v3-msi", "arm,gic-v2m-frame"}) {
    report.check(std::string("node-") + withheld, !has_compatible(kTree, withheld), "absent");
  }
}

// Writes `value` there and tells whether the write stuck.
bool sticks(const Host& host, std::uint64_t address, Instruction load, Instruction store,
            std::uint64_t value) {
  touch(host, address, store, value);
  return (touch(host, address, load).value & value) != 0;
}

void check_redistributor(const Host& host, Report& report, unsigned index) {
  const std::uint64_t base = kRedistributors + index * kRedistributorStride;
  const Outcome iidr = touch(host, base + 0x4, Instruction::kLoadWord);
  const Outcome typer = touch(host, base + 0x8, Instruction::kLoad);
  const Outcome waker = touch(host, base + 0x14, Instruction::kLoadWord);
  report.check(
      text("control-redistributor-%u", index),
      iidr.signal == 0 && (iidr.value & 0xfff) == 0x43b && typer.signal == 0 &&
          (typer.value >> 8 & 0xffff) == index && waker.signal == 0 && (waker.value & 6) == 0,
      text("IIDR %#" PRIx64 ", TYPER %#" PRIx64 ", WAKER %#" PRIx64, iidr.value, typer.value, waker.value));
  const std::uint64_t emulated = host.counter_or_zero(REDOUBT_COUNTER_MMIO);
  const std::uint64_t position = host.log_position();
  const std::uint64_t control = touch(host, base, Instruction::kLoadWord).value;
  const bool enabled = sticks(host, base, Instruction::kLoadWord, Instruction::kStoreWord, control | 1) &&
                       (touch(host, base, Instruction::kLoadWord).value & 1) != 0;
  const bool propbaser =
      sticks(host, base + 0x70, Instruction::kLoad, Instruction::kStore, 0x0000'0000'4800'078f);
  const bool pendbaser =
      sticks(host, base + 0x78, Instruction::kLoad, Instruction::kStore, 0x0000'0000'4801'0780);
  const std::uint64_t trapped = host.counter_or_zero(REDOUBT_COUNTER_MMIO) - emulated;
  report.check(
      text("redistributor-%u-lpis", index), !enabled && !propbaser && !pendbaser && trapped >= 6,
      text("EnableLPIs, PROPBASER, PENDBASER keep nothing; %" PRIu64 " accesses went to the core", trapped));
  report.check(text("redistributor-%u-lpis-logged", index),
               host.logged(position, REDOUBT_EVENT_MMIO_REFUSED, base) &&
                   host.logged(position, REDOUBT_EVENT_MMIO_REFUSED, base + 0x70) &&
                   host.logged(position, REDOUBT_EVENT_MMIO_REFUSED, base + 0x78),
               "one record each");
}

}  // namespace

void check_devices(const Host& host, Report& report) {
  report.heading("devices: what could write memory is withheld");
  check_permitted(host, report);
  check_withheld(host, report);
  check_beyond(host, report);
  check_nodes(report);
  for (unsigned i = 0; i < static_cast<unsigned>(::sysconf(_SC_NPROCESSORS_CONF)); ++i)
    check_redistributor(host, report, i);
}

}  // namespace redoubt::checks
