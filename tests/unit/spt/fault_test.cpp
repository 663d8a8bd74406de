// SPDX-License-Identifier: BSD-3-Clause
// Every seeded SMMU fault is caught, and nothing is reported without one.
#include <gtest/gtest.h>

#include "core/machine/fault_texts.hpp"
#include "tests/unit/spt/sequence.hpp"

namespace redoubt::test {
namespace {

using P = SmallParams;

struct Seeded {
  explicit Seeded(Fault fault) { Machine<P>::active_fault = fault; }
  ~Seeded() { Machine<P>::active_fault = Fault::none; }
  Seeded(const Seeded&) = delete;
  Seeded& operator=(const Seeded&) = delete;
};

// What one of many sequences reports first under the fault.
std::optional<std::string> caught_by_sequences(Fault fault) {
  const Seeded seeded(fault);
  for (std::uint32_t seed = 1; seed <= 40; ++seed) {
    Sequence<P> sequence;
    if (auto failure = sequence.run(random_ops(seed, 80))) {
      return failure;
    }
  }
  return std::nullopt;
}

// W10: with the bump pointer among the roots, the allocator refuses before it changes anything.
std::optional<std::string> roots_stay_roots(Fault fault) {
  const Seeded seeded(fault);
  Concrete d;
  State<P> s = boot<P>(d);
  s.lock.write(SPT_ID, 0, spec::LOCK_OWN_TRUE);
  s.smmu.spt_next.write(0, 0, spec::spt_bounds<P>(s.pool_base).roots + 0x4000);
  Machine<P> machine(d, s);
  tower::MmioPtAllocLayer<Machine<P>> code(machine);
  const Outcome got = outcome_of([&] { return code.alloc_smmu_pgd_page(SmmuBank<u64>(0)).raw; });
  const bool refused = got.kind == Outcome::stuck && machine.events().empty();
  return refused ? std::nullopt : std::optional<std::string>("a page among the roots is taken");
}

TEST(SptFaults, NothingIsReportedWithoutAFault) {
  EXPECT_EQ(caught_by_sequences(Fault::none), std::nullopt);
  EXPECT_EQ(roots_stay_roots(Fault::none), std::nullopt);
}

class SptFault : public testing::TestWithParam<Fault> {};
TEST_P(SptFault, IsCaught) {
  const bool roots = GetParam() == Fault::smmu_bump_in_root;
  const auto found = roots ? roots_stay_roots(GetParam()) : caught_by_sequences(GetParam());
  ASSERT_TRUE(found);
  RecordProperty("found", found.value_or(""));
}
INSTANTIATE_TEST_SUITE_P(
    Every, SptFault,
    testing::Values(Fault::smmu_clear_first_entry, Fault::smmu_bump_in_root, Fault::smmu_leaf_attributes,
                    Fault::smmu_bank_order, Fault::smmu_root_index_mask, Fault::smmu_reuse_not_zeroed,
                    Fault::smmu_reuse_no_barrier, Fault::smmu_pages_leak, Fault::smmu_wrong_stamp,
                    Fault::smmu_unmap_no_tlbi, Fault::smmu_clear_no_sync, Fault::smmu_room_not_checked),
    [](const auto& fault) { return std::string(kFaults[static_cast<std::size_t>(fault.param) - 1].name); });

}  // namespace
}  // namespace redoubt::test
