// SPDX-License-Identifier: BSD-3-Clause
// The devices that a VM sees, at the addresses of abi/bundle.h.
#include "host/cli/board.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include "abi/bundle.h"

namespace redoubt::cli {
namespace {

constexpr unsigned kUartInterrupt = kFirstSpi + REDOUBT_GUEST_UART_SPI;

bool inside(std::uint64_t address, std::uint64_t base, std::uint64_t size) {
  return address >= base && address - base < size;
}

bool valid_access(redoubt_ioc_run const& run) {
  return (run.size == 1 || run.size == 2 || run.size == 4 || run.size == 8) && run.address % run.size == 0;
}

}  // namespace

// The vCPUs that have something to take and had nothing before.
unsigned Board::update_lines() {
  gicd_.set_line(kUartInterrupt, uart_.interrupt());
  unsigned mask = 0;
  for (unsigned vcpu = 0; vcpu < gicd_.vcpus(); ++vcpu)
    mask |= gicd_.offers(vcpu, 1).empty() ? 0U : 1U << vcpu;
  unsigned const fresh = mask & ~offered_;
  offered_ = mask;
  return fresh;
}

unsigned Board::access(redoubt_ioc_run& run) {
  std::lock_guard const guard(lock_);
  run.mmio_data = 0;
  bool const valid = valid_access(run);
  run.mmio_abort = 0;
  if (valid && inside(run.address, REDOUBT_GUEST_UART_BASE, REDOUBT_GUEST_UART_SIZE)) {
    auto const offset = run.address - REDOUBT_GUEST_UART_BASE;
    if (run.is_write != 0) uart_.write(offset, static_cast<std::uint32_t>(run.data));
    if (run.is_write == 0) run.mmio_data = uart_.read(offset);
  } else if (valid && inside(run.address, REDOUBT_GUEST_GICD_BASE, REDOUBT_GUEST_GICD_SIZE)) {
    auto const offset = run.address - REDOUBT_GUEST_GICD_BASE;
    if (run.is_write != 0) gicd_.write(offset, run.size, run.data);
    if (run.is_write == 0) run.mmio_data = gicd_.read(offset, run.size);
  } else {
    run.mmio_abort = 1;
  }
  return update_lines();
}

void Board::prepare(unsigned vcpu, redoubt_ioc_run& run) {
  std::lock_guard const guard(lock_);
  run.spi_count = 0;
  for (Offer const offer : gicd_.offers(vcpu, std::size(run.spi))) {
    run.spi[run.spi_count++] = {offer.intid, offer.priority, 0};
  }
}

void Board::finish(unsigned vcpu, redoubt_ioc_run const& run) {
  std::lock_guard const guard(lock_);
  for (unsigned i = 0; i < std::min(run.spi_count, static_cast<unsigned>(std::size(run.spi))); ++i) {
    if ((run.spi_taken >> i & 1) != 0) gicd_.taken(run.spi[i].intid);
  }
  gicd_.set_active(vcpu, {run.spi_active[0], run.spi_active[1], run.spi_active[2], run.spi_active[3]});
}

std::size_t Board::receive(std::string_view text, unsigned& interrupted) {
  std::lock_guard const guard(lock_);
  std::size_t const taken = uart_.receive(text);
  interrupted = update_lines();
  return taken;
}

}  // namespace redoubt::cli
