// SPDX-License-Identifier: BSD-3-Clause
// The runtime oracle: after a call of the core, the specification runs on the state before it, and every
// cell that either side touched is compared.
#pragma once
#include <new>

#include "machine/domain/live.hpp"
#include "machine/el2/context_registers.hpp"
#include "machine/oracle/live_view.hpp"
#include "spec/trap/trap_handler.hpp"

namespace redoubt::oracle {

struct Difference {
  Field field = Field::count;
  u64 k0 = 0, k1 = 0;  // of the cell; what they mean, spec/ says
  u64 expected = 0, found = 0;
  std::string_view label{};  // of a stuck guard
};

// One call at a time. Watch: what LiveView wants, and `difference(const Difference&)`, called for each one.
template <class P, class Watch>
class Comparison {
 public:
  using State = spec::State<Live, P>;
  using Spec = spec::TrapHandler<Live, P>;

  constexpr Comparison(el2::CoreState& core, CallRecord& record)
      : core_(core), record_(record), view_(core, record) {}

  // `call(Spec&)` is what was called, and gives the result as a number. `source` is what the maps held
  // before: view().read(When::before, ..) of this object. How many differences there were.
  template <class Call>
  u64 run(Live::Source source, u64 result, Call call) {
    differences_ = 0;
    domain_.begin(source);
    steps_size_ = 0;
    State& state = fresh_state();
    Spec spec(state);
    const u64 expected = call(spec);
    if (record_.incomplete() || domain_.unknown() || steps_size_ > steps_.size()) {
      differ({Field::room});
      return differences_;
    }
    if (!domain_.stuck().empty()) {
      differ({Field::stuck, 0, 0, 0, 1, domain_.stuck()});
    }
    equal(Field::halt, 0, 0, state.halt ? 1 : 0, 0);
    equal(Field::result, 0, 0, expected, result);
    compare_words(state);
    compare_written();
    compare_touched();
    compare_registers();
    compare_outside(state);
    compare_steps();
    return differences_;
  }
  LiveView<P, Watch>& view() { return view_; }

 private:
  State& fresh_state() {
    if (state_ == nullptr) {
      state_ = new (&storage_) State(domain_, core_.pool_base);
    }
    State& s = *state_;
    s.halt = false;
    s.updates = {};
    s.epoch = s.sections = 0;
    s.tstate = 0;
    s.page_count = core_.page_count;
    s.region_cnt = core_.region_count;
    s.records.next_vmid = view_.word(When::before, CoreField::next_vmid);
    s.records.next_remap_ptr = view_.word(When::before, CoreField::next_remap_ptr);
    s.records.free_vmids = view_.word(When::before, CoreField::free_vmids);
    s.records.mailboxes = core_.mailboxes;
    s.cpu.curid = Watch::cpu();
    s.cpu.cur_vmid = view_.loaded(When::before, 0);
    s.cpu.cur_vcpuid = view_.loaded(When::before, 1);
    s.cpu.device_accesses = s.cpu.guest_events = 0;
    s.others.giving = &section_ends;
    s.others.context = this;
    return s;
  }
  // The maintenance of each section of a table, in order.
  static void section_ends(void* self, State& s, const u64& lock) {
    auto& me = *static_cast<Comparison*>(self);
    for (std::size_t n = 0; lock >= NPT_ID && lock < INFO_ID && n < s.updates.size; ++n) {
      const auto& update = s.updates.entries[n];
      if (update.kind != spec::Step::store && me.steps_size_ < me.steps_.size()) {
        me.steps_[me.steps_size_] = {static_cast<u64>(update.kind), update.vmid, update.slot};
      }
      me.steps_size_ += update.kind != spec::Step::store ? 1 : 0;
    }
  }

  void differ(const Difference& difference) {
    ++differences_;
    Watch::difference(difference);
  }
  void equal(Field field, u64 k0, u64 k1, u64 expected, u64 found) {
    if (expected != found) {
      differ({field, k0, k1, expected, found});
    }
  }
  // A cell as the specification leaves it and as it is.
  void check(Field field, u64 k0, u64 k1) {
    equal(field, k0, k1, domain_.now(field, k0, k1), view_.read(When::after, field, k0, k1));
  }

