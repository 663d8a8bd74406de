// SPDX-License-Identifier: BSD-3-Clause
// A row with a guard that nobody knows.
#include "tests/unit/registry/violations/toy.hpp"

namespace redoubt::registry::toy {

namespace broken {
REDOUBT_PRIMITIVE(top_a, "(x u64) → u64", "-", "X", "own", "toy");
}  // namespace broken
struct Broken : Top {
  using Fresh = Preserving<Always, field::none, broken::top_a>;
};
static_assert(keeps_the_rules<Broken>);

}  // namespace redoubt::registry::toy
