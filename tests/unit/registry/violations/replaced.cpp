// SPDX-License-Identifier: BSD-3-Clause
// A passthrough name that the class defines anew.
#include "tests/unit/registry/violations/toy.hpp"

namespace redoubt::registry::toy {

namespace broken {
template <class M>
struct Anew : BottomCode<M> {
  u64 top_a(u64 x) { return x; }
  void base_a() {}

 private:
  using BottomCode<M>::base_b;
};
}  // namespace broken
struct Broken : Top {
  template <class M>
  using Code = broken::Anew<M>;
};
static_assert(keeps_the_rules<Broken>);

}  // namespace redoubt::registry::toy
