// SPDX-License-Identifier: BSD-3-Clause
// ExplorerMachine: the machine of the interleaving explorer. Every operation is a scheduling point.
#pragma once
#include <array>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/machine/machine.hpp"
#include "machine/domain/index_loops.hpp"
#include "machine/model/explorer/explorer.hpp"

namespace redoubt::explorer {

struct Options {
  bool guards = true;         // check the stuck guards; off: see what an error leads to
  bool local_steps = true;    // take steps on data whose lock this CPU holds at once; needs the guards
  bool atomic_ticket = true;  // off, a seeded fault: a ticket is taken by a load and a store
  bool release = true;        // off, a seeded fault: the lock is never handed on
};

// The memory and locks that the CPUs of one execution share. Memory is sequentially consistent here; what
// weaker memory allows is the business of the barrier rules.
template <class P>
struct World {
  struct Lock {
    std::uint32_t next = 0, now = 0;
    std::optional<unsigned> holder;
    std::deque<unsigned> queue;  // CPUs in the order of their tickets
  };

  World(Cpus& all, Options chosen, std::uint32_t first_ticket = 0)
      : cpus(all), options(chosen), held(all.count()) {
    for (Lock& lock : locks) {
      lock.next = lock.now = first_ticket;
    }
    for (u64 vmid = 0; vmid < PRINCIPALS; ++vmid) {
      const Pool<u64> pool = pool_of<P>(u64{P::pool_base}, VmId<u64>(vmid));
      next[vmid] = {pool.pgd.raw, pool.pud.raw, pool.pmd.raw};
    }
  }

  Cpus& cpus;
  Options options;
  std::map<u64, u64> memory;  // page-table words by address; absent is zero
  std::array<std::array<u64, 3>, PRINCIPALS> next{};
  std::array<Lock, ID_END> locks{};
  std::vector<std::vector<u64>> held;  // by CPU, in the order taken
  std::vector<u64> pages;              // ownership entries of the RAM at ram_base
  u64 ram_base = 0;
};

// One CPU. Checks at once: mutual exclusion, service in ticket order, release by the holder only, the lock
// order, and the stuck guards of the layers.
template <class P>
class ExplorerMachine : public IndexLoops {
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

  ExplorerMachine(World<P>& world, unsigned cpu) : world_(world), cpu_(cpu) {}

  static inline Fault active_fault = Fault::none;
  static bool seeded(Fault fault) { return active_fault == fault; }
  void require(Guard guard, Bool holds) {
    if (world_.options.guards && !holds) {
      throw Violation("CPU " + std::to_string(cpu_) + ": " + std::string(text(guard)));
    }
  }
  [[noreturn]] void panic(Stop why) {
    throw Violation("CPU " + std::to_string(cpu_) + ": fail-stop " +
                    std::to_string(static_cast<unsigned>(why)));
  }
  Bool holds(LockId lock) { return world_.locks[lock.raw].holder == cpu_; }

  Word pool_base() { return P::pool_base; }
  Descriptor pt_load(VmId vmid, Pa slot) {
    access(pt_lock(vmid), Object::memory, slot.raw, false);
    const auto found = world_.memory.find(slot.raw);
    return Descriptor(found == world_.memory.end() ? 0 : found->second);
  }
  void pt_store(VmId vmid, Pa slot, Descriptor value) {
    access(pt_lock(vmid), Object::memory, slot.raw, true);
    world_.memory[slot.raw] = value.raw;
  }
  Pa next(Zone zone, VmId vmid) {
    access(pt_lock(vmid), Object::bump, vmid.raw * 4 + static_cast<u64>(zone), false);
    return Pa(world_.next[vmid.raw][static_cast<std::size_t>(zone)]);
  }
  void set_next(Zone zone, VmId vmid, Pa value) {
    access(pt_lock(vmid), Object::bump, vmid.raw * 4 + static_cast<u64>(zone), true);
    world_.next[vmid.raw][static_cast<std::size_t>(zone)] = value.raw;
  }

