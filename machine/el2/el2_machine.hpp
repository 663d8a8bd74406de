// SPDX-License-Identifier: BSD-3-Clause
// El2Machine: the hardware machine. Physical memory, registers, TLBI and barriers; one-line functions.
#pragma once
#include <array>
#include <span>

#include "core/machine/record_machine.hpp"
#include "machine/domain/index_loops.hpp"
#include "machine/el2/barrier.hpp"
#include "machine/el2/el2_contents.hpp"
#include "machine/el2/el2_cpu.hpp"
#include "machine/el2/el2_guest.hpp"
#include "machine/el2/el2_hash.hpp"
#include "machine/el2/el2_mailboxes.hpp"
#include "machine/el2/el2_smmu.hpp"
#include "machine/el2/memory.hpp"
#include "machine/el2/registers.hpp"

namespace redoubt::el2 {

// What the layers keep in core memory. Filled once at boot; afterwards each member changes only under its
// lock.
//
//   INV-CORE-1  pools, ownership array and this record lie in core-owned memory, mapped nowhere but at EL2
//   INV-CORE-2  pool_base mod 8 KiB = 4 KiB (R8)
struct CoreState {
  struct Ticket {
    std::uint32_t next = 0, now = 0;
  };
  struct Region {
    u64 base = 0, size = 0, page_index = 0, flag = 0;
  };
  struct Window {
    u64 base = 0, size = 0;
  };

  u64 pool_base = 0;
  std::array<std::array<u64, 3>, PRINCIPALS> next{};  // bump pointers by zone; pt(v)
  std::array<Ticket, ID_END> tickets{};
  std::array<std::uint32_t, ID_END> holder{};      // CPU + 1, checked core only
  std::array<Region, MAX_MEMBLOCK_NUM> regions{};  // RAM; constant after boot
  u64 region_count = 0;
  u64 pages = 0;  // address of the ownership array; s2page
  u64 page_count = 0;
  u64 mailboxes = 0;                     // address of the region of R23; constant after boot
  std::span<const Window> host_windows;  // device windows of the host (R11); constant after boot
  CpuRecords cpu;
  SmmuRecords smmu;
  HashRecords hashes;
  RecordMemory records{{}, {}};  // set at boot; core data: lock core; of principal v: lock vm(v)
};

// Hooks: `halt(Stop)` never returns, `halt_requested()` reads the halt word, `cpu()` numbers this CPU from 0.
// Checked: stuck guards are compiled in (debug core).
template <class P, class Hooks, bool Checked>
class El2Machine : public El2Cpu<El2Machine<P, Hooks, Checked>, P, Hooks>,
                   public El2Smmu<El2Machine<P, Hooks, Checked>, P>,
                   public El2Mailboxes<El2Machine<P, Hooks, Checked>>,
                   public El2Guest<El2Machine<P, Hooks, Checked>, Hooks>,
                   public FlatRecords<El2Machine<P, Hooks, Checked>>,
                   public El2Contents,
                   public El2Hash,
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

  explicit El2Machine(CoreState& state) : El2Hash(state.hashes), s_(state) {}

  static constexpr bool seeded(Fault) { return false; }
  void require(Guard, bool holds) {
    if constexpr (Checked) {
      if (!holds) {
        Hooks::halt(Stop::stuck);
      }
    }
  }
  [[noreturn]] void panic(Stop why) { Hooks::halt(why); }
  bool holds(LockId lock) {
    if constexpr (Checked) {
      return s_.holder[lock.raw] == Hooks::cpu() + 1;
    }
    return true;
  }

  SmmuRecords& smmu() { return s_.smmu; }
  Word pool_base() { return s_.pool_base; }
  Descriptor pt_load(VmId, Pa slot) { return Descriptor(load<u64>(slot.raw)); }
  void pt_store(VmId, Pa slot, Descriptor value) { store<u64>(slot.raw, value.raw); }
  Pa next(Zone zone, VmId vmid) { return Pa(s_.next[vmid.raw][static_cast<u64>(zone)]); }
  void set_next(Zone zone, VmId vmid, Pa value) { s_.next[vmid.raw][static_cast<u64>(zone)] = value.raw; }

  // By DC ZVA, whose block is at most a page: at most 25,000 instructions for a guest's pool where it is 64
  // bytes.
  void pool_reset(VmId vmid) {
    const Pool<Word> pool = pool_of<P>(s_.pool_base, vmid);
    const std::array<u64, 3> used = s_.next[vmid.raw];
    zero_pages(pool.root.raw, pool.pgd.raw);
    zero_pages(pool.pgd.raw, used[static_cast<u64>(Zone::pgd)]);
    zero_pages(pool.pud.raw, used[static_cast<u64>(Zone::pud)]);
    zero_pages(pool.pmd.raw, used[static_cast<u64>(Zone::pmd)]);
    s_.next[vmid.raw] = {pool.pgd.raw, pool.pud.raw, pool.pmd.raw};
  }

