// SPDX-License-Identifier: BSD-3-Clause
// A name that is said to be replaced, and is built.
#include "tests/unit/registry/violations/toy.hpp"

namespace redoubt::registry::toy {

struct There : ReplacedBy<top_a, List<base_a>> {
  static constexpr std::string_view ruling = "R1", why = "toy";
};
struct Broken : Top {
  using Replaced = List<There>;
};
static_assert(keeps_the_rules<Broken>);

}  // namespace redoubt::registry::toy
