// SPDX-License-Identifier: BSD-3-Clause
// The theorem about any primitive, from its row alone: code on the model machine refines the specification.
#pragma once
#include "core/page/layers.hpp"
#include "core/registry/guard.hpp"
#include "core/registry/theorems.hpp"
#include "tools/redoubt-verify/theorems/arguments.hpp"
#include "tools/redoubt-verify/theorems/page_world.hpp"
#include "tools/redoubt-verify/theorems/whole_state.hpp"

namespace redoubt::verify {

// Three statements for arbitrary arguments and an arbitrary state:
//   refinement  where the specification is defined, the code keeps every usage rule, stops exactly when the
//               specification halts, and agrees in result, in every part of the state and in its steps
//   exactness   where the code keeps every usage rule, the specification is defined (base primitives; the
//               specifications of layers ask for more than their code happens to use)
//   halted      on a halted machine the specification changes nothing, and returns zero where guard H says so
struct RowFacts {  // what the statements ask of a primitive, as values
  const registry::Row& row;
  registry::Fields changes;
  bool base;         // of the machine: its code asks for all that its specification asks for
  bool enumeration;  // it answers with one
};

// The statements: compiled once a parameter set and domain, not once a primitive.
template <class P, ValueDomain D>
class AnyFromRow {
 protected:
  using Word = typename D::Word;
  using Bool = typename D::Bool;
  using Machine = ModelMachine<D, P>;
  using State = spec::State<D, P>;

  AnyFromRow(D& d, const RowFacts& about)
      : about_(about), d_(d), initial_(d, any_pool_base<P>(d)), which_(d.any("statement")) {}
  ~AnyFromRow() = default;

  void prove_any() {
    assume_packed_values(initial_);
    if (!about_.base) {
      regions_in_pages(initial_);
    }
    assume_regions(initial_, false);
    assume_cpu(initial_);
    if (about_.base && which_ == Word(1)) {
      exactness();
    } else if (which_ == Word(2)) {
      halted();
    } else {
      refinement();
    }
  }

 private:
  virtual Word specified(State& state) = 0;
  virtual Word call_code(Machine& machine) = 0;

  // False: it stopped the machine.
  bool coded(Machine& machine, Word& result) {
    try {
      result = call_code(machine);
      return true;
    } catch (const Halt&) {
      return false;
    }
  }

  void refinement() {
    State after = initial_;
    const Word expected = specified(after);
    Machine machine(d_, initial_);
    Word got(0);
    const bool ran = coded(machine, got);
    d_.prove("the code stops exactly when the specification halts", Bool(ran == !after.halt));
    if (ran) {
      d_.prove("the result agrees with the specification", got == expected);
    }
    prove_steps(d_, after, machine);
    const Places<D, P> at(d_, initial_, about_.changes);
    prove_same(d_, after, machine, at);
    prove_frame(d_, initial_, after, at, about_.changes);
    prove_values(after, at);
    d_.cover(ran ? "goes on" : "stops", Bool(true));
  }

  // What a cell can hold (assume_packed_values) it still does.
  void prove_values(State& after, const Places<D, P>& at) {
    const Word zero(0), owner = after.s2_owner.read(at.index, zero), gfn = after.s2_gfn.read(at.index, zero);
    d_.prove("INV-PAGE-1: an owner is a principal or nobody",
             either(owner <= Word(COREVISOR), owner == Word(INVALID)));
    d_.prove("INV-PAGE-2: a share count is 0 or 1", after.s2_count.read(at.index, zero) <= Word(1));
    d_.prove("INV-PAGE-12: a page is one for devices or is not",
             after.s2_dma.read(at.index, zero) <= Word(1));
    d_.prove("INV-PAGE-3: a guest frame is one or nothing",
             either(gfn <= Word(PageState::kMaxGfn), gfn == Word(INVALID64)));
    d_.prove("INV-NPT-10: tstate is 0 or 1", after.tstate <= Word(1));
  }

  void exactness() {
    Machine machine(d_, initial_);
    assume_usage(d_, true);
    Word got(0);
    coded(machine, got);
    assume_usage(d_, false);
    State after = initial_;
    set_rely(d_, Rely::obligation);
    specified(after);
    set_rely(d_, Rely::assumed);
  }

  void halted() {
    State after = initial_;
    after.halt = true;
    const Word result = specified(after);
    d_.prove("a halted machine stays halted", Bool(after.halt));
    d_.prove("a halted machine takes no step", Bool(after.updates.size == 0));
    const Places<D, P> at(d_, initial_, registry::field::none);
    prove_pools_stay(d_, initial_, after, at);
    const auto old = parts_of(initial_, at), now = parts_of(after, at);
    for (std::size_t i = 0; i < old.size(); ++i) {
      d_.prove("on a halted machine " + old[i].name + " stays as it was", now[i].value == old[i].value);
    }
    if (registry::asks_for_word(about_.row.guards, "H") && !about_.enumeration) {
      d_.prove("on a halted machine the result is zero", result == Word(0));
    }
    d_.cover("on a halted machine", Bool(true));
  }

  const RowFacts& about_;
  D& d_;
  State initial_;
  Word which_;
};

// Entry: the layer's declaration.
template <class Entry, class Prim, class P, ValueDomain D>
class FromRow final : AnyFromRow<P, D> {
 public:
  static void prove(D& d) { FromRow(d).prove_any(); }

 private:
  using Base = AnyFromRow<P, D>;
  using Word = typename D::Word;
  using Code = typename Entry::template Code<ModelMachine<D, P>>;
  using F = decltype(Prim::template in<Code>());
  using Signature = registry::Signature<F>;

  static constexpr RowFacts kFacts{Prim::row, Prim::changes, Entry::number == 0,
                                   std::is_enum_v<typename Signature::Result>};

  explicit FromRow(D& d)
      : Base(d, kFacts),
        arguments_(AnyArguments<D>(d, Prim::row.signature).draw(typename Signature::Arguments{})) {}

  Word specified(spec::State<D, P>& state) override {
    using Spec = typename Entry::template Spec<D, P>;
    Spec spec(state);
    return call<D>(spec, Prim::template in<Spec>(), arguments_);
  }
  Word call_code(ModelMachine<D, P>& machine) override {
    Code code(machine);
    return call<D>(code, Prim::template in<Code>(), arguments_);
  }

  decltype(AnyArguments<D>(std::declval<D&>(), {}).draw(typename Signature::Arguments{})) arguments_;
};

}  // namespace redoubt::verify
