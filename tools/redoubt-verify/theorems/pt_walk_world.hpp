// SPDX-License-Identifier: BSD-3-Clause
// Code of PTAlloc and PTWalk on the model machine beside its specification, and everything the two must agree
// on.
#pragma once
#include "core/tower.hpp"
#include "machine/model/model_machine.hpp"
#include "spec/npt/pt_walk.hpp"
#include "tools/redoubt-verify/theorems/walk_agreement.hpp"

namespace redoubt::verify {

// Code is the layer under test, PTAlloc or PTWalk.
template <ValueDomain D, class P, template <class> class Code = tower::PtWalkLayer>
class PtWalkWorld {
 public:
  using Word = typename D::Word;
  using Bool = typename D::Bool;
  using Machine = ModelMachine<D, P>;

  explicit PtWalkWorld(D& domain)
      : d(domain),
        initial(domain, any_pool_base<P>(domain)),
        vmid(domain.any("vmid")),
        after(with_invariants(initial)),
        machine(domain, initial),
        code(machine),
        spec(after) {
    // Cells that the concrete model looks at on its own: a counterexample must say what they are.
    for (const Zone z : {Zone::pgd, Zone::pud, Zone::pmd}) {
      static_cast<void>(initial.pt_next.base(vmid.raw, Word(static_cast<u64>(z))));
    }
  }

  // Runs the specification, then the code on a related state, and compares results and everything that they
  // leave behind.
  template <class Specified, class Coded>
  void agree(Specified specified, Coded coded) {
    const auto expected = specified(spec);
    Word got(0);
    const bool ran = goes_on([&] { got = coded(code); });
    d.prove("the code stops exactly when the specification halts", Bool(ran == !after.halt));
    if (ran) {
      d.prove("the result agrees with the specification", got == expected);
    }
    compare();
    d.cover("stops", Bool(!ran));
    d.cover("goes on", Bool(ran));
  }

  D& d;
  spec::State<D, P> initial;
  VmId<Word> vmid;
  spec::State<D, P> after;  // as the specification leaves it
  Machine machine;
  Code<Machine> code;
  spec::PtWalk<D, P> spec;

 private:
  static const spec::State<D, P>& with_invariants(spec::State<D, P>& state) {
    assume_table_invariants(state);
    return state;
  }

  void compare() {
    for (const Zone z : {Zone::pgd, Zone::pud, Zone::pmd}) {
      const Word next = after.pt_next.read(vmid.raw, Word(static_cast<u64>(z)));
      d.prove("the bump pointers agree with the specification", machine.next(z, vmid).raw == next);
    }
    d.prove("tstate agrees with the specification", machine.tstate() == after.tstate);
    const Word lock = d.any("some_lock");
    d.prove("no lock is taken or released", machine.lock_status(lock) == after.lock.read(lock, Word(0)));
    compare_stores();
    const VmId<Word> other = any_principal(d, "some_vmid");
    const Word slot = d.any("some_slot");
    prove_table_invariants(after, other.raw, slot);
    compare_memory(other.raw, slot);
  }

  // The ordered list of stores, with barriers between them; and where none of them goes.
  void compare_stores() {
    const auto& updates = after.updates;
    d.prove("the update list has room for every step", Bool(!updates.overflow));
    const Word victim = d.any("other_vmid"), at = d.any("other_at");
    const Bool foreign = both(victim <= Word(COREVISOR), victim != vmid.raw, in_pool_of(initial, victim, at));
    std::size_t stores = 0;
    for (const auto& event : machine.events()) {
      if (event.kind == EventKind::set_next) {
        d.prove("only the principal's own bump pointers move", event.who == vmid.raw);
        continue;
      }
      d.prove("there are no other effects than stores", Bool(event.kind == EventKind::pt_store));
      d.prove("INV-NPT-5: no store lands in another principal's pool", implies(foreign, event.at != at));
      d.prove("there is no store beyond the specification's update list", Bool(stores < updates.size));
      const auto& update = updates.entries.at(stores++);
      d.prove("the stores agree with the specification's update list, in order",
              both(event.who == update.vmid, event.at == update.slot, event.value == update.value,
                   Bool(event.epoch == update.epoch)));
    }
    d.prove("every update of the specification is stored", Bool(stores == updates.size));
  }

  void compare_memory(Word vm, Word slot) {
    d.assume(both(in_pool_of(initial, vm, slot), (slot & Word(7)) == Word(0)));
    d.prove("every word of table memory agrees with the specification",
            machine.memory(vm, slot) == flat_memory(after, vm, slot));
  }
};

}  // namespace redoubt::verify
