// SPDX-License-Identifier: BSD-3-Clause
// The interrupts of one vCPU: SGIs and PPIs, the SPIs that the host offers at a run, and the list registers
// that present them to the guest (R19).
//
// State moves as follows. While the vCPU is not loaded everything is in this object. enter() puts it into the
// virtual interface; fold() takes back what the guest has acknowledged and ended, load() presents what is
// deliverable then; between the two the object may be changed. leave() ends a run. Every function but post()
// is for the CPU that has the vCPU loaded, or for the owner of its VM's lock while none has.
#pragma once
#include <array>
#include <atomic>
#include <bit>
#include <cstdint>

#include "core/vcpu/gic_fields.hpp"
#include "core/vcpu/hardware.hpp"

namespace redoubt {

// SGIs and PPIs, a bit each. `line` is the level of the timer's output; the other PPIs have no source.
struct PrivateInterrupts {
  std::uint32_t enabled = 0, latched = 0, active = 0, line = 0;
  std::array<std::uint8_t, gic::kPrivate> priority{};

  [[nodiscard]] constexpr std::uint32_t pending() const { return latched | line; }
};

// One SPI. A slot is free if the interrupt is neither pending nor active.
struct SpiSlot {
  std::uint16_t intid = 0;
  std::uint8_t priority = 0;
  std::uint8_t offer = 0;  // position in the mailbox, while pending
  bool pending = false, active = false;
};

//   INV-VGIC-1  while no guest is loaded on a CPU, its list registers are zero, ICH_HCR_EL2 is zero and the
//               physical PPI 27 is not held by the core
//   INV-VGIC-2  a list register never names a physical interrupt but 27, and only for the virtual 27
//   INV-VGIC-3  after load() the physical PPI 27 is held (active) exactly if the virtual one is pending or
//   active;
//               from there on only the guest's deactivation releases it. So the timer's level reaches the
//               core once for each interrupt
class Vgic {
 public:
  static constexpr unsigned kSpiSlots = 8, kOffers = 4;

  // Power-on state: nothing enabled, pending or active, the CPU interface off.
  void reset();

  // SGIs (bits 0..15) from any CPU. True: nobody has told this vCPU yet, so its CPU must leave the guest, or
  // its thread must run it.
  [[nodiscard]] bool post(std::uint32_t sgis);
  // Has something been posted that is not merged yet?
  [[nodiscard]] bool has_posted() const { return posted_.load(std::memory_order_acquire) != 0; }

  // Level of the timer's output, sampled between fold() and load().
  void set_timer_line(bool high) { interrupts_.line = high ? gic::kVirtualTimerBit : 0; }

  // The mailbox of a new run: forget_offers(), then offer() for each entry (position 0..3). An INTID outside
  // 32..255, one offered twice, or one too many active is not delivered: its bit in taken() stays 0.
  void forget_offers();
  void offer(unsigned position, u64 intid, std::uint8_t priority);
  // Bit i: the guest has acknowledged the interrupt offered at position i. Of the run that ended.
  [[nodiscard]] std::uint32_t taken() const { return taken_; }
  // INTIDs 64 * word .. 64 * word + 63: acknowledged and not ended, when the last run ended.
  [[nodiscard]] u64 active_spis(unsigned word) const { return active_spis_[word]; }

  // Shows the guest the state of the virtual interface and what is deliverable. ICC_SRE_EL2 and HCR_EL2 are
  // the caller's.
  template <VcpuHardware C>
  void enter(C& cpu);
  template <VcpuHardware C>
  void fold(C& cpu);
  template <VcpuHardware C>
  void load(C& cpu);
  // After fold(). The host's timer is loaded already, or its interrupt would be the guest's for a moment.
  template <VcpuHardware C>
  void leave(C& cpu);

  // Would WFI end at once: an enabled interrupt that passes ICH_VMCR_EL2 `interface` is pending?
  [[nodiscard]] bool ready(u64 interface) const;

  // The guest's write to ICC_DIR_EL1. Between fold() and load().
  void deactivate(u64 intid);

  // SGIs from this vCPU to itself. Between fold() and load().
  void raise(std::uint32_t sgis) { interrupts_.latched |= sgis & 0xffff; }

  // Has the core made the physical PPI 27 active?
  [[nodiscard]] bool timer_held() const { return timer_held_; }

  // For the redistributor's registers (redistributor.hpp). Between fold() and load().
  [[nodiscard]] PrivateInterrupts& interrupts() { return interrupts_; }
  [[nodiscard]] PrivateInterrupts const& interrupts() const { return interrupts_; }
  [[nodiscard]] std::array<SpiSlot, kSpiSlots> const& spis() const { return spis_; }

 private:
  static constexpr unsigned kCandidates = gic::kPrivate + kSpiSlots;
  // List register values, those to load first in front.
  struct Candidates {
    std::array<u64, kCandidates> values;
    unsigned count = 0;
    void push(u64 value) { values[count++] = value; }
  };
  // Which active interrupts stood in list registers.
  struct Seen {
    std::uint32_t interrupts = 0, spis = 0;
  };

  static u64 list_of(u64 intid, u64 priority, bool pending, bool active);
  [[nodiscard]] u64 timer_list(bool pending, bool active, bool is_latched) const;
  void collect(Candidates& candidates) const;
  static unsigned best_of(Candidates const& candidates, unsigned place, bool only_pending);
  static void choose(Candidates& candidates, unsigned room);
  static u64 control_for(Candidates const& candidates, unsigned room, bool can_trap_deactivate);
  void take_back(u64 list, Seen& seen);
  void take_back_spi(u64 list, Seen& seen);
  void end_unseen(u64 count, Seen seen);
  void settle_spis();
  void collect_spis(Candidates& candidates) const;
  [[nodiscard]] SpiSlot* find_spi(u64 intid);
  template <VcpuHardware C>
  void hold_timer(C& cpu, bool hold);

  PrivateInterrupts interrupts_{};
  std::array<SpiSlot, kSpiSlots> spis_{};
  bool has_spis_ = false;               // no: every slot is free
  std::array<u64, 4> ap0r_{}, ap1r_{};  // active priorities
  u64 vmcr_ = 0;
  std::array<u64, gic::kEndOfSpis / 64> active_spis_{};
  std::uint32_t taken_ = 0;
  unsigned loaded_ = 0;  // list registers in use
  bool timer_held_ = false;
  std::atomic<std::uint16_t> posted_{0};
};

}  // namespace redoubt

#include "core/vcpu/vgic_inline.hpp"
