// SPDX-License-Identifier: BSD-3-Clause
// A hidden name that the layer below does not have.
#include "tests/unit/registry/violations/toy.hpp"

namespace redoubt::registry::toy {

struct Broken : Top {
  using Hides = List<base_b, elsewhere>;
};
static_assert(keeps_the_rules<Broken>);

}  // namespace redoubt::registry::toy
