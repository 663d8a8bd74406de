// SPDX-License-Identifier: BSD-3-Clause
// The console of a VM: an Arm PrimeCell UART (PL011, Arm DDI0183) without modem lines or DMA.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string_view>

namespace redoubt::cli {

class Pl011 {
 public:
  // `transmit` takes each character that the guest sends.
  explicit Pl011(std::function<void(char)> transmit) : transmit_(std::move(transmit)) {}

  // A register by its offset in the frame; unknown ones read as zero and ignore writes.
  [[nodiscard]] std::uint32_t read(std::uint64_t offset);
  void write(std::uint64_t offset, std::uint32_t value);

  // Gives characters to the receiver; returns how many had room.
  std::size_t receive(std::string_view text);

  // The level of the interrupt line.
  [[nodiscard]] bool interrupt() const { return (raw_ & mask_) != 0; }

 private:
  [[nodiscard]] std::size_t depth() const;
  [[nodiscard]] std::uint32_t flags() const;
  [[nodiscard]] std::uint32_t take_character();

  std::function<void(char)> transmit_;
  std::deque<char> received_;
  std::uint32_t raw_ = 0;   // interrupts that are raised
  std::uint32_t mask_ = 0;  // and that reach the line
  std::uint32_t integer_divisor_ = 0, fraction_divisor_ = 0, line_ = 0, levels_ = 0x12;
  std::uint32_t control_ = 0x300;
};

}  // namespace redoubt::cli
