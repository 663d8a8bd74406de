// SPDX-License-Identifier: BSD-3-Clause
// The lock and stage-2 templates with two to eight real threads: counters, tables, and controls without the
// lock.
#include <gtest/gtest.h>

#include <exception>
#include <functional>

#include "core/tower.hpp"
#include "tests/unit/concurrency/table_check.hpp"
#include "tests/unit/concurrency/thread_machine.hpp"

namespace redoubt::test {
namespace {

using Params = QemuVirtParams;
using World = ThreadWorld<Params>;
using Cpu = ThreadMachine<Params>;
using Tower = tower::Top<Cpu>;
using V = VmId<u64>;
using I = Ipa<u64>;

constexpr u64 kVm = 1;
constexpr std::uint32_t kNearWrap = 0xffff'ff00;

// Runs `body(tower, thread)` on `count` threads at once; what a thread throws comes out here.
void run_threads(World& world, unsigned count, const std::function<void(Tower&, u64)>& body,
                 bool guards = true) {
  std::vector<std::exception_ptr> failures(count);
  std::atomic<unsigned> ready{0};
  std::vector<std::thread> threads;
  threads.reserve(count);
  for (unsigned t = 0; t < count; ++t) {
    threads.emplace_back([&, t] {
      Cpu cpu(world, guards);
      Tower tower(cpu);
      ++ready;
      while (ready < count) {
        std::this_thread::yield();
      }
      try {
        body(tower, t);
      } catch (...) {
        failures[t] = std::current_exception();
      }
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
  for (const auto& failure : failures) {
    if (failure) {
      std::rethrow_exception(failure);
    }
  }
}

Tables tables_of(World& world, u64 vmid) {
  const Pool<u64> pool = pool_of<Params>(u64{Params::pool_base}, V(vmid));
  return TableReader([&](u64 at) { return world.word(at); }, pool, world.next[vmid]).read(pool.root.raw);
}

void expect_locks_free(World& world) {
  for (const auto& lock : world.locks) {
    EXPECT_EQ(lock.next.load(), lock.now.load());
  }
}

Descriptor<u64> page_leaf(u64 pa) { return Descriptor<u64>(pa | PAGE_S2_KERNEL); }

class Threads : public testing::TestWithParam<unsigned> {};

TEST_P(Threads, CountersUnderEveryKindOfLock) {
  constexpr u64 rounds = 2000;
  World world(kNearWrap);  // the ticket words wrap after 256 of them
  u64 core = 0, page = 0, vm = 0;
  run_threads(world, GetParam(), [&](Tower& tower, u64) {
    for (u64 i = 0; i < rounds; ++i) {
      tower.acquire_lock_vm(V(3));
      ++vm;
      tower.acquire_lock_s2page();
      ++page;
      tower.release_lock_s2page();
      tower.release_lock_vm(V(3));
      tower.acquire_lock_core();
      ++core;
      tower.release_lock_core();
    }
  });
  EXPECT_EQ(core, rounds * GetParam());
  EXPECT_EQ(page, rounds * GetParam());
  EXPECT_EQ(vm, rounds * GetParam());
  expect_locks_free(world);
}

// Each thread maps pages of its own, interleaved with the others' in the same tables, and unmaps every third
// again.
TEST_P(Threads, MapAndUnmapInOneTable) {
  constexpr u64 pages = 300;
  const u64 threads = GetParam();
  const auto ipa = [&](u64 t, u64 i) {
    return (i % 2 == 0 ? 0 : u64{1} << 31) + (i * threads + t) * PAGE_SIZE;
  };
  const auto pa = [&](u64 t, u64 i) { return (u64{1} << 36) + (i * threads + t) * PAGE_SIZE; };
  World world(kNearWrap);
  std::atomic<u64> refused{0};
  run_threads(world, GetParam(), [&](Tower& tower, u64 t) {
    for (u64 i = 0; i < pages; ++i) {
      const Status mapped = tower.try_map_s2pt(V(kVm), I(ipa(t, i)), Level::page, page_leaf(pa(t, i)));
      const bool drop = i % 3 == 0;
      const Status dropped = drop ? tower.unmap_s2pt(V(kVm), I(ipa(t, i))) : Status::ok;
      refused += mapped == Status::ok && dropped == Status::ok ? 0 : 1;
    }
  });
  std::map<u64, u64> expected;
  for (u64 t = 0; t < threads; ++t) {
    for (u64 i = 0; i < pages; ++i) {
      if (i % 3 != 0) {
        expected[ipa(t, i)] = page_leaf(pa(t, i)).raw;
      }
    }
  }
  const Tables tables = tables_of(world, kVm);
  EXPECT_EQ(refused.load(), 0u);
  EXPECT_EQ(tables.problem, "");
  EXPECT_TRUE(tables.leaves == expected);
  expect_locks_free(world);
}

// All threads want the same pages, each for itself: one wins each page, the others are told.
TEST_P(Threads, OneWinnerForEachPage) {
  constexpr u64 pages = 400;
  World world;
  std::vector<std::atomic<unsigned>> winners(pages);
  run_threads(world, GetParam(), [&](Tower& tower, u64 t) {
    for (u64 i = 0; i < pages; ++i) {
      const auto leaf = page_leaf((t + 1) << 32 | i * PAGE_SIZE);
      if (tower.try_map_s2pt(V(kVm), I(i * PAGE_SIZE), Level::page, leaf) == Status::ok) {
        ++winners[i];
      }
    }
  });
  for (u64 i = 0; i < pages; ++i) {
    EXPECT_EQ(winners[i].load(), 1u) << "page " << i;
  }
  const Tables tables = tables_of(world, kVm);
  EXPECT_EQ(tables.problem, "");
  EXPECT_EQ(tables.leaves.size(), pages);
}

// The host faults everywhere at once: whole blocks of its RAM become blocks, the rest pages.
TEST_P(Threads, HostFaults) {
  constexpr u64 pages = 3 * PMD_PAGE_NUM + 40;
  World world(kNearWrap, pages);
  std::atomic<u64> refused{0};
  run_threads(world, GetParam(), [&](Tower& tower, u64 t) {
    for (u64 i = 0; i < pages; i += 13) {
      const u64 frame = (i + t * 101) % pages;
      refused += succeeded(tower.map_page_host(I(world.ram_base + frame * PAGE_SIZE))) ? 0 : 1;
    }
  });
  const Tables tables = tables_of(world, HOSTVISOR);
  EXPECT_EQ(refused.load(), 0u);
  EXPECT_EQ(tables.problem, "");
  for (u64 block = 0; block < 3; ++block) {
    const u64 at = world.ram_base + block * PMD_SIZE;
    ASSERT_TRUE(tables.leaves.contains(at));
    EXPECT_EQ(tables.leaves.at(at), at | (PAGE_S2_KERNEL & ~PMD_TABLE_BIT));
  }
  EXPECT_GT(tables.leaves.size(), 3u);
}

INSTANTIATE_TEST_SUITE_P(Count, Threads, testing::Values(2u, 3u, 4u, 8u));

// Controls: the same work with the lock left out. They run only when asked for, and are expected to fail.
void map_unlocked(bool guards) {
  Cpu::active_fault = Fault::map_without_lock;
  World world;
  const auto map_all = [](Tower& tower, u64 t) {
    for (u64 i = 0; i < 200; ++i) {
      const u64 at = (i * 4 + t) * PAGE_SIZE;
      tower.map_s2pt(V(kVm), I(at), Level::page, page_leaf(at));
    }
  };
  run_threads(world, 4, map_all, guards);
}

TEST(Control, DISABLED_GuardReports) { map_unlocked(true); }

TEST(Control, DISABLED_Races) { map_unlocked(false); }

}  // namespace
}  // namespace redoubt::test
