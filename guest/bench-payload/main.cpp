// SPDX-License-Identifier: BSD-3-Clause
// The measuring guest: each operation a few hundred times, in ticks of its virtual counter.
#include "abi/redoubt.h"
#include "guest/bench-payload/machine.hpp"

extern "C" {
void measure_all();
[[noreturn]] void serve_interrupts();
void start_second();
}

namespace redoubt::bench {
namespace {

constexpr unsigned kRounds = 512;
constexpr u64 kMebibyte = 1 << 20;
constexpr u64 kPage = 4096;
constexpr u64 kFaultPages = 256;  // of the first 2 MiB, behind the image
constexpr u64 kPsciVersion = 0x8400'0000, kSmcccVersion = 0x8000'0000, kCpuOn = 0xc400'0003;

u32 samples[kRounds];
// Of the second vCPU.
u64 volatile second_ready, second_count, second_waits;

void report(u64 offset, u64 value) { store<u64>(REDOUBT_BENCH_BASE + offset, value); }

void sort(unsigned count) {
  for (unsigned gap = count / 2; gap != 0; gap /= 2)
    for (unsigned i = gap; i < count; ++i) {
      u32 const value = samples[i];
      unsigned at = i;
      for (; at >= gap && samples[at - gap] > value; at -= gap) samples[at] = samples[at - gap];
      samples[at] = value;
    }
}

void finish(unsigned count) {
  u64 sum = 0;
  for (unsigned i = 0; i < count; ++i) sum += samples[i];
  sort(count);
  report(REDOUBT_BENCH_MINIMUM, samples[0]);
  report(REDOUBT_BENCH_MEDIAN, samples[count / 2]);
  report(REDOUBT_BENCH_MAXIMUM, samples[count - 1]);
  report(REDOUBT_BENCH_COUNT, count);
  report(REDOUBT_BENCH_SUM, sum);
}

template <class Operation>
[[gnu::always_inline]] inline void measure(redoubt_bench_operation which, unsigned count,
                                           Operation operation) {
  report(REDOUBT_BENCH_BEGIN, which);
  for (unsigned i = 0; i < count; ++i) {
    u64 const start = now();
    operation(i);
    samples[i] = static_cast<u32>(now() - start);
  }
  finish(count);
}

u64 image_start() {
  u64 address;
  asm("adrp %0, _start" : "=r"(address));
  return address;
}

void measure_traps() {
  measure(REDOUBT_BENCH_NOTHING, kRounds, [](unsigned) {});
  measure(REDOUBT_BENCH_HVC_PSCI_VERSION, kRounds, [](unsigned) { call(kPsciVersion); });
  measure(REDOUBT_BENCH_HVC_SMCCC_VERSION, kRounds, [](unsigned) { call(kSmcccVersion); });
  measure(REDOUBT_BENCH_SMC_PSCI_VERSION, kRounds, [](unsigned) { call_smc(kPsciVersion); });
  measure(REDOUBT_BENCH_ID_REGISTER, kRounds, [](unsigned) {
    u64 value;
    asm volatile("mrs %0, id_aa64pfr0_el1" : "=r"(value));
  });
}

void measure_interrupts() {
  enable_interface();
  enable_distributor();
  enable_redistributor(0);
  measure(REDOUBT_BENCH_END_OF_INTERRUPT, kRounds, [](unsigned) { end(kNoInterrupt); });
  measure(REDOUBT_BENCH_SELF_SGI, kRounds, [](unsigned) {
    send(1);
    take_one();
  });
  measure(REDOUBT_BENCH_TIMER_DUE, kRounds, [](unsigned) {
    asm volatile("msr cntv_cval_el0, xzr\n msr cntv_ctl_el0, %0\n isb" ::"r"(u64{1}) : "memory");
    u64 intid;
    do intid = acknowledge();
    while (intid == kNoInterrupt);
    asm volatile("msr cntv_ctl_el0, %0\n isb" ::"r"(u64{2}) : "memory");
    end(intid);
  });
}

void measure_devices() {
  constexpr u64 kFlags = 0x18, kDivisor = 0x24;  // PL011 (Arm DDI0183)
  measure(REDOUBT_BENCH_MMIO_READ, kRounds, [](unsigned) { load<u32>(REDOUBT_GUEST_UART_BASE + kFlags); });
  measure(REDOUBT_BENCH_MMIO_WRITE, kRounds,
          [](unsigned) { store<u32>(REDOUBT_GUEST_UART_BASE + kDivisor, 1); });
  measure(REDOUBT_BENCH_DISTRIBUTOR_READ, kRounds, [](unsigned) { load<u32>(REDOUBT_GUEST_GICD_BASE + 8); });
  measure(REDOUBT_BENCH_REDISTRIBUTOR_READ, kRounds, [](unsigned) { load<u32>(REDOUBT_GUEST_GICR_BASE); });
}

// The first 2 MiB hold the image, so what is missing there comes as pages; the next come as blocks.
void measure_memory() {
  u64 const pages = image_start() + kMebibyte, blocks = image_start() + 2 * kMebibyte;
  measure(REDOUBT_BENCH_FAULT_PAGES, kFaultPages, [=](unsigned i) { store<u64>(pages + i * kPage, 1); });
  measure(REDOUBT_BENCH_FAULT_BLOCK, 30, [=](unsigned i) { store<u64>(blocks + i * 2 * kMebibyte, 1); });
  report(REDOUBT_BENCH_BEGIN, REDOUBT_BENCH_SHARE);
  for (unsigned i = 0; i < kFaultPages; ++i) {
    u64 const start = now();
    call(REDOUBT_GUEST_MEM_SHARE, pages + i * kPage);
    samples[i] = static_cast<u32>(now() - start);
  }
  finish(kFaultPages);
  measure(REDOUBT_BENCH_UNSHARE, kFaultPages,
          [=](unsigned i) { call(REDOUBT_GUEST_MEM_UNSHARE, pages + i * kPage); });
}

void interrupt_second() {
  u64 const before = second_count;
  send(2);
  while (second_count == before) asm volatile("yield" ::: "memory");
}

void measure_second() {
  u64 entry;
  asm("adrp %0, start_second\n add %0, %0, :lo12:start_second" : "=r"(entry));
  call(kCpuOn, 1, entry, 0);
  while (second_ready == 0) asm volatile("yield" ::: "memory");
  measure(REDOUBT_BENCH_IPI_POLLING, kRounds / 4, [](unsigned) { interrupt_second(); });
  second_waits = 1;
  interrupt_second();
  measure(REDOUBT_BENCH_IPI_WAITING, kRounds / 4, [](unsigned) { interrupt_second(); });
}

}  // namespace
}  // namespace redoubt::bench

void measure_all() {
  using namespace redoubt::bench;
  measure_traps();
  measure_interrupts();
  if (load<u64>(REDOUBT_BENCH_BASE + REDOUBT_BENCH_VCPUS) > 1) {
    measure_second();
  } else {
    measure_devices();
    measure_memory();
  }
  report(REDOUBT_BENCH_DONE, 0);
}

// The second vCPU: ends every interrupt, either looking for it all the time or waiting for it.
void serve_interrupts() {
  using namespace redoubt::bench;
  enable_interface();
  enable_redistributor(1);
  second_ready = 1;
  for (;;) {
    if (second_waits != 0) asm volatile("wfi" ::: "memory");
    u64 const intid = acknowledge();
    if (intid == kNoInterrupt) {
      asm volatile("yield" ::: "memory");
      continue;
    }
    end(intid);
    second_count = second_count + 1;
  }
}
