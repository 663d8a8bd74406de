// SPDX-License-Identifier: BSD-3-Clause
// The CPU as core/vcpu sees it: system registers, and the private interrupts of its physical redistributor.
#pragma once
#include "boot/arm64/per_cpu.hpp"
#include "boot/arm64/services.hpp"
#include "core/vcpu/gic_fields.hpp"
#include "machine/el2/memory.hpp"

namespace redoubt {

struct VcpuHardwareEl2 {
  template <el2::SysReg R>
  std::uint64_t read() {
    return el2::read<R>();
  }
  template <el2::SysReg R>
  void write(std::uint64_t value) {
    el2::write<R>(value);
  }
  void hold_timer(bool hold) {
    store(hold ? gic::SgiFrame::isactiver0 : gic::SgiFrame::icactiver0, gic::kVirtualTimerBit);
  }
  void enable_interrupts() {
    store(gic::SgiFrame::isenabler0,
          u64{1} << gic::kMaintenance | u64{1} << gic::kHypervisorTimer | gic::kVirtualTimerBit);
  }

 private:
  // In the SGI frame of this CPU's redistributor, complete before the ERET that may depend on it.
  static void store(u64 offset, u64 value) {
    u64 const frame =
        board->redistributors.base + this_cpu().index * board->redistributor_stride + gic::kFrame;
    el2::store<std::uint32_t>(frame + offset, static_cast<std::uint32_t>(value));
    el2::dsb_sy();
  }
};

}  // namespace redoubt
