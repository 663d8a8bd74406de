// SPDX-License-Identifier: BSD-3-Clause
// A name that is replaced by one that the layer offers: no rule is broken.
#include "tests/unit/registry/violations/toy.hpp"

namespace redoubt::registry::toy {

struct Elsewhere : ReplacedBy<elsewhere, List<base_a>> {
  static constexpr std::string_view ruling = "R1", why = "toy";
};
struct Kept : Top {
  using Fresh = Preserving<Always, field::none, top_a, elsewhere>;
  using Replaced = List<Elsewhere>;
};
static_assert(keeps_the_rules<Kept>);

}  // namespace redoubt::registry::toy
