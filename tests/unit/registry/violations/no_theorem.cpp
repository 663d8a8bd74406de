// SPDX-License-Identifier: BSD-3-Clause
// A layer that must be proved, with a primitive that has no theorem.
#include "tests/unit/registry/violations/toy.hpp"

namespace redoubt::registry::toy {

struct Broken : Top {
  static constexpr bool must_be_proved = true;
};
static_assert(keeps_the_rules<Broken>);

}  // namespace redoubt::registry::toy
