// SPDX-License-Identifier: BSD-3-Clause
// A running VM.
#include "host/cli/session.hpp"

#include <fmt/core.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <iterator>
#include <string_view>

#include "host/cli/error.hpp"
#include "host/cli/terminal.hpp"

namespace redoubt::cli {
namespace {

constexpr std::uint64_t kMebibyte = 1U << 20;
constexpr int kRetryInput = 5;  // milliseconds until a full receiver is tried again

std::uint64_t now() {
  return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch() /
                                    std::chrono::nanoseconds(1));
}

template <class Action>
std::uint64_t timed(Action const& action) {
  auto const start = now();
  action();
  return now() - start;
}

}  // namespace

Session::Session(Driver const& driver, Bundle const& bundle, std::string name, ConsoleFiles console,
                 bool quiet)
    : driver_(driver),
      name_(std::move(name)),
      console_(console),
      quiet_(quiet),
      vm_([&] {
        auto const start = now();
        Vm vm = driver.create_vm(bundle.manifest(), name_);
        figures_.create = now() - start;
        return vm;
      }()),
      board_(bundle.manifest().vcpus, [this](char character) { transmit(character); }),
      ended_(::eventfd(0, EFD_CLOEXEC)) {
  prepare(bundle);
}

Session::~Session() = default;

void Session::prepare(Bundle const& bundle) {
  auto const& manifest = bundle.manifest();
  for (unsigned i = 0; i < manifest.vcpus; ++i) vcpus_.push_back(vm_.create_vcpu(i));
  if (!quiet_) {
    tell(fmt::format("redoubt: {}: {} vCPUs, {} MiB; giving and verifying images of {} MiB", name_,
                     manifest.vcpus, manifest.memory_size / kMebibyte,
                     (bundle.image_bytes() + kMebibyte - 1) / kMebibyte));
  }
  figures_.load = timed([&] {
    for (unsigned i = 0; i < manifest.image_count; ++i) vm_.load_image(i, bundle.image(i));
  });
  figures_.verify = timed([&] {
    while (!vm_.verify()) {
    }
  });
  if (!quiet_) tell(fmt::format("redoubt: {}: verified, starts", name_));
}

// Async-signal-safe.
void Session::end(Outcome outcome) {
  Outcome none = Outcome::kNone;
  outcome_.compare_exchange_strong(none, outcome);
  std::uint64_t const one = 1;
  static_cast<void>(!::write(ended_.get(), &one, sizeof(one)));
}

void Session::transmit(char character) {
  if (discard_) return;
  if (!write_all(console_.output, {&character, 1})) {
    discard_ = true;
    if (console_.control < 0) end(Outcome::kConsoleLost);
  }
}

void Session::kick(unsigned mask, unsigned self) {
  for (unsigned i = 0; i < vcpus_.size(); ++i) {
    if (i != self && (mask >> i & 1) != 0) vm_.kick(i);
  }
}

void Session::handle_exit(unsigned index, redoubt_ioc_run& run) {
  switch (run.exit) {
    case REDOUBT_EXIT_MMIO:
      ++accesses_;
      kick(board_.access(run), index);
      break;
    case REDOUBT_EXIT_SYSTEM_OFF:
      end(Outcome::kPoweredOff);
      break;
    case REDOUBT_EXIT_SYSTEM_RESET:
      end(Outcome::kReset);
      break;
    case REDOUBT_EXIT_ERROR:
      ++errors_;
      break;
    default:
      break;
  }
}

void Session::run_vcpu(unsigned index) {
  try {
    redoubt_ioc_run run{};
    while (outcome_ == Outcome::kNone) {
      board_.prepare(index, run);
      Stay const stay = vcpus_[index].run(run);
      if (stay == Stay::kStopped) end(Outcome::kStopped);
      board_.finish(index, run);
      if (stay == Stay::kExit) handle_exit(index, run);
    }
  } catch (Error const& error) {
    {
      std::lock_guard const guard(reason_lock_);
      if (reason_.empty()) reason_ = error.what();
    }
    end(Outcome::kFailed);
  }
}

void Session::take_input() {
  std::array<char, 256> text{};
  ssize_t const length = ::read(console_.input, text.data(), text.size());
  if (length > 0) {
    pending_input_.append(text.data(), static_cast<std::size_t>(length));
  } else {
    console_.input = -1;  // no more input is no reason to end
  }
}

void Session::take_control() {
  char message = 0;
  if (::read(console_.control, &message, 1) == 1) {
    discard_ = true;
    console_.control = -1;
    console_.input = -1;
  } else {
    end(Outcome::kConsoleLost);
  }
}

void Session::serve_console() {
  while (outcome_ == Outcome::kNone) {
    std::array<pollfd, 3> files{{{ended_.get(), POLLIN, 0},
                                 {pending_input_.empty() ? console_.input : -1, POLLIN, 0},
                                 {console_.control, POLLIN, 0}}};
    if (::poll(files.data(), files.size(), pending_input_.empty() ? -1 : kRetryInput) < 0) continue;
    if (files[2].revents != 0) take_control();
    if (files[1].revents != 0 && console_.input >= 0) take_input();
    if (pending_input_.empty()) continue;
    unsigned interrupted = 0;
    pending_input_.erase(0, board_.receive(pending_input_, interrupted));
    kick(interrupted, static_cast<unsigned>(vcpus_.size()));
  }
}

void Session::note_figures() {
  figures_.accesses = accesses_;
  figures_.errors = errors_;
  for (redoubt_ioc_vm const& vm : driver_.vms()) {
    if (vm.vmid == vm_.vmid()) figures_.vm = vm;
  }
}

Outcome Session::run() {
  auto const start = now();
  std::vector<std::thread> threads;
  threads.reserve(vcpus_.size());
  for (unsigned i = 0; i < vcpus_.size(); ++i) threads.emplace_back([this, i] { run_vcpu(i); });
  serve_console();
  figures_.run = now() - start;
  note_figures();
  vm_.stop();
  for (std::thread& thread : threads) thread.join();
  return outcome_;
}

}  // namespace redoubt::cli
