// SPDX-License-Identifier: BSD-3-Clause
// Code of MmioPTAlloc and MmioPTWalk on the model machine beside its specification, and everything the two
// must agree on.
#pragma once
#include "core/tower.hpp"
#include "machine/model/model_machine.hpp"
#include "spec/spt/mmio_pt_walk.hpp"
#include "tools/redoubt-verify/theorems/spt_tables.hpp"
#include "tools/redoubt-verify/theorems/walk_agreement.hpp"

namespace redoubt::verify {

// Code is the layer under test, MmioPTAlloc or MmioPTWalk.
template <ValueDomain D, class P, template <class> class Code = tower::MmioPtWalkLayer>
class SptWalkWorld {
 public:
  using Word = typename D::Word;
  using Bool = typename D::Bool;
  using Machine = ModelMachine<D, P>;

  explicit SptWalkWorld(D& domain)
      : d(domain),
        initial(domain, any_pool_base_below_smmu<P>(domain)),
        after(with_invariants(initial)),
        machine(domain, initial),
        code(machine),
        spec(after),
        at(domain, initial) {
    machine.publication_rule = true;
    // Cells that the concrete model looks at on its own: a counterexample must say what they are.
    for (const SmmuZone z : {SmmuZone::pgd, SmmuZone::pmd}) {
      static_cast<void>(initial.smmu.spt_next.base(Word(static_cast<u64>(z)), Word(0)));
    }
    static_cast<void>(initial.smmu.spt_generation.base(Word(0), Word(0)));
  }

  // Runs the specification, then the code on a related state, for `bank`; compares results and everything
  // that they leave behind.
  template <class Specified, class Coded>
  void agree(Word bank, Specified specified, Coded coded) {
    const auto expected = specified(spec);
    Word got(0);
    const bool ran = goes_on([&] { got = coded(code); });
    d.prove("the code stops exactly when the specification halts", Bool(ran == !after.halt));
    if (ran) {
      d.prove("the result agrees with the specification", got == expected);
    }
    compare_steps(bank);
    compare_records();
    prove_smmu_invariants(after, at.slot, at.page, at.bank);
    d.prove("every word of table memory agrees with the specification",
            machine.spt_memory(at.slot) == smmu_memory(after, at.slot));
    d.cover("stops", Bool(!ran));
    d.cover("goes on", Bool(ran));
  }

  // The bank that a table page serves, before the call.
  Word bank_of(Word page) { return initial.smmu.spt_taker.base(Word(0), page) - Word(1); }

  D& d;
  spec::State<D, P> initial, after;  // `after`: as the specification leaves it
  Machine machine;
  Code<Machine> code;
  spec::MmioPtWalk<D, P> spec;
  SptPlaces<D, P> at;

 private:
  static const spec::State<D, P>& with_invariants(spec::State<D, P>& state) {
    assume_smmu_invariants(state);
    return state;
  }

  void compare_records() {
    auto& s = after.smmu;
    for (const SmmuZone z : {SmmuZone::pgd, SmmuZone::pmd}) {
      d.prove("the bump pointers agree with the specification",
              machine.spt_next(z).raw == s.spt_next.read(Word(static_cast<u64>(z)), Word(0)));
    }
    const Word stamp = s.spt_taker.read(Word(0), at.page) | (s.spt_taken_in.read(Word(0), at.page) << 8);
    d.prove("the stamp of every table page agrees with the specification",
            machine.spt_stamp(redoubt::Pa<Word>(at.page)) == stamp);
    const SmmuBank<Word> some_bank(at.bank);
    d.prove("the generation of every bank agrees with the specification",
            machine.spt_generation(some_bank) == s.spt_generation.read(at.bank, Word(0)));
    d.prove("no bank changes its owner",
            machine.smmu_vmid(some_bank) == initial.smmu.smmu_vmid.base(at.bank, Word(0)));
    d.prove("tstate agrees with the specification", machine.tstate() == after.tstate);
    const Word lock = d.any("some_lock");
    d.prove("no lock is taken or released", machine.lock_status(lock) == after.lock.read(lock, Word(0)));
  }

  // The ordered list of steps, with barriers between them; and where no store goes.
  void compare_steps(Word bank) {
    const auto& updates = after.updates;
    d.prove("the update list has room for every step", Bool(!updates.overflow));
    const Word victim = d.any("other_at");
    const Bool foreign = of_another_bank(victim, bank);
    std::size_t steps = 0;
    for (const auto& event : machine.events()) {
      if (event.kind == EventKind::set_spt_next || event.kind == EventKind::set_spt_stamp) {
        continue;
      }
      const bool zeroes = event.kind == EventKind::spt_zero;
      if (zeroes || event.kind == EventKind::spt_store) {
        const Bool hit =
            zeroes ? both(event.at <= victim, victim < event.at + event.value) : victim == event.at;
        d.prove("nothing is shared: no store lands in a root or a live table page of another bank",
                implies(foreign, negation(hit)));
      }
      d.prove("there is no step beyond the specification's update list", Bool(steps < updates.size));
      const auto& update = updates.entries.at(steps++);
      d.prove("the steps are those of the specification's update list, in order",
              both(Bool(step_of(event) == update.kind && event.epoch == update.epoch),
                   event.who == update.vmid, event.at == update.slot,
                   (event.kind == EventKind::spt_store ? event.value : Word(0)) == update.value));
    }
    d.prove("every step of the specification is taken", Bool(steps == updates.size));
  }
  static spec::Step step_of(const Event<Word>& event) {
    switch (event.kind) {
      case EventKind::spt_store:
        return spec::Step::spt_store;
      case EventKind::spt_zero:
        return bool(event.value == Word(PAGE_SIZE)) ? spec::Step::spt_zero : spec::Step::spt_clear;
      case EventKind::dsb_st:
        return spec::Step::dsb_st;
      case EventKind::set_spt_generation:
        return spec::Step::spt_release;
      default:
        return spec::Step::isb;  // none that these layers may take
    }
  }

  // Does the address lie in a root, or in a table page that is live before the call, of another bank?
  Bool of_another_bank(Word address, Word bank) {
    const auto b = spec::spt_bounds<P>(initial.pool_base);
    const Word other = (address - b.roots) >> SMMU_ROOT_SHIFT;
    const Bool in_root = both(b.roots <= address, other < Word(EL2_SMMU_CFG_SIZE), other != bank);
    const Word page = address & Word(0x0000'ffff'ffff'f000);
    spec::SptInvariants<spec::ReadBase, D, P> before(initial);
    const Bool in_table =
        both(b.pgd <= address, address < b.end, before.live(page), before.taker(page) != bank + Word(1));
    return either(in_root, in_table);
  }
};

}  // namespace redoubt::verify
