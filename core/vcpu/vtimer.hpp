// SPDX-License-Identifier: BSD-3-Clause
// The virtual timer of a vCPU, and the host's deadline while the guest has CNTV (R20).
#pragma once
#include "core/machine/field.hpp"
#include "core/vcpu/hardware.hpp"

namespace redoubt {

namespace timer {
using Enable = Flag<0>;
using Mask = Flag<1>;
using Met = Flag<2>;                // ISTATUS: the time has come, masked or not
inline constexpr u64 kControl = 3;  // what software writes
inline constexpr u64 kNever = ~u64{0};
[[nodiscard]] constexpr bool is_armed(u64 ctl) { return (ctl & kControl) == 1; }
// The output line for a value of CNTV_CTL_EL0.
[[nodiscard]] constexpr bool is_high(u64 ctl) { return (ctl & 7) == 5; }
}  // namespace timer

// One timer that is not loaded.
struct TimerState {
  u64 ctl = 0, cval = 0;
};

// The host's counter has offset 0, so its values are CNTPCT's and its deadline can go to CNTHP as it is.
//   INV-VTIMER-1  while the host is loaded CNTHP is off and CNTVOFF_EL2 is zero; while a guest is loaded
//                 CNTHP is armed exactly if the host's CNTV was
class Vtimer {
 public:
  // Power-on state: off.
  void reset() { guest_ = {}; }

  // `offset` is the VM's CNTVOFF; `host` keeps the host's timer of this CPU until leave().
  template <VcpuHardware C>
  void enter(C& cpu, TimerState& host, u64 offset) {
    host = take(cpu);
    if (timer::is_armed(host.ctl)) {
      cpu.template write<el2::reg::cnthp_cval_el2>(host.cval);
      cpu.template write<el2::reg::cnthp_ctl_el2>(1);
    }
    put(cpu, guest_, offset);
  }
  template <VcpuHardware C>
  void leave(C& cpu, TimerState const& host) {
    guest_ = take(cpu);
    cpu.template write<el2::reg::cnthp_ctl_el2>(0);
    put(cpu, host, 0);
  }

  // The output of the loaded timer.
  template <VcpuHardware C>
  [[nodiscard]] static bool line(C& cpu) {
    return timer::is_high(cpu.template read<el2::reg::cntv_ctl_el0>());
  }
  // The output of the timer that is not loaded, when CNTPCT is `now`.
  [[nodiscard]] bool line_at(u64 now, u64 offset) const {
    return timer::is_armed(guest_.ctl) && now - offset >= guest_.cval;
  }

  // When the loaded timer fires, as the host counts; kNever if it is off or masked, or has no such date.
  template <VcpuHardware C>
  [[nodiscard]] static u64 deadline(C& cpu, u64 offset) {
    u64 const ctl = cpu.template read<el2::reg::cntv_ctl_el0>();
    u64 const cval = cpu.template read<el2::reg::cntv_cval_el0>();
    if (!timer::is_armed(ctl) || cval + offset < cval) return timer::kNever;
    return cval + offset;
  }

  [[nodiscard]] TimerState const& guest() const { return guest_; }

 private:
  // Stops CNTV. ISTATUS is not state.
  template <VcpuHardware C>
  static TimerState take(C& cpu) {
    TimerState const state{cpu.template read<el2::reg::cntv_ctl_el0>() & timer::kControl,
                           cpu.template read<el2::reg::cntv_cval_el0>()};
    cpu.template write<el2::reg::cntv_ctl_el0>(0);
    return state;
  }
  template <VcpuHardware C>
  static void put(C& cpu, TimerState state, u64 offset) {
    cpu.template write<el2::reg::cntvoff_el2>(offset);
    cpu.template write<el2::reg::cntv_cval_el0>(state.cval);
    cpu.template write<el2::reg::cntv_ctl_el0>(state.ctl);
  }

  TimerState guest_{};
};

}  // namespace redoubt
