// SPDX-License-Identifier: BSD-3-Clause
// A name is declared passed through, but the class hides it.
#include "tests/unit/registry/violations/toy.hpp"

namespace redoubt::registry::toy {

struct Broken : Top {
  using Hides = List<>;
  using Passthrough = List<base_a, base_b>;
};
static_assert(keeps_the_rules<Broken>);

}  // namespace redoubt::registry::toy
