// SPDX-License-Identifier: BSD-3-Clause
// A running VM: a thread for each vCPU, its devices, and its console on two descriptors.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "host/cli/board.hpp"
#include "host/cli/bundle.hpp"
#include "host/cli/driver.hpp"

namespace redoubt::cli {

// Where the console is. `control` is -1 where nobody can leave it; otherwise a byte there says that the user
// left and the VM goes on, its end that the terminal is gone.
struct ConsoleFiles {
  int input = 0, output = 1, control = -1;
};

enum class Outcome { kNone, kPoweredOff, kReset, kStopped, kConsoleLost, kSignal, kFailed };

// Nanoseconds of each part, and what the module counted.
struct Figures {
  std::uint64_t create = 0, load = 0, verify = 0, run = 0, accesses = 0, errors = 0;
  redoubt_ioc_vm vm{};
};

class Session {
 public:
  // Creates, loads and verifies; throws Error. `quiet`: no progress on the error output.
  Session(Driver const& driver, Bundle const& bundle, std::string name, ConsoleFiles console, bool quiet);
  ~Session();
  Session(Session const&) = delete;
  Session& operator=(Session const&) = delete;

  // Runs until the end, and stops the VM.
  Outcome run();
  [[nodiscard]] Figures const& figures() const { return figures_; }
  // Why it failed, for kFailed.
  [[nodiscard]] std::string const& reason() const { return reason_; }
  // Ends a run; for signal handlers too.
  void end(Outcome outcome);

 private:
  void prepare(Bundle const& bundle);
  void run_vcpu(unsigned index);
  void handle_exit(unsigned index, redoubt_ioc_run& run);
  void kick(unsigned mask, unsigned self);
  void serve_console();
  void take_input();
  void take_control();
  void transmit(char character);
  void note_figures();

  Driver const& driver_;
  std::string name_;
  ConsoleFiles console_;
  bool quiet_;
  Figures figures_;
  Vm vm_;
  std::vector<Vcpu> vcpus_;
  Board board_;
  Descriptor ended_;  // readable from the end on
  std::atomic<Outcome> outcome_{Outcome::kNone};
  std::atomic<bool> discard_{false};
  std::atomic<std::uint64_t> accesses_{0}, errors_{0};
  std::mutex reason_lock_;
  std::string reason_, pending_input_;
};

}  // namespace redoubt::cli
