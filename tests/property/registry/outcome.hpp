// SPDX-License-Identifier: BSD-3-Clause
// Running one primitive of the registry: its specification on a state, its code on a model machine.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <tuple>

#include "core/registry/signature.hpp"
#include "core/registry/tower.hpp"
#include "tests/property/registry/observe.hpp"

namespace redoubt::test {

template <class P>
struct Outcome {
  std::optional<std::string> refused;  // stuck guard (specification), failed usage rule (code)
  u64 result = 0;
  State<P> after;
  bool effects = false;  // code: it wrote, announced or invalidated something
};

template <class R>
u64 number(R result) {
  if constexpr (requires { result.raw; }) {
    return result.raw;
  } else {
    return static_cast<u64>(static_cast<std::int64_t>(result));
  }
}

// Calls member `f` of `object`; void gives zero.
template <class T, class F, class... As>
u64 call(T& object, F f, const std::tuple<As...>& arguments) {
  return std::apply(
      [&](As... as) -> u64 {
        if constexpr (std::is_void_v<typename registry::Signature<F>::Result>) {
          (object.*f)(as...);
          return 0;
        } else {
          return number((object.*f)(as...));
        }
      },
      arguments);
}

// Through a function object: once a platform, not once a primitive.
template <class P>
Outcome<P> run_on_state(const State<P>& from, const std::function<u64(State<P>&)>& call) {
  Outcome<P> out{{}, 0, from};
  try {
    out.result = call(out.after);
  } catch (const Stuck& stuck) {
    out.refused = stuck.what();
  }
  return out;
}

template <class P>
Outcome<P> run_on_machine(Concrete& domain, const State<P>& from,
                          const std::function<u64(ModelMachine<Concrete, P>&)>& call) {
  ModelMachine<Concrete, P> machine(domain, from);
  Outcome<P> out{{}, 0, from};
  try {
    out.result = call(machine);
  } catch (const Refuted& refuted) {
    out.refused = refuted.what();
  } catch (const Halt&) {
    out.result = 0;
  }
  out.after = observe(machine, from);
  for (const Event<u64>& e : machine.events()) {
    out.effects = out.effects || e.kind != EventKind::get_now;
  }
  return out;
}

template <class E, class Prim, class P, class Args>
Outcome<P> run_spec(const State<P>& from, const Args& arguments) {
  using Spec = typename E::template Spec<Concrete, P>;
  return run_on_state<P>(from, [&](State<P>& s) {
    Spec spec(s);
    return call(spec, Prim::template in<Spec>(), arguments);
  });
}

template <class E, class Prim, class P, class Args>
Outcome<P> run_code(Concrete& domain, const State<P>& from, const Args& arguments) {
  using Machine = ModelMachine<Concrete, P>;
  using Code = typename E::template Code<Machine>;
  return run_on_machine<P>(domain, from, [&](Machine& machine) {
    Code code(machine);
    return call(code, Prim::template in<Code>(), arguments);
  });
}

}  // namespace redoubt::test
