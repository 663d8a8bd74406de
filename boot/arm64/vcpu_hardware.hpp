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
          u64{1} << gic::kMaintenance | u64{1} << gic::kHypervisorTimer | gic::kVirtualTimerBit | kSignalBit);
  }
  bool has_signals() { return this_cpu().has_signals; }
  u64 number() { return this_cpu().index; }
  void signal(u64 cpu) {
    el2::dsb_sy();
    el2::write<el2::reg::icc_sgi1r_el1>(sgi_to(boot_info.cpus[cpu]));
    el2::isb();
  }
  void clear_signal() { store(gic::SgiFrame::icpendr0, kSignalBit); }
  void catch_signal() {
    for (unsigned i = 0; i < kPatience && (load(gic::SgiFrame::ispendr0) & kSignalBit) == 0; ++i)
      el2::relax();
    clear_signal();
  }

  // Once, at the start of a CPU: an SGI that belongs to firmware reads as zero and ignores writes
  // (IHI 0069, 4.6.3).
  static bool probe_signals() {
    store(gic::SgiFrame::isenabler0, kSignalBit);
    bool const can_get = (load(gic::SgiFrame::isenabler0) & kSignalBit) != 0;
    store(gic::SgiFrame::icenabler0, kSignalBit);
    return can_get;
  }

 private:
  static constexpr u64 kSignalBit = u64{1} << gic::kSignal;
  static constexpr unsigned kPatience = 10'000;  // rounds of catch_signal(): within a call's limit (R18)

  // ICC_SGI1R_EL1 for the CPU with that MPIDR_EL1.
  static u64 sgi_to(u64 mpidr) {
    using gic::Sgi;
    u64 const aff0 = mpidr & 0xff;
    return Sgi::Id::put(gic::kSignal) | Sgi::TargetList::put(u64{1} << aff0 % 16) |
           Sgi::Range::put(aff0 / 16) | Sgi::Affinity1::put(mpidr >> 8 & 0xff) |
           Sgi::Affinity2::put(mpidr >> 16 & 0xff) | Sgi::Affinity3::put(mpidr >> 32 & 0xff);
  }
  static u64 frame() {
    return board->redistributors.base + this_cpu().index * board->redistributor_stride + gic::kFrame;
  }
  static u64 load(u64 offset) { return el2::load<std::uint32_t>(frame() + offset); }
  // In the SGI frame of this CPU's redistributor, complete before the ERET that may depend on it.
  static void store(u64 offset, u64 value) {
    el2::store<std::uint32_t>(frame() + offset, static_cast<std::uint32_t>(value));
    el2::dsb_sy();
  }
};

}  // namespace redoubt
