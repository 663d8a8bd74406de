// SPDX-License-Identifier: BSD-3-Clause
// redoubt-bench, in the host: runs the measuring guest on the VMM's own devices, and prints what it and this
// program measured as JSON lines; or times a command.
#include <fcntl.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <optional>
#include <string_view>
#include <thread>
#include <vector>

#include "guest/bench/figures.hpp"
#include "host/cli/board.hpp"
#include "host/cli/bundle.hpp"
#include "host/cli/driver.hpp"
#include "host/cli/error.hpp"

namespace redoubt::bench {
namespace {

using cli::Board;
using cli::Bundle;
using cli::Driver;
using cli::Stay;
using cli::Vcpu;
using cli::Vm;

// The device on which the guest reports.
class Reporter {
 public:
  explicit Reporter(unsigned vcpus) : report_(vcpus) {}

  void access(redoubt_ioc_run& run) {
    u64 const offset = run.address - REDOUBT_BENCH_BASE;
    run.mmio_abort = 0;
    run.mmio_data = report_.read(offset);
    if (run.is_write == 0) return;
    if (offset == REDOUBT_BENCH_DONE) done_ = true;
    if (!report_.write(offset, run.data))
      throw cli::Error(cli::kFailed, "the guest reports an unknown operation");
  }
  [[nodiscard]] bool done() const { return done_; }
  [[nodiscard]] u64 operation() const { return report_.operation(); }

 private:
  Report report_;
  std::atomic<bool> done_ = false;
};

class Machine {
 public:
  Machine(Driver const& driver, Bundle const& bundle)
      : vm_(driver.create_vm(bundle.manifest(), bundle.name())),
        board_(bundle.manifest().vcpus, [](char) {}),
        reporter_(bundle.manifest().vcpus) {
    for (unsigned i = 0; i < bundle.manifest().vcpus; ++i) vcpus_.push_back(vm_.create_vcpu(i));
    for (unsigned i = 0; i < bundle.manifest().image_count; ++i) vm_.load_image(i, bundle.image(i));
    while (!vm_.verify()) {
    }
  }

  // As the VMM's own loop, with one device more. Returns what stays in the guest cost here in which it did
  // nothing but read a device.
  std::vector<u64> run(unsigned index) {
    std::vector<u64> reads;
    redoubt_ioc_run run{};
    while (!reporter_.done()) {
      board_.prepare(index, run);
      u64 const start = now();
      Stay const stay = vcpus_[index].run(run);
      u64 const end = now();
      board_.finish(index, run);
      if (stay != Stay::kExit) continue;
      if (run.exit == REDOUBT_EXIT_ERROR) throw cli::Error(cli::kFailed, "the measuring guest has failed");
      if (run.exit != REDOUBT_EXIT_MMIO) continue;
      if (run.address - REDOUBT_BENCH_BASE < REDOUBT_BENCH_SIZE) {
        reporter_.access(run);
      } else {
        if (reporter_.operation() == REDOUBT_BENCH_MMIO_READ && run.is_write == 0)
          reads.push_back(end - start);
        static_cast<void>(board_.access(run));
      }
    }
    return reads;
  }

  // Runs that are asked to end before they begin.
  std::vector<u64> kicked_runs() {
    std::vector<u64> samples;
    for (unsigned i = 0; i < kRounds; ++i) {
      redoubt_ioc_run run{};
      vm_.kick(0);
      u64 const start = now();
      static_cast<void>(vcpus_[0].run(run));
      samples.push_back(now() - start);
    }
    return samples;
  }
  void kick(unsigned index) { vm_.kick(index); }

