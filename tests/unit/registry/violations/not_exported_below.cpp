// SPDX-License-Identifier: BSD-3-Clause
// A passthrough name that the layer below does not have.
#include "tests/unit/registry/violations/toy.hpp"

namespace redoubt::registry::toy {

struct Broken : Top {
  using Passthrough = List<base_a, elsewhere>;
};
static_assert(keeps_the_rules<Broken>);

}  // namespace redoubt::registry::toy
