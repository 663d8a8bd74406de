// SPDX-License-Identifier: BSD-3-Clause
// Definitions of redistributor.hpp.
#pragma once
#include "core/vcpu/redistributor.hpp"

namespace redoubt {
namespace gic {

// GICR_TYPER of vCPU `vcpu`, the last of which is `vcpus` - 1.
[[nodiscard]] constexpr u64 type_of(u64 vcpu, u64 vcpus) {
  return RedistributorType::Affinity0::put(vcpu) | RedistributorType::ProcessorNumber::put(vcpu) |
         RedistributorType::Last::put(vcpu + 1 == vcpus);
}

// Registers that are the same whoever asks and whatever has happened.
[[nodiscard]] constexpr u64 constant_register(u64 vcpu, u64 vcpus, FrameAccess const& access) {
  u64 const type = type_of(vcpu, vcpus);
  if (access.bytes == 8) return access.offset == RdFrame::typer ? type : 0;
  if (access.bytes != 4) return 0;
  switch (access.offset) {
    case RdFrame::iidr:
      return kIdentification;
    case RdFrame::typer:
      return type & 0xffff'ffff;
    case RdFrame::typer_high:
      return type >> 32;
    case RdFrame::pidr2:
    case kFrame + RdFrame::pidr2:
      return kArchitecture3;
    case kFrame + SgiFrame::igroupr0:
      return 0xffff'ffff;
    case kFrame + SgiFrame::icfgr0:
      return kSgisAreEdge;
    default:
      return 0;
  }
}

// Byte by byte, so that both widths are one.
[[nodiscard]] inline u64 access_priorities(PrivateInterrupts& interrupts, u64 first,
                                           FrameAccess const& access) {
  u64 value = 0;
  for (unsigned i = 0; i < access.bytes; ++i) {
    std::uint8_t& priority = interrupts.priority[first + i];
    if (access.is_write) priority = static_cast<std::uint8_t>(access.value >> 8 * i & kPriorityMask);
    value |= u64{priority} << 8 * i;
  }
  return value;
}

// Registers of a bit for each interrupt, by pairs that set and clear. Null: no such register.
struct BitRegister {
  std::uint32_t PrivateInterrupts::* bits = nullptr;
  bool sets = false;
};
[[nodiscard]] constexpr BitRegister bit_register(u64 offset) {
  switch (offset) {
    case SgiFrame::isenabler0:
      return {&PrivateInterrupts::enabled, true};
    case SgiFrame::icenabler0:
      return {&PrivateInterrupts::enabled, false};
    case SgiFrame::ispendr0:
      return {&PrivateInterrupts::latched, true};
    case SgiFrame::icpendr0:
      return {&PrivateInterrupts::latched, false};
    case SgiFrame::isactiver0:
      return {&PrivateInterrupts::active, true};
    case SgiFrame::icactiver0:
      return {&PrivateInterrupts::active, false};
    default:
      return {};
  }
}

[[nodiscard]] inline u64 access_sgi_frame(PrivateInterrupts& interrupts, u64 offset,
                                          FrameAccess const& access) {
  bool const is_priority = offset >= SgiFrame::ipriorityr && offset < SgiFrame::ipriorityr_end;
  if (is_priority && (access.bytes == 1 || access.bytes == 4))
    return access_priorities(interrupts, offset - SgiFrame::ipriorityr, access);
  BitRegister const which = bit_register(offset);
  if (which.bits == nullptr || access.bytes != 4) return 0;
  std::uint32_t& bits = interrupts.*which.bits;
  if (access.is_write) {
    auto const value = static_cast<std::uint32_t>(access.value);
    bits = which.sets ? bits | value : bits & ~value;
    return 0;
  }
  return which.bits == &PrivateInterrupts::latched ? interrupts.pending() : bits;
}

}  // namespace gic

inline u64 access_own_frame(Vgic& vgic, bool& awake, u64 vcpu, u64 vcpus, FrameAccess access) {
  if (access.offset % access.bytes != 0) return 0;
  if (access.offset == gic::RdFrame::waker && access.bytes == 4) {
    if (access.is_write) awake = gic::ProcessorSleep::get(access.value) == 0;
    return awake ? 0 : gic::ProcessorSleep::mask | gic::ChildrenAsleep::mask;
  }
  if (access.offset >= gic::kFrame) {
    u64 const value = gic::access_sgi_frame(vgic.interrupts(), access.offset - gic::kFrame, access);
    if (value != 0) return value;
  }
  return gic::constant_register(vcpu, vcpus, access);
}

inline u64 access_other_frame(Vgic& target, u64 vcpu, u64 vcpus, FrameAccess access, bool& kick) {
  kick = false;
  if (access.offset % access.bytes != 0) return 0;
  if (access.is_write) {
    if (access.offset == gic::kFrame + gic::SgiFrame::ispendr0 && access.bytes == 4)
      kick = target.post(static_cast<std::uint32_t>(access.value));
    return 0;
  }
  return gic::constant_register(vcpu, vcpus, access);
}

}  // namespace redoubt
