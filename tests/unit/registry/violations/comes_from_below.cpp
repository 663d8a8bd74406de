// SPDX-License-Identifier: BSD-3-Clause
// A fresh primitive that is inherited.
#include "tests/unit/registry/violations/toy.hpp"

namespace redoubt::registry::toy {

namespace broken {
template <class M>
struct Inherits : TopCode<M> {};
}  // namespace broken
struct Broken : Top {
  template <class M>
  using Code = broken::Inherits<M>;
};
static_assert(keeps_the_rules<Broken>);

}  // namespace redoubt::registry::toy
