// SPDX-License-Identifier: BSD-3-Clause
// A bare guest that waits for the console's interrupt and answers each line with `echo: LINE`; `off` ends it.
#include <cstdint>

#include "abi/bundle.h"
#include "machine/el2/sysreg.hpp"

namespace {

using Word = std::uint64_t;
using redoubt::el2::SysReg;
constexpr SysReg iar{3, 0, 12, 12, 0}, eoir{3, 0, 12, 12, 1}, pmr{3, 0, 4, 6, 0}, igrpen1{3, 0, 12, 12, 7},
    isr{3, 0, 12, 1, 0};
constexpr Word kUart = REDOUBT_GUEST_UART_BASE, kDistributor = REDOUBT_GUEST_GICD_BASE;
constexpr Word kFlags = kUart + 0x18, kMask = kUart + 0x38;
constexpr Word kReceiveEmpty = 1 << 4, kTransmitFull = 1 << 5, kReceiveInterrupt = 1 << 4;
constexpr Word kInterrupt = 32 + REDOUBT_GUEST_UART_SPI, kPending = 1 << 7;
constexpr Word kSystemOff = 0x8400'0008;
constexpr unsigned kMostCharacters = 64;

// Devices are accessed by plain loads and stores: one with write-back leaves no syndrome to emulate it by.
std::uint32_t load(Word address) {
  std::uint32_t value;
  asm volatile("ldr %w0, [%1]" : "=r"(value) : "r"(address) : "memory");
  return value;
}
void store(Word address, Word value) {
  asm volatile("str %w0, [%1]" : : "r"(value), "r"(address) : "memory");
}
template <SysReg R>
void set(Word value) {
  redoubt::el2::write<R>(value);
  asm volatile("isb" : : : "memory");
}

void put(char c) {
  while ((load(kFlags) & kTransmitFull) != 0) {
  }
  store(kUart, static_cast<std::uint8_t>(c));
}
void say(char const* text) {
  while (*text != 0) put(*text++);
}

[[noreturn]] void end() {
  register Word x0 asm("x0") = kSystemOff;
  asm volatile("hvc #0" : "+r"(x0) : : "x1", "x2", "x3", "memory");
  for (;;) {
  }
}

void set_up() {
  store(kDistributor, 0x12);  // affinity routing, group 1
  store(kDistributor + 0x80 + kInterrupt / 32 * 4, Word{1} << kInterrupt % 32);
  store(kDistributor + 0x100 + kInterrupt / 32 * 4, Word{1} << kInterrupt % 32);
  store(REDOUBT_GUEST_GICR_BASE + 0x14, 0);  // GICR_WAKER
  store(kMask, kReceiveInterrupt);
  set<pmr>(0xff);
  set<igrpen1>(1);
}

struct Line {
  char text[kMostCharacters + 1];
  unsigned length = 0;

  void take(char c) {
    if (c == '\r' || c == '\n') return answer();
    if (length < kMostCharacters) text[length++] = c;
  }
  void answer() {
    text[length] = 0;
    say("echo: ");
    say(text);
    put('\n');
    bool const off = length == 3 && text[0] == 'o' && text[1] == 'f' && text[2] == 'f';
    length = 0;
    if (off) end();
  }
};

}  // namespace

extern "C" {

[[noreturn]] void unexpected(Word /*syndrome*/) {
  say("echo: FAILED by an exception\n");
  end();
}

// PSTATE.I stays set: an interrupt ends the wait, and is taken by hand.
[[noreturn]] void guest_main() {
  Line line;
  set_up();
  say("echo: up\n");
  for (;;) {
    while ((redoubt::el2::read<isr>() & kPending) == 0) asm volatile("wfi" : : : "memory");
    Word const intid = redoubt::el2::read<iar>();
    while ((load(kFlags) & kReceiveEmpty) == 0) line.take(static_cast<char>(load(kUart)));
    set<eoir>(intid);
  }
}
}
