// SPDX-License-Identifier: BSD-3-Clause
// A bare guest that tries its interrupt controller, its timer and its second vCPU, and counts what each costs
// it in ticks of its counter. `interrupts: done` is the last line of a good run, `FAILED` stands in any
// other.
#include <array>
#include <cstdint>

#include "abi/bundle.h"
#include "abi/redoubt.h"
#include "machine/el2/sysreg.hpp"

namespace {

using Word = std::uint64_t;
constexpr unsigned kSamples = 64;
constexpr Word kSgiFrame = REDOUBT_GUEST_GICR_BASE + 0x1'0000;
constexpr Word kPsciVersion = 0x8400'0000, kCpuOn = 0xc400'0003, kAffinityInfo = 0xc400'0004,
               kCpuOff = 0x8400'0002, kSystemOff = 0x8400'0008;
constexpr Word kTimer = 27, kNone = 1023;

using redoubt::el2::SysReg;
constexpr SysReg iar{3, 0, 12, 12, 0}, eoir{3, 0, 12, 12, 1}, dir{3, 0, 12, 11, 1}, sgi1r{3, 0, 12, 11, 5},
    pmr{3, 0, 4, 6, 0}, icc_ctlr{3, 0, 12, 12, 4}, igrpen1{3, 0, 12, 12, 7}, isr{3, 0, 12, 1, 0},
    timer_ctl{3, 3, 14, 3, 1}, timer_cval{3, 3, 14, 3, 2}, counter{3, 3, 14, 0, 2}, frequency{3, 3, 14, 0, 0},
    id_pfr0{3, 0, 0, 4, 0};

template <SysReg R>
Word get() {
  return redoubt::el2::read<R>();
}
template <SysReg R>
void set(Word value) {
  redoubt::el2::write<R>(value);
  asm volatile("isb" : : : "memory");
}

// Devices are accessed by plain loads and stores: one with write-back leaves no syndrome to emulate it by.
std::uint32_t load(Word address) {
  std::uint32_t value;
  asm volatile("ldr %w0, [%1]" : "=r"(value) : "r"(address) : "memory");
  return value;
}
void store(Word address, Word value) {
  asm volatile("str %w0, [%1]" : : "r"(value), "r"(address) : "memory");
}
void store_byte(Word address, Word value) {
  asm volatile("strb %w0, [%1]" : : "r"(value), "r"(address) : "memory");
}

// --- console ---
void put(char c) {
  while ((load(REDOUBT_GUEST_UART_BASE + 0x18) & 0x20) != 0) {
  }
  store(REDOUBT_GUEST_UART_BASE, static_cast<std::uint8_t>(c));
}
void say(char const* text) {
  while (*text != 0) put(*text++);
}
void say_number(Word value) {
  char digits[20];
  unsigned count = 0;
  do digits[count++] = static_cast<char>('0' + value % 10);
  while ((value /= 10) != 0);
  while (count != 0) put(digits[--count]);
}
void report(char const* what, Word value) {
  say("interrupts: ");
  say(what);
  put(' ');
  say_number(value);
  put('\n');
}

Word call(Word function, Word a = 0, Word b = 0, Word c = 0) {
  register Word x0 asm("x0") = function;
  register Word x1 asm("x1") = a;
  register Word x2 asm("x2") = b;
  register Word x3 asm("x3") = c;
  asm volatile("hvc #0" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3) : : "memory");
  return x0;
}

[[noreturn]] void end() {
  call(kSystemOff);
  for (;;) {
  }
}
void expect(char const* what, Word seen, Word wanted) {
  if (seen == wanted) return;
  report(what, seen);
  report("FAILED: not", wanted);
  end();
}

// The best of several: what an undisturbed round takes.
template <class F>
Word cost(F round) {
  Word best = ~Word{0};
  for (unsigned i = 0; i < kSamples; ++i) {
    Word const start = get<counter>();
    round();
    Word const ticks = get<counter>() - start;
    best = ticks < best ? ticks : best;
  }
  return best;
}

Word acknowledge_soon() {
  for (unsigned i = 0; i < 1'000'000; ++i)
    if (Word const intid = get<iar>(); intid != kNone) return intid;
  return kNone;
}

