// SPDX-License-Identifier: BSD-3-Clause
// A ticket lock for the log and for PSCI; the page-table locks are those of core/lock.
#pragma once
#include <atomic>
#include <cstdint>

#include "boot/arm64/halt.hpp"
#include "machine/el2/barrier.hpp"

namespace redoubt {

// Never taken with the MMU off, never held across a call of the firmware.
class SpinLock {
 public:
  void lock() {
    std::uint32_t const ticket = next_.fetch_add(1, std::memory_order_relaxed);
    while (serving_.load(std::memory_order_acquire) != ticket) {
      if (halted()) stop_this_cpu();  // R14: its holder may be the CPU that stopped
      el2::relax();                   // where CPUs take turns, the holder gets the next one
    }
  }
  void unlock() { serving_.store(serving_.load(std::memory_order_relaxed) + 1, std::memory_order_release); }

 private:
  std::atomic<std::uint32_t> next_{0};
  std::atomic<std::uint32_t> serving_{0};
};

}  // namespace redoubt
