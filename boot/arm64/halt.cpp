// SPDX-License-Identifier: BSD-3-Clause
// Fail-stop: the first CPU that gets here writes the record, all others stop at their next entry.
#include "boot/arm64/halt.hpp"

#include <atomic>

#include "boot/arm64/console.hpp"
#include "boot/arm64/host_stage2.hpp"
#include "boot/arm64/per_cpu.hpp"
#include "boot/arm64/vm_end.hpp"
#include "machine/el2/barrier.hpp"
#include "machine/el2/memory.hpp"

extern "C" {
extern char _start[], _image_end[], __stacks_start[], __text_end[];
constinit redoubt::CrashRecord crash_record{};
}

namespace redoubt {
namespace {

constinit std::atomic<std::uint32_t> halt_word{0};
// Which CPU writes the record (MPIDR_EL1, whose bit 31 is RES1), and whether it has begun to print it.
constinit std::uint64_t stopping_cpu = 0;
constinit bool printed = false;

constexpr std::uint64_t kNoVector = ~std::uint64_t{0};
constexpr std::uint64_t kUnknownCpu = ~std::uint64_t{0};  // it has no struct PerCpu yet

bool inside_core_stacks(std::uint64_t address) {
  auto const low = reinterpret_cast<std::uint64_t>(__stacks_start);
  auto const high = reinterpret_cast<std::uint64_t>(_image_end);
  return address % 16 == 0 && address >= low && address < high - 16;
}

// Follows frame records (AAPCS64 6.4.6) as long as they lie in the core's stacks; keeps only addresses of the
// core's text.
void record_return_addresses(std::uint64_t frame) {
  auto const text = reinterpret_cast<std::uint64_t>(_start);
  auto const text_end = reinterpret_cast<std::uint64_t>(__text_end);
  for (auto& slot : crash_record.return_addresses) {
    if (!inside_core_stacks(frame)) return;
    std::uint64_t const address = el2::load<std::uint64_t>(frame + 8);
    if (address >= text && address < text_end) slot = address;
    std::uint64_t const next = el2::load<std::uint64_t>(frame);
    if (next <= frame) return;
    frame = next;
  }
}

// True for the CPU that sets it. Exclusive accesses need the MMU (Arm ARM B2.12.2); without it two CPUs that
// fail at the same time may both print.
bool set_halt_word() {
  constexpr std::uint64_t mmu_on = 1;
  if ((el2::read<el2::reg::sctlr_el2>() & mmu_on) != 0)
    return halt_word.exchange(1, std::memory_order_acq_rel) == 0;
  bool const first = halt_word.load(std::memory_order_relaxed) == 0;
  halt_word.store(1, std::memory_order_relaxed);
  return first;
}

void print_record() {
  printed = true;
  console::put("\r\nredoubt: machine stopped, INV-EL2-");
  console::put_decimal(crash_record.invariant);
  console::put(", CPU ");
  if (crash_record.cpu == kUnknownCpu) {
    console::put("unknown");
  } else {
    console::put_decimal(crash_record.cpu);
  }
  console::put(", PC ");
  console::put_hex(crash_record.pc - reinterpret_cast<std::uint64_t>(_start));
  console::put(" in redoubt-core.elf, ESR_EL2 ");
  console::put_hex(crash_record.esr);
  console::put(", FAR_EL2 ");
  console::put_hex(crash_record.far);
  console::end_line();
}

[[noreturn]] void stop_machine(Invariant invariant, std::uint64_t vector, std::uint64_t frame) {
  std::uint64_t const self = el2::read<el2::reg::mpidr_el1>();
  if (!set_halt_word()) {
    if (stopping_cpu == self && !printed) print_record();  // an exception on the way from here to there
    stop_this_cpu();
  }
  stopping_cpu = self;
  auto const record = el2::read<el2::reg::tpidr_el2>();
  crash_record.invariant = static_cast<std::uint64_t>(invariant);
  crash_record.cpu = record != 0 ? this_cpu().index : kUnknownCpu;
  crash_record.vector = vector;
  crash_record.pc = el2::read<el2::reg::elr_el2>();
  crash_record.esr = el2::read<el2::reg::esr_el2>();
  crash_record.far = el2::read<el2::reg::far_el2>();
  record_return_addresses(frame);
  crash_record.magic = kCrashMagic;
  host_stage2.revoke_all();
  print_record();
  zero_vm_memory();
  stop_this_cpu();
}

}  // namespace

bool halted() { return halt_word.load(std::memory_order_relaxed) != 0; }

void stop_this_cpu() {
  for (;;) el2::wait_for_event();
}

void panic(Invariant invariant) {
  stop_machine(invariant, kNoVector, reinterpret_cast<std::uint64_t>(__builtin_frame_address(0)));
}

}  // namespace redoubt

// From vectors.S: an exception that no code of the core expects.
extern "C" [[noreturn]] void stop_on_exception(std::uint64_t vector, std::uint64_t frame) {
  redoubt::stop_machine(redoubt::Invariant::el2_exception, vector, frame);
}

extern "C" {
// The prebuilt libfdt is compiled with the stack protector.
constinit std::uint64_t __stack_chk_guard = 0x0a0d'ff00'5245'4454;
[[noreturn]] void __stack_chk_fail() { redoubt::panic(redoubt::Invariant::stack_protector); }
}
