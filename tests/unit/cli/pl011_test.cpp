// SPDX-License-Identifier: BSD-3-Clause
// The VM's UART: characters both ways, flags, interrupts.
#include "host/cli/pl011.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

namespace redoubt::cli {
namespace {

constexpr std::uint64_t kData = 0, kFlags = 0x18, kLine = 0x2c, kMask = 0x38, kRaw = 0x3c, kMasked = 0x40,
                        kClear = 0x44;
constexpr std::uint32_t kFifo = 0x10, kReceive = 0x10, kTransmit = 0x20;

struct Uart {
  std::string sent;
  Pl011 device{[this](char character) { sent.push_back(character); }};
};

TEST(Pl011, SendsAtOnce) {
  Uart uart;
  for (char const character : std::string("hello"))
    uart.device.write(kData, static_cast<unsigned char>(character));
  EXPECT_EQ(uart.sent, "hello");
  EXPECT_EQ(uart.device.read(kFlags), 0x90U);  // both FIFOs empty, none full
}

TEST(Pl011, SendsTheLowByteOnly) {
  Uart uart;
  uart.device.write(kData, 0xffffff41);
  EXPECT_EQ(uart.sent, "A");
}

TEST(Pl011, ReceivesUpToItsDepth) {
  Uart uart;
  EXPECT_EQ(uart.device.receive("abc"), 1U);  // without the FIFO it holds one character
  EXPECT_EQ(uart.device.read(kFlags) & 0x50U, 0x40U);
  EXPECT_EQ(uart.device.read(kData), static_cast<std::uint32_t>('a'));
  uart.device.write(kLine, kFifo);
  EXPECT_EQ(uart.device.receive(std::string(20, 'x')), 16U);
}

TEST(Pl011, InterruptNeedsItsMask) {
  Uart uart;
  EXPECT_EQ(uart.device.receive("a"), 1U);
  EXPECT_FALSE(uart.device.interrupt());
  EXPECT_EQ(uart.device.read(kRaw), kReceive);
  EXPECT_EQ(uart.device.read(kMasked), 0U);
  uart.device.write(kMask, kReceive);
  EXPECT_TRUE(uart.device.interrupt());
  EXPECT_EQ(uart.device.read(kMasked), kReceive);
}

TEST(Pl011, ReadingTheLastCharacterEndsTheInterrupt) {
  Uart uart;
  uart.device.write(kLine, kFifo);
  uart.device.write(kMask, kReceive);
  EXPECT_EQ(uart.device.receive("ab"), 2U);
  EXPECT_EQ(uart.device.read(kData), static_cast<std::uint32_t>('a'));
  EXPECT_TRUE(uart.device.interrupt());
  EXPECT_EQ(uart.device.read(kData), static_cast<std::uint32_t>('b'));
  EXPECT_FALSE(uart.device.interrupt());
}

TEST(Pl011, TransmitInterruptIsCleared) {
  Uart uart;
  uart.device.write(kMask, kTransmit);
  EXPECT_FALSE(uart.device.interrupt());
  uart.device.write(kData, 'x');
  EXPECT_TRUE(uart.device.interrupt());
  uart.device.write(kClear, kTransmit);
  EXPECT_FALSE(uart.device.interrupt());
}

TEST(Pl011, HasItsIdentity) {
  Uart uart;
  EXPECT_EQ(uart.device.read(0xfe0), 0x11U);
  EXPECT_EQ(uart.device.read(0xffc), 0xb1U);
  EXPECT_EQ(uart.device.read(0x1000), 0U);
}

// What is received comes out in order, whatever else is written and read in between.
RC_GTEST_PROP(Pl011, KeepsTheOrder, (std::vector<std::uint16_t> const& offsets, std::string const& text)) {
  Uart uart;
  uart.device.write(kLine, kFifo);
  std::string got;
  std::size_t given = 0;
  for (std::uint16_t const offset : offsets) {
    given += uart.device.receive(std::string_view(text).substr(given, 3));
    if (offset % 4096 != kData && offset % 4096 != kLine) uart.device.write(offset % 4096U, offset);
    if ((uart.device.read(kFlags) & 0x10) == 0) got.push_back(static_cast<char>(uart.device.read(kData)));
  }
  RC_ASSERT(got == text.substr(0, got.size()));
}

}  // namespace
}  // namespace redoubt::cli
