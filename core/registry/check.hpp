// SPDX-License-Identifier: BSD-3-Clause
// The rules that a layer's declaration must keep, as static assertions. For the one translation unit that
// checks them.
#pragma once
#include <algorithm>
#include <array>
#include <functional>

#include "core/registry/guard.hpp"
#include "core/registry/layer.hpp"
#include "core/registry/replaced.hpp"
#include "core/registry/signature.hpp"
#include "core/registry/theorems.hpp"

namespace redoubt::registry::check {

template <class... Ps>
constexpr bool names_unique(List<Ps...>) {
  std::array<std::string_view, sizeof...(Ps) + 1> names{Ps::name...};
  std::sort(names.begin(), names.end());
  return std::adjacent_find(names.begin(), names.end()) == names.end();
}

// The row of one primitive; the compiler's "required from" lines name the primitive.
template <class P>
constexpr bool row() {
  static_assert(
      !P::row.signature.empty() && !P::row.lock.empty() && !P::row.source.empty() && !P::row.effect.empty(),
      "registry: a primitive's row has an empty column");
  static_assert(guards_known(P::row.guards),
                "registry: a primitive's row has an unknown guard (guard.hpp lists them)");
  return true;
}

// C and S: the classes of code and specification on concrete values; B: the code of the layer below; O: an
// oracle, for specifications on logs.
template <class E, class P, class C, class B, class S, class O>
constexpr bool fresh() {
  static_assert(row<P>());
  static_assert(E::growing || P::template visible<C> || is_replaced<E, typename P::primitive>(),
                "registry: a fresh primitive is missing in its layer's class");
  static_assert(P::preserves::size > 0, "registry: a fresh primitive names no invariants that it preserves");
  static_assert(
      !theorem_required<E>() || !theorem_of<E, P, C>().empty() || is_replaced<E, typename P::primitive>(),
      "registry: a fresh primitive has no proof obligation, and its layer must have one");
  if constexpr (P::template visible<C>) {
    using F = decltype(P::template in<C>());
    static_assert(std::is_void_v<typename E::Below> || !std::is_base_of_v<typename Signature<F>::Class, B>,
                  "registry: a fresh primitive is not implemented in its layer, it comes from below");
    static_assert(arity(P::row.signature) == Signature<F>::Arguments::size,
                  "registry: the row's signature has another number of arguments than the code");
    if constexpr (P::model == Model::log) {
      static_assert(P::template visible<typename E::LogSpec, O>,
                    "registry: a fresh primitive has no specification");
    } else {
      static_assert(P::template visible<S>, "registry: a fresh primitive has no specification");
      if constexpr (P::template visible<S>) {
        static_assert(same_shape<F, decltype(P::template in<S>())>,
                      "registry: code and specification of a primitive have different signatures");
      }
    }
  }
  return true;
}

// R: what the layer says of a replaced name; C: this layer's class.
template <class E, class R, class C>
constexpr bool replaced() {
  static_assert(contains<typename R::primitive, typename Layer<E>::Fresh>,
                "registry: what is replaced is not a fresh primitive of the layer");
  static_assert(!R::primitive::template visible<C>, "registry: a replaced name is built all the same");
  static_assert(R::By::size > 0 && R::ruling.starts_with("R") && !R::why.empty(),
                "registry: a replaced name needs what replaces it, the ruling, and why");
  return all_of(typename R::By{}, []<class P>() {
    static_assert(contains<P, typename Layer<E>::Visible> && P::template visible<C>,
                  "registry: what replaces a name is not there");
    return true;
  });
}

// C: this layer's class; B: the class below.
template <class E, class P, class C, class B>
constexpr bool passed_through() {
  static_assert(contains<P, typename Layer<typename E::Below>::Visible>,
                "registry: a passthrough name is not exported by the layer below");
  static_assert(
      P::template visible<C> == P::template visible<B>,
      "registry: a passthrough name cannot be called although the layer below has it, or only here");
  if constexpr (P::template visible<C> && P::template visible<B>) {
    static_assert(std::is_same_v<decltype(P::template in<C>()), decltype(P::template in<B>())>,
                  "registry: a passthrough name is not the function of the layer below");
  }
  return true;
}

template <class E, class P, class C>
constexpr bool hidden() {
  static_assert(contains<P, typename Layer<typename E::Below>::Visible>,
                "registry: a hidden name is not exported by the layer below, so there is nothing to hide");
  static_assert(!P::template visible<C>, "registry: a hidden name can still be called");
  return true;
}

template <class E, class P>
constexpr bool accounted() {
  static_assert(contains<P, typename Layer<E>::Visible> || contains<P, typename Layer<E>::Hidden>,
                "registry: a name of the layer below is neither passed through nor hidden");
  return true;
}

// All rules of one layer, for machine M and specifications over domain D.
template <class E, class M, class D, class O>
constexpr bool layer() {
  using L = Layer<E>;
  using C = typename E::template Code<M>;
  using S = typename E::template Spec<D, typename M::Params>;
  static_assert(names_unique(typename L::Visible{}), "registry: a name is bound twice in a layer");
  all_of(Replacements<E>{}, []<class R>() { return replaced<E, R, C>(); });
  if constexpr (std::is_void_v<typename E::Below>) {
    all_of(typename L::FreshAndOwn{}, []<class P>() { return fresh<E, P, C, void, S, O>(); });
  } else {
    using B = typename E::Below::template Code<M>;
    all_of(typename L::FreshAndOwn{}, []<class P>() { return fresh<E, P, C, B, S, O>(); });
    using Passed = Join<typename E::Passthrough, typename E::PassthroughOwn>;
    all_of(Passed{}, []<class P>() { return passed_through<E, P, C, B>(); });
    all_of(typename L::Hidden{}, []<class P>() { return hidden<E, P, C>(); });
    all_of(typename Layer<typename E::Below>::Visible{}, []<class P>() { return accounted<E, P>(); });
  }
  return true;
}

}  // namespace redoubt::registry::check
