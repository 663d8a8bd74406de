// SPDX-License-Identifier: BSD-3-Clause
// Every built primitive of the layers about pages of VMs and their life, where zones fill up quickly and with
// the pools of a board.
#include "tests/property/registry/every_primitive.hpp"
#include "tests/property/registry/tiny_params.hpp"

namespace redoubt::test {
namespace {

template <class E>
class EveryVmPrimitive : public testing::Test {};
using Layers = testing::Types<registry::MemManagerEntry, registry::MemoryOpsEntry, registry::VmPowerEntry,
                              registry::BootCoreEntry, registry::BootAuxEntry, registry::BootOpsEntry>;
TYPED_TEST_SUITE(EveryVmPrimitive, Layers);

TYPED_TEST(EveryVmPrimitive, KeepsItsSpecificationOnTheTinyPlatform) {
  EXPECT_GT((check_layer<TypeParam, TinyParams>(10)), 0u);
}
TYPED_TEST(EveryVmPrimitive, KeepsItsSpecificationOnTheBoard) {
  EXPECT_GT((check_layer<TypeParam, QemuVirtParams>(6)), 0u);
}

}  // namespace
}  // namespace redoubt::test
