// SPDX-License-Identifier: BSD-3-Clause
// Debug core: what each critical section of the VM calls came to, in the order of its lock, for who replays
// it.
#pragma once
#include <array>
#include <cstdint>

#include "abi/redoubt.h"
#include "boot/arm64/traps.hpp"

namespace redoubt::trace {

// As REDOUBT_HOST_TRACE_READ hands it out.
struct Record {
  std::uint64_t sequence = 0;  // drawn from one counter while the lock was held
  std::uint64_t what = 0;      // CPU << 32 | enum redoubt_trace
  std::array<std::uint64_t, 6> arguments{};
  std::array<std::uint64_t, 4> results{};
};

// Locks that this CPU took since begin(), by the sequence number that each got.
struct Taken {
  static constexpr std::size_t kMost = 40;
  std::uint64_t core = 0, vm = 0;  // the last; 0: none
  std::size_t page_count = 0;
  std::array<std::uint64_t, kMost> pages{};  // s2page, in order

  // Where an operation stands that looks at pages once, or at its VM alone.
  [[nodiscard]] std::uint64_t first_page_or_vm() const { return page_count != 0 ? pages[0] : vm; }
};

// The machine's hook: this CPU has just got the lock.
void lock_taken(std::uint64_t lock);
void begin();
[[nodiscard]] const Taken& taken();
// `sequence` 0: the operation took no lock, so it may stand anywhere; it gets the next number.
void append(redoubt_trace what, std::uint64_t sequence, std::array<std::uint64_t, 6> const& arguments,
            std::array<std::uint64_t, 4> const& results);
// REDOUBT_HOST_TRACE_READ.
void answer_read(TrapFrame& frame);

}  // namespace redoubt::trace
