// SPDX-License-Identifier: BSD-3-Clause
// Registers of the GICv3 distributor (Arm IHI0069 section 12.9), byte by byte; and what is to be delivered.
#include "host/cli/gicd.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace redoubt::cli {
namespace {

constexpr std::uint64_t kControl = 0x0000, kType = 0x0004, kIdentity = 0xffe8;
// Arrays of one bit an interrupt, 128 bytes apart.
constexpr std::uint64_t kGroup = 0x0080, kSetEnable = 0x0100, kClearEnable = 0x0180, kSetPending = 0x0200,
                        kClearPending = 0x0280, kSetActive = 0x0300, kClearActive = 0x0380,
                        kPriority = 0x0400, kConfiguration = 0x0c00, kRoute = 0x6000;
constexpr std::uint64_t kBitArrayBytes = 0x80;

constexpr std::uint8_t kEnableGroup1 = 1U << 1, kAffinityRouting = 1U << 4, kOneSecurityState = 1U << 6;
constexpr std::uint64_t kRouteAny = std::uint64_t{1} << 31;  // Interrupt_Routing_Mode
constexpr std::uint64_t kRouteAffinity = 0xff00ffffff;
// GICD_TYPER: 10 bits of interrupt numbers, no "1 of N", and ITLinesNumber.
constexpr std::uint32_t kTypeValue = 9U << 19 | 1U << 25 | (kInterrupts / 32 - 1);
constexpr std::uint8_t kArchitecture3 = 0x3b;

bool is_spi(std::uint64_t intid) { return intid >= kFirstSpi && intid < kInterrupts; }

}  // namespace

bool Gicd::active(unsigned intid) const {
  return std::ranges::any_of(active_,
                             [&](auto const& words) { return (words[intid / 64] >> intid % 64 & 1) != 0; });
}

// vCPU n has affinity 0.0.0.n; an interrupt for any goes to the first.
unsigned Gicd::target(Interrupt const& interrupt) {
  if ((interrupt.route & kRouteAny) != 0) return 0;
  return static_cast<unsigned>(std::min<std::uint64_t>(interrupt.route & kRouteAffinity, kVcpus));
}

// Also while it is active: the core presents it again as soon as the guest has ended it.
bool Gicd::deliverable(unsigned intid, unsigned vcpu) const {
  Interrupt const& interrupt = interrupts_[intid];
  return interrupt.enabled && interrupt.group1 && pending(interrupt) && target(interrupt) == vcpu;
}

std::vector<Offer> Gicd::offers(unsigned vcpu, std::size_t most) const {
  std::vector<Offer> result;
  if ((control_ & kEnableGroup1) == 0 || vcpu >= vcpus_) return result;
  if (std::ranges::all_of(raised_, [](std::uint64_t word) { return word == 0; })) return result;
  for (unsigned word = 0; word < raised_.size(); ++word) {
    for (std::uint64_t left = raised_[word]; left != 0; left &= left - 1) {
      unsigned const intid = 64 * word + static_cast<unsigned>(std::countr_zero(left));
      if (deliverable(intid, vcpu))
        result.push_back({static_cast<std::uint16_t>(intid), interrupts_[intid].priority});
    }
  }
  std::ranges::sort(result, {}, [](Offer const& o) { return std::pair(o.priority, o.intid); });
  if (result.size() > most) result.resize(most);
  return result;
}

void Gicd::note(unsigned intid) {
  std::uint64_t const bit = std::uint64_t{1} << intid % 64;
  bool const raised = interrupts_[intid].latched || interrupts_[intid].line;
  raised_[intid / 64] = raised ? raised_[intid / 64] | bit : raised_[intid / 64] & ~bit;
}

void Gicd::set_line(unsigned intid, bool level) {
  if (!is_spi(intid)) return;
  Interrupt& interrupt = interrupts_[intid];
  if (interrupt.edge && level && !interrupt.line) interrupt.latched = true;
  interrupt.line = level;
  note(intid);
}

void Gicd::taken(unsigned intid) {
  if (!is_spi(intid)) return;
  interrupts_[intid].latched = false;
  note(intid);
}

void Gicd::set_active(unsigned vcpu, std::array<std::uint64_t, 4> const& words) {
  if (vcpu < kVcpus) active_[vcpu] = words;
}

