// SPDX-License-Identifier: BSD-3-Clause
// The C walk that the templates are measured against does the same: same results, same tables, same limits.
#include <gtest/gtest.h>

#include <bit>
#include <memory>
#include <random>
#include <stdexcept>

#include "core/tower.hpp"
#include "machine/bench/bench_machine.hpp"

extern "C" {
struct core {
  std::uint64_t pool_base;
  std::uint64_t next[17][3];
};
std::uint64_t walk_pgd(core*, std::uint64_t vmid, std::uint64_t vttbr, std::uint64_t addr,
                       std::uint32_t alloc);
std::uint64_t walk_pud(core*, std::uint64_t vmid, std::uint64_t pgd, std::uint64_t addr, std::uint32_t alloc);
std::uint64_t walk_pmd(core*, std::uint64_t vmid, std::uint64_t pud, std::uint64_t addr, std::uint32_t alloc);
std::uint64_t walk_pte(core*, std::uint64_t vmid, std::uint64_t pmd, std::uint64_t addr);
void set_pmd(core*, std::uint64_t vmid, std::uint64_t pud, std::uint64_t addr, std::uint64_t pmd);
void set_pte(core*, std::uint64_t vmid, std::uint64_t pmd, std::uint64_t addr, std::uint64_t pte);
[[noreturn]] void fail_stop(std::uint32_t why);
}

struct PoolExhausted : std::runtime_error {
  using std::runtime_error::runtime_error;
};

void fail_stop(std::uint32_t why) { throw PoolExhausted("fail-stop " + std::to_string(why)); }

namespace redoubt::test {
namespace {

using Params = QemuVirtParams;
using Walk = tower::PtWalkLayer<BenchMachine<Params>>;
constexpr std::size_t kWords = pools_size<Params>() / sizeof(u64);

BenchMachine<Params> made(std::span<u64> pool, u64 base) {
  auto machine = BenchMachine<Params>::make({.pool = pool, .pool_base = base, .pages = {}, .ram_base = 0});
  if (!machine) {
    throw std::logic_error("the memory is refused");
  }
  return *machine;
}

// Both keep their tables in buffers of their own; the addresses in the tables are those of the C side.
struct Sides {
  std::vector<u64> theirs = std::vector<u64>(kWords + 1024), ours = std::vector<u64>(kWords);
  u64 base = (std::bit_cast<u64>(theirs.data()) + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
  BenchMachine<Params> machine = made(ours, base);
  Walk walk{machine};
  std::unique_ptr<core> c = std::make_unique<core>();

  Sides() {
    c->pool_base = base;
    for (u64 vmid = 0; vmid < PRINCIPALS; ++vmid) {
      const Pool<u64> pool = pool_of<Params>(base, VmId<u64>(vmid));
      const u64 next[] = {pool.pgd.raw, pool.pud.raw, pool.pmd.raw};
      std::copy(std::begin(next), std::end(next), c->next[vmid]);
    }
  }
  [[nodiscard]] bool same_tables() const {
    const std::size_t skip = (base - std::bit_cast<u64>(theirs.data())) / sizeof(u64);
    return std::equal(ours.begin(), ours.end(), theirs.begin() + static_cast<std::ptrdiff_t>(skip));
  }
};

// One walk down in both, allocating if asked; false: the pool is used up, on both sides alike.
bool step_down(Sides& s, u64 vmid, u64 addr, Alloc alloc, u64 leaf) {
  const auto flag = static_cast<std::uint32_t>(alloc);
  const VmId<u64> v(vmid);
  const Ipa<u64> a(addr);
  const u64 vttbr = s.walk.get_pt_vttbr(v).raw;
  try {
    const u64 pgd = walk_pgd(s.c.get(), vmid, vttbr, addr, flag);
    EXPECT_EQ(s.walk.walk_pgd(v, Vttbr<u64>(vttbr), a, alloc).raw, pgd);
    const u64 pud = walk_pud(s.c.get(), vmid, pgd, addr, flag);
    EXPECT_EQ(s.walk.walk_pud(v, Descriptor<u64>(pgd), a, alloc).raw, pud);
    if (leaf != 0 && addr >> PMD_SHIFT & 1) {
      set_pmd(s.c.get(), vmid, pud, addr, leaf & ~PMD_TABLE_BIT);
      s.walk.set_pmd(v, Descriptor<u64>(pud), a, Descriptor<u64>(leaf & ~PMD_TABLE_BIT));
      return true;
    }
    const u64 pmd = walk_pmd(s.c.get(), vmid, pud, addr, flag);
    EXPECT_EQ(s.walk.walk_pmd(v, Descriptor<u64>(pud), a, alloc).raw, pmd);
    if (pmd != 0 && !is_table(Descriptor<u64>(pmd))) {
      return true;
    }  // a block: nothing below
    EXPECT_EQ(s.walk.walk_pte(v, Descriptor<u64>(pmd), a).raw, walk_pte(s.c.get(), vmid, pmd, addr));
    if (leaf != 0) {
      set_pte(s.c.get(), vmid, pmd, addr, leaf);
      s.walk.set_pte(v, Descriptor<u64>(pmd), a, Descriptor<u64>(leaf));
    }
    return true;
  } catch (const PoolExhausted&) {
    const bool room =
        s.walk.can_alloc_pgd_page(v) && s.walk.can_alloc_pud_page(v) && s.walk.can_alloc_pmd_page(v);
    EXPECT_FALSE(room);
    return false;
  }
}

TEST(ZeroCostReference, DoesTheSameAsTheTemplates) {
  Sides sides;
  std::mt19937_64 random(7);
  const u64 vmids[] = {0, 1, 7, 15, 16};
  unsigned exhausted = 0;
  for (unsigned i = 0; i < 4000; ++i) {
    const u64 vmid = vmids[random() % std::size(vmids)];
    // A few GiB apart, so that every zone fills up; even 2 MiB regions hold pages, odd ones blocks.
    const u64 addr =
        (random() % 6) << PUD_SHIFT | (random() % 64) << PMD_SHIFT | (random() % 512) << PAGE_SHIFT;
    const u64 leaf = (random() & 0x0000'00ff'ffe0'0000) | PAGE_S2_KERNEL;
    exhausted += step_down(sides, vmid, addr, Alloc::yes, leaf) ? 0 : 1;
    EXPECT_TRUE(step_down(sides, vmid, addr ^ (random() & 0x1000), Alloc::no, 0));
    ASSERT_FALSE(HasFailure()) << "walk " << i;
  }
  EXPECT_TRUE(sides.same_tables());
  EXPECT_GT(exhausted, 0u);
}

}  // namespace
}  // namespace redoubt::test
