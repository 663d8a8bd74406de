// SPDX-License-Identifier: BSD-3-Clause
// Every built primitive of the registry on the QEMU board's platform: pools of three shapes, a concatenated
// root.
#include "tests/property/registry/every_primitive.hpp"

namespace redoubt::test {
namespace {

template <class E>
class EveryPrimitiveQemu : public testing::Test {};
using Layers = testing::Types<registry::AbstractMachineEntry, registry::LocksEntry, registry::PtAllocEntry,
                              registry::PtWalkEntry, registry::NptWalkEntry, registry::NptOpsEntry,
                              registry::MmioPtAllocEntry, registry::MmioPtWalkEntry,
                              registry::MmioSptWalkEntry, registry::MmioSptOpsEntry, registry::MemRegionEntry,
                              registry::PageIndexEntry, registry::PageManagerEntry>;
TYPED_TEST_SUITE(EveryPrimitiveQemu, Layers);

TYPED_TEST(EveryPrimitiveQemu, KeepsItsSpecification) {
  EXPECT_GT((check_layer<TypeParam, QemuVirtParams>(6)), 0u);
}

}  // namespace
}  // namespace redoubt::test
