// SPDX-License-Identifier: BSD-3-Clause
// One access by the host kernel, made in a task that may die of it, and the oops it leaves.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "guest/checks/host.hpp"

namespace redoubt::checks {

struct Oops {
  bool seen = false;
  std::string title;            // text after `Internal error:`
  std::uint64_t syndrome = 0;   // ESR_EL1 in that line
  bool probe_in_trace = false;  // the program counter was in the module's probe, or at the address probed
  bool address_in_register = false;
};

struct TaskEnd {
  bool completed = false;      // the task came back and ended by itself
  int signal = 0;              // or what killed it
  std::uint64_t value = 0;     // what it loaded
  std::uint64_t syndrome = 0;  // ESR_EL1 of the user access that killed it
  Oops oops;
};

// Runs `body` in a child and reports how it ended; `address` is looked for in the oops' registers.
TaskEnd run_in_task(const std::function<std::uint64_t()>& body, std::uint64_t address);

// Points the module's kernel window somewhere while it lives, and at its own memory again afterwards.
class KernelWindow {
 public:
  KernelWindow(const Host& host, redoubt_test_window_kind kind, std::uint64_t physical,
               redoubt_test_memory memory = REDOUBT_TEST_CACHED);
  ~KernelWindow();
  KernelWindow(const KernelWindow&) = delete;
  KernelWindow& operator=(const KernelWindow&) = delete;
  [[nodiscard]] std::uint64_t address() const { return address_; }
  // One kernel access at the window + offset (a multiple of 64).
  [[nodiscard]] TaskEnd probe(redoubt_test_operation operation, unsigned offset = 0,
                              std::uint64_t value = 0) const;

 private:
  const Host& host_;
  std::uint64_t address_ = 0;
};

// Reads a system register in a task that may die of it.
TaskEnd probe_sysreg(const Host& host, redoubt_test_register name);

// Makes `physical` (0: a harmless copy) the table of that level, 2 or 3, for an address of the task, and
// loads from there.
TaskEnd probe_user_walk(const Host& host, std::uint64_t physical, unsigned table_level);

const char* name_of(redoubt_test_operation operation);

}  // namespace redoubt::checks
