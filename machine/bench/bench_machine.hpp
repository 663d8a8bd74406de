// SPDX-License-Identifier: BSD-3-Clause
// BenchMachine: flat host memory and event counters, for benchmarks and for programs that embed the
// page-table layers.
#pragma once
#include <algorithm>
#include <array>
#include <optional>
#include <span>

#include "core/machine/record_machine.hpp"
#include "machine/bench/bench_smmu.hpp"
#include "machine/domain/index_loops.hpp"

namespace redoubt {

// What the layers did, besides loads and stores.
struct BenchCounters {
  u64 tlbi_ipas2e1is = 0;
  u64 tlbi_vmalle1is = 0;
  u64 tlbi_vmalls12e1is = 0;
  u64 dsb_ishst = 0;
  u64 dsb_ish = 0;
  u64 isb = 0;
  u64 table_pages = 0;  // taken from the pools
  u64 locks = 0;        // taken and released

  [[nodiscard]] u64 tlbi() const { return tlbi_ipas2e1is + tlbi_vmalle1is + tlbi_vmalls12e1is; }
  [[nodiscard]] u64 dsb() const { return dsb_ishst + dsb_ish; }
  friend bool operator==(const BenchCounters&, const BenchCounters&) = default;
};

// Memory that the caller owns and keeps alive. Nothing is copied.
struct BenchMemory {
  // At least pools_size<P>() bytes, all zero.
  std::span<u64> pool;
  // Address that the tables give to the first byte of `pool`, a multiple of 4 KiB.
  u64 pool_base = 0;
  // Ownership entries (page_state.hpp), one for each page of RAM, or none; all zero: the host's.
  std::span<u64> pages;
  // Address of the first of those pages.
  u64 ram_base = 0;
  // At least P::smmu.size bytes, all zero, for the SMMU tables, or none: no SMMU.
  std::span<u64> smmu_pool{};
};

// The locks are real ticket locks, so that a benchmark pays for them; the event counters are plain, so share
// a machine between threads only where nobody reads them. No guards, no seeded faults. It has the records of
// core and VMs and the SMMU tables; page contents and vCPU registers are not there: their primitives do not
// compile on it.
template <class P>
class BenchMachine : public BenchSmmu<BenchMachine<P>, P>,
                     public FlatRecords<BenchMachine<P>>,
                     public IndexLoops {
 public:
  using Word = u64;
  using Bool = bool;
  using Params = P;
  using Pa = redoubt::Pa<Word>;
  using Ipa = redoubt::Ipa<Word>;
  using VmId = redoubt::VmId<Word>;
  using Descriptor = redoubt::Descriptor<Word>;
  using LockId = redoubt::LockId<Word>;
  using PageIndex = redoubt::PageIndex<Word>;

  // Nothing if a pool is too small or its base is misaligned.
  static std::optional<BenchMachine> make(BenchMemory memory) {
    if (memory.pool.size_bytes() < pools_size<P>() || memory.pool_base % PAGE_SIZE != 0 ||
        !BenchMachine::smmu_fits(memory.smmu_pool)) {
      return std::nullopt;
    }
    return BenchMachine(memory);
  }

  static constexpr bool seeded(Fault) { return false; }
  void require(Guard, Bool) {}
  [[noreturn]] void panic(Stop) { __builtin_trap(); }
  Bool holds(LockId) { return true; }

  Word pool_base() { return memory_.pool_base; }
  Descriptor pt_load(VmId, Pa slot) { return Descriptor(word(slot)); }
  void pt_store(VmId, Pa slot, Descriptor value) { word(slot) = value.raw; }
  Pa next(Zone zone, VmId vmid) { return next_[vmid.raw][static_cast<std::size_t>(zone)]; }
  void set_next(Zone zone, VmId vmid, Pa value) {
    next_[vmid.raw][static_cast<std::size_t>(zone)] = value;
    ++counters_.table_pages;
  }

  Word incr_ticket(Word, LockId lock) {
    return __atomic_fetch_add(&tickets_[lock.raw].next, u64{1}, __ATOMIC_RELAXED);
  }
  Word get_now(LockId lock) { return __atomic_load_n(&tickets_[lock.raw].now, __ATOMIC_ACQUIRE); }
  template <class Predicate>
  void spin_until(Predicate predicate) {
    while (!predicate()) {
    }
  }
  void log_hold(LockId) { ++counters_.locks; }
  void barrier() {}
  void incr_now(LockId lock) {
    Ticket& ticket = tickets_[lock.raw];
    __atomic_store_n(&ticket.now, ticket.now + 1, __ATOMIC_RELEASE);
  }
  void acquire_shared(LockId) {}
  void release_shared(LockId) {}

  void dsb_ishst() { ++counters_.dsb_ishst; }
  void dsb_ish() { ++counters_.dsb_ish; }
  void isb() { ++counters_.isb; }
  void tlbi_ipas2e1is(VmId, Ipa) { ++counters_.tlbi_ipas2e1is; }
  void tlbi_vmalle1is(VmId) { ++counters_.tlbi_vmalle1is; }
  void tlbi_vmalls12e1is(VmId) { ++counters_.tlbi_vmalls12e1is; }

  Word region_count() { return memory_.pages.empty() ? 0 : 1; }
  Word region_base(Word) { return memory_.ram_base; }
  Word region_size(Word) { return memory_.pages.size() * PAGE_SIZE; }
  Word region_page_index(Word) { return 0; }
  Word page_count() { return memory_.pages.size(); }
  Word page_load(PageIndex index) { return memory_.pages[index.raw]; }
  void page_store(PageIndex index, Word state) { memory_.pages[index.raw] = state; }
  Bool is_host_device(Pfn<Word>, Word) { return false; }
  RecordMemory& record_memory() { return records_; }

  [[nodiscard]] const BenchCounters& counters() const { return counters_; }
  void reset_counters() { counters_ = {}; }

  // Back to empty tables; clears what the pool's owner has used so far, nothing else.
  void reset(VmId vmid) {
    const Pool<Word> pool = pool_of<P>(memory_.pool_base, vmid);
    auto& next = next_[vmid.raw];
    clear(pool.root, pool.pgd);
    clear(pool.pgd, next[0]);
    clear(pool.pud, next[1]);
    clear(pool.pmd, next[2]);
    next = {pool.pgd, pool.pud, pool.pmd};
  }

 private:
  struct Ticket {
    u64 next = 0, now = 0;
  };

  explicit BenchMachine(BenchMemory memory) : BenchSmmu<BenchMachine, P>(memory.smmu_pool), memory_(memory) {
    for (u64 vmid = 0; vmid < PRINCIPALS; ++vmid) {
      const Pool<Word> pool = pool_of<P>(memory.pool_base, VmId(vmid));
      next_[vmid] = {pool.pgd, pool.pud, pool.pmd};
    }
  }
  u64& word(Pa slot) { return memory_.pool[(slot.raw - memory_.pool_base) >> 3]; }
  void clear(Pa from, Pa to) { std::fill(&word(from), &word(from) + ((to.raw - from.raw) >> 3), 0); }

  BenchMemory memory_;
  std::array<std::array<Pa, 3>, PRINCIPALS> next_{};
  std::array<Ticket, ID_END> tickets_{};
  RecordMemory records_;
  BenchCounters counters_;
};
static_assert(SmmuMachine<BenchMachine<ModelParams>> && SmmuMachine<BenchMachine<QemuVirtParams>>);
static_assert(RecordMachine<BenchMachine<ModelParams>>);
static_assert(Machine<BenchMachine<ModelParams>> && Machine<BenchMachine<QemuVirtParams>>);

}  // namespace redoubt