  // Ticket words: the load-acquire of `now` and its store-release order the critical section (digest 6.6).
  Word incr_ticket(Word, LockId lock) {
    return __atomic_fetch_add(&s_.tickets[lock.raw].next, 1U, __ATOMIC_RELAXED);
  }
  Word get_now(LockId lock) { return __atomic_load_n(&s_.tickets[lock.raw].now, __ATOMIC_ACQUIRE); }
  template <class Predicate>
  void spin_until(Predicate predicate) {
    while (!predicate()) {
      if (Hooks::halt_requested()) {
        Hooks::halt(Stop::stuck);
      }
      relax();
    }
  }
  void log_hold(LockId lock) {
    if constexpr (Checked) {
      s_.holder[lock.raw] = Hooks::cpu() + 1;
      if constexpr (requires { Hooks::lock_taken(lock.raw); }) {
        Hooks::lock_taken(lock.raw);
      }
    }
  }
  void barrier() {
    asm volatile("" ::: "memory");
  }  // the ticket words order the hardware; this, the compiler
  void incr_now(LockId lock) {
    if constexpr (Checked) {
      s_.holder[lock.raw] = 0;
    }
    CoreState::Ticket& ticket = s_.tickets[lock.raw];
    __atomic_store_n(&ticket.now, ticket.now + 1U, __ATOMIC_RELEASE);
  }
  void acquire_shared(LockId) {}
  void release_shared(LockId) {}

  void dsb_ishst() { el2::dsb_ishst(); }
  void dsb_ish() { el2::dsb_ish(); }
  void isb() { el2::isb(); }
  void tlbi_ipas2e1is(VmId vmid, Ipa addr) {
    for_vmid(vmid, [&] { el2::tlbi_ipas2e1is(addr.raw >> PAGE_SHIFT); });
  }
  void tlbi_vmalle1is(VmId vmid) {
    for_vmid(vmid, [] { el2::tlbi_vmalle1is(); });
  }
  void tlbi_vmalls12e1is(VmId vmid) {
    for_vmid(vmid, [] { el2::tlbi_vmalls12e1is(); });
  }

  Word region_count() { return s_.region_count; }
  Word region_base(Word i) { return s_.regions[i].base; }
  Word region_size(Word i) { return s_.regions[i].size; }
  Word region_flag(Word i) { return s_.regions[i].flag; }
  Word region_page_index(Word i) { return s_.regions[i].page_index; }
  Word page_count() { return s_.page_count; }
  Word page_load(PageIndex<Word> index) { return load<u64>(s_.pages + index.raw * 8); }
  void page_store(PageIndex<Word> index, Word value) { store<u64>(s_.pages + index.raw * 8, value); }
  bool is_host_device(Pfn<Word> first, Word pages) {
    const u64 base = first.raw << PAGE_SHIFT, size = pages << PAGE_SHIFT;
    for (const CoreState::Window& window : s_.host_windows) {
      if (window.base <= base && base + size <= window.base + window.size) {
        return true;
      }
    }
    return false;
  }

  RecordMemory& record_memory() { return s_.records; }

  // VTTBR_EL2 for `vmid`: hardware starts at level 1, on the pair of tables that the root links (R8).
  static Word hardware_vttbr(Word pool_base, VmId vmid) {
    return pool_of<P>(pool_base, vmid).pgd.raw | (vmid.raw << VTTBR_VMID_SHIFT);
  }

 private:
  friend El2Cpu<El2Machine, P, Hooks>;
  friend El2Mailboxes<El2Machine>;
  CpuRecords& cpu_records() { return s_.cpu; }
  u64 mailbox_base() { return s_.mailboxes; }

  static void zero_pages(u64 from, u64 to) {
    const u64 block = u64{4} << (read<reg::dczid_el0>() & 0xf);  // DCZID_EL0.BS
    for (u64 at = from; at < to; at += block) {
      dc_zva(at);
    }
  }

  // TLBI takes the VMID from VTTBR_EL2, so another principal's is put there for the instruction (digest 6.6).
  template <class Invalidate>
  void for_vmid(VmId vmid, Invalidate invalidate) {
    const u64 current = read<reg::vttbr_el2>();
    if (current >> VTTBR_VMID_SHIFT == vmid.raw) {
      invalidate();
      return;
    }
    write<reg::vttbr_el2>(hardware_vttbr(s_.pool_base, vmid));
    el2::isb();
    invalidate();
    el2::dsb_ish();
    write<reg::vttbr_el2>(current);
    el2::isb();
  }

  CoreState& s_;
};

}  // namespace redoubt::el2
