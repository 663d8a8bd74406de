// SPDX-License-Identifier: BSD-3-Clause
// A fresh primitive without invariants.
#include "tests/unit/registry/violations/toy.hpp"

namespace redoubt::registry::toy {

struct Broken : Top {
  using Fresh = Preserving<List<>, field::none, top_a>;
};
static_assert(keeps_the_rules<Broken>);

}  // namespace redoubt::registry::toy
