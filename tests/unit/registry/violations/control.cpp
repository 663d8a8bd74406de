// SPDX-License-Identifier: BSD-3-Clause
// No rule is broken: this file compiles.
#include "tests/unit/registry/violations/toy.hpp"

namespace redoubt::registry::toy {

static_assert(keeps_the_rules<Bottom> && keeps_the_rules<Top>);

}  // namespace redoubt::registry::toy
