// SPDX-License-Identifier: BSD-3-Clause
// A name is fresh and passed through.
#include "tests/unit/registry/violations/toy.hpp"

namespace redoubt::registry::toy {

struct Broken : Top {
  using Passthrough = List<base_a, top_a>;
};
static_assert(keeps_the_rules<Broken>);

}  // namespace redoubt::registry::toy
