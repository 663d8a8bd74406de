// SPDX-License-Identifier: BSD-3-Clause
// R14: fail-stop of the whole machine, and the crash record it leaves.
#pragma once
#include <array>
#include <cstdint>

namespace redoubt {

// Numbers of the invariants whose breach the boot part notices; see docs/debugging.md.
enum class Invariant : std::uint32_t {
  el2_exception = 1,      // INV-EL2-1: the core takes no exception itself
  host_interrupt = 2,     // INV-EL2-2: interrupts and SErrors of the host do not reach EL2
  stack_protector = 3,    // INV-EL2-3: libfdt keeps its stack frames
  firmware_returned = 4,  // INV-EL2-4: a CPU that is started has an index below the number of CPUs
  crypto_misuse = 5,      // INV-EL2-5: libsodium gets arguments that it can work with
  layers = 16,  // INV-EL2-16 and up: 16 + the layers' reason to stop (enum Stop in core/machine/machine.hpp)
};

// Core addresses and syndrome only: never a register or a value of the host or a VM. Read by
// boot/gdb/redoubt.py.
struct CrashRecord {
  std::uint64_t magic;  // kCrashMagic once the rest is complete
  std::uint64_t invariant;
  std::uint64_t cpu;     // its index, or ~0: stopped before it had one
  std::uint64_t vector;  // 0..15, or ~0: not by an exception
  std::uint64_t pc;      // ELR_EL2
  std::uint64_t esr;
  std::uint64_t far;
  std::array<std::uint64_t, 8> return_addresses;
};

inline constexpr std::uint64_t kCrashMagic = 0x48'53'41'52'43'44'45'52;

// Some CPU has stopped the machine; tested by spin loops and before every return to EL1.
[[nodiscard]] bool halted();

// Stops the machine: halt word, host stage 2 revoked on all CPUs, crash record, one line on the console.
[[noreturn]] void panic(Invariant invariant);

// Where a CPU ends that finds the machine halted.
[[noreturn]] void stop_this_cpu();

}  // namespace redoubt
