// SPDX-License-Identifier: BSD-3-Clause
// Where a vCPU runs, and the core's own physical SGI, which makes that CPU look for posted SGIs without the
// host (R19).
#pragma once
#include <atomic>
#include <cstdint>

#include "core/vcpu/gic_fields.hpp"
#include "core/vcpu/hardware.hpp"

namespace redoubt {

// One word: 0 nowhere, else CPU + 1, with kSent while a signal is on its way there. Only the CPU itself makes
// it nowhere, and only after it has caught the signal that was sent.
//
//   INV-SIGNAL-1  a CPU that runs the host has no signal of the core pending or on its way to it
//   INV-SIGNAL-2  for each signal sent, its CPU merges what is posted afterwards, or says that something is
//
// The sender posts, then looks where the vCPU is; the CPU says where it is, then takes what is posted. Both
// change the posted word by one atomic step that acquires and releases, and the later of the two sees what
// the other one did before: nobody is forgotten (tests/litmus/core/sgi-signal.litmus).
class Presence {
 public:
  // This CPU is about to load the vCPU: before it merges what is posted. No signals: the vCPU is nowhere for
  // others, and the host tells it.
  template <VcpuHardware C>
  void arrive(C& cpu) {
    if (cpu.has_signals())
      word_.store(static_cast<std::uint16_t>(cpu.number() + 1), std::memory_order_release);
  }

  // After a post, by any CPU. True: the vCPU's CPU will look; false: it runs nowhere.
  template <VcpuHardware C>
  [[nodiscard]] bool tell(C& cpu) {
    std::uint16_t seen = word_.load(std::memory_order_acquire);
    while (seen != kNowhere && (seen & kSent) == 0) {
      auto const sent = static_cast<std::uint16_t>(seen | kSent);
      if (word_.compare_exchange_strong(seen, sent, std::memory_order_acq_rel)) {
        cpu.signal(seen - 1u);
        return true;
      }
    }
    return seen != kNowhere;
  }

  // This CPU has taken the signal off its interrupt controller; merging comes after. From here on another may
  // be sent.
  void heard() { word_.fetch_and(static_cast<std::uint16_t>(~kSent), std::memory_order_acq_rel); }

  // This CPU has unloaded the vCPU: nobody signals it from here on, and what was sent is caught.
  template <VcpuHardware C>
  void depart(C& cpu) {
    if ((word_.exchange(kNowhere, std::memory_order_acq_rel) & kSent) != 0) cpu.catch_signal();
  }

 private:
  static constexpr std::uint16_t kNowhere = 0, kSent = 0x8000;
  std::atomic<std::uint16_t> word_{kNowhere};
};

}  // namespace redoubt
