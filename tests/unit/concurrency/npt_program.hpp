// SPDX-License-Identifier: BSD-3-Clause
// Concurrent programs over the shipped stage-2 layers for the explorer, with the checks of their final state.
#pragma once
#include <cstdio>

#include "core/tower.hpp"
#include "machine/model/explorer/explorer_machine.hpp"
#include "tests/unit/concurrency/table_check.hpp"

namespace redoubt::test {

using Params = ModelParams;
using ExplorerWorld = explorer::World<Params>;
using ExplorerCpu = explorer::ExplorerMachine<Params>;
using Tower = tower::Top<ExplorerCpu>;

inline Descriptor<u64> page_leaf(u64 pa) { return Descriptor<u64>(pa | PAGE_S2_KERNEL); }
inline Descriptor<u64> block_leaf(u64 pa) { return Descriptor<u64>(pa | (PAGE_S2_KERNEL & ~PMD_TABLE_BIT)); }

// The bodies see the tower of their CPU; `before` runs alone first, `check` on the final state.
struct NptProgram {
  std::vector<std::function<void(Tower&)>> bodies;
  std::function<void(Tower&)> before = [](Tower&) {};
  std::function<void(ExplorerWorld&)> check = [](ExplorerWorld&) {};
  explorer::Options options{};
  u64 pages = 0;  // of RAM from ram_base on, all the host's
  u64 ram_base = 0x4000'0000;
  std::uint32_t first_ticket = 0;
};

inline void demand(bool holds, const std::string& what) {
  if (!holds) {
    throw explorer::Violation(what);
  }
}

inline Tables tables_of(ExplorerWorld& world, u64 vmid) {
  const auto read = [&](u64 at) {
    const auto found = world.memory.find(at);
    return found == world.memory.end() ? u64{0} : found->second;
  };
  const Pool<u64> pool = pool_of<Params>(u64{Params::pool_base}, VmId<u64>(vmid));
  return TableReader(read, pool, world.next[vmid]).read(pool.root.raw);
}

// Every lock is free again, and the tables of `vmid` are well formed; the leaves.
inline std::map<u64, u64> settled(ExplorerWorld& world, u64 vmid) {
  for (const auto& lock : world.locks) {
    demand(!lock.holder && lock.queue.empty(), "a lock is still held");
  }
  const Tables tables = tables_of(world, vmid);
  demand(tables.problem.empty(), tables.problem);
  return tables.leaves;
}

inline void run_alone(ExplorerWorld& world, const std::function<void(Tower&)>& body) {
  explorer::Cpus one(1);
  ExplorerWorld before(one, {}, 0);
  before.pages = world.pages;
  before.ram_base = world.ram_base;
  one.start(0, [&] {
    ExplorerCpu cpu(before, 0);
    Tower tower(cpu);
    body(tower);
  });
  while (!one.done(0)) {
    one.go(0);
  }
  world.memory = before.memory;
  world.next = before.next;
}

inline explorer::Explorer explore(const NptProgram& npt, explorer::Limits limits = {}) {
  auto world = std::make_shared<std::unique_ptr<ExplorerWorld>>();
  const auto prepare = [npt, world](explorer::Cpus& cpus) {
    *world = std::make_unique<ExplorerWorld>(cpus, npt.options, npt.first_ticket);
    (*world)->pages.assign(npt.pages, 0);
    (*world)->ram_base = npt.ram_base;
    const Fault fault = std::exchange(ExplorerCpu::active_fault, Fault::none);
    run_alone(**world, npt.before);
    ExplorerCpu::active_fault = fault;
    std::vector<std::function<void()>> bodies;
    bodies.reserve(npt.bodies.size());
    for (unsigned i = 0; i < npt.bodies.size(); ++i) {
      bodies.emplace_back([w = world->get(), i, body = npt.bodies[i]] {
        ExplorerCpu cpu(*w, i);
        Tower tower(cpu);
        body(tower);
      });
    }
    return bodies;
  };
  const auto check = [npt, world] { npt.check(**world); };
  return explorer::Explorer({static_cast<unsigned>(npt.bodies.size()), prepare, check}, limits);
}

inline void print(const char* what, const explorer::Report& report) {
  std::printf("%s: %llu executions (%llu pruned), %llu steps%s%s\n", what,
              static_cast<unsigned long long>(report.executions),
              static_cast<unsigned long long>(report.pruned), static_cast<unsigned long long>(report.steps),
              report.text.empty() ? "" : ": ", report.text.c_str());
  if (report.verdict != explorer::Report::Verdict::violated) {
    return;
  }
  const std::string schedule = explorer::to_text(report.schedule);
  std::printf("  schedule \"%s\"%s\n", schedule.c_str(), schedule.empty() ? " (before the first step)" : "");
}

}  // namespace redoubt::test
