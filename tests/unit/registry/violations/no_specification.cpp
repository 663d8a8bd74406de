// SPDX-License-Identifier: BSD-3-Clause
// A fresh primitive that is not specified.
#include "tests/unit/registry/violations/toy.hpp"

namespace redoubt::registry::toy {

namespace broken {
struct Nothing {};
}  // namespace broken
struct Broken : Top {
  template <class, class>
  using Spec = broken::Nothing;
};
static_assert(keeps_the_rules<Broken>);

}  // namespace redoubt::registry::toy
