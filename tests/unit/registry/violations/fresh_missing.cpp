// SPDX-License-Identifier: BSD-3-Clause
// A fresh primitive that the class does not have.
#include "tests/unit/registry/violations/toy.hpp"

namespace redoubt::registry::toy {

struct Broken : Top {
  using Fresh = Preserving<Always, field::none, top_a, elsewhere>;
};
static_assert(keeps_the_rules<Broken>);

}  // namespace redoubt::registry::toy
