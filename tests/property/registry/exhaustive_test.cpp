// SPDX-License-Identifier: BSD-3-Clause
// Every state of one table on the tiny platform that the stage-2 operations reach, and every operation in
// each: code and specification agree (E6, E7), invariants hold (E4), the map changes where asked and nowhere
// else, stores may be seen in part and in any order (E9).
#include <gtest/gtest.h>

#include <deque>
#include <set>
#include <sstream>

#include "tests/property/registry/checks.hpp"
#include "tests/property/registry/tiny_params.hpp"
#include "tests/property/registry/walker.hpp"

namespace redoubt::test {
namespace {

using P = TinyParams;
using E = registry::NptOpsEntry;
namespace prim = registry::prim;

constexpr u64 kVm = 1;
// Neighbours in one table, in two level-2, two level-1 and two root entries: every zone runs out on the way.
const std::vector<u64> kAddresses{0, PMD_SIZE, u64{1} << PUD_SHIFT, u64{1} << PGDIR_SHIFT};

std::string key_of(State<P>& s) {
  std::ostringstream key;
  for (unsigned level = 0; level < 4; ++level) {
    for (const auto& [slot, value] : pool(s, level).cells()) {
      key << slot.second << '=' << value << ' ';
    }
  }
  for (u64 zone = 0; zone < 3; ++zone) {
    key << s.pt_next.read(kVm, zone) << ' ';
  }
  return key.str();
}

struct Tally {
  unsigned states = 0, steps = 0, sequences = 0, most = 0;
  std::set<std::int64_t> statuses;
  std::set<std::size_t> stores;
};

class Exhaustive : public testing::Test {
 protected:
  // One operation in one state; new states are queued.
  template <class Prim, class... As>
  void step(const State<P>& before, u64 ipa, u64 expected_leaf, As... as) {
    const std::tuple<VmId<u64>, Ipa<u64>, As...> arguments{VmId<u64>(kVm), Ipa<u64>(ipa), as...};
    const auto spec = run_spec<E, Prim>(before, arguments);
    auto code = run_code<E, Prim>(domain_, before, arguments);
    ASSERT_FALSE(spec.refused) << Prim::name << ": " << spec.refused.value_or("");
    ASSERT_FALSE(code.refused) << Prim::name << ": " << code.refused.value_or("");
    ASSERT_EQ(spec.result, code.result) << Prim::name;
    ASSERT_EQ(difference(spec.after, code.after, false) & spoken_of(E::number), field::none) << Prim::name;
    ASSERT_EQ(broken_invariant<registry::inv::Always>(code.after), "") << Prim::name;
    const bool done = code.result == 0;
    State<P> old = before;
    for (const u64 at : kAddresses) {
      ASSERT_EQ(raw_walk(code.after, kVm, at), done && at == ipa ? expected_leaf : raw_walk(old, kVm, at))
          << Prim::name;
    }
    const auto stores = stores_of(code.after.updates);
    const unsigned sequences = transactional(before, code.after, stores, kAddresses);
    ASSERT_GT(sequences, 0u) << Prim::name << ": a walker sees neither the old nor the new table";
    ++tally_.steps;
    tally_.sequences += sequences;
    tally_.most = std::max(tally_.most, sequences);
    tally_.statuses.insert(static_cast<std::int64_t>(code.result));
    tally_.stores.insert(stores.size());
    enqueue(std::move(code.after));
  }

  void enqueue(State<P> s) {
    s.updates = {};
    s.epoch = 0;
    if (!seen_.insert(key_of(s)).second) {
      return;
    }
    queue_.push_back(std::move(s));
    ++tally_.states;
  }

  void run() {
    enqueue(boot_state<P>(domain_));
    while (!queue_.empty() && !HasFatalFailure()) {
      const State<P> s = queue_.front();
      queue_.pop_front();
      for (const u64 ipa : kAddresses) {
        const u64 page = 0x8000'0000 + PAGE_S2_KERNEL, block = page & ~PMD_TABLE_BIT;
        step<prim::try_map_s2pt>(s, ipa, page, Level::page, Descriptor<u64>(page));
        step<prim::try_map_s2pt>(s, ipa, block, Level::block, Descriptor<u64>(block));
        step<prim::unmap_s2pt>(s, ipa, 0);
        step<prim::drop_block_s2pt>(s, ipa, 0);
      }
    }
  }

  Concrete domain_;
  Tally tally_;
  std::set<std::string> seen_;
  std::deque<State<P>> queue_;
};

TEST_F(Exhaustive, EveryReachableState) {
  run();
  std::printf("%u states, %u steps, %u store sequences\n", tally_.states, tally_.steps, tally_.sequences);
  EXPECT_GT(tally_.states, 100u);
  EXPECT_EQ(tally_.most, 65u);  // digest 9: subsets and permutations of four stores
  EXPECT_EQ(tally_.stores, (std::set<std::size_t>{0, 1, 2, 3, 4}));
  for (const Status status :
       {Status::ok, Status::unchanged, Status::not_found, Status::no_memory, Status::exists}) {
    EXPECT_TRUE(tally_.statuses.contains(static_cast<std::int64_t>(status))) << static_cast<int>(status);
  }
}

// The check itself can fail: with a page that is linked before it is clean, a walker sees what was there
// before.
TEST(Transactional, NoticesAnUncleanTable) {
  Concrete domain;
  State<P> before = boot_state<P>(domain);
  ASSERT_TRUE(put(before, kVm, 0, Level::page, 0x8000'0fff));
  State<P> after = before;
  const auto b = spec::bounds<P>(before.pool_base, kVm);
  const u64 fresh = b.pmd + PAGE_SIZE, link = b.pud + 8;
  before.pt_pmd_pool.write(kVm, fresh, 0x9000'0fff);  // left from an earlier use
  after.pt_pud_pool.write(kVm, link, fresh | 3);
  after.pt_pmd_pool.write(kVm, fresh, 0);
  const std::vector<Store> stores{{3, kVm, fresh, 0, 0}, {2, kVm, link, fresh | 3, 0}};
  EXPECT_EQ(transactional(before, after, stores, kAddresses), 0u);
}

}  // namespace
}  // namespace redoubt::test
