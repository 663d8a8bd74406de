// SPDX-License-Identifier: BSD-3-Clause
// The explorer itself: known counts, known races, replay, budget; its reductions against the full search.
#include "machine/model/explorer/explorer.hpp"

#include <gtest/gtest.h>

#include <set>

#include "core/tower.hpp"
#include "machine/model/explorer/explorer_machine.hpp"

namespace redoubt::test {
namespace {

using namespace explorer;
using Verdict = Report::Verdict;
using Bodies = std::vector<std::function<void()>>;

// Two CPUs that each store once, to the same variable or to one of their own.
Program stores(bool same) {
  return {2,
          [same](Cpus& cpus) {
            const auto body = [&cpus, same](unsigned cpu) {
              cpus.point({.object = same ? 1u : 1u + cpu, .writes = true, .local = false, .enabled = {}});
            };
            return Bodies{[body] { body(0); }, [body] { body(1); }};
          },
          [] {}};
}

TEST(Explorer, CountsDependentStores) {
  const Report full = Explorer(stores(true), {}).run();
  EXPECT_EQ(full.verdict, Verdict::holds);
  EXPECT_EQ(full.executions - full.pruned, 2u);
}

TEST(Explorer, IndependentStoresAreOneExecution) {
  const Report reduced = Explorer(stores(false), {}).run();
  EXPECT_EQ(reduced.executions - reduced.pruned, 1u);
  const Report full = Explorer(stores(false), {.executions = 100, .steps = 100, .sleep_sets = false}).run();
  EXPECT_EQ(full.executions, 2u);
}

// The classic lost update: load, then store the value plus one.
Program lost_update(int& shared) {
  return {2,
          [&shared](Cpus& cpus) {
            shared = 0;
            const auto body = [&cpus, &shared] {
              cpus.point({.object = 1, .writes = false, .local = false, .enabled = {}});
              const int seen = shared;
              cpus.point({.object = 1, .writes = true, .local = false, .enabled = {}});
              shared = seen + 1;
            };
            return Bodies{body, body};
          },
          [&shared] {
            if (shared != 2) {
              throw Violation("an update is lost");
            }
          }};
}

TEST(Explorer, FindsALostUpdateAndReplaysIt) {
  int shared = 0;
  Explorer all(lost_update(shared), {});
  const Report found = all.run();
  ASSERT_EQ(found.verdict, Verdict::violated);
  EXPECT_EQ(found.text, "an update is lost");
  EXPECT_EQ(exit_code(found), 1);
  const Schedule again = from_text(to_text(found.schedule)).value_or(Schedule{});
  EXPECT_FALSE(again.empty());
  EXPECT_EQ(all.replay(again).text, "an update is lost");
  EXPECT_EQ(all.replay({0, 0, 1, 1}).verdict, Verdict::holds);
}

TEST(Explorer, BudgetIsNoVerdict) {
  int shared = 0;
  Program harmless = lost_update(shared);
  harmless.check = [] {};
  const Report report = Explorer(harmless, {.executions = 2, .steps = 100, .sleep_sets = true}).run();
  EXPECT_EQ(report.verdict, Verdict::budget);
  EXPECT_EQ(exit_code(report), 3);
}

TEST(Explorer, EndlessExecutionIsAViolation) {
  const Program endless{1,
                        [](Cpus& cpus) {
                          return Bodies{[&cpus] {
                            for (;;) {
                              cpus.point({});
                            }
                          }};
                        },
                        [] {}};
  const Report report = Explorer(endless, {.executions = 10, .steps = 50, .sleep_sets = true}).run();
  EXPECT_EQ(report.text, "an execution does not come to an end");
}

TEST(Explorer, SchedulesThatDoNotFit) {
  int shared = 0;
  Explorer all(lost_update(shared), {});
  EXPECT_EQ(all.replay({0, 0, 0}).verdict, Verdict::bad_schedule);
  EXPECT_EQ(all.replay({5}).verdict, Verdict::bad_schedule);
  const Report longer = all.replay({0, 0, 1, 1, 0});
  EXPECT_EQ(longer.verdict, Verdict::bad_schedule);
  EXPECT_EQ(exit_code(longer), 2);
}

TEST(Schedule, TextRoundTripsAndRefusesNonsense) {
  const Schedule schedule{0, 0, 0, 1, 2, 2};
  EXPECT_EQ(to_text(schedule), "0*3 1 2*2");
  EXPECT_EQ(from_text("0*3 1 2*2"), schedule);
  EXPECT_EQ(from_text(""), Schedule{});
  for (const char* bad :
       {"x", "0*", "0*0", "0 ", " 0", "0  1", "64", "0*1000001", "-1", "0*3,1", "0*99999999999999999999"}) {
    EXPECT_FALSE(from_text(bad)) << bad;
  }
}

// Lock words only: the orders in which two CPUs can be served, found with and without the reductions.
std::set<std::string> orders(bool sleep_sets, bool local_steps, Report& report) {
  using Machine = ExplorerMachine<ModelParams>;
  std::set<std::string> seen;
  std::unique_ptr<World<ModelParams>> world;
  std::string order;
  const Program program{2,
                        [&](Cpus& cpus) {
                          Options options;
                          options.local_steps = local_steps;
                          world = std::make_unique<World<ModelParams>>(cpus, options);
                          order.clear();
                          const auto body = [&](unsigned cpu) {
                            Machine machine(*world, cpu);
                            tower::LocksLayer<Machine> locks(machine);
                            locks.acquire_lock_core();
                            order += static_cast<char>('0' + cpu);
                            locks.release_lock_core();
                          };
                          return Bodies{[body] { body(0); }, [body] { body(1); }};
                        },
                        [&] { seen.insert(order); }};
  report = Explorer(program, {.executions = 200'000, .steps = 1000, .sleep_sets = sleep_sets}).run();
  return seen;
}

TEST(Explorer, ReductionsLoseNoOutcome) {
  Report full, sleeping, both_reductions;
  const auto all = orders(false, false, full);
  EXPECT_EQ(all, (std::set<std::string>{"01", "10"}));
  EXPECT_EQ(orders(true, false, sleeping), all);
  EXPECT_EQ(orders(true, true, both_reductions), all);
  for (const Report* report : {&full, &sleeping, &both_reductions}) {
    EXPECT_EQ(report->verdict, Verdict::holds);
  }
  EXPECT_LT(sleeping.executions, full.executions);
  EXPECT_LE(both_reductions.executions, sleeping.executions);
  std::printf("two CPUs, one lock: %llu executions in full, %llu with sleep sets, %llu with local steps\n",
              static_cast<unsigned long long>(full.executions),
              static_cast<unsigned long long>(sleeping.executions),
              static_cast<unsigned long long>(both_reductions.executions));
}

}  // namespace
}  // namespace redoubt::test