  void compare_words(State& s) {
    equal(Field::next_vmid, 0, 0, s.records.next_vmid, view_.word(When::after, CoreField::next_vmid));
    equal(Field::next_remap_ptr, 0, 0, s.records.next_remap_ptr,
          view_.word(When::after, CoreField::next_remap_ptr));
    equal(Field::free_vmids, 0, 0, s.records.free_vmids, view_.word(When::after, CoreField::free_vmids));
    equal(Field::cur_vmid, 0, 0, s.cpu.cur_vmid, view_.loaded(When::after, 0));
    equal(Field::cur_vcpuid, 0, 0, s.cpu.cur_vcpuid, view_.loaded(When::after, 1));
  }
  // What the specification wrote. Registers come as a whole, by compare_registers().
  void compare_written() {
    for (const Cell& cell : domain_.written()) {
      const auto field = static_cast<Field>(cell.kind);
      if (field == Field::lock) {
        equal(field, cell.k0, 0, spec::LOCK_FALSE, cell.value);
      } else if (field != Field::hw) {
        check(field, cell.k0, cell.k1);
      }
    }
    for (auto row = domain_.rows_begin(); row != domain_.rows_end(); ++row) {
      if (row->field == Field::page) {
        equal(Field::page, row->k0, INVALID64, 1, view_.pool_is_empty(row->k0) ? 1 : 0);
      }
    }
  }
  // What the core wrote.
  void compare_touched() {
    for (const Cell& cell : record_.before()) {
      compare_touched(static_cast<Raw>(cell.kind), cell);
    }
    for (const Cell& cell : record_.after()) {
      const bool contents = static_cast<Raw>(cell.kind) == Raw::contents;
      check(contents ? Field::contents : Field::shown, cell.k0, cell.k1);
    }
  }
  void compare_touched(Raw kind, const Cell& cell) {
    switch (kind) {
      case Raw::table:
        return compare_entry(cell.k0, cell.k1, cell.value);
      case Raw::next:
        return check(Field::pt_next, cell.k0, cell.k1);
      case Raw::page:
        check(Field::s2_owner, cell.k0, 0);
        check(Field::s2_count, cell.k0, 0);
        check(Field::s2_dma, cell.k0, 0);
        return check(Field::s2_gfn, cell.k0, 0);
      case Raw::vm_word: {
        u64 index = 0;
        const Field field = view_.field_of(cell.k1, index);
        return check(field, cell.k0, index);
      }
      case Raw::shadow:
        return check(Field::shadow, cell.k0, cell.k1);
      case Raw::last_vcpu:
        return check(Field::last_vcpu, cell.k0, 0);
      case Raw::hashed:
        return check(Field::hashed, cell.k0, 0);
      case Raw::reset:
        return equal(Field::page, cell.k0, INVALID64, 1, domain_.in_row(Field::page, cell.k0) ? 1 : 0);
      default:
        return;  // words: compare_words()
    }
  }

