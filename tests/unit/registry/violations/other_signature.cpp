// SPDX-License-Identifier: BSD-3-Clause
// A specification with another signature.
#include "tests/unit/registry/violations/toy.hpp"

namespace redoubt::registry::toy {

namespace broken {
struct Narrow {
  bool top_a(u64 x) { return x != 0; }
};
}  // namespace broken
struct Broken : Top {
  template <class, class>
  using Spec = broken::Narrow;
};
static_assert(keeps_the_rules<Broken>);

}  // namespace redoubt::registry::toy
