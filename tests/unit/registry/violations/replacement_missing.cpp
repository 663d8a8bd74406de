// SPDX-License-Identifier: BSD-3-Clause
// A name that is said to be replaced by one that the layer does not offer.
#include "tests/unit/registry/violations/toy.hpp"

namespace redoubt::registry::toy {

struct Elsewhere : ReplacedBy<elsewhere, List<base_b>> {  // base_b ends in this layer
  static constexpr std::string_view ruling = "R1", why = "toy";
};
struct Broken : Top {
  using Fresh = Preserving<Always, field::none, top_a, elsewhere>;
  using Replaced = List<Elsewhere>;
};
static_assert(keeps_the_rules<Broken>);

}  // namespace redoubt::registry::toy