 private:
  Vm vm_;
  Board board_;
  Reporter reporter_;
  std::vector<Vcpu> vcpus_;
};

void stay_on(unsigned cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  if (::sched_setaffinity(0, sizeof(set), &set) != 0)
    throw cli::Error(cli::kFailed, "there are too few CPUs");
}

// A creation that fails at the last step of checking the signature, so that it costs the check and little
// else. `device` is open already, as it is where a VM is made.
void refuse(cli::Descriptor const& device, redoubt_manifest& changed) {
  redoubt_ioc_create request{reinterpret_cast<u64>(&changed), sizeof(changed), 0, "refused"};
  if (::ioctl(device.get(), REDOUBT_IOC_VM_CREATE, &request) >= 0 || errno != EKEYREJECTED)
    throw cli::Error(cli::kFailed, "the core takes a manifest whose signature was changed");
}

// Memory that a VM has given back is mapped for the host again where it touches it: ticks at EL2 for each
// fault.
void measure_host_faults(Driver const& driver) {
  constexpr std::size_t kBytes = std::size_t{256} << 20, kPage = 4096;
  auto const counter = [&](redoubt_counter which) { return driver.counter(which).value_or(0); };
  u64 const ticks = counter(REDOUBT_COUNTER_EL2_TICKS), faults = counter(REDOUBT_COUNTER_STAGE2_FAULT);
  std::vector<std::byte> memory(kBytes);
  for (std::size_t at = 0; at < kBytes; at += kPage) memory[at] = std::byte{1};
  u64 const more = counter(REDOUBT_COUNTER_STAGE2_FAULT) - faults;
  u64 const spent = counter(REDOUBT_COUNTER_EL2_TICKS) - ticks;
  if (more == 0) throw cli::Error(cli::kFailed, "the host met no memory that a VM had");
  print("host-stage2-fault", "host", more, spent / more, spent / more, spent / more, spent);
}

void measure_creation(Driver const& driver, Bundle const& bundle) {
  constexpr unsigned kTimes = 5;  // the host's tick takes longer than what the two medians differ by
  std::optional<Vm> vm;
  std::vector<u64> samples;
  for (unsigned i = 0; i <= kTimes; ++i) {
    vm.reset();
    auto const one = timed(1, [&] { vm.emplace(driver.create_vm(bundle.manifest(), "bench")); });
    if (i != 0) samples.push_back(one.front());  // the first fills the kernel's caches
  }
  print("vm-create", samples);
  print("vcpu-create", timed(1, [&] { static_cast<void>(vm->create_vcpu(0)); }));
  vm.reset();
  redoubt_manifest changed = bundle.manifest();
  changed.signature[32] ^= 1;
  cli::Descriptor const device(::open(REDOUBT_DEVICE, O_RDWR | O_CLOEXEC));
  refuse(device, changed);  // fills the kernel's caches
  print("vm-create-refused", timed(kTimes, [&] { refuse(device, changed); }));
}

void run_one(Driver const& driver, Bundle const& bundle) {
  std::optional<Machine> machine;
  print("create-load-verify", timed(1, [&] { machine.emplace(driver, bundle); }));
  print("run-kicked", machine->kicked_runs());
  print("run-and-exit", machine->run(0));
  print("teardown-64m", timed(1, [&] { machine.reset(); }));
  measure_host_faults(driver);
  machine.emplace(driver, bundle);
  print("teardown-unpopulated", timed(1, [&] { machine.reset(); }));
  measure_creation(driver, bundle);
}

void run_two(Driver const& driver, Bundle const& bundle) {
  Machine machine(driver, bundle);
  std::thread other([&] {
    stay_on(1);
    machine.run(1);
  });
  stay_on(0);
  machine.run(0);
  machine.kick(1);
  other.join();
}

int time_command(char** command) {
  u64 const start = now();
  pid_t const child = ::fork();
  if (child == 0) {
    ::execvp(command[0], command);
    ::_exit(127);
  }
  int status = 0;
  if (child < 0 || ::waitpid(child, &status, 0) < 0 || !WIFEXITED(status))
    throw cli::Error(cli::kFailed, fmt::format("{} does not run", command[0]));
  print("command", {now() - start});
  return WEXITSTATUS(status);
}

int run(int count, char** arguments) {
  std::string_view const mode = count > 2 ? arguments[1] : "";
  if (mode == "time") return time_command(arguments + 2);
  if (mode != "run" || count != 3) {
    fmt::print(stderr, "Usage: redoubt-bench run BUNDLE | time COMMAND...\n");
    return cli::kBadInput;
  }
  Bundle const bundle = cli::read_bundle(arguments[2]);
  Driver const driver;
  if (bundle.manifest().vcpus == 1) {
    run_one(driver, bundle);
  } else {
    run_two(driver, bundle);
  }
  return cli::kGood;
}

}  // namespace
}  // namespace redoubt::bench

int main(int count, char** arguments) {
  try {
    return redoubt::bench::run(count, arguments);
  } catch (redoubt::cli::Error const& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    return error.code();
  }
}
