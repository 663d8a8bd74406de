// SPDX-License-Identifier: BSD-3-Clause
// Which primitives the EL2 machine does not offer yet, and what they wait for; every other built one runs on
// both.
#pragma once
#include <string_view>

#include "core/registry/primitive.hpp"

namespace redoubt::registry {

// A layer's declaration names them in `OnlyInModel`, a list of reasons; a reason has
//   text         what they wait for
//   Primitives   a list
// The EL2 machine lacks an effect that such a primitive needs, so that a call of it there does not compile.
template <class E>
concept HasOnlyInModel = requires { typename E::OnlyInModel; };

// What the primitive waits for; empty: the EL2 machine offers it.
template <class E, class Primitive>
constexpr std::string_view waits_for() {
  if constexpr (HasOnlyInModel<E>) {
    std::string_view text;
    for_each(typename E::OnlyInModel{}, [&]<class Reason>() {
      if (contains<Primitive, typename Reason::Primitives>) {
        text = Reason::text;
      }
    });
    return text;
  }
  return {};
}

}  // namespace redoubt::registry
