// SPDX-License-Identifier: BSD-3-Clause
// Definitions of vgic.hpp.
#pragma once
#include "core/vcpu/vgic.hpp"

namespace redoubt {

inline void Vgic::reset() {
  interrupts_ = {};
  spis_ = {};
  has_spis_ = false;
  ap0r_ = {};
  ap1r_ = {};
  vmcr_ = 0;
  active_spis_ = {};
  taken_ = 0;
  posted_.store(0, std::memory_order_relaxed);
}

// Release and acquire: what the sender wrote before its SGI is visible to who merges it (and presence.hpp).
inline bool Vgic::post(std::uint32_t sgis) {
  auto const new_ones = static_cast<std::uint16_t>(sgis);
  return new_ones != 0 && posted_.fetch_or(new_ones, std::memory_order_acq_rel) == 0;
}

inline void Vgic::forget_offers() {
  taken_ = 0;
  if (!has_spis_) return;
  for (SpiSlot& slot : spis_) slot.pending = false;
}

inline void Vgic::offer(unsigned position, u64 intid, std::uint8_t priority) {
  if (position >= kOffers || intid < gic::kFirstSpi || intid >= gic::kEndOfSpis) return;
  SpiSlot* slot = find_spi(intid);
  if (slot != nullptr && slot->pending) return;
  if (slot == nullptr) {
    slot = find_spi(0);  // a free one
    if (slot == nullptr) return;
    slot->intid = static_cast<std::uint16_t>(intid);
    slot->priority = static_cast<std::uint8_t>(priority & gic::kPriorityMask);
  }
  // An active one keeps its priority: the guest's end of interrupt drops that one.
  slot->offer = static_cast<std::uint8_t>(position);
  slot->pending = true;
  has_spis_ = true;
}

// At the end of a run: what was not acknowledged is forgotten, what is active is told.
inline void Vgic::settle_spis() {
  if (!has_spis_) return;  // and none was active when the last run ended
  active_spis_ = {};
  has_spis_ = false;
  for (SpiSlot& slot : spis_) {
    slot.pending = false;
    if (!slot.active) continue;
    active_spis_[slot.intid / 64] |= u64{1} << slot.intid % 64;
    has_spis_ = true;
  }
}

// The slot in use for `intid`; 0: one that is free. Null: there is none.
inline SpiSlot* Vgic::find_spi(u64 intid) {
  for (SpiSlot& slot : spis_) {
    bool const in_use = slot.pending || slot.active;
    if (intid == 0 ? !in_use : in_use && slot.intid == intid) return &slot;
  }
  return nullptr;
}

inline bool Vgic::ready(u64 interface) const {
  if (gic::CpuInterface::Group1::get(interface) == 0) return false;
  u64 const limit = gic::CpuInterface::Priority::get(interface);
  std::uint32_t const merged = interrupts_.pending() | posted_.load(std::memory_order_acquire);
  std::uint32_t left = merged & interrupts_.enabled & ~interrupts_.active;
  for (; left != 0; left &= left - 1)
    if (interrupts_.priority[static_cast<unsigned>(std::countr_zero(left))] < limit) return true;
  for (SpiSlot const& slot : spis_)
    if (slot.pending && !slot.active && slot.priority < limit) return true;
  return false;
}

inline void Vgic::deactivate(u64 intid) {
  if (intid < gic::kPrivate) {
    interrupts_.active &= ~(std::uint32_t{1} << intid);
  } else if (SpiSlot* slot = find_spi(intid); slot != nullptr) {
    slot->active = false;
  }
}

inline u64 Vgic::list_of(u64 intid, u64 priority, bool pending, bool active) {
  using gic::List;
  return List::VirtualId::put(intid) | List::Priority::put(priority) | List::Group1::put(1) |
         List::Pending::put(pending) | List::Active::put(active);
}

// While the timer is active the physical one is too; when the guest ends both, a line that is high fires
// again. What software has made pending meanwhile has no line: then the end needs the core.
inline u64 Vgic::timer_list(bool pending, bool active, bool is_latched) const {
  using gic::List;
  u64 const priority = interrupts_.priority[gic::kVirtualTimer];
  if (active && is_latched) return list_of(gic::kVirtualTimer, priority, true, true) | List::TellEnd::put(1);
  return list_of(gic::kVirtualTimer, priority, pending && !active, active) | List::Hardware::put(1) |
         List::PhysicalId::put(gic::kVirtualTimer);
}

inline void Vgic::collect(Candidates& candidates) const {
  std::uint32_t const pending = interrupts_.pending() & interrupts_.enabled;
  std::uint32_t left = pending | interrupts_.active;
  for (; left != 0; left &= left - 1) {
    auto const intid = static_cast<unsigned>(std::countr_zero(left));
    bool const is_pending = (pending >> intid & 1) != 0, is_active = (interrupts_.active >> intid & 1) != 0;
    bool const is_latched = is_pending && (interrupts_.latched >> intid & 1) != 0;
    candidates.push(intid == gic::kVirtualTimer
                        ? timer_list(is_pending, is_active, is_latched)
                        : list_of(intid, interrupts_.priority[intid], is_pending, is_active));
  }
  if (has_spis_) collect_spis(candidates);
}

inline void Vgic::collect_spis(Candidates& candidates) const {
  for (SpiSlot const& slot : spis_) {
    if (slot.pending || slot.active)
      candidates.push(list_of(slot.intid, slot.priority, slot.pending, slot.active));
  }
}

namespace gic {
// The order in which interrupts get list registers if there are too few: smaller first. In front stands the
// best one that is only pending, so that every interrupt can come in; then the active ones, the last
// preemptor first, so that they can be ended; then what is pending.
[[nodiscard]] constexpr u64 rank(u64 list) {
  return (List::Active::get(list) != 0 ? 0 : 0x100) | List::Priority::get(list);
}
[[nodiscard]] constexpr bool is_only_pending(u64 list) {
  return List::Pending::get(list) != 0 && List::Active::get(list) == 0;
}
}  // namespace gic

// Position of the best candidate from `place` on, of those only pending if `only_pending`; count: there is
// none.
inline unsigned Vgic::best_of(Candidates const& candidates, unsigned place, bool only_pending) {
  unsigned best = candidates.count;
  for (unsigned i = place; i < candidates.count; ++i) {
    u64 const value = candidates.values[i];
    if (only_pending && !gic::is_only_pending(value)) continue;
    if (best == candidates.count || gic::rank(value) < gic::rank(candidates.values[best])) best = i;
  }
  return best;
}

// Moves the `room` candidates to load to the front; there are more.
inline void Vgic::choose(Candidates& candidates, unsigned room) {
  for (unsigned place = 0; place < room; ++place) {
    unsigned best = best_of(candidates, place, place == 0);
    if (best == candidates.count) best = best_of(candidates, place, false);
    std::swap(candidates.values[place], candidates.values[best]);
  }
}

// ICH_HCR_EL2 for what is loaded (the first `room`) and what is left over. If something that is only pending
// is left over, something such is loaded, so the NoPending interrupt comes when the guest has acknowledged
// it.
inline u64 Vgic::control_for(Candidates const& candidates, unsigned room, bool can_trap_deactivate) {
  u64 control = gic::Control::Enable::put(1);
  for (unsigned i = room; i < candidates.count; ++i) {
    if (gic::is_only_pending(candidates.values[i])) control |= gic::Control::NoPending::put(1);
    if (gic::List::Active::get(candidates.values[i]) != 0) {
      control |=
          gic::Control::EntryNotPresent::put(1) | gic::Control::TrapDeactivate::put(can_trap_deactivate);
    }
  }
  return control;
}

inline void Vgic::take_back_spi(u64 list, Seen& seen) {
  SpiSlot* const slot = find_spi(gic::List::VirtualId::get(list));
  if (slot == nullptr) return;
  seen.spis |= 1u << (slot - spis_.data());
  if (slot->pending && gic::List::Pending::get(list) == 0) {
    slot->pending = false;
    taken_ |= 1u << slot->offer;
  }
  slot->active = gic::List::Active::get(list) != 0;
}

inline void Vgic::take_back(u64 list, Seen& seen) {
  u64 const intid = gic::List::VirtualId::get(list);
  if (intid >= gic::kPrivate) return take_back_spi(list, seen);
  std::uint32_t const bit = std::uint32_t{1} << intid;
  seen.interrupts |= bit;
  bool const pending = gic::List::Pending::get(list) != 0, active = gic::List::Active::get(list) != 0;
  bool const is_hardware = gic::List::Hardware::get(list) != 0;
  // Was a request shown? Not of what is disabled, nor of a timer with the physical one active.
  bool const was_shown =
      (interrupts_.enabled & bit) != 0 && (!is_hardware || (interrupts_.active & bit) == 0);
  if (was_shown && !pending) interrupts_.latched &= ~bit;
  interrupts_.active = active ? interrupts_.active | bit : interrupts_.active & ~bit;
  // The guest's deactivation was the physical one's too.
  if (is_hardware && !pending && !active) timer_held_ = false;
}

// `count` interrupts were ended that stood in no list register: the best active ones, as a guest ends the
// last preemptor first.
inline void Vgic::end_unseen(u64 count, Seen seen) {
  for (; count != 0; --count) {
    u64 best_intid = gic::kEndOfSpis, best_priority = 0x100;
    for (u64 intid = 0; intid < gic::kPrivate; ++intid) {
      bool const unseen = ((interrupts_.active & ~seen.interrupts) >> intid & 1) != 0;
      if (unseen && interrupts_.priority[intid] < best_priority) {
        best_intid = intid;
        best_priority = interrupts_.priority[intid];
      }
    }
    for (unsigned i = 0; i < kSpiSlots; ++i) {
      bool const unseen = spis_[i].active && (seen.spis >> i & 1) == 0;
      if (unseen && spis_[i].priority < best_priority) {
        best_intid = spis_[i].intid;
        best_priority = spis_[i].priority;
      }
    }
    if (best_intid == gic::kEndOfSpis) return;
    deactivate(best_intid);
  }
}

template <VcpuHardware C>
void Vgic::hold_timer(C& cpu, bool hold) {
  if (hold == timer_held_) return;
  cpu.hold_timer(hold);
  timer_held_ = hold;
}

template <VcpuHardware C>
void Vgic::fold(C& cpu) {
  Seen seen;
  for_each_register<kListRegisters>(
      loaded_, [&]<unsigned N>() { take_back(cpu.template read<el2::reg::ich_lr_el2(N)>(), seen); });
  u64 const ended = gic::Control::EoiCount::get(cpu.template read<el2::reg::ich_hcr_el2>());
  if (ended != 0) end_unseen(ended, seen);
}

template <VcpuHardware C>
void Vgic::load(C& cpu) {
  interrupts_.latched |= posted_.exchange(0, std::memory_order_acq_rel);
  u64 const type = cpu.template read<el2::reg::ich_vtr_el2>();
  auto const registers = static_cast<unsigned>(gic::Type::ListRegisters::get(type) + 1);
  unsigned const room = registers < kListRegisters ? registers : kListRegisters;
  Candidates candidates;
  collect(candidates);
  u64 control = gic::Control::Enable::put(1);
  if (candidates.count > room) {
    choose(candidates, room);
    control = control_for(candidates, room, gic::Type::TrapDeactivate::get(type) != 0);
  }
  unsigned const before = loaded_;
  loaded_ = candidates.count < room ? candidates.count : room;
  for (unsigned i = loaded_; i < before; ++i) candidates.values[i] = 0;
  for_each_register<kListRegisters>(before > loaded_ ? before : loaded_, [&]<unsigned N>() {
    cpu.template write<el2::reg::ich_lr_el2(N)>(candidates.values[N]);
  });
  cpu.template write<el2::reg::ich_hcr_el2>(control);
  hold_timer(cpu, ((interrupts_.pending() | interrupts_.active) & gic::kVirtualTimerBit) != 0);
}

// Number of ICH_AP0R<n>_EL2 and of ICH_AP1R<n>_EL2: one bit a group priority.
[[nodiscard]] constexpr unsigned priority_registers(u64 type) {
  u64 const bits = gic::Type::PreemptionBits::get(type) + 1;
  return bits >= 7 ? 4 : bits == 6 ? 2 : 1;
}

template <VcpuHardware C>
void Vgic::enter(C& cpu) {
  cpu.template write<el2::reg::ich_vmcr_el2>(vmcr_);
  for_each_register<4>(priority_registers(cpu.template read<el2::reg::ich_vtr_el2>()), [&]<unsigned N>() {
    cpu.template write<el2::reg::ich_ap0r_el2(N)>(ap0r_[N]);
    cpu.template write<el2::reg::ich_ap1r_el2(N)>(ap1r_[N]);
  });
  load(cpu);
}

template <VcpuHardware C>
void Vgic::leave(C& cpu) {
  vmcr_ = cpu.template read<el2::reg::ich_vmcr_el2>();
  for_each_register<4>(priority_registers(cpu.template read<el2::reg::ich_vtr_el2>()), [&]<unsigned N>() {
    ap0r_[N] = cpu.template read<el2::reg::ich_ap0r_el2(N)>();
    ap1r_[N] = cpu.template read<el2::reg::ich_ap1r_el2(N)>();
  });
  for_each_register<kListRegisters>(loaded_,
                                    [&]<unsigned N>() { cpu.template write<el2::reg::ich_lr_el2(N)>(0); });
  loaded_ = 0;
  cpu.template write<el2::reg::ich_hcr_el2>(0);
  hold_timer(cpu, false);
  settle_spis();
}

}  // namespace redoubt
