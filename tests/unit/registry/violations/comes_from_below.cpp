// SPDX-License-Identifier: BSD-3-Clause
// A fresh primitive that the layer below implements.
#include "tests/unit/registry/violations/toy.hpp"

namespace redoubt::registry::toy {

namespace broken {
struct Spec : TopSpec {
  void base_a() {}
};
}  // namespace broken
struct Broken : Top {
  template <class, class>
  using Spec = broken::Spec;
  using Fresh = Preserving<Always, field::none, top_a, base_a>;
  using Passthrough = List<>;
};
static_assert(keeps_the_rules<Broken>);

}  // namespace redoubt::registry::toy
