// SPDX-License-Identifier: BSD-3-Clause
// Definitions of guest_interrupts.hpp.
#pragma once
#include "core/vcpu/guest_interrupts.hpp"

namespace redoubt {

// The timer is held before the guest's CNTV is loaded, and released after the host's is: its interrupt
// reaches nobody else in between.
template <VcpuHardware C>
void GuestInterrupts::enter(C& cpu, TimerState& host, u64 offset) {
  cpu.enable_interrupts();
  presence_.arrive(cpu);
  vgic_.set_timer_line(timer_.line_at(cpu.template read<el2::reg::cntpct_el0>(), offset));
  vgic_.enter(cpu);
  timer_.enter(cpu, host, offset);
}

template <VcpuHardware C>
bool GuestInterrupts::leave(C& cpu, TimerState const& host) {
  fold(cpu);
  timer_.leave(cpu, host);
  vgic_.leave(cpu);
  presence_.depart(cpu);
  return vgic_.has_posted();
}

// No vCPU can keep the host from its CPU by signals: until heard() nobody sends another one, and what is
// pending then besides goes to the host.
template <VcpuHardware C>
IrqOutcome GuestInterrupts::on_signal(C& cpu) {
  cpu.clear_signal();
  u64 const next = cpu.template read<el2::reg::icc_hppir1_el1>() & 0xff'ffff;
  presence_.heard();
  if (next < gic::kNone && next != gic::kVirtualTimer && next != gic::kMaintenance) return IrqOutcome::exit;
  fold(cpu);
  vgic_.load(cpu);
  return IrqOutcome::resume;
}

// ICC_HPPIR1_EL1 names what would be acknowledged. Whatever is not clearly the guest's goes to the host, also
// what the host made pending under these numbers, and a timer that fires although it is held, as then the
// host has meddled with the redistributor: nobody can keep the CPU here.
template <VcpuHardware C>
IrqOutcome GuestInterrupts::on_irq(C& cpu) {
  u64 const intid = cpu.template read<el2::reg::icc_hppir1_el1>() & 0xff'ffff;
  if (intid == gic::kSignal) return on_signal(cpu);
  bool const is_timer = intid == gic::kVirtualTimer && Vtimer::line(cpu);
  bool const is_maintenance = intid == gic::kMaintenance && cpu.template read<el2::reg::ich_misr_el2>() != 0;
  if (!is_timer && !is_maintenance) return IrqOutcome::exit;
  fold(cpu);
  bool const is_held = vgic_.timer_held();
  vgic_.load(cpu);
  return is_timer && is_held ? IrqOutcome::exit : IrqOutcome::resume;
}

template <VcpuHardware C>
WfiOutcome GuestInterrupts::on_wfi(C& cpu, u64 offset) {
  fold(cpu);
  bool const ready = vgic_.ready(cpu.template read<el2::reg::ich_vmcr_el2>());
  vgic_.load(cpu);
  // A timer that is due and not deliverable ends no wait.
  return {ready, Vtimer::line(cpu) ? timer::kNever : Vtimer::deadline(cpu, offset)};
}

namespace gic {
// The vCPUs that a write of ICC_SGI1R_EL1 by `self` names: all have affinity 0.0.0.vcpu.
[[nodiscard]] constexpr u64 sgi_targets(u64 value, u64 self) {
  if (Sgi::AllOthers::get(value) != 0) return ~(u64{1} << self);
  u64 const elsewhere = Sgi::Affinity1::mask | Sgi::Affinity2::mask | Sgi::Affinity3::mask | Sgi::Range::mask;
  return (value & elsewhere) != 0 ? 0 : Sgi::TargetList::get(value);
}
}  // namespace gic

template <VcpuHardware C, class Vcpus>
std::uint32_t GuestInterrupts::on_sgi(C& cpu, Vcpus& vcpus, u64 self, std::uint32_t on, u64 value) {
  std::uint32_t const sgi = std::uint32_t{1} << gic::Sgi::Id::get(value);
  std::uint32_t const own = std::uint32_t{1} << self;
  std::uint32_t const targets = static_cast<std::uint32_t>(gic::sgi_targets(value, self)) & (on | own);
  std::uint32_t wake = 0;
  for (unsigned vcpu = 0; vcpu < VCPU_PER_VM; ++vcpu) {
    bool const other = (targets & ~own) >> vcpu & 1;
    if (!other || !vcpus[vcpu].vgic_.post(sgi)) continue;
    if (!vcpus[vcpu].presence_.tell(cpu)) wake |= std::uint32_t{1} << vcpu;
  }
  if ((targets & own) != 0) {
    GuestInterrupts& mine = vcpus[self];
    mine.fold(cpu);
    mine.vgic_.raise(sgi);
    mine.vgic_.load(cpu);
  }
  return wake;
}

template <VcpuHardware C>
void GuestInterrupts::on_deactivate(C& cpu, u64 value) {
  fold(cpu);
  vgic_.deactivate(value & 0xff'ffff);
  vgic_.load(cpu);
}

template <VcpuHardware C, class Vcpus>
u64 GuestInterrupts::on_redistributor(C& cpu, Vcpus& vcpus, u64 self, u64 count, FrameAccess access,
                                      std::uint32_t& wake) {
  u64 const vcpu = access.offset / (2 * gic::kFrame);
  access.offset %= 2 * gic::kFrame;
  if (vcpu != self) {
    bool kick = false;
    u64 const value = access_other_frame(vcpus[vcpu].vgic_, vcpu, count, access, kick);
    if (kick && !vcpus[vcpu].presence_.tell(cpu)) wake |= std::uint32_t{1} << vcpu;
    return value;
  }
  GuestInterrupts& mine = vcpus[self];
  mine.fold(cpu);
  u64 const value = access_own_frame(mine.vgic_, mine.awake_, self, count, access);
  mine.vgic_.load(cpu);
  return value;
}

}  // namespace redoubt
