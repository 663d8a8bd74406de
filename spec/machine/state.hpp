// SPDX-License-Identifier: BSD-3-Clause
// The abstract state of the specification, seen from one CPU (digest 3).
#pragma once
#include <array>
#include <cstddef>
#include <string_view>

#include "core/lock/lock_id.hpp"
#include "core/machine/constants.hpp"
#include "core/machine/machine.hpp"
#include "core/machine/params.hpp"
#include "machine/domain/domain.hpp"
#include "spec/machine/content_state.hpp"
#include "spec/machine/cpu_state.hpp"
#include "spec/machine/mutant.hpp"
#include "spec/machine/oracle_state.hpp"
#include "spec/machine/record_state.hpp"
#include "spec/machine/smmu_state.hpp"

namespace redoubt::spec {

// Status of a lock as this CPU sees it (digest 3.1).
inline constexpr u64 LOCK_FALSE = 0;     // not held by me
inline constexpr u64 LOCK_OWN_WON = 1;   // my ticket's turn, data not pulled yet
inline constexpr u64 LOCK_OWN_TRUE = 2;  // held, data valid

// One step of a critical section that walkers can tell: a page-table store, a barrier or a TLB invalidation.
enum class Step : std::uint8_t {
  store,
  dsb_ishst,
  dsb_ish,
  isb,
  tlbi_ipas2e1is,
  tlbi_vmalle1is,
  tlbi_vmalls12e1is,
  spt_store,  // from here on `vmid` is a bank, where one is concerned
  spt_zero,
  spt_clear,
  spt_release,
  dsb_st,
  smmu_tlbi_iova,
  smmu_tlbi_bank,
  smmu_tlb_sync
};

// For a store: which level's entry, where, what, and how many barriers came before. For a TLBI: vmid, and the
// IPA in slot.
template <class W>
struct Update {
  unsigned level = 0;  // of the table that holds the entry: 0 root ... 3 leaf table
  W vmid{}, slot{}, value{};
  unsigned epoch = 0;
  Step kind = Step::store;
};

// The steps of a critical section in order (pt_updates; cleared when the lock is taken, which designs out
// W24). At most three links, one leaf and six steps of maintenance; an overflow is noticed, never truncated
// silently.
template <class W>
struct Updates {
  static constexpr std::size_t capacity = 12;
  std::array<Update<W>, capacity> entries{};
  std::size_t size = 0;
  bool overflow = false;

  void add(const Update<W>& update) {
    if (size == capacity) {
      overflow = true;
      return;
    }
    entries[size++] = update;
  }
};

// Fields of a memory region (Memblock).
inline constexpr u64 MB_BASE = 0;
inline constexpr u64 MB_SIZE = 1;
inline constexpr u64 MB_INDEX = 2;
inline constexpr u64 MB_FLAG = 3;

template <ValueDomain D, class P>
struct State {
  using Domain = D;
  using Params = P;
  using Word = typename D::Word;
  using Bool = typename D::Bool;
  using Map = typename D::Map;

  explicit State(D& domain, Word base)
      : d(&domain),
        pool_base(base),
        pt_vttbr_pool(domain, "root"),
        pt_pgd_pool(domain, "pgd"),
        pt_pud_pool(domain, "pud"),
        pt_pmd_pool(domain, "pmd"),
        pt_next(domain, "next"),
        pt_pgd_par(domain, "pgd_par"),
        pt_pud_par(domain, "pud_par"),
        pt_pmd_par(domain, "pmd_par"),
        block(domain, "block"),
        page(domain, "page"),
        pgd_t(domain, "pgd_t"),
        pud_t(domain, "pud_t"),
        pmd_t(domain, "pmd_t"),
        lock(domain, "lock"),
        tstate(domain.any("tstate")),
        s2_owner(domain, "s2_owner"),
        s2_count(domain, "s2_count"),
        s2_gfn(domain, "s2_gfn"),
        page_count(domain.any("page_count")),
        region_cnt(domain.any("region_cnt")),
        regions(domain, "region"),
        host_device(domain, "host_device"),
        smmu(domain),
        oracles(domain),
        records(domain),
        cpu(domain),
        content(domain) {}

  D* d;
  Word pool_base;
  bool halt = false;