  // An entry that was stored: the cells of the abstraction that it is.
  void compare_entry(u64 vmid, u64 slot, u64 old) {
    if (view_.entry(When::after, vmid, slot) == old || domain_.in_row(Field::page, vmid)) {
      return;
    }
    const auto b = spec::bounds<P>(core_.pool_base, vmid);
    const unsigned shift = slot < b.pgd   ? PGDIR_SHIFT
                           : slot < b.pud ? PUD_SHIFT
                           : slot < b.pmd ? PMD_SHIFT
                                          : PAGE_SHIFT;
    u64 gfn = 0;
    if (!place_of(vmid, slot, shift, gfn)) {
      return differ({Field::undescribed, vmid, slot, old, view_.entry(When::after, vmid, slot)});
    }
    switch (shift) {
      case PGDIR_SHIFT:
        return check(Field::pgd_t, vmid, gfn >> 27);
      case PUD_SHIFT:
        return check(Field::pud_t, vmid, gfn >> 18);
      case PMD_SHIFT:
        check(Field::pmd_t, vmid, gfn >> 9);
        return check(Field::block, vmid, gfn >> 9);
      default:
        return check(Field::page, vmid, gfn);
    }
  }
  // The first frame that an entry of that level translates, by the links above it.
  bool place_of(u64 vmid, u64 slot, unsigned shift, u64& gfn) {
    gfn = (slot >> 3 & 511) << (shift - PAGE_SHIFT);
    while (shift < PGDIR_SHIFT) {
      const u64 table = slot & ~(PAGE_SIZE - 1);
      shift += 9;
      slot = parent_of(vmid, table, shift);
      if (slot == 0) {
        return false;
      }
      gfn |= (slot >> 3 & 511) << (shift - PAGE_SHIFT);
    }
    return true;
  }
  u64 parent_of(u64 vmid, u64 table, unsigned shift) {
    const auto b = spec::bounds<P>(core_.pool_base, vmid);
    const u64 from = shift == PGDIR_SHIFT ? b.root : shift == PUD_SHIFT ? b.pgd : b.pud;
    const u64 to = shift == PGDIR_SHIFT ? b.pgd : view_.next(When::after, vmid, shift == PUD_SHIFT ? 0 : 1);
    for (u64 slot = from; slot < to; slot += 8) {
      if (view_.entry(When::after, vmid, slot) == (table | 3)) {
        return slot;
      }
    }
    return 0;
  }

  // Two registers of a loaded vCPU the emulation writes by itself, which to spec/ only answers: the counter's
  // offset (R20), and MDSCR_EL1 where the vCPU's access to a system register was trapped.
  bool is_emulated(u64 number) {
    constexpr u64 mdscr_el1 = 68;
    if (view_.loaded(When::after, 0) == HOSTVISOR) {
      return false;
    }
    bool told = false;
    for (std::size_t n = 0; n < record_.events(); ++n) {
      told = told || record_.event(n)[0] == static_cast<u64>(GuestEvent::system_register);
    }
    return number == ctxt::CNTVOFF_EL2 || (number == mdscr_el1 && told);
  }
  // All registers of a context, whether anybody wrote them or not.
  void compare_registers() {
    for (u64 number = 0; number < ctxt::WORDS; ++number) {
      if (is_emulated(number)) {
        continue;
      }
      const bool pmu = number == ctxt::PMSELR_EL0 || number == ctxt::PMUSERENR_EL0;
      const bool general = number < 31 || number == ctxt::EC || number == ctxt::TPIDR_EL2;
      const bool vector = number == ctxt::FPSR || number == ctxt::FPCR || number >= ctxt::Q0;
      if (general || vector || (el2::is_live_register(number) && (!pmu || Watch::has_pmu()))) {
        const u64 bits = Watch::implemented_bits(number);
        equal(Field::hw, 0, number, domain_.now(Field::hw, 0, number) & bits,
              view_.read(When::after, Field::hw, 0, number) & bits);
      }
    }
  }
  // What was told the emulation, and what was read from outside: all of it, and no more.
  void compare_outside(State& s) {
    equal(Field::guest_events, 0, 0, s.cpu.guest_events, record_.events());
    for (u64 vmid = 0; vmid < PRINCIPALS; ++vmid) {
      check(Field::data_log, vmid, 0);
    }
  }
  void compare_steps() {
    equal(Field::steps, 0, 0, steps_size_, record_.steps());
    for (std::size_t n = 0; n < steps_size_ && n < record_.steps(); ++n) {
      if (!(steps_[n] == record_.step(n))) {
        return differ({Field::steps, n, steps_[n].vmid, steps_[n].kind, record_.step(n).kind});
      }
    }
  }

  el2::CoreState& core_;
  CallRecord& record_;
  LiveView<P, Watch> view_;
  Live domain_;
  std::array<Maintenance, CallRecord::kSteps> steps_{};
  std::size_t steps_size_ = 0;
  u64 differences_ = 0;
  State* state_ = nullptr;
  alignas(State) std::array<unsigned char, sizeof(State)> storage_{};
};

}  // namespace redoubt::oracle