bool Gicd::bit(std::uint64_t array, unsigned intid) const {
  Interrupt const& interrupt = interrupts_[intid];
  switch (array) {
    case kGroup:
      return interrupt.group1;
    case kSetEnable:
    case kClearEnable:
      return interrupt.enabled;
    case kSetPending:
    case kClearPending:
      return pending(interrupt);
    case kSetActive:
    case kClearActive:
      return active(intid);
    default:
      return false;
  }
}

void Gicd::set_bit(std::uint64_t array, unsigned intid) {
  Interrupt& interrupt = interrupts_[intid];
  switch (array) {
    case kSetEnable:
      interrupt.enabled = true;
      break;
    case kClearEnable:
      interrupt.enabled = false;
      break;
    case kSetPending:
      interrupt.latched = true;
      break;
    case kClearPending:
      interrupt.latched = false;
      break;
    default:
      break;  // what is active is the core's to know
  }
  note(intid);
}

std::uint64_t Gicd::read_byte(std::uint64_t offset) const {
  std::uint64_t value = 0;
  if (offset == kControl) return control_ | kAffinityRouting | kOneSecurityState;
  if (offset >= kType && offset < kType + 4) return kTypeValue >> 8 * (offset - kType) & 0xff;
  if (offset == kIdentity) return kArchitecture3;
  if (offset >= kGroup && offset < kPriority) {
    auto const first = static_cast<unsigned>(offset % kBitArrayBytes) * 8;
    for (unsigned i = 0; i < 8 && is_spi(first); ++i) {
      if (first + i < kInterrupts && bit(offset - offset % kBitArrayBytes, first + i)) value |= 1U << i;
    }
    return value;
  }
  if (offset >= kPriority && is_spi(offset - kPriority)) return interrupts_[offset - kPriority].priority;
  if (offset >= kConfiguration && is_spi((offset - kConfiguration) * 4)) {
    for (unsigned i = 0; i < 4; ++i) {
      if (interrupts_[(offset - kConfiguration) * 4 + i].edge) value |= 2U << 2 * i;
    }
    return value;
  }
  if (offset >= kRoute && is_spi((offset - kRoute) / 8)) {
    return interrupts_[(offset - kRoute) / 8].route >> 8 * (offset % 8) & 0xff;
  }
  return 0;
}

void Gicd::write_configuration(unsigned first, std::uint8_t value) {
  for (unsigned i = 0; i < 4; ++i) interrupts_[first + i].edge = (value >> (2 * i + 1) & 1) != 0;
}

void Gicd::write_byte(std::uint64_t offset, std::uint8_t value) {
  if (offset == kControl) {
    control_ = value & kEnableGroup1;
  } else if (offset >= kGroup && offset < kPriority) {
    auto const first = static_cast<unsigned>(offset % kBitArrayBytes) * 8;
    auto const array = offset - offset % kBitArrayBytes;
    for (unsigned i = 0; i < 8 && is_spi(first) && is_spi(first + i); ++i) {
      bool const one = (value >> i & 1) != 0;
      if (array == kGroup) interrupts_[first + i].group1 = one;
      if (one) set_bit(array, first + i);
    }
  } else if (offset >= kPriority && is_spi(offset - kPriority)) {
    interrupts_[offset - kPriority].priority = value;
  } else if (offset >= kConfiguration && is_spi((offset - kConfiguration) * 4)) {
    write_configuration(static_cast<unsigned>(offset - kConfiguration) * 4, value);
  } else if (offset >= kRoute && is_spi((offset - kRoute) / 8)) {
    auto const shift = 8 * (offset % 8);
    std::uint64_t& route = interrupts_[(offset - kRoute) / 8].route;
    route = (route & ~(std::uint64_t{0xff} << shift)) | std::uint64_t{value} << shift;
  }
}

std::uint64_t Gicd::read(std::uint64_t offset, unsigned size) const {
  std::uint64_t value = 0;
  for (unsigned i = 0; i < size; ++i) value |= read_byte(offset + i) << 8 * i;
  return value;
}

void Gicd::write(std::uint64_t offset, unsigned size, std::uint64_t value) {
  for (unsigned i = 0; i < size; ++i) write_byte(offset + i, static_cast<std::uint8_t>(value >> 8 * i));
}

}  // namespace redoubt::cli
