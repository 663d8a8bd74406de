// SPDX-License-Identifier: BSD-3-Clause
// Which of the digest's primitives a ruling replaced by others, and by which; nothing is built under their
// names.
#pragma once
#include <string_view>

#include "core/registry/primitive.hpp"

namespace redoubt::registry {

// A layer's declaration names them in `Replaced`, a list of:
//   primitive   one of its fresh names
//   By          primitives that do its work, which the layer offers
//   ruling      of the architecture: "R21"
//   why         a few words
template <class Primitive, class Others>
struct ReplacedBy {
  using primitive = Primitive;
  using By = Others;
};

namespace detail {
template <class E>
struct ReplacementsOf {
  using type = List<>;
};
template <class E>
  requires requires { typename E::Replaced; }
struct ReplacementsOf<E> {
  using type = typename E::Replaced;
};
}  // namespace detail
template <class E>
using Replacements = typename detail::ReplacementsOf<E>::type;

// Was the name replaced?
template <class E, class Primitive>
constexpr bool is_replaced() {
  bool found = false;
  for_each(Replacements<E>{},
           [&]<class R>() { found = found || std::is_same_v<typename R::primitive, Primitive>; });
  return found;
}

}  // namespace redoubt::registry
