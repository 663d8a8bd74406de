// SPDX-License-Identifier: BSD-3-Clause
// A name is declared hidden, but the class lets it through.
#include "tests/unit/registry/violations/toy.hpp"

namespace redoubt::registry::toy {

struct Broken : Top {
  using Hides = List<base_a, base_b>;
  using Passthrough = List<>;
};
static_assert(keeps_the_rules<Broken>);

}  // namespace redoubt::registry::toy
