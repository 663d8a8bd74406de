// SPDX-License-Identifier: BSD-3-Clause
// Text on the board's PL011: before the host runs, and again when the machine has stopped.
#pragma once
#include <cstdint>

namespace redoubt::console {

// Enables the transmitter at `uart` (DDI 0183, chapter 3). Works with the MMU on or off.
void init(std::uint64_t uart);

void put(char const* text);
void put_hex(std::uint64_t value);  // 0x and as many digits as needed
void put_decimal(std::uint64_t value);
void put_bytes(std::uint64_t bytes);  // in MiB or KiB where that is exact
void end_line();

}  // namespace redoubt::console
