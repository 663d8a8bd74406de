// SPDX-License-Identifier: BSD-3-Clause
// ThreadMachine: real threads. Ticket words are atomic, everything they protect is plain memory, so that the
// thread sanitizer sees whatever the locks do not order.
#pragma once
#include <array>
#include <atomic>
#include <bitset>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include "core/machine/machine.hpp"
#include "machine/domain/index_loops.hpp"

namespace redoubt::test {

struct GuardFailure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// What the threads share.
template <class P>
struct ThreadWorld {
  struct alignas(64) Lock {
    std::atomic<std::uint32_t> next{0}, now{0};
  };

  explicit ThreadWorld(std::uint32_t first_ticket = 0, u64 page_count = 0)
      : pool(pools_size<P>() / sizeof(u64)), pages(page_count) {
    for (Lock& lock : locks) {
      lock.next = first_ticket;
      lock.now = first_ticket;
    }
    for (u64 vmid = 0; vmid < PRINCIPALS; ++vmid) {
      const Pool<u64> bounds = pool_of<P>(u64{P::pool_base}, VmId<u64>(vmid));
      next[vmid] = {bounds.pgd.raw, bounds.pud.raw, bounds.pmd.raw};
    }
  }
  u64& word(u64 address) { return pool.at((address - P::pool_base) / sizeof(u64)); }

  std::vector<u64> pool;
  std::vector<u64> pages;  // ownership entries of the RAM at ram_base
  u64 ram_base = 0x4000'0000;
  std::array<std::array<u64, 3>, PRINCIPALS> next{};
  std::array<Lock, ID_END> locks;
};

// One thread.
template <class P>
class ThreadMachine : public IndexLoops {
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

  explicit ThreadMachine(ThreadWorld<P>& world, bool guards = true) : world_(world), guards_(guards) {}

  // Set before the threads start.
  static inline Fault active_fault = Fault::none;
  static bool seeded(Fault fault) { return active_fault == fault; }
  void require(Guard guard, Bool holds) {
    if (!guards_ || holds) {
      return;
    }
    throw GuardFailure(guard == Guard::lock_held ? "touches data without holding its lock"
                                                 : "another guard fails");
  }
  [[noreturn]] void panic(Stop) { throw std::runtime_error("fail-stop"); }
  Bool holds(LockId lock) { return held_[lock.raw]; }

  Word pool_base() { return P::pool_base; }
  Descriptor pt_load(VmId, Pa slot) { return Descriptor(world_.word(slot.raw)); }
  void pt_store(VmId, Pa slot, Descriptor value) { world_.word(slot.raw) = value.raw; }
  Pa next(Zone zone, VmId vmid) { return Pa(world_.next[vmid.raw][static_cast<std::size_t>(zone)]); }
  void set_next(Zone zone, VmId vmid, Pa value) {
    world_.next[vmid.raw][static_cast<std::size_t>(zone)] = value.raw;
  }

  // The memory orders that the ticket lock needs, and no stronger ones (digest 6.6).
  Word incr_ticket(Word, LockId lock) {
    return world_.locks[lock.raw].next.fetch_add(1, std::memory_order_relaxed);
  }
  Word get_now(LockId lock) { return world_.locks[lock.raw].now.load(std::memory_order_acquire); }
  template <class Predicate>
  void spin_until(Predicate predicate) {
    while (!predicate()) {
      std::this_thread::yield();
    }
  }
  void log_hold(LockId lock) { held_[lock.raw] = true; }
  void barrier() {}
  void incr_now(LockId lock) {
    held_[lock.raw] = false;
    auto& now = world_.locks[lock.raw].now;
    now.store(now.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  }
  void acquire_shared(LockId) {}
  void release_shared(LockId) {}

  void dsb_ishst() {}
  void dsb_ish() {}
  void isb() {}
  void tlbi_ipas2e1is(VmId, Ipa) {}
  void tlbi_vmalle1is(VmId) {}
  void tlbi_vmalls12e1is(VmId) {}

  Word region_count() { return 1; }
  Word region_base(Word) { return world_.ram_base; }
  Word region_size(Word) { return world_.pages.size() * PAGE_SIZE; }
  Word region_page_index(Word) { return 0; }
  Word page_count() { return world_.pages.size(); }
  Word page_load(PageIndex index) { return world_.pages.at(index.raw); }
  void page_store(PageIndex index, Word state) { world_.pages.at(index.raw) = state; }
  Bool is_host_device(Pfn<Word>, Word) { return false; }

 private:
  ThreadWorld<P>& world_;
  bool guards_;
  std::bitset<ID_END> held_;
};
static_assert(Machine<ThreadMachine<QemuVirtParams>>);

}  // namespace redoubt::test