void set_up(Word frame) {
  store(frame - 0x1'0000 + 0x14, 0);  // GICR_WAKER
  store(frame + 0x80, ~0u);
  for (Word i = 0; i < 32; ++i) store_byte(frame + 0x400 + i, 0xa0);
  store(frame + 0x100, 0xffff | 1u << kTimer);
  set<pmr>(0xff);
  set<igrpen1>(1);
}

// --- the checks ---
void check_sgi() {
  report("ticks of a call", cost([] { call(kPsciVersion); }));
  report("ticks of an ID register", cost([] { (void)get<id_pfr0>(); }));
  report("ticks of a redistributor access", cost([] { load(kSgiFrame + 0x100); }));
  report("ticks of an SGI to itself", cost([] {
           set<sgi1r>(Word{5} << 24 | 1);
           expect("acknowledged", acknowledge_soon(), 5);
           set<eoir>(5);
         }));
  expect("nothing pending", get<iar>(), kNone);
}

void check_timer() {
  report("ticks of a timer that is due", cost([] {
           set<timer_cval>(0);
           set<timer_ctl>(1);
           expect("acknowledged", acknowledge_soon(), kTimer);
           set<timer_ctl>(0);
           set<eoir>(kTimer);
         }));
  set<timer_ctl>(1);  // a level: it comes again until it is low
  for (int i = 0; i < 3; ++i) {
    expect("level", acknowledge_soon(), kTimer);
    if (i == 2) set<timer_ctl>(0);
    set<eoir>(kTimer);
  }
  expect("low", get<iar>(), kNone);
  set<timer_cval>(get<counter>() + get<frequency>() / 1024);
  set<timer_ctl>(1);
  while ((get<isr>() & 0x80) == 0) asm volatile("wfi");
  expect("after WFI", get<iar>(), kTimer);
  expect("not early", get<timer_ctl>(), 5);
  set<timer_ctl>(0);
  set<eoir>(kTimer);
}

// More interrupts than there are list registers.
void check_many() {
  store(kSgiFrame + 0x200, 0xffff);
  std::uint32_t seen = 0;
  for (unsigned i = 0; i < 16; ++i) {
    Word const intid = acknowledge_soon();
    if (intid < 16) seen |= 1u << intid;
    set<eoir>(intid);
  }
  expect("all that were pending", seen, 0xffff);
  for (Word i = 0; i < 16; ++i) store_byte(kSgiFrame + 0x400 + i, (16 - i) * 8);
  for (Word i = 0; i < 16; ++i) {  // each preempts the one before
    set<sgi1r>(i << 24 | 1);
    expect("preempts", acknowledge_soon(), i);
  }
  expect("all active", load(kSgiFrame + 0x300), 0xffff);
  for (Word i = 16; i-- > 0;) {
    set<eoir>(i);
    expect("active", load(kSgiFrame + 0x300), (1u << i) - 1);
  }
  for (Word i = 0; i < 16; ++i) store_byte(kSgiFrame + 0x400 + i, 0xa0);
}

// End of interrupt in two steps.
void check_split() {
  set<icc_ctlr>(get<icc_ctlr>() | 2);
  for (Word i = 0; i < 10; ++i) {
    set<sgi1r>(i << 24 | 1);
    expect("acknowledged", acknowledge_soon(), i);
    set<eoir>(i);
  }
  expect("all active", load(kSgiFrame + 0x300), 0x3ff);
  static constexpr std::array<Word, 10> order{7, 0, 9, 3, 4, 1, 8, 2, 6, 5};
  std::uint32_t left = 0x3ff;
  for (Word const i : order) {
    set<dir>(i);
    left &= ~(1u << i);
    expect("left", load(kSgiFrame + 0x300), left);
  }
  set<icc_ctlr>(get<icc_ctlr>() & ~Word{2});
}

volatile Word second_is_up = 0;

// vCPU 1 answers each SGI 1 with an SGI 2, and goes off at SGI 3.
void check_second(Word entry) {
  if (call(kAffinityInfo, 1, 0) != 1) return report("no second vCPU", 0);
  expect("CPU_ON", call(kCpuOn, 1, entry, 0x77), 0);
  while (second_is_up == 0) {
  }
  expect("its context", second_is_up, 0x77);
  expect("AFFINITY_INFO", call(kAffinityInfo, 1, 0), 0);
  expect("CPU_ON again", call(kCpuOn, 1, entry, 0), static_cast<Word>(-4));
  report("ticks of an SGI there and back", cost([] {
           set<sgi1r>(Word{1} << 24 | 2);
           while ((get<isr>() & 0x80) == 0) asm volatile("wfi");
           expect("answer", get<iar>(), 2);
           set<eoir>(2);
         }));
  set<sgi1r>(Word{3} << 24 | 2);
  while (call(kAffinityInfo, 1, 0) != 1) {
  }
  say("interrupts: the second vCPU came and went\n");
}

}  // namespace

extern "C" void second_entry();
extern "C" [[noreturn]] void unexpected(Word esr, Word elr) {
  report("FAILED by an exception, ESR", esr);
  report("at", elr);
  end();
}
extern "C" void second_main(Word context) {
  set_up(kSgiFrame + REDOUBT_GUEST_GICR_STRIDE);
  second_is_up = context;
  for (;;) {
    while ((get<isr>() & 0x80) == 0) asm volatile("wfi");
    Word const intid = get<iar>();
    set<eoir>(intid);
    if (intid == 3) call(kCpuOff);
    if (intid == 1) set<sgi1r>(Word{2} << 24 | 1);
  }
}
extern "C" void guest_main() {
  say("interrupts: up\n");
  store(REDOUBT_GUEST_GICD_BASE, 0x12);
  set_up(kSgiFrame);
  check_sgi();
  check_timer();
  check_many();
  check_split();
  check_second(reinterpret_cast<Word>(&second_entry));
  say("interrupts: done\n");
  end();
}
