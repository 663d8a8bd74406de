// SPDX-License-Identifier: BSD-3-Clause
// Registers of the PL011 (Arm DDI0183 section 3.3) as far as a console needs them.
#include "host/cli/pl011.hpp"

#include <array>

namespace redoubt::cli {
namespace {

enum Register : std::uint64_t {
  kData = 0x000,
  kFlags = 0x018,
  kIntegerDivisor = 0x024,
  kFractionDivisor = 0x028,
  kLine = 0x02c,
  kControl = 0x030,
  kLevels = 0x034,
  kMask = 0x038,
  kRaw = 0x03c,
  kMasked = 0x040,
  kClear = 0x044,
  kIdentity = 0xfe0,
};

constexpr std::uint32_t kReceiveInterrupt = 1U << 4, kTransmitInterrupt = 1U << 5;
constexpr std::uint32_t kAllInterrupts = 0x7ff;
constexpr std::uint32_t kFlagReceiveEmpty = 1U << 4, kFlagReceiveFull = 1U << 6, kFlagTransmitEmpty = 1U << 7;
constexpr std::uint32_t kLineFifo = 1U << 4;
constexpr std::size_t kFifoDepth = 16;
// UARTPeriphID0..3 of revision r1p4 and UARTPCellID0..3.
constexpr std::array<std::uint32_t, 8> kIdentities{0x11, 0x10, 0x14, 0x00, 0x0d, 0xf0, 0x05, 0xb1};

}  // namespace

std::size_t Pl011::depth() const { return (line_ & kLineFifo) != 0 ? kFifoDepth : 1; }

// The transmitter is always empty: characters leave at once.
std::uint32_t Pl011::flags() const {
  return kFlagTransmitEmpty | (received_.empty() ? kFlagReceiveEmpty : 0) |
         (received_.size() >= depth() ? kFlagReceiveFull : 0);
}

std::uint32_t Pl011::take_character() {
  if (received_.empty()) return 0;
  auto const character = static_cast<unsigned char>(received_.front());
  received_.pop_front();
  if (received_.empty()) raw_ &= ~kReceiveInterrupt;
  return character;
}

std::uint32_t Pl011::read(std::uint64_t offset) {
  switch (offset) {
    case kData:
      return take_character();
    case kFlags:
      return flags();
    case kIntegerDivisor:
      return integer_divisor_;
    case kFractionDivisor:
      return fraction_divisor_;
    case kLine:
      return line_;
    case kControl:
      return control_;
    case kLevels:
      return levels_;
    case kMask:
      return mask_;
    case kRaw:
      return raw_;
    case kMasked:
      return raw_ & mask_;
    default:
      break;
  }
  auto const index = (offset - kIdentity) / 4;
  return offset >= kIdentity && offset % 4 == 0 && index < kIdentities.size() ? kIdentities[index] : 0;
}

void Pl011::write(std::uint64_t offset, std::uint32_t value) {
  switch (offset) {
    case kData:
      transmit_(static_cast<char>(value & 0xff));
      raw_ |= kTransmitInterrupt;  // the FIFO drained below its trigger
      break;
    case kIntegerDivisor:
      integer_divisor_ = value & 0xffff;
      break;
    case kFractionDivisor:
      fraction_divisor_ = value & 0x3f;
      break;
    case kLine:
      line_ = value & 0xff;
      break;
    case kControl:
      control_ = value & 0xffff;
      break;
    case kLevels:
      levels_ = value & 0x3f;
      break;
    case kMask:
      mask_ = value & kAllInterrupts;
      break;
    case kClear:
      raw_ &= ~value;
      break;
    default:
      break;
  }
}

// The interrupt is raised by the first character, without waiting for a level or a silence on the line.
std::size_t Pl011::receive(std::string_view text) {
  std::size_t taken = 0;
  while (taken < text.size() && received_.size() < depth()) received_.push_back(text[taken++]);
  if (taken != 0) raw_ |= kReceiveInterrupt;
  return taken;
}

}  // namespace redoubt::cli
