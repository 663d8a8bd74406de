// SPDX-License-Identifier: BSD-3-Clause
// PL011 output, polled.
#include "boot/arm64/console.hpp"

#include "machine/el2/memory.hpp"

namespace redoubt::console {
namespace {

constexpr std::uint64_t kData = 0x00, kFlags = 0x18, kLineControl = 0x2c, kControl = 0x30;
constexpr std::uint32_t kTransmitFull = 1u << 5;
constexpr std::uint32_t kEightBitsFifo = 3u << 5 | 1u << 4;
constexpr std::uint32_t kEnable = 1u | 1u << 8 | 1u << 9;  // UART, transmit, receive
constexpr unsigned kPatience = 1u << 20;                   // a stuck UART must not stop the boot

constinit std::uint64_t base = 0;

void put_character(char character) {
  for (unsigned i = 0; i < kPatience && (el2::load<std::uint32_t>(base + kFlags) & kTransmitFull) != 0; ++i) {
  }
  el2::store<std::uint32_t>(base + kData, static_cast<unsigned char>(character));
}

}  // namespace

void init(std::uint64_t uart) {
  base = uart;
  el2::store<std::uint32_t>(base + kLineControl, kEightBitsFifo);
  el2::store<std::uint32_t>(base + kControl, kEnable);
}

void put(char const* text) {
  for (; *text != 0; ++text) put_character(*text);
}

void put_hex(std::uint64_t value) {
  put("0x");
  int shift = 60;
  while (shift > 0 && value >> shift == 0) shift -= 4;
  for (; shift >= 0; shift -= 4) put_character("0123456789abcdef"[value >> shift & 15]);
}

void put_decimal(std::uint64_t value) {
  char digits[21];
  int position = 20;
  digits[position] = 0;
  do {
    digits[--position] = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value != 0);
  put(&digits[position]);
}

void put_bytes(std::uint64_t bytes) {
  bool const mebibytes = bytes % (1u << 20) == 0;
  bool const kibibytes = bytes % (1u << 10) == 0;
  put_decimal(mebibytes ? bytes >> 20 : kibibytes ? bytes >> 10 : bytes);
  put(mebibytes ? " MiB" : kibibytes ? " KiB" : " bytes");
}

void end_line() { put("\r\n"); }

}  // namespace redoubt::console
