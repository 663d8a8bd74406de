// SPDX-License-Identifier: BSD-3-Clause
// The ring of trace records. Linked into the debug core alone.
#include "boot/arm64/trace.hpp"

#include <atomic>

#include "boot/arm64/per_cpu.hpp"
#include "boot/arm64/spin_lock.hpp"
#include "core/lock/lock_id.hpp"

namespace redoubt::trace {
namespace {

// Record n, while kept, is in slot n % kRecords.
constexpr std::size_t kRecords = 4096;
constinit std::array<Record, kRecords> ring{};
constinit std::uint64_t next_record = 0;
constinit SpinLock ring_lock{};
constinit std::atomic<std::uint64_t> next_sequence{1};
constinit std::array<Taken, kMaximumCpus> of_cpu{};

std::uint64_t draw() { return next_sequence.fetch_add(1, std::memory_order_relaxed); }
Taken& mine() { return of_cpu[this_cpu().index]; }

}  // namespace

void lock_taken(std::uint64_t lock) {
  Taken& cpu = mine();
  if (lock == CORE_ID) cpu.core = draw();
  if (lock >= INFO_ID) cpu.vm = draw();
  if (lock == S2PAGE_ID && cpu.page_count < Taken::kMost) cpu.pages[cpu.page_count++] = draw();
}

void begin() {
  Taken& cpu = mine();
  cpu.core = cpu.vm = cpu.page_count = 0;
}

const Taken& taken() { return mine(); }

void append(redoubt_trace what, std::uint64_t sequence, std::array<std::uint64_t, 6> const& arguments,
            std::array<std::uint64_t, 4> const& results) {
  std::uint64_t const cpu = this_cpu().index;
  ring_lock.lock();
  ring[next_record++ % kRecords] = {sequence != 0 ? sequence : draw(), cpu << 32 | what, arguments, results};
  ring_lock.unlock();
}

void answer_read(TrapFrame& frame) {
  ring_lock.lock();
  std::uint64_t const oldest = next_record > kRecords ? next_record - kRecords : 0;
  std::uint64_t const number = frame.x[1] < oldest ? oldest : frame.x[1];
  bool const found = number < next_record;
  Record const record = found ? ring[number % kRecords] : Record{};
  frame.x[1] = found ? number : next_record;
  ring_lock.unlock();
  frame.x[0] = static_cast<std::uint64_t>(std::int64_t{found ? REDOUBT_SUCCESS : REDOUBT_NOT_FOUND});
  frame.x[2] = record.sequence;
  frame.x[3] = record.what;
  for (std::size_t i = 0; i < record.arguments.size(); ++i) frame.x[4 + i] = record.arguments[i];
  for (std::size_t i = 0; i < record.results.size(); ++i) frame.x[10 + i] = record.results[i];
}

}  // namespace redoubt::trace
