// SPDX-License-Identifier: BSD-3-Clause
// Which vCPUs of a VM are on, and where they start: PSCI 1.1 of a guest (R22, Arm DEN0022).
#pragma once
#include <array>
#include <atomic>
#include <cstdint>

#include "core/machine/constants.hpp"

namespace redoubt {

// Where a vCPU starts: PC and x0.
struct VcpuStart {
  u64 entry = 0, context = 0;
};

enum class CpuPower : std::uint8_t {
  absent,    // not registered
  off,       //
  starting,  // another vCPU is writing its start
  pending,   // switched on, has not run since
  on,
};

// One VM's. Any vCPU's CPU may call at any time; each word of state is atomic.
//   INV-GPSCI-1  a start is written only in state starting, by the CPU that moved it there from off, and read
//                only in state pending, by the CPU that moves it on
class VcpuPower {
 public:
  // The VM is created again: no vCPU is there.
  void reset() {
    for (auto& state : states_) state.store(CpuPower::absent, std::memory_order_relaxed);
  }
  // A vCPU is registered. vCPU 0 can be run from `boot` on, the others are off.
  void create(u64 vcpu, VcpuStart boot) {
    starts_[vcpu] = boot;
    states_[vcpu].store(vcpu == 0 ? CpuPower::pending : CpuPower::off, std::memory_order_release);
  }

  // CPU_ON: success, or why not, as a PSCI code.
  [[nodiscard]] std::int64_t switch_on(u64 vcpu, VcpuStart start) {
    if (vcpu >= VCPU_PER_VM) return kInvalidParameters;
    CpuPower seen = CpuPower::off;
    if (!states_[vcpu].compare_exchange_strong(seen, CpuPower::starting, std::memory_order_acquire))
      return seen == CpuPower::absent ? kInvalidParameters : seen == CpuPower::on ? kAlreadyOn : kOnPending;
    starts_[vcpu] = start;
    states_[vcpu].store(CpuPower::pending, std::memory_order_release);
    return kSuccess;
  }
  // CPU_OFF of the vCPU that runs.
  void switch_off(u64 vcpu) { states_[vcpu].store(CpuPower::off, std::memory_order_release); }

  // Of a vCPU in state pending: its first PC and x0. The one CPU that has made it ACTIVE reads them, resets
  // registers, interrupts and timer, then calls started().
  [[nodiscard]] VcpuStart const& start(u64 vcpu) const { return starts_[vcpu]; }
  void started(u64 vcpu) { states_[vcpu].store(CpuPower::on, std::memory_order_release); }

  // `vcpu` is 0..7.
  [[nodiscard]] CpuPower state(u64 vcpu) const { return states_[vcpu].load(std::memory_order_acquire); }
  [[nodiscard]] bool can_run(u64 vcpu) const { return state(vcpu) >= CpuPower::pending; }
  // Bit c: vCPU c can be run.
  [[nodiscard]] std::uint32_t runnable() const {
    std::uint32_t mask = 0;
    for (unsigned vcpu = 0; vcpu < VCPU_PER_VM; ++vcpu) {
      CpuPower const power = state(vcpu);
      if (power == CpuPower::absent) break;  // none is behind it
      mask |= std::uint32_t{power >= CpuPower::pending} << vcpu;
    }
    return mask;
  }
  // Number of vCPUs that exist: they are numbered from 0 without a gap.
  [[nodiscard]] u64 count() const {
    u64 number = 0;
    while (number < VCPU_PER_VM && state(number) != CpuPower::absent) ++number;
    return number;
  }

  static constexpr std::int64_t kSuccess = 0, kInvalidParameters = -2, kAlreadyOn = -4, kOnPending = -5;

 private:
  std::array<std::atomic<CpuPower>, VCPU_PER_VM> states_{};
  std::array<VcpuStart, VCPU_PER_VM> starts_{};
};

}  // namespace redoubt