  Word incr_ticket(Word, LockId lock) {
    auto& state = world_.locks[lock.raw];
    check_order(lock);
    if (world_.options.atomic_ticket) {
      point(Object::ticket, lock.raw, true);
      state.queue.push_back(cpu_);
      return state.next++;
    }
    point(Object::ticket, lock.raw, false);
    const std::uint32_t ticket = state.next;
    point(Object::ticket, lock.raw, true);
    state.queue.push_back(cpu_);
    state.next = ticket + 1;
    return ticket;
  }
  Word get_now(LockId lock) {
    polled_ = lock.raw;
    if (!polling_) {
      point(Object::now, lock.raw, false);
    }
    return world_.locks[lock.raw].now;
  }
  // One step that cannot be taken before the predicate holds. The predicate reads one lock's `now` and
  // nothing else.
  template <class Predicate>
  void spin_until(Predicate predicate) {
    polling_ = true;
    static_cast<void>(predicate());  // says which lock it reads
    world_.cpus.point(
        {.object = object(Object::now, polled_), .writes = false, .local = false, .enabled = predicate});
    polling_ = false;
  }
  void log_hold(LockId lock) {
    local();
    auto& state = world_.locks[lock.raw];
    if (state.holder) {
      fail("takes", lock, "mutual exclusion is broken");
    }
    if (state.queue.empty() || state.queue.front() != cpu_) {
      fail("takes", lock, "it is not the first in the queue");
    }
    state.holder = cpu_;
    world_.held[cpu_].push_back(lock.raw);
  }
  void barrier() { local(); }
  void incr_now(LockId lock) {
    point(Object::now, lock.raw, true);
    auto& state = world_.locks[lock.raw];
    if (state.holder != cpu_) {
      fail("releases", lock, "it does not hold it");
    }
    state.holder.reset();
    state.queue.pop_front();
    std::erase(world_.held[cpu_], lock.raw);
    if (world_.options.release) {
      ++state.now;
    }
  }
  void acquire_shared(LockId) { local(); }
  void release_shared(LockId) { local(); }

  void dsb_ishst() { local(); }
  void dsb_ish() { local(); }
  void isb() { local(); }
  void tlbi_ipas2e1is(VmId, Ipa) { local(); }
  void tlbi_vmalle1is(VmId) { local(); }
  void tlbi_vmalls12e1is(VmId) { local(); }

  Word region_count() { return 1; }
  Word region_base(Word) { return world_.ram_base; }
  Word region_size(Word) { return world_.pages.size() * PAGE_SIZE; }
  Word region_page_index(Word) { return 0; }
  Word page_count() { return world_.pages.size(); }
  Word page_load(PageIndex index) {
    access(LockId(S2PAGE_ID), Object::page, index.raw, false);
    return world_.pages.at(index.raw);
  }
  void page_store(PageIndex index, Word state) {
    access(LockId(S2PAGE_ID), Object::page, index.raw, true);
    world_.pages.at(index.raw) = state;
  }
  Bool is_host_device(Pfn<Word>, Word) { return false; }

 private:
  enum class Object : std::uint64_t { none, ticket, now, memory, bump, page };

  static u64 object(Object kind, u64 id) { return static_cast<u64>(kind) << 56 | id; }
  void point(Object kind, u64 id, bool writes) {
    world_.cpus.point({.object = object(kind, id), .writes = writes, .local = false, .enabled = {}});
  }
  void local() {
    const bool commutes = world_.options.local_steps;
    world_.cpus.point(
        {.object = object(Object::none, cpu_), .writes = false, .local = commutes, .enabled = {}});
  }
  // An access to data that `lock` protects. While this CPU holds the lock, another CPU's access to the data
  // would be refused by its guard whenever it came, so this step need not be interleaved with any of theirs.
  void access(LockId lock, Object kind, u64 id, bool writes) {
    const bool commutes = world_.options.local_steps && world_.options.guards && holds(lock);
    world_.cpus.point({.object = object(kind, id), .writes = writes, .local = commutes, .enabled = {}});
  }
  void check_order(LockId lock) {
    for (const u64 held : world_.held[cpu_]) {
      if (lock_rank(held) >= lock_rank(lock.raw)) {
        fail("waits for", lock, "the lock order is broken");
      }
    }
  }
  [[noreturn]] void fail(std::string_view does, LockId lock, std::string_view why) const {
    throw Violation("CPU " + std::to_string(cpu_) + " " + std::string(does) + " lock " +
                    std::to_string(lock.raw) + ": " + std::string(why));
  }
  static std::string_view text(Guard guard) {
    switch (guard) {
      case Guard::lock_held:
        return "touches data without holding its lock";
      case Guard::vmid:
        return "vmid out of range";
      case Guard::in_pool:
        return "page-table slot outside the principal's pool";
      case Guard::aligned:
        return "page-table slot not aligned";
      case Guard::page_index:
        return "ownership index out of range";
      case Guard::page_state:
        return "not a page state";
      case Guard::region_index:
        return "region index out of range";
      default:
        return "a guard fails";
    }
  }

  World<P>& world_;
  unsigned cpu_;
  bool polling_ = false;
  u64 polled_ = 0;
};
static_assert(Machine<ExplorerMachine<ModelParams>>);

}  // namespace redoubt::explorer
