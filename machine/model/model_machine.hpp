// SPDX-License-Identifier: BSD-3-Clause
// ModelMachine: the machine on paper. Flat page-table memory, every effect recorded, usage rules as
// obligations.
#pragma once
#include <functional>
#include <vector>

#include "core/machine/machine.hpp"
#include "core/page/page_state.hpp"
#include "machine/domain/concrete.hpp"
#include "machine/model/content_model.hpp"
#include "machine/model/cpu_model.hpp"
#include "machine/model/event.hpp"
#include "machine/model/guard_text.hpp"
#include "machine/model/oracle_model.hpp"
#include "machine/model/record_model.hpp"
#include "machine/model/smmu_model.hpp"
#include "machine/model/stale_translations.hpp"
#include "machine/model/table_places.hpp"
#include "spec/machine/state.hpp"
#include "spec/npt/layout.hpp"

namespace redoubt {

// The initial contents are the image of an abstract state: flat memory at (vmid, address) is the split pool
// that the address lies in. So "for every related pair of states" needs no hypothesis.
template <ValueDomain D, class P>
class ModelMachine : public SmmuModel<ModelMachine<D, P>, D, P>,
                     public RecordModel<ModelMachine<D, P>, D>,
                     public OracleModel<ModelMachine<D, P>, D>,
                     public CpuModel<ModelMachine<D, P>, D>,
                     public ContentModel<ModelMachine<D, P>, D> {
 public:
  using Records = RecordModel<ModelMachine<D, P>, D>;
  using Oracle = OracleModel<ModelMachine<D, P>, D>;
  using Cpu = CpuModel<ModelMachine<D, P>, D>;
  using Content = ContentModel<ModelMachine<D, P>, D>;
  using Smmu = SmmuModel<ModelMachine<D, P>, D, P>;
  using Word = typename D::Word;
  using Bool = typename D::Bool;
  using Params = P;
  using State = spec::State<D, P>;
  using Map = typename D::Map;
  using Pa = redoubt::Pa<Word>;
  using Ipa = redoubt::Ipa<Word>;
  using VmId = redoubt::VmId<Word>;
  using Descriptor = redoubt::Descriptor<Word>;
  using LockId = redoubt::LockId<Word>;
  using PageIndex = redoubt::PageIndex<Word>;

  ModelMachine(D& domain, const State& initial)
      : Smmu(domain, initial.smmu),
        Records(initial.records),
        Oracle(initial.oracles),
        Cpu(initial.cpu),
        Content(initial.content),
        d_(domain),
        initial_(initial),
        memory_(domain, "memory", [this](Word vmid, Word at) { return image(vmid, at); }),
        pages_(domain, "pages", [this](Word index, Word) { return packed_page(index); }),
        next_(initial.pt_next),
        lock_(initial.lock),
        tickets_(domain, "tickets"),
        tstate_(initial.tstate) {}
  ModelMachine(const ModelMachine&) = delete;
  ModelMachine& operator=(const ModelMachine&) = delete;

  static bool seeded(Fault fault) { return active_fault == fault; }
  static inline Fault active_fault = Fault::none;

  void require(Guard guard, Bool holds) { d_.require(guard_text(guard), holds); }
  [[noreturn]] void panic(Stop) {
    halted_ = true;
    d_.stop();
  }

  // --- page-table memory ---
  Word pool_base() { return initial_.pool_base; }
  Descriptor pt_load(VmId vmid, Pa slot) { return Descriptor(memory_.read(vmid.raw, slot.raw)); }
  void pt_store(VmId vmid, Pa slot, Descriptor value) {
    const auto b = spec::bounds<P>(initial_.pool_base, vmid.raw);
    const Bool table = (value.raw & Word(3)) == Word(3);
    const Bool leaf = either(b.pmd <= slot.raw, both(b.pud <= slot.raw, negation(table)));
    require(Guard::one_leaf_store, implies(leaf, tstate_ == Word(0)));
    tstate_ = select(leaf, Word(1), tstate_);
    if constexpr (!D::symbolic) {
      note_break(vmid.raw, slot.raw, value.raw);
    }
    memory_.write(vmid.raw, slot.raw, value.raw);
    record(EventKind::pt_store, vmid.raw, slot.raw, value.raw);
  }
  Pa next(Zone zone, VmId vmid) { return Pa(next_.read(vmid.raw, Word(static_cast<u64>(zone)))); }
  void set_next(Zone zone, VmId vmid, Pa value) {
    next_.write(vmid.raw, Word(static_cast<u64>(zone)), value.raw);
    record(EventKind::set_next, vmid.raw, Word(static_cast<u64>(zone)), value.raw);
  }

  // On terms nothing tells what was cached: that nothing stale stays is the theorem about NPTOps.
  void pool_reset(VmId vmid) {
    const auto b = spec::bounds<P>(initial_.pool_base, vmid.raw);
    const Word starts[] = {b.pgd, b.pud, b.pmd};
    for (unsigned zone = 3; zone > 0; --zone) {  // leaves first: their links tell what they translate
      const Word start = starts[zone - 1];
      if constexpr (!D::symbolic) {
        clear_words(vmid.raw, start, next_.read(vmid.raw, zone - 1));
      }
      next_.write(vmid.raw, Word(zone - 1), start);
    }
    if constexpr (D::symbolic) {
      memory_.zero_row(vmid.raw);
    } else {
      clear_words(vmid.raw, b.root, b.pgd);
    }
    record(EventKind::pool_reset, vmid.raw, Word(0), Word(0));
  }

  // --- locks: one CPU's view (digest 6.2); other CPUs act only in `environment`, at the pull ---
  Bool holds(LockId lock) { return status(lock) == Word(spec::LOCK_OWN_TRUE); }
  Word incr_ticket(Word bound, LockId lock) {
    require(Guard::barriers, Bool(bars_ == Bars::valid));
    require(Guard::lock_free, both(status(lock) == Word(spec::LOCK_FALSE), order_kept(lock)));
    const Word ticket = tickets_.read(lock.raw, Word(0));
    tickets_.write(lock.raw, Word(0), (ticket + Word(1)) & Word(0xffff'ffff));
    record(EventKind::incr_ticket, lock.raw, ticket, bound);
    return ticket;
  }
  Word get_now(LockId lock) {
    record(EventKind::get_now, lock.raw, Word(0), Word(0));
    return tickets_.read(lock.raw, Word(1));
  }
  // Other CPUs leave their critical sections in finite time, so the wait ends; alone, it ends at once.
  template <class Predicate>
  void spin_until(Predicate predicate) {
    d_.assume(predicate());
  }
  void log_hold(LockId lock) {
    lock_.write(lock.raw, Word(0), Word(spec::LOCK_OWN_WON));
    bars_ = Bars::needed;
    record(EventKind::hold_lock, lock.raw, Word(0), Word(0));
  }
  void barrier() {
    require(Guard::barriers, Bool(bars_ != Bars::done));
    bars_ = bars_ == Bars::needed ? Bars::valid : Bars::done;
    record(EventKind::barrier, Word(0), Word(0), Word(0));
  }
  void incr_now(LockId lock) {
    require(Guard::barriers, Bool(bars_ == Bars::done));
    require(Guard::lock_held, status(lock) == Word(spec::LOCK_OWN_WON));
    tickets_.write(lock.raw, Word(1), (tickets_.read(lock.raw, Word(1)) + Word(1)) & Word(0xffff'ffff));
    lock_.write(lock.raw, Word(0), Word(spec::LOCK_FALSE));
    bars_ = Bars::valid;
    record(EventKind::incr_now, lock.raw, Word(0), Word(0));
  }
  void acquire_shared(LockId lock) {
    require(Guard::barriers, Bool(bars_ == Bars::valid));
    require(Guard::lock_held, status(lock) == Word(spec::LOCK_OWN_WON));
    lock_.write(lock.raw, Word(0), Word(spec::LOCK_OWN_TRUE));
    tstate_ = Word(0);
    epoch_ = 0;
    record(EventKind::pull, lock.raw, Word(0), Word(0));
    if (environment) {
      environment(*this, lock);
    }
  }
  void release_shared(LockId lock) {
    require(Guard::barriers, Bool(bars_ == Bars::valid));
    require(Guard::lock_held, status(lock) == Word(spec::LOCK_OWN_TRUE));
    if constexpr (!D::symbolic) {
      if (lock.raw >= NPT_ID && lock.raw < INFO_ID) {
        require(Guard::break_before_make, !stale_.usable(lock.raw - NPT_ID));
      }
      require(Guard::break_before_make, lock.raw != SPT_ID || !this->stale_smmu().usable());
    }
    lock_.write(lock.raw, Word(0), Word(spec::LOCK_OWN_WON));
    tstate_ = Word(1);
    record(EventKind::publish, lock.raw, Word(0), Word(0));
  }

  // --- barriers and TLB ---
  void dsb_ishst() { order(EventKind::dsb_ishst, false); }
  void dsb_ish() { order(EventKind::dsb_ish, true); }
  void isb() { record(EventKind::isb, Word(0), Word(0), Word(0)); }
  void tlbi_ipas2e1is(VmId vmid, Ipa addr) { tlbi_ipas2e1is_hinted(vmid, addr, 0); }
  // With a level hint (TTL): only seeded faults give one.
  void tlbi_ipas2e1is_hinted(VmId vmid, Ipa addr, unsigned level_hint) {
    if constexpr (!D::symbolic) {
      stale_.tlbi_ipa(vmid.raw, addr.raw, {.level_hint = level_hint});
    }
    record(EventKind::tlbi_ipas2e1is, vmid.raw, addr.raw, Word(0));
  }
  // Only seeded faults: the whole IPA space, last level only.
  void tlbi_ripas2le1is(VmId vmid) {
    if constexpr (!D::symbolic) {
      stale_.tlbi_all_ipas(vmid.raw, {.last_level = true});
    }
    record(EventKind::tlbi_ipas2e1is, vmid.raw, Word(0), Word(0));
  }
  void tlbi_vmalle1is(VmId vmid) {
    if constexpr (!D::symbolic) {
      stale_.tlbi_combined(vmid.raw);
    }
    record(EventKind::tlbi_vmalle1is, vmid.raw, Word(0), Word(0));
  }
  void tlbi_vmalls12e1is(VmId vmid) {
    if constexpr (!D::symbolic) {
      stale_.tlbi_vmid(vmid.raw);
    }
    record(EventKind::tlbi_vmalls12e1is, vmid.raw, Word(0), Word(0));
  }

  // --- memory regions, ownership, devices ---
  Word region_count() { return initial_.region_cnt; }
  Word region_base(Word i) { return initial_.regions.read(i, Word(spec::MB_BASE)); }
  Word region_size(Word i) { return initial_.regions.read(i, Word(spec::MB_SIZE)); }
  Word region_flag(Word i) { return initial_.regions.read(i, Word(spec::MB_FLAG)); }
  Word region_page_index(Word i) { return initial_.regions.read(i, Word(spec::MB_INDEX)); }
  Word page_count() { return initial_.page_count; }
  Word page_load(PageIndex index) { return pages_.read(index.raw, Word(0)); }
  void page_store(PageIndex index, Word state) {
    pages_.write(index.raw, Word(0), state);
    record(EventKind::page_store, index.raw, Word(0), state);
  }
  Bool is_host_device(Pfn<Word> first, Word pages) {
    const Word window = initial_.host_device.read(first.raw, Word(0));
    return both(window != Word(0), for_all(pages, [&](Word i) {
                  return initial_.host_device.read(first.raw + i, Word(0)) == window;
                }));
  }

  // --- bounded searches: the domain's rule ---
  template <class Predicate>
  Bool for_all(Word n, Predicate predicate) {
    return d_.for_all(n, predicate);
  }
  template <class Predicate>
  Word find_last(Word n, Predicate predicate) {
    return d_.find_last(n, predicate);
  }

  // --- what harnesses look at ---
  using Environment = std::function<void(ModelMachine&, LockId)>;
  Environment environment;  // other CPUs: may change what the lock protects
  [[nodiscard]] const std::vector<Event<Word>>& events() const { return events_; }
  void forget_events() { events_.clear(); }
  [[nodiscard]] bool halted() const { return halted_; }
  [[nodiscard]] Word tstate() const { return tstate_; }
  Word memory(Word vmid, Word at) { return memory_.read(vmid, at); }
  Word lock_status(Word id) { return lock_.read(id, Word(0)); }
  [[nodiscard]] const StaleTranslations& stale() const { return stale_; }

 private:
  friend Smmu;
  friend Records;
  friend Content;
  friend Oracle;
  friend Cpu;
  enum class Bars : std::uint8_t { valid, needed, done };

  Word status(LockId lock) { return lock_.read(lock.raw, Word(0)); }
  Bool order_kept(LockId lock) {
    Bool kept(true);
    for (u64 id = CORE_ID; id < ID_END; ++id) {
      kept = both(kept, either(status(LockId(Word(id))) == Word(spec::LOCK_FALSE),
                               Word(lock_rank(id)) < rank(lock.raw)));
    }
    return kept;
  }
  static Word rank(Word id) {
    const Word inner = select(either(id == Word(CORE_ID), id == Word(S2PAGE_ID)), Word(2), Word(3));
    return select(id == Word(SMMU_ID), Word(0), select(id >= Word(INFO_ID), Word(1), inner));
  }

  Word image(Word vmid, Word at) {
    const auto b = spec::bounds<P>(initial_.pool_base, vmid);
    if (at < b.pgd) {
      return initial_.pt_vttbr_pool.read(vmid, at);
    }
    if (at < b.pud) {
      return initial_.pt_pgd_pool.read(vmid, at);
    }
    if (at < b.pmd) {
      return initial_.pt_pud_pool.read(vmid, at);
    }
    return initial_.pt_pmd_pool.read(vmid, at);
  }
  Word packed_page(Word index) {
    const Word owner = initial_.s2_owner.read(index, Word(0));
    const Word packed = select(owner == Word(INVALID), Word(PageState::kNobody), owner);
    const Word gfn = initial_.s2_gfn.read(index, Word(0));
    return PageState::Owner::put(packed) | PageState::Count::put(initial_.s2_count.read(index, Word(0))) |
           PageState::DmaAssigned::put(initial_.s2_dma.read(index, Word(0))) |
           PageState::GfnPlusOne::put(gfn + Word(1));
  }

  void record(EventKind kind, Word who, Word at, Word value) {
    events_.push_back({kind, who, at, value, epoch_});
  }
  void order(EventKind kind, bool loads_and_stores) {
    if constexpr (!D::symbolic) {
      stale_.dsb(loads_and_stores);
    }
    record(kind, Word(0), Word(0), Word(0));
    ++epoch_;
  }

  void clear_words(u64 vmid, u64 from, u64 to) {
    for (u64 slot = from; slot < to; slot += 8) {
      if (memory_.read(vmid, slot) != 0) {
        note_break(vmid, slot, 0);
        memory_.write(vmid, slot, 0);
      }
    }
  }

  // Concrete only: what was valid and is overwritten may be cached, and what is reached through it; a valid
  // entry may not be made where something of it may be.
  void note_break(u64 vmid, u64 slot, u64 value) {
    const u64 old = memory_.read(vmid, slot);
    const auto read = [&](u64 at) { return memory_.read(vmid, at); };
    const TablePlaces<P, decltype(read)> tables(initial_.pool_base, vmid, next_.read(vmid, 0),
                                                next_.read(vmid, 1), read);
    const auto place = tables.place_of(slot);
    if (place.size == 0 || old == value) {
      return;
    }
    if ((value & 1) != 0) {
      require(Guard::break_before_make, !place.is_leaf(old) && !stale_.usable(vmid, place.ipa, place.size));
    }
    tables.for_each_below(place, old, [&](const auto& at, u64 entry) {
      if (at.is_leaf(entry)) {
        stale_.broken(vmid, at.ipa, at.size, entry, at.level);
      } else {
        stale_.unhooked(vmid, at.ipa, at.size, entry, at.level);
      }
    });
  }

  D& d_;
  State initial_;
  Map memory_, pages_, next_, lock_, tickets_;
  Word tstate_;
  Bars bars_ = Bars::valid;
  unsigned epoch_ = 0;
  bool halted_ = false;
  std::vector<Event<Word>> events_;
  StaleTranslations stale_;
};
static_assert(GuestMachine<ModelMachine<Concrete, ModelParams>>);
static_assert(ManifestMachine<ModelMachine<Concrete, ModelParams>>);
static_assert(Machine<ModelMachine<Concrete, QemuVirtParams>>);
static_assert(HashMachine<ModelMachine<Concrete, ModelParams>>);
static_assert(RecordMachine<ModelMachine<Concrete, ModelParams>>);
static_assert(SealMachine<ModelMachine<Concrete, ModelParams>> &&
              ImageMachine<ModelMachine<Concrete, ModelParams>>);

}  // namespace redoubt
