// SPDX-License-Identifier: BSD-3-Clause
// What each CPU keeps for itself; TPIDR_EL2 points to it.
#pragma once
#include <array>
#include <atomic>
#include <cstdint>

#include "abi/redoubt.h"
#include "boot/arm64/board.hpp"
#include "boot/arm64/id_reader.hpp"
#include "boot/id_registers.hpp"
#include "core/machine/guest_machine.hpp"
#include "machine/el2/registers.hpp"

namespace redoubt {

// Written by its own CPU only, read by all.
class Counter {
 public:
  void add(std::uint64_t amount) {
    value_.store(value_.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

// What the world switch writes beside its primitives, and the host's PMCR_EL0 while a guest runs.
struct SwitchedRegisters {
  std::uint64_t hcrx, hstr, icc_sre;
};

// GuestWord::spi_active has several elements and is the last.
inline constexpr std::size_t kGuestWords = static_cast<std::size_t>(GuestWord::spi_active) + MAILBOX_ACTIVES;
constexpr std::size_t guest_word_index(GuestWord word, std::uint64_t index) {
  return static_cast<std::size_t>(word) + index;
}

struct alignas(128) PerCpu {
  std::uint64_t emergency_stack_top;  // offset 0 and 8: used by vectors.S
  std::uint64_t stack_top;
  std::uint64_t index;
  IdRegisters id;
  bool has_pmu, has_hcx, has_ras;
  bool has_signals;  // the core's own SGI reaches this CPU
  std::array<std::uint64_t, static_cast<std::size_t>(TrapSetting::count)> trap_settings;
  SwitchedRegisters of_guest, of_host;
  std::array<std::uint64_t, kIdRegisters> guest_ids;  // what a guest reads in each, by id_register_index()
  std::array<std::uint64_t, static_cast<std::size_t>(GuestAnswer::count)>
      guest_answers;                                   // of the last guest_event
  std::array<std::uint64_t, kGuestWords> guest_words;  // of the vCPU that was unloaded last
  std::uint64_t host_pmcr;                             // PMCR_EL0 of the host while a guest is loaded
  std::array<Counter, REDOUBT_COUNTER_COUNT> counters;
  alignas(16) std::array<std::uint64_t, 32 * 2048 / 64> host_vectors;  // Z0..Z31, while a guest is loaded
  alignas(16) std::array<unsigned char, 4096> emergency_stack;
};

extern constinit std::array<PerCpu, kMaximumCpus> per_cpu;

// TPIDR_EL2 never changes once it is set, so one read of it may serve a whole function.
[[nodiscard]] inline PerCpu& this_cpu() {
  PerCpu* cpu;
  asm("mrs %0, tpidr_el2" : "=r"(cpu));
  return *cpu;
}

inline void count(redoubt_counter which, std::uint64_t amount = 1) { this_cpu().counters[which].add(amount); }

// Sum over all CPUs.
[[nodiscard]] std::uint64_t counter_sum(redoubt_counter which);

// Makes `per_cpu[index]` the record of the calling CPU and reads its ID registers.
void init_this_cpu(std::size_t index);

// The part of a world switch that no primitive does: the `switched` registers of guest_registers.hpp, and the
// PMU's main switch, so that the host's counters do not count a guest.
void hide_features_from_guest();
void give_features_to_host();

// Writes every register of host_registers.hpp and the identity the host sees; `vttbr` is the host's.
void write_host_registers(std::uint64_t vttbr);

}  // namespace redoubt
