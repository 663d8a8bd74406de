// SPDX-License-Identifier: BSD-3-Clause
// Every built primitive of the registry on the tiny platform, where zones fill up quickly.
#include "tests/property/registry/every_primitive.hpp"
#include "tests/property/registry/tiny_params.hpp"

namespace redoubt::test {
namespace {

template <class E>
class EveryPrimitiveTiny : public testing::Test {};
using Layers = testing::Types<registry::AbstractMachineEntry, registry::LocksEntry, registry::PtAllocEntry,
                              registry::PtWalkEntry, registry::NptWalkEntry, registry::NptOpsEntry,
                              registry::MmioPtAllocEntry, registry::MmioPtWalkEntry,
                              registry::MmioSptWalkEntry, registry::MmioSptOpsEntry, registry::MemRegionEntry,
                              registry::PageIndexEntry, registry::PageManagerEntry>;
TYPED_TEST_SUITE(EveryPrimitiveTiny, Layers);

TYPED_TEST(EveryPrimitiveTiny, KeepsItsSpecification) {
  EXPECT_GT((check_layer<TypeParam, TinyParams>(10)), 0u);
}

}  // namespace
}  // namespace redoubt::test
