// SPDX-License-Identifier: BSD-3-Clause
// The theorem about a primitive of a layer, on the specifications of the layers below: code refines
// specification.
#pragma once
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "core/registry/guard.hpp"
#include "tools/redoubt-verify/theorems/arguments.hpp"
#include "tools/redoubt-verify/theorems/flat_state.hpp"
#include "tools/redoubt-verify/theorems/whole_state.hpp"

namespace redoubt::verify {

inline constexpr auto kStatusNames = std::to_array<std::pair<Status, std::string_view>>({
    {Status::ok, "ok"},
    {Status::unchanged, "unchanged"},
    {Status::invalid_parameter, "invalid parameter"},
    {Status::not_found, "not found"},
    {Status::denied, "denied"},
    {Status::no_memory, "no memory"},
    {Status::busy, "busy"},
    {Status::exists, "exists"},
    {Status::again, "again"},
});

// Two statements for arbitrary arguments and a state that satisfies what the world assumes:
//   refinement  code and specification agree in halt, result, every part of the state; where the
//               specification is defined, so is every call that the code makes below; nothing outside the
//               frame changes; the world's own claims hold afterwards
//   halted      on a halted machine the specification changes nothing
// World: the parameter set, specification and code of a layer on stand-ins; what it assumes and claims.
struct SpecFacts {  // what the statements ask of a primitive, as values
  std::string_view name;
  registry::Fields changes;
  bool status;   // it answers with one
  bool answers;  // it answers at all
};

// The statements: compiled once a world and domain, not once a primitive.
template <class World, ValueDomain D>
class AnyFromSpec {
 protected:
  using Word = typename D::Word;
  using Bool = typename D::Bool;
  using Params = typename World::Params;
  using State = spec::State<D, Params>;

  AnyFromSpec(D& d, const SpecFacts& about)
      : about_(about), d_(d), initial_(d, any_pool_base<Params>(d)), which_(d.any("statement")) {}
  ~AnyFromSpec() = default;

  void prove_any() {
    world_.emplace(initial_);
    if (which_ == Word(1)) {
      halted();
    } else {
      refinement();
    }
  }

 private:
  virtual Word specified(State& state) = 0;
  virtual Word call_code(State& state) = 0;

  void refinement() {
    State expected = initial_, actual = initial_;
    world_->watch(expected, actual);
    const Word result = specified(expected);
    Word got(0);
    const bool ran = coded(actual, got);
    d_.prove("the code stops exactly when the specification halts", Bool(ran == !expected.halt));
    if (ran) {
      d_.prove("the result agrees with the specification", got == result);
    }
    compare(expected, actual);
    const Places<D, Params> at(d_, initial_, kFlat);
    prove_frame(d_, initial_, expected, at, about_.changes);
    world_->claim(expected, about_.name, about_.changes);
    cover(result, ran);
  }
  // False: it stopped the machine.
  bool coded(State& state, Word& result) {
    bool ran = true;
    set_rely(d_, Rely::obligation);
    try {
      result = call_code(state);
    } catch (const Halt&) {
      ran = false;
    }
    set_rely(d_, Rely::assumed);
    return ran && !state.halt;
  }

  void compare(State& expected, State& actual) {
    const Places<D, Params> at(d_, initial_, kFlat);
    const auto want = parts_of(expected, at), have = parts_of(actual, at);
    for (std::size_t i = 0; i < want.size(); ++i) {
      d_.prove(want[i].name + " agrees with the specification", have[i].value == want[i].value);
    }
    compare_steps(d_, expected, actual);
    compare_flat_state(d_, expected, actual);
    if ((about_.changes & registry::field::map) == 0) {
      prove_maps_stay(expected);
    }
  }
  void prove_maps_stay(State& after) {
    const Word vmid = d_.any("some_vmid"), at = d_.any("some_index");
    for (auto map : {&State::block, &State::page, &State::pgd_t, &State::pud_t, &State::pmd_t}) {
      d_.prove("frame: the tables stay as they were",
               (after.*map).read(vmid, at) == (initial_.*map).read(vmid, at));
    }
  }

  void cover(const Word& result, bool ran) {
    d_.cover(ran ? "goes on" : "stops", Bool(true));
    if (about_.status) {
      for (const auto& [status, name] : kStatusNames) {
        d_.cover(name, result == as_word<D>(status));
      }
    } else if (about_.answers) {
      d_.cover("answers zero", result == Word(0));
      d_.cover("answers something", result != Word(0));
    }
  }

  void halted() {
    State after = initial_;
    after.halt = true;
    world_->watch(after, after);
    specified(after);
    d_.prove("a halted machine stays halted", Bool(after.halt));
    d_.prove("a halted machine takes no step", Bool(after.updates.size == 0));
    const Places<D, Params> at(d_, initial_, kFlat);
    const auto old = parts_of(initial_, at), now = parts_of(after, at);
    for (std::size_t i = 0; i < old.size(); ++i) {
      d_.prove("on a halted machine " + old[i].name + " stays as it was", now[i].value == old[i].value);
    }
    prove_maps_stay(after);
    d_.cover("on a halted machine", Bool(true));
  }

  static constexpr registry::Fields kFlat = registry::field::none;  // tables are maps here

  const SpecFacts& about_;
  D& d_;
  State initial_;
  Word which_;
  std::optional<World> world_;
};

template <class World, class Prim, ValueDomain D>
class FromSpec final : AnyFromSpec<World, D> {
 public:
  static void prove(D& d) { FromSpec(d).prove_any(); }

 private:
  using Base = AnyFromSpec<World, D>;
  using typename Base::State;
  using typename Base::Word;
  using Spec = typename World::Spec;
  using Code = typename World::Code;
  using Signature = registry::Signature<decltype(Prim::template in<Code>())>;
  using Result = typename Signature::Result;

  static constexpr SpecFacts kFacts{Prim::name, Prim::changes, std::is_same_v<Result, Status>,
                                    !std::is_void_v<Result>};

  explicit FromSpec(D& d)
      : Base(d, kFacts),
        arguments_(AnyArguments<D>(d, Prim::row.signature).draw(typename Signature::Arguments{})) {}

  Word specified(State& state) override {
    Spec spec(state);
    return call<D>(spec, Prim::template in<Spec>(), arguments_);
  }
  Word call_code(State& state) override {
    Code code(state);
    return call<D>(code, Prim::template in<Code>(), arguments_);
  }

  decltype(AnyArguments<D>(std::declval<D&>(), {}).draw(typename Signature::Arguments{})) arguments_;
};

}  // namespace redoubt::verify
