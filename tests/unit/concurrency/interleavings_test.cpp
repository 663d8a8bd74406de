// SPDX-License-Identifier: BSD-3-Clause
// Two and three CPUs run stage-2 operations concurrently, in every interleaving: nothing is lost, nobody is
// stuck.
#include <gtest/gtest.h>

#include "tests/unit/concurrency/npt_program.hpp"

namespace redoubt::test {
namespace {

using explorer::Report;
using V = VmId<u64>;
using I = Ipa<u64>;
using Leaves = std::map<u64, u64>;

constexpr u64 kVm = 1;
constexpr u64 kA = 0x4000'0000, kB = 0x4000'1000, kC = 0x80'0020'0000;

void holds(const char* what, const NptProgram& program) {
  const Report report = explore(program).run();
  print(what, report);
  EXPECT_EQ(report.verdict, Report::Verdict::holds) << what;
  EXPECT_GT(report.executions - report.pruned, 0u);
}

std::function<void(Tower&)> maps(u64 vmid, u64 ipa, u64 pa) {
  return [=](Tower& tower) {
    demand(tower.try_map_s2pt(V(vmid), I(ipa), Level::page, page_leaf(pa)) == Status::ok, "a map is refused");
  };
}

void expect_leaves(ExplorerWorld& world, u64 vmid, const Leaves& expected) {
  demand(settled(world, vmid) == expected, "a mapping is lost or wrong");
}

TEST(Interleavings, TwoMapsInOneTable) {
  NptProgram program;
  program.bodies = {maps(1, kA, 0x1000), maps(1, kB, 0x2000)};
  program.check = [](ExplorerWorld& w) { expect_leaves(w, 1, {{kA, 0x1fff}, {kB, 0x2fff}}); };
  holds("2 CPUs map neighbours", program);
  program.bodies = {maps(1, kA, 0x1000), maps(1, kC, 0x2000)};
  program.check = [](ExplorerWorld& w) { expect_leaves(w, 1, {{kA, 0x1fff}, {kC, 0x2fff}}); };
  holds("2 CPUs map far apart", program);
}

// Taking steps under a lock at once changes how many executions are begun, never which ones are different.
TEST(Interleavings, LocalStepsLoseNothing) {
  NptProgram program;
  program.bodies = {maps(1, kA, 0x1000), maps(1, kB, 0x2000), maps(1, kC, 0x3000)};
  const Report with = explore(program).run();
  program.options.local_steps = false;
  const Report without = explore(program).run();
  print("3 CPUs, local steps at once", with);
  print("3 CPUs, no local steps", without);
  EXPECT_EQ(with.executions - with.pruned, without.executions - without.pruned);
  EXPECT_EQ(with.executions - with.pruned, 6u);  // the orders in which three CPUs can be served
  const Report full = explore(program, {.executions = 100'000, .steps = 1000, .sleep_sets = false}).run();
  print("3 CPUs, every interleaving", full);
  EXPECT_EQ(full.verdict, Report::Verdict::holds);
  EXPECT_EQ(full.pruned, 0u);
}

TEST(Interleavings, ThreeMapsInOneTable) {
  NptProgram program;
  program.bodies = {maps(1, kA, 0x1000), maps(1, kB, 0x2000), maps(1, kC, 0x3000)};
  program.check = [](ExplorerWorld& w) { expect_leaves(w, 1, {{kA, 0x1fff}, {kB, 0x2fff}, {kC, 0x3fff}}); };
  program.first_ticket = 0xffff'fffe;  // the words wrap while the CPUs wait
  holds("3 CPUs map in one table, tickets wrap", program);
}

TEST(Interleavings, TablesOfTwoPrincipalsAreIndependent) {
  NptProgram program;
  program.bodies = {maps(1, kA, 0x1000), maps(2, kA, 0x2000)};
  program.check = [](ExplorerWorld& w) {
    expect_leaves(w, 1, {{kA, 0x1fff}});
    expect_leaves(w, 2, {{kA, 0x2fff}});
  };
  const Report report = explore(program).run();
  print("2 CPUs, 2 principals", report);
  EXPECT_EQ(report.executions - report.pruned, 1u);  // nothing they do depends on the other
}

// One page, two leaves: exactly one is there, and the loser is told.
TEST(Interleavings, ConflictingMaps) {
  std::array<Status, 2> status{};
  NptProgram program;
  const auto body = [&](std::size_t i) {
    return [&status, i](Tower& tower) {
      status[i] = tower.try_map_s2pt(V(1), I(kA), Level::page, page_leaf(0x1000 * (i + 1)));
    };
  };
  program.bodies = {body(0), body(1)};
  program.check = [&](ExplorerWorld& w) {
    const std::size_t winner = status[0] == Status::ok ? 0 : 1;
    demand(status[winner] == Status::ok && status[1 - winner] == Status::exists,
           "not exactly one map succeeds");
    expect_leaves(w, 1, {{kA, page_leaf(0x1000 * (winner + 1)).raw}});
  };
  holds("2 CPUs map one page differently", program);
}

TEST(Interleavings, MapAgainstUnmap) {
  Status unmapped{};
  NptProgram program;
  program.bodies = {maps(1, kA, 0x1000), [&](Tower& tower) { unmapped = tower.unmap_s2pt(V(1), I(kA)); }};
  program.check = [&](ExplorerWorld& w) {
    demand(unmapped == Status::ok || unmapped == Status::not_found, "an unmap is refused");
    expect_leaves(w, 1, unmapped == Status::ok ? Leaves{} : Leaves{{kA, 0x1fff}});
  };
  holds("map against unmap of one page", program);
}

NptProgram host_program(u64 pages) {
  NptProgram program;
  program.pages = pages;
  return program;
}
std::function<void(Tower&)> host_fault(u64 ipa) {
  return [=](Tower& tower) { demand(succeeded(tower.map_page_host(I(ipa))), "a host fault is refused"); };
}

TEST(Interleavings, HostFaultsOnOneBlock) {
  NptProgram program = host_program(PMD_PAGE_NUM);
  program.bodies = {host_fault(kA), host_fault(kB)};
  program.check = [](ExplorerWorld& w) { expect_leaves(w, 0, {{kA, block_leaf(kA).raw}}); };
  holds("2 CPUs fault on one block", program);
  program.bodies.push_back(host_fault(kA + 0x5000));
  holds("3 CPUs fault on one block", program);
}

TEST(Interleavings, HostFaultsMapsAndUnmapsTwoCpus) {
  NptProgram program = host_program(16);
  program.before = maps(0, kA + 0x3000, kA + 0x3000);
  program.bodies = {host_fault(kA), [](Tower& tower) {
                      demand(tower.unmap_s2pt(V(0), I(kA + 0x3000)) == Status::ok, "an unmap is refused");
                    }};
  program.check = [](ExplorerWorld& w) { expect_leaves(w, 0, {{kA, kA | PAGE_S2_KERNEL}}); };
  holds("2 CPUs: host fault, unmap", program);
}

TEST(Interleavings, HostFaultsMapsAndUnmapsThreeCpus) {
  NptProgram program = host_program(16);
  program.before = maps(0, kA + 0x3000, kA + 0x3000);
  program.bodies = {host_fault(kA),
                    [](Tower& tower) {
                      demand(tower.unmap_s2pt(V(0), I(kA + 0x3000)) == Status::ok, "an unmap is refused");
                    },
                    maps(0, kC, kC)};
  program.check = [](ExplorerWorld& w) {
    expect_leaves(w, 0, {{kA, kA | PAGE_S2_KERNEL}, {kC, kC | PAGE_S2_KERNEL}});
  };
  holds("3 CPUs: host fault, unmap, map", program);
}

TEST(Interleavings, TwoOperationsEach) {
  NptProgram program = host_program(16);
  const auto twice = [](u64 ipa, u64 vm_page) {
    return [=](Tower& tower) {
      demand(succeeded(tower.map_page_host(I(ipa))), "a host fault is refused");
      demand(tower.try_map_s2pt(V(1), I(vm_page), Level::page, page_leaf(ipa)) == Status::ok,
             "a map is refused");
      demand(tower.unmap_s2pt(V(0), I(ipa)) == Status::ok, "an unmap is refused");
    };
  };
  program.bodies = {twice(kA, kC), twice(kB, kA)};
  program.check = [](ExplorerWorld& w) {
    expect_leaves(w, 0, {});
    expect_leaves(w, 1, {{kC, page_leaf(kA).raw}, {kA, page_leaf(kB).raw}});
  };
  holds("2 CPUs, three operations each", program);
}

// One CPU gives a page of the host to VM 1 while another takes the host's fault on `fault`.
NptProgram handover(u64 pages, u64 fault, bool under_one_lock) {
  NptProgram program = host_program(pages);
  program.before = host_fault(kA);
  const auto give = [under_one_lock](Tower& tower) {
    const Pfn<u64> pfn(kA >> PAGE_SHIFT);
    if (under_one_lock) {
      tower.acquire_lock_s2page();
      tower.clear_pfn_host(pfn);
    } else {
      tower.clear_pfn_host(pfn);
      tower.acquire_lock_s2page();
    }
    tower.set_pfn_owner(pfn, kVm);
    tower.release_lock_s2page();
  };
  program.bodies = {give, [fault](Tower& tower) {
                      const Status status = tower.map_page_host(I(fault));
                      demand(succeeded(status) || (fault == kA && status == Status::denied),
                             "a fault is answered wrongly");
                    }};
  program.check = [fault](ExplorerWorld& w) {
    const Leaves leaves = settled(w, HOSTVISOR);
    for (const auto& [ipa, leaf] : leaves) {
      const bool whole = (leaf & PMD_TYPE_MASK) == PMD_TYPE_BLOCK;
      demand((leaf & DESC_VALID) == 0 || (!whole && ipa != kA), "the host maps a page that is not its own");
    }
    const bool lost = fault != kA && leaves.contains(fault) && leaves.at(fault) != (fault | PAGE_S2_KERNEL);
    demand(!lost, "another page of the host is mapped wrongly");
  };
  return program;
}

TEST(Interleavings, PageChangesOwnerWhileTheHostFaults) {
  holds("handover against a fault on the page", handover(16, kA, true));
  holds("handover against a fault beside it", handover(16, kB, true));
  holds("handover out of a block against a fault on the page", handover(PMD_PAGE_NUM, kA, true));
  holds("handover out of a block against a fault beside it", handover(PMD_PAGE_NUM, kB, true));
}

// Why clear_pfn_host wants s2page held by its caller: without it the host gets the page back in between.
TEST(Interleavings, HandoverInTwoSectionsIsRefuted) {
  explorer::Explorer all = explore(handover(16, kA, false));
  const Report found = all.run();
  print("handover in two sections", found);
  ASSERT_EQ(found.verdict, Report::Verdict::violated);
  EXPECT_EQ(found.text, "the host maps a page that is not its own");
  EXPECT_EQ(all.replay(found.schedule).text, found.text);
}

}  // namespace
}  // namespace redoubt::test