  // Stage-2 tables, up to PTWalk: raw entries by (vmid, slot address); a zone is named after the entry that
  // points to its pages, so the pgd zone holds PUD entries. Lock pt(vmid).
  Map pt_vttbr_pool, pt_pgd_pool, pt_pud_pool, pt_pmd_pool;
  Map pt_next;                             // (vmid, Zone) -> bump pointer
  Map pt_pgd_par, pt_pud_par, pt_pmd_par;  // ghost: (vmid, table page) -> slot that links it
  Updates<Word> updates;                   // ghost: stores since pt(vmid) or spt was taken
  unsigned epoch = 0;                      // ghost: barriers since then

  // Stage-2 tables, from NPTWalk up: the same tables as maps from frames. A 2 MiB region is one entry here,
  // so that a block is one write: its level-2 entry where that is not a table, else pages by frame. Lock
  // pt(vmid).
  Map block;  // (vmid, gfn >> 9) -> level-2 entry that is not a table
  Map page;   // (vmid, gfn) -> level-3 entry
  Map pgd_t;  // (vmid, pgd_idx) -> 1: root entry present
  Map pud_t;  // (vmid, gfn >> 18) -> 1: level-1 entry present
  Map pmd_t;  // (vmid, gfn >> 9) -> 1: level-2 entry is a table

  Map lock;               // (id, 0) -> LOCK_*
  unsigned sections = 0;  // ghost: critical sections so far
  // What other CPUs did is in the maps when a lock is taken, and they see the maps when it is given back:
  // where a theorem looks at that, it is called at both. Null: nobody else runs.
  struct Others {
    void (*taken)(void*, State&, const Word& lock) = nullptr;
    void (*giving)(void*, State&, const Word& lock) = nullptr;
    void* context = nullptr;
  } others;
  Word tstate;  // 0: one leaf store is still allowed in this critical section

  // Page ownership by index (lock s2page) and boot constants.
  Map s2_owner, s2_count, s2_gfn;
  Word page_count;
  Word region_cnt;
  Map regions;      // (region, MB_*)
  Map host_device;  // (pfn, 0) -> number of the device window it lies in, 0: none (R11)

  SmmuState<D> smmu;        // tables of the SMMUs, bank owners, topology
  OracleState<D> oracles;   // what untrusted memory supplies
  VmRecords<D> records;     // core data and VM information
  CpuState<D> cpu;          // this CPU, and saved contexts
  ContentState<D> content;  // pages, mailboxes, boot images, seals

  [[nodiscard]] Word zero() const { return Word(0); }
  Bool holds(Word id) { return lock.read(id, zero()) == Word(LOCK_OWN_TRUE); }
};

// What every layer's specification starts from: the state, and words for guards (digest 0.1).
template <ValueDomain D, class P>
class Layer {
 public:
  using Word = typename D::Word;
  using Bool = typename D::Bool;
  using Params = P;
  using Pa = redoubt::Pa<Word>;
  using Ipa = redoubt::Ipa<Word>;
  using Pfn = redoubt::Pfn<Word>;
  using VmId = redoubt::VmId<Word>;
  using Vttbr = redoubt::Vttbr<Word>;
  using Descriptor = redoubt::Descriptor<Word>;
  using LockId = redoubt::LockId<Word>;
  using PageIndex = redoubt::PageIndex<Word>;
  using State = spec::State<D, P>;

  explicit Layer(State& state) : s(state) {}

 protected:
  void stuck_unless(std::string_view guard, Bool holds) { s.d->rely(guard, holds); }
  void V(VmId vmid) { stuck_unless("V: vmid is a principal", vmid.raw <= Word(COREVISOR)); }
  void A(Ipa addr) {
    stuck_unless("A: address is inside the IPA space", addr.raw < Word(u64{1} << P::ipa_bits));
  }
  void L_pt(VmId vmid) { stuck_unless("L: pt lock is held", s.holds(vmid.raw + Word(NPT_ID))); }
  void L_s2page() { stuck_unless("L: s2page lock is held", s.holds(Word(S2PAGE_ID))); }
  void T() { stuck_unless("T: no leaf store yet in this critical section", s.tstate == Word(0)); }
  void stop() { s.halt = true; }

  static bool wrong(Mutant clause) { return mutated<D>(clause); }

  // The head of a loop that counts its rounds in `n`: n. Where a proof cuts the loop.
  static Word loop_round(const Word& n) { return n; }

  // What code stands on when a specification takes the place of the layer below it.
  static constexpr bool seeded(Fault) { return false; }
  template <class T>
  T check64(T value) {
    return value;
  }
  [[noreturn]] void panic(Stop) {
    s.halt = true;
    s.d->stop();
  }

  State& s;
};

}  // namespace redoubt::spec
