// SPDX-License-Identifier: BSD-3-Clause
// Interrupts and timer of one vCPU together: what the entry, the exit and each trap of a guest call.
//
// Order at a run: the caller loads the vCPU's other registers, then
//   begin(mailbox fields); enter(cpu, host timer of this CPU, VM's CNTVOFF); ERET
//   on a trap: one of the on_... functions, none of which leaves the guest by itself
//   leave(cpu, host timer); then taken(), active_spis() go to the mailbox.
//
// Who wakes whom. A vCPU that runs on another CPU is told by the core's signal, which on_irq() there answers
// (presence.hpp). For those that run nowhere the function returns a mask of vCPUs, and if that is not 0 the
// guest exits to the host with the mask in the mailbox's `wake`: the host runs each of them. It must keep
// such a wish that arrives while the vCPU's thread is between a WFI exit and its sleep.
#pragma once
#include "core/vcpu/presence.hpp"
#include "core/vcpu/redistributor.hpp"
#include "core/vcpu/vtimer.hpp"

namespace redoubt {

enum class IrqOutcome : std::uint8_t {
  resume,  // it was the guest's own; back into it
  exit,    // for the host: REDOUBT_EXIT_INTERRUPT, without acknowledging
};

struct WfiOutcome {
  bool resume;   // something is pending already
  u64 deadline;  // else: REDOUBT_EXIT_WFI with this deadline, the host's counter
};

// One SPI of the mailbox, copied once.
struct OfferedSpi {
  std::uint16_t intid;
  std::uint8_t priority;
};

class GuestInterrupts {
 public:
  // The vCPU is switched on, first or again.
  void reset() {
    vgic_.reset();
    timer_.reset();
    awake_ = false;
  }

  // Before enter(): `count` entries (at most 4, more are ignored) of the mailbox.
  void begin(std::array<OfferedSpi, Vgic::kOffers> const& spis, unsigned count) {
    vgic_.forget_offers();
    for (unsigned i = 0; i < Vgic::kOffers && i < count; ++i) vgic_.offer(i, spis[i].intid, spis[i].priority);
  }

  template <VcpuHardware C>
  void enter(C& cpu, TimerState& host, u64 offset);
  // True: an SGI has come too late for this run, so the host is to run the vCPU again at once.
  template <VcpuHardware C>
  [[nodiscard]] bool leave(C& cpu, TimerState const& host);

  // A physical interrupt arrived while the guest ran.
  template <VcpuHardware C>
  [[nodiscard]] IrqOutcome on_irq(C& cpu);

  // WFI; the caller steps over it in both cases.
  template <VcpuHardware C>
  [[nodiscard]] WfiOutcome on_wfi(C& cpu, u64 offset);

  // The guest's MSR ICC_SGI1R_EL1, by vCPU `self`. `vcpus[c]` is a GuestInterrupts&, bit c of `on` says that
  // vCPU c is on. Returns the vCPUs to wake.
  template <VcpuHardware C, class Vcpus>
  [[nodiscard]] static std::uint32_t on_sgi(C& cpu, Vcpus& vcpus, u64 self, std::uint32_t on, u64 value);

  // MSR ICC_DIR_EL1, trapped only while more interrupts are active than there are list registers.
  template <VcpuHardware C>
  void on_deactivate(C& cpu, u64 value);

  // An access of vCPU `self` at `offset` from REDOUBT_GUEST_GICR_BASE, which lies in the frames of one of the
  // VM's `count` vCPUs. Returns the value read, zero-extended; adds to `wake` as above.
  template <VcpuHardware C, class Vcpus>
  [[nodiscard]] static u64 on_redistributor(C& cpu, Vcpus& vcpus, u64 self, u64 count, FrameAccess access,
                                            std::uint32_t& wake);

  [[nodiscard]] std::uint32_t taken() const { return vgic_.taken(); }
  [[nodiscard]] u64 active_spis(unsigned word) const { return vgic_.active_spis(word); }
  [[nodiscard]] Vgic& vgic() { return vgic_; }
  [[nodiscard]] Vtimer& vtimer() { return timer_; }

 private:
  template <VcpuHardware C>
  [[nodiscard]] IrqOutcome on_signal(C& cpu);

  // Takes back the interface's state and samples the timer; load() must follow.
  template <VcpuHardware C>
  void fold(C& cpu) {
    vgic_.fold(cpu);
    vgic_.set_timer_line(Vtimer::line(cpu));
  }

  Vgic vgic_{};
  Vtimer timer_{};
  Presence presence_{};
  bool awake_ = false;  // GICR_WAKER
};

}  // namespace redoubt

#include "core/vcpu/guest_interrupts_inline.hpp"
