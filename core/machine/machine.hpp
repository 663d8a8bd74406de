// SPDX-License-Identifier: BSD-3-Clause
// What a machine must offer: the effects that differ between hardware, model and benchmark. Layers see only
// these.
#pragma once
#include "core/lock/lock_id.hpp"
#include "core/machine/constants.hpp"
#include "core/machine/fault.hpp"
#include "core/machine/params.hpp"

namespace redoubt {

// Reasons to fail-stop. They are cited in crash records; none is reachable by host or guest input.
enum class Stop : std::uint32_t {
  table_pool_exhausted = 1,  // INV-NPT-6: set_npt found no room although its caller must have checked
  block_in_the_way = 2,      // INV-NPT-7: set_npt at level 3 under a live block
  stuck = 3,                 // a stuck guard failed (debug core only)
  boot = 4,                  // the boot code cannot go on
  exception = 5,             // an exception taken from EL2 itself
};

// Guards whose failure makes a primitive stuck (R2): checked in the concrete model, proved in the symbolic
// one, compiled into the debug core, absent from the release core.
enum class Guard : std::uint32_t {
  vmid,               // V: 0 <= vmid <= 16
  lock_held,          // L(x): this CPU holds the lock, data valid
  lock_free,          // this CPU does not hold the lock yet, and keeps the lock order
  in_pool,            // the slot lies in the principal's own pool
  aligned,            // the slot is 8-byte aligned
  one_leaf_store,     // T: at most one leaf store in a critical section
  bump_in_zone,       // the bump pointer lies in its zone
  page_index,         // N: the ownership index is in range
  page_state,         // owner, count and gfn are values that a page can have
  region_index,       // M
  barriers,           // the barrier automaton allows the step
  break_before_make,  // a live translation is not replaced without break, DSB, TLBI, DSB
  smmu_index,         // S
  context_bank,       // B
  table_free,         // a table page that is zeroed serves no bank
  table_ready,        // a table page that is linked is zero, and a barrier orders its zeroing before the link
  bank_empty,         // the root of a bank whose pages are given back is empty
  vcpuid,             // C
  load_index,         // I
  vm_item,            // an item of a VM's record
  frame,              // P
  word32,             // a value of 32 bits, where the record holds one
  address,            // A
  register_index,     // index of a system register
  general_register,   // number of a general register
  loaded,             // who is loaded on this CPU
};

// Machine M over words M::Word with Booleans M::Bool. Operations are single effects; none can fail.
template <class M>
concept Machine =
    requires(M& m, typename M::Word w, typename M::Bool b, VmId<typename M::Word> v, Zone z,
             Pa<typename M::Word> pa, Ipa<typename M::Word> ipa, Descriptor<typename M::Word> d,
             LockId<typename M::Word> lock, PageIndex<typename M::Word> page, Pfn<typename M::Word> pfn) {
      typename M::Params;
      { M::seeded(Fault::none) } -> std::same_as<bool>;
      { m.require(Guard::vmid, b) };                        // stuck guard
      { m.panic(Stop::stuck) };                             // [[noreturn]]: hardware halts, models throw
      { m.holds(lock) } -> std::same_as<typename M::Bool>;  // ghost: used in guards only

      // Page-table memory of principal v, 8-byte entries, one single-copy atomic access each (lock pt(v)).
      { m.pool_base() } -> std::same_as<typename M::Word>;
      { m.pt_load(v, pa) } -> std::same_as<Descriptor<typename M::Word>>;
      { m.pt_store(v, pa, d) };
      { m.next(z, v) } -> std::same_as<Pa<typename M::Word>>;  // bump pointer of a zone
      { m.set_next(z, v, pa) };

      // Ticket locks (digest 5.1). `spin_until(p)` polls p, which may have effects, until it holds; it tests
      // the halt word.
      {
        m.incr_ticket(w, lock)
      } -> std::same_as<typename M::Word>;                    // atomic; the ticket before the increment
      { m.get_now(lock) } -> std::same_as<typename M::Word>;  // load-acquire
      {
        m.spin_until([] { return true; })
      };
      { m.log_hold(lock) };        // ghost: the ticket's turn has come
      { m.barrier() };             // orders the protected accesses against the ticket words
      { m.incr_now(lock) };        // store-release, by the holder only
      { m.acquire_shared(lock) };  // ghost: pull what the lock protects
      { m.release_shared(lock) };  // ghost: publish it

      // Barriers and TLB maintenance (Arm ARM D8.13), for the translations of principal v on all CPUs.
      { m.dsb_ishst() };
      { m.dsb_ish() };
      { m.isb() };
      { m.tlbi_ipas2e1is(v, ipa) };  // stage-2 entries of one IPA
      { m.tlbi_vmalle1is(v) };       // combined stage-1 and stage-2 entries
      { m.tlbi_vmalls12e1is(v) };    // everything of that VMID

      // Memory regions (boot constants), the ownership array (lock s2page), device windows (boot constants,
      // R11).
      { m.region_count() } -> std::same_as<typename M::Word>;
      { m.region_base(w) } -> std::same_as<typename M::Word>;
      { m.region_size(w) } -> std::same_as<typename M::Word>;
      { m.region_page_index(w) } -> std::same_as<typename M::Word>;
      { m.page_count() } -> std::same_as<typename M::Word>;     // entries in the ownership array
      { m.page_load(page) } -> std::same_as<typename M::Word>;  // one packed entry, page_state.hpp
      { m.page_store(page, w) };
      {
        m.is_host_device(pfn, w)
      } -> std::same_as<typename M::Bool>;  // w pages from pfn lie in one listed window

      // Bounded search: does p(i) hold for all i < n; the last i < n with p(i), or n. At most n calls of p, n
      // is a constant or a boot constant.
      {
        m.for_all(w, [](typename M::Word) { return typename M::Bool(true); })
      } -> std::same_as<typename M::Bool>;
      {
        m.find_last(w, [](typename M::Word) { return typename M::Bool(true); })
      } -> std::same_as<typename M::Word>;
    };

}  // namespace redoubt
