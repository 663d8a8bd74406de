// SPDX-License-Identifier: BSD-3-Clause
// A name of the layer below is forgotten.
#include "tests/unit/registry/violations/toy.hpp"

namespace redoubt::registry::toy {

struct Broken : Top {
  using Passthrough = List<>;
};
static_assert(keeps_the_rules<Broken>);

}  // namespace redoubt::registry::toy
