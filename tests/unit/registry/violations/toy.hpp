// SPDX-License-Identifier: BSD-3-Clause
// Two toy layers that keep every rule; each file beside this one breaks one of them. The control breaks none.
#pragma once
#include "core/registry/check.hpp"
#include "machine/domain/concrete.hpp"

namespace redoubt::registry::toy {

struct Machine {
  struct Params {};
};

template <class M>
struct BottomCode {
  void base_a() {}
  void base_b() {}
};
struct BottomSpec {
  void base_a() {}
  void base_b() {}
};
template <class M>
struct TopCode : BottomCode<M> {
  u64 top_a(u64 x) { return x; }

 private:
  using BottomCode<M>::base_b;
};
struct TopSpec {
  u64 top_a(u64 x) { return x; }
};

REDOUBT_PRIMITIVE(base_a, "() → ()", "-", "none", "own", "toy");
REDOUBT_PRIMITIVE(base_b, "() → ()", "-", "none", "own", "toy");
REDOUBT_PRIMITIVE(top_a, "(x u64) → u64", "-", "none", "own", "toy");
REDOUBT_PRIMITIVE(elsewhere, "() → ()", "-", "none", "own", "toy");

struct Invariant {
  static constexpr std::string_view number = "INV-TOY-1";
};
struct Always : List<Invariant> {};

struct Bottom {
  static constexpr unsigned number = 0;
  static constexpr std::string_view name = "Bottom";
  static constexpr bool growing = false;
  using Below = void;
  template <class M>
  using Code = BottomCode<M>;
  template <class, class>
  using Spec = BottomSpec;
  using LogSpec = void;
  using Fresh = Preserving<Always, field::none, base_a, base_b>;
  using Own = List<>;
  using Hides = List<>;
  using HidesOwn = List<>;
  using Passthrough = List<>;
  using PassthroughOwn = List<>;
};

struct Top {
  static constexpr unsigned number = 1;
  static constexpr std::string_view name = "Top";
  static constexpr bool growing = false;
  using Below = Bottom;
  template <class M>
  using Code = TopCode<M>;
  template <class, class>
  using Spec = TopSpec;
  using LogSpec = void;
  using Fresh = Preserving<Always, field::none, top_a>;
  using Own = List<>;
  using Hides = List<base_b>;
  using HidesOwn = List<>;
  using Passthrough = List<base_a>;
  using PassthroughOwn = List<>;
};

template <class E>
inline constexpr bool keeps_the_rules = check::layer<E, Machine, Concrete, void>();

}  // namespace redoubt::registry::toy
