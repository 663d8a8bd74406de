// SPDX-License-Identifier: BSD-3-Clause
// Seeded concurrency faults: the explorer finds each one and gives a schedule that shows it again.
#include <gtest/gtest.h>

#include "tests/unit/concurrency/npt_program.hpp"

namespace redoubt::test {
namespace {

using explorer::Report;
using V = VmId<u64>;
using I = Ipa<u64>;

constexpr u64 kA = 0x4000'0000, kB = 0x4000'1000;

struct FaultScope {
  explicit FaultScope(Fault fault) { ExplorerCpu::active_fault = fault; }
  ~FaultScope() { ExplorerCpu::active_fault = Fault::none; }
  FaultScope(const FaultScope&) = delete;
  FaultScope& operator=(const FaultScope&) = delete;
};

NptProgram two_maps() {
  NptProgram program;
  const auto map = [](u64 ipa, u64 pa) {
    return [=](Tower& tower) { tower.map_s2pt(V(1), I(ipa), Level::page, page_leaf(pa)); };
  };
  program.bodies = {map(kA, 0x1000), map(kB, 0x2000)};
  program.check = [](ExplorerWorld& world) {
    const auto leaves = tables_of(world, 1).leaves;
    for (const u64 ipa : {kA, kB}) {
      demand(leaves.contains(ipa), "the mapping of CPU " + std::to_string(ipa == kA ? 0 : 1) + " is lost");
    }
    settled(world, 1);
  };
  return program;
}

// Finds the fault, prints the schedule, reads it back from its text and gets the same violation.
void refuted(const char* what, const NptProgram& program, const std::string& expected) {
  explorer::Explorer all = explore(program);
  const Report found = all.run();
  print(what, found);
  ASSERT_EQ(found.verdict, Report::Verdict::violated) << what;
  EXPECT_NE(found.text.find(expected), std::string::npos) << found.text;
  const explorer::Schedule none;
  const auto schedule = explorer::from_text(explorer::to_text(found.schedule)).value_or(none);
  EXPECT_EQ(schedule, found.schedule);
  const Report again = all.replay(schedule);
  EXPECT_EQ(again.verdict, Report::Verdict::violated);
  EXPECT_EQ(again.text, found.text);
  EXPECT_EQ(again.schedule, found.schedule);
}

TEST(InterleavingFaults, WithoutFaultTheyHold) {
  const Report report = explore(two_maps()).run();
  print("no fault", report);
  EXPECT_EQ(report.verdict, Report::Verdict::holds);
}

TEST(InterleavingFaults, MapWithoutLockMeetsItsGuard) {
  const FaultScope fault(Fault::map_without_lock);
  refuted("map_without_lock", two_maps(), "touches data without holding its lock");
}

TEST(InterleavingFaults, MapWithoutLockLosesAMapping) {
  const FaultScope fault(Fault::map_without_lock);
  NptProgram program = two_maps();
  program.options.guards = false;
  refuted("map_without_lock, guards off", program, "is lost");
}

TEST(InterleavingFaults, TicketTakenInTwoSteps) {
  NptProgram program = two_maps();
  program.options.atomic_ticket = false;
  refuted("ticket not atomic", program, "");
}

TEST(InterleavingFaults, LockNeverReleased) {
  NptProgram program = two_maps();
  program.options.release = false;
  refuted("release missing", program, "deadlock");
}

TEST(InterleavingFaults, LocksInTheWrongOrder) {
  NptProgram program;
  program.bodies = {[](Tower& tower) {
                      tower.acquire_lock_s2page();
                      tower.acquire_lock_core();
                    },
                    [](Tower&) {}};
  refuted("two locks of one rank", program, "the lock order is broken");
}

TEST(InterleavingFaults, ReleaseByAnotherCpu) {
  NptProgram program;
  program.bodies = {[](Tower& tower) { tower.acquire_lock_s2page(); },
                    [](Tower& tower) { tower.release_lock_s2page(); }};
  refuted("release by another CPU", program, "it does not hold it");
}

}  // namespace
}  // namespace redoubt::test
