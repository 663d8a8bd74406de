// SPDX-License-Identifier: BSD-3-Clause
// The property tests of layers 27 to 34 on two platforms.
#include "core/trap/layers.hpp"
#include "tests/property/registry/every_primitive.hpp"
#include "tests/property/registry/tiny_params.hpp"

namespace redoubt::test {
namespace {

template <class E>
class EveryVcpuPrimitive : public testing::Test {};
using Layers =
    testing::Types<registry::VcpuOpsAuxEntry, registry::VcpuOpsEntry, registry::CtxtSwitchEntry,
                   registry::MemHandlerEntry, registry::FaultHandlerEntry, registry::TrapDispatcherEntry,
                   registry::TrapHandlerRawEntry, registry::TrapHandlerEntry>;
TYPED_TEST_SUITE(EveryVcpuPrimitive, Layers);

TYPED_TEST(EveryVcpuPrimitive, KeepsItsSpecification) {
  check_layer<TypeParam, TinyParams>(8);
  check_layer<TypeParam, QemuVirtParams>(2);
}

}  // namespace
}  // namespace redoubt::test
