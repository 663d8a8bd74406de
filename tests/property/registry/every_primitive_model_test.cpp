// SPDX-License-Identifier: BSD-3-Clause
// Every built primitive of the registry on the model's platform.
#include "tests/property/registry/every_primitive.hpp"

namespace redoubt::test {
namespace {

template <class E>
class EveryPrimitiveModel : public testing::Test {};
using Layers = testing::Types<registry::AbstractMachineEntry, registry::LocksEntry, registry::PtAllocEntry,
                              registry::PtWalkEntry, registry::NptWalkEntry, registry::NptOpsEntry,
                              registry::MmioPtAllocEntry, registry::MmioPtWalkEntry,
                              registry::MmioSptWalkEntry, registry::MmioSptOpsEntry, registry::MemRegionEntry,
                              registry::PageIndexEntry, registry::PageManagerEntry>;
TYPED_TEST_SUITE(EveryPrimitiveModel, Layers);

TYPED_TEST(EveryPrimitiveModel, KeepsItsSpecification) {
  EXPECT_GT((check_layer<TypeParam, ModelParams>(6)), 0u);
}

}  // namespace
}  // namespace redoubt::test
