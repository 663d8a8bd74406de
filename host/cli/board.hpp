// SPDX-License-Identifier: BSD-3-Clause
// The devices that a VM sees, put together: where they are, and what interrupts them and the vCPUs.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <string_view>

#include "abi/redoubt_ioctl.h"
#include "host/cli/gicd.hpp"
#include "host/cli/pl011.hpp"

namespace redoubt::cli {

class Board {
 public:
  // `transmit` takes console output; it is called with the board's lock held.
  Board(unsigned vcpus, std::function<void(char)> transmit) : gicd_(vcpus), uart_(std::move(transmit)) {}

  // Does the access of an exit, into the answer for the next run; returns the vCPUs that have got an
  // interrupt to take, bit by bit.
  unsigned access(redoubt_ioc_run& run);

  // Notes what the vCPU took, and offers it what is pending now.
  void prepare(unsigned vcpu, redoubt_ioc_run& run);
  void finish(unsigned vcpu, redoubt_ioc_run const& run);

  // Console input; returns how many characters had room. `interrupted` becomes the vCPUs to kick.
  std::size_t receive(std::string_view text, unsigned& interrupted);

 private:
  [[nodiscard]] unsigned update_lines();

  std::mutex lock_;
  unsigned offered_ = 0;
  Gicd gicd_;
  Pl011 uart_;
};

}  // namespace redoubt::cli
