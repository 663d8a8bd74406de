// SPDX-License-Identifier: BSD-3-Clause
// The VM's board: which device an access reaches, and whom it interrupts.
#include "host/cli/board.hpp"

#include <gtest/gtest.h>

#include <string>

#include "abi/bundle.h"

namespace redoubt::cli {
namespace {

constexpr unsigned kUart = 32 + REDOUBT_GUEST_UART_SPI;

struct Machine {
  std::string sent;
  Board board{2, [this](char character) { sent.push_back(character); }};
  redoubt_ioc_run run{};

  unsigned write(std::uint64_t address, unsigned size, std::uint64_t data) {
    run.address = address;
    run.size = size;
    run.is_write = 1;
    run.data = data;
    return board.access(run);
  }
  std::uint64_t read(std::uint64_t address, unsigned size) {
    run.address = address;
    run.size = size;
    run.is_write = 0;
    board.access(run);
    return run.mmio_data;
  }
  // As a driver does: group 1, enabled, for a vCPU; receive interrupts on.
  void enable_uart(unsigned vcpu) {
    write(REDOUBT_GUEST_GICD_BASE, 4, 0x12);
    write(REDOUBT_GUEST_GICD_BASE + 0x84, 4, 2);
    write(REDOUBT_GUEST_GICD_BASE + 0x104, 4, 2);
    write(REDOUBT_GUEST_GICD_BASE + 0x6000 + 8 * kUart, 8, vcpu);
    write(REDOUBT_GUEST_UART_BASE + 0x38, 4, 0x10);
  }
};

TEST(Board, ReachesBothDevices) {
  Machine machine;
  machine.write(REDOUBT_GUEST_UART_BASE, 1, 'x');
  EXPECT_EQ(machine.sent, "x");
  EXPECT_EQ(machine.read(REDOUBT_GUEST_UART_BASE + 0xfe0, 4), 0x11U);
  EXPECT_EQ(machine.read(REDOUBT_GUEST_GICD_BASE + 0xffe8, 4), 0x3bU);
  EXPECT_EQ(machine.run.mmio_abort, 0U);
}

TEST(Board, AbortsWhereNothingIs) {
  Machine machine;
  for (std::uint64_t const address :
       {std::uint64_t{0}, std::uint64_t{REDOUBT_GUEST_UART_BASE} + REDOUBT_GUEST_UART_SIZE,
        std::uint64_t{REDOUBT_GUEST_GICD_BASE} + REDOUBT_GUEST_GICD_SIZE,
        std::uint64_t{REDOUBT_GUEST_RAM_BASE}}) {
    machine.read(address, 4);
    EXPECT_EQ(machine.run.mmio_abort, 1U) << address;
  }
  machine.read(REDOUBT_GUEST_UART_BASE, 4);
  EXPECT_EQ(machine.run.mmio_abort, 0U);
  machine.read(REDOUBT_GUEST_UART_BASE + 2, 4);
  EXPECT_EQ(machine.run.mmio_abort, 1U);
  machine.read(REDOUBT_GUEST_UART_BASE, 3);
  EXPECT_EQ(machine.run.mmio_abort, 1U);
}

TEST(Board, InputKicksTheVcpuItIsRoutedToOnce) {
  Machine machine;
  machine.enable_uart(1);
  machine.write(REDOUBT_GUEST_UART_BASE + 0x2c, 4, 0x10);
  unsigned interrupted = 0;
  EXPECT_EQ(machine.board.receive("a", interrupted), 1U);
  EXPECT_EQ(interrupted, 2U);
  EXPECT_EQ(machine.board.receive("b", interrupted), 1U);
  EXPECT_EQ(interrupted, 0U);  // it knows already
  machine.board.prepare(0, machine.run);
  EXPECT_EQ(machine.run.spi_count, 0U);
  machine.board.prepare(1, machine.run);
  ASSERT_EQ(machine.run.spi_count, 1U);
  EXPECT_EQ(machine.run.spi[0].intid, kUart);
}

TEST(Board, TheGuestsReadingEndsTheOffer) {
  Machine machine;
  machine.enable_uart(0);
  unsigned interrupted = 0;
  EXPECT_EQ(machine.board.receive("a", interrupted), 1U);
  EXPECT_EQ(interrupted, 1U);
  machine.board.prepare(0, machine.run);
  machine.run.spi_taken = 1;
  machine.run.spi_active[0] = std::uint64_t{1} << kUart;
  machine.board.finish(0, machine.run);
  EXPECT_EQ(machine.read(REDOUBT_GUEST_UART_BASE, 4), static_cast<std::uint64_t>('a'));
  machine.board.prepare(0, machine.run);
  EXPECT_EQ(machine.run.spi_count, 0U);
  EXPECT_EQ(machine.read(REDOUBT_GUEST_GICD_BASE + 0x304, 4), 2U);
}

}  // namespace
}  // namespace redoubt::cli
