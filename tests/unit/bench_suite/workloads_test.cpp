// SPDX-License-Identifier: BSD-3-Clause
// The workloads are those of the benchmark's description: first draws, sums and trace counts.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "bench/workloads.hpp"

namespace redoubt::bench {
namespace {

using List = std::vector<std::uint32_t>;

List first(const List& list, std::size_t count) {
  return {list.begin(), list.begin() + static_cast<long>(count)};
}

TEST(BenchWorkloads, ListsStartAsDescribed) {
  EXPECT_EQ(first(distinct_list(1, 16'777'216, kPages), 4), (List{9505325, 12512141, 16290722, 7455110}));
  EXPECT_EQ(first(distinct_list(2, 1'048'576, kPages), 4), (List{619907, 785540, 624571, 802600}));
  EXPECT_EQ(first(random_list(3, kPages, kDraws), 3), (List{29740, 183577, 160687}));
  EXPECT_EQ(first(random_list(4, kPages, kDraws), 2), (List{113103, 233939}));
}

TEST(BenchWorkloads, DistinctListsHaveNoRepeats) {
  const List list = distinct_list(2, 1'048'576, kPages);
  EXPECT_EQ(std::set<std::uint32_t>(list.begin(), list.end()).size(), kPages);
}

TEST(BenchWorkloads, TraceIsAsDescribed) {
  const Trace trace = make_trace();
  EXPECT_EQ(trace.total_weight, 35'227'659'103u);
  ASSERT_EQ(trace.steps.size(), kDraws);
  List pages;
  std::map<Trace::Kind, unsigned> kinds;
  for (const Trace::Step step : trace.steps) {
    pages.push_back(step.page);
    ++kinds[step.kind];
  }
  EXPECT_EQ(first(pages, 6), (List{504328, 180010, 1014911, 486055, 522963, 491}));
  EXPECT_EQ(kinds[Trace::Kind::map], 516'313u);
  EXPECT_EQ(kinds[Trace::Kind::unmap], 241'573u);
  EXPECT_EQ(kinds[Trace::Kind::to_read_only], 173'846u);
  EXPECT_EQ(kinds[Trace::Kind::to_read_write], 68'268u);
  EXPECT_EQ(std::set<std::uint32_t>(pages.begin(), pages.end()).size(), 320'420u);
  EXPECT_EQ(std::count_if(trace.end.begin(), trace.end.end(),
                          [](Trace::State state) { return state != Trace::State::unmapped; }),
            274'740);
}

// Every workload on the layers, with the checks that the benchmark makes: results, table pages, all
// translations.
class OnLayers : public testing::TestWithParam<Workload> {};

TEST_P(OnLayers, GivesRightTablesAndTranslations) {
  const Workload& workload = GetParam();
  workload.prepare();
  const Counters before = library_counters();
  workload.loop();
  const Counters after = library_counters();
  EXPECT_EQ(failures(), 0u);
  EXPECT_EQ(after.tables, workload.tables);
  EXPECT_EQ(workload.check(), "");
  if (workload.name.starts_with("W4")) {
    EXPECT_EQ(after.tlbi - before.tlbi, 0u);
  }
  if (workload.name.starts_with("W5")) {
    EXPECT_EQ(after.tlbi - before.tlbi, 2 * workload.operations);
    EXPECT_EQ(after.dsb - before.dsb, 3 * workload.operations);
  }
}
INSTANTIATE_TEST_SUITE_P(All, OnLayers, testing::ValuesIn(workloads().begin(), workloads().end()),
                         [](const auto& test) { return std::string(test.param.name); });

// The check after a workload is a real one: a page too many, one too few and a wrong permission are found.
TEST(BenchWorkloads, ChecksNoticeWrongTables) {
  const auto named = [](std::string_view name) {
    return *std::find_if(workloads().begin(), workloads().end(),
                         [&](const Workload& w) { return w.name == name; });
  };
  const Workload map = named("W1p"), unmap = named("W5p");
  map.prepare();
  map.loop();
  ASSERT_EQ(map.check(), "");
  EXPECT_NE(unmap.check(), "");
  const u64 ipa = kIpaBase + 77 * kPageSize;
  ASSERT_EQ(library_protect(ipa, ipa + kPageOffset, kPageSize, Permission::read_only), 0);
  EXPECT_EQ(map.check(), "the translation of page 77 is wrong");
  ASSERT_EQ(library_unmap(ipa, kPageSize), 0);
  EXPECT_EQ(map.check(), "the translation of page 77 is wrong");
  EXPECT_NE(library_unmap(ipa, kPageSize), 0);
}

}  // namespace
}  // namespace redoubt::bench
