// SPDX-License-Identifier: BSD-3-Clause
// The digest's test vectors (lower 9) to the digit, on code and specification; E3: the state at boot is
// valid.
#include <gtest/gtest.h>

#include "tests/property/registry/checks.hpp"
#include "tests/property/registry/tiny_params.hpp"

namespace redoubt::test {
namespace {

using P = ModelParams;
using Machine = ModelMachine<Concrete, P>;
using Top = tower::NptOpsLayer<Machine>;
using Walk = tower::PtWalkLayer<Machine>;
using V = VmId<u64>;
using A = Ipa<u64>;
using D = Descriptor<u64>;

TEST(Vectors, PoolBoundaries) {
  const std::vector<std::vector<u64>> expected{
      {0, 0x10000, 0x11000, 0x111000, 0x911000, 0x2010000},
      {1, 0x2010000, 0x2011000, 0x2111000, 0x2911000, 0x4010000},
      {16, 0x20010000, 0x20011000, 0x20111000, 0x20911000, 0x22010000}};
  for (const auto& row : expected) {
    const auto code = pool_of<P>(P::pool_base, V(row[0]));
    const auto spec = spec::bounds<P>(P::pool_base, row[0]);
    EXPECT_EQ(
        (std::vector<u64>{row[0], code.root.raw, code.pgd.raw, code.pud.raw, code.pmd.raw, code.end.raw}),
        row);
    EXPECT_EQ((std::vector<u64>{row[0], spec.root, spec.pgd, spec.pud, spec.pmd, spec.end}), row);
  }
}

class Model : public testing::Test {
 protected:
  Concrete domain_;
  State<P> boot_ = boot_state<P>(domain_);
};

TEST_F(Model, BaseRegister) {
  Machine m(domain_, boot_);
  Walk walk(m);
  spec::PtWalk<Concrete, P> spec(boot_);
  for (const auto& [vmid, value] :
       {std::pair<u64, u64>{1, 0x0001'0000'0201'0000}, {16, 0x0010'0000'2001'0000}}) {
    EXPECT_EQ(walk.get_pt_vttbr(V(vmid)).raw, value);
    EXPECT_EQ(spec.get_pt_vttbr(V(vmid)).raw, value);
  }
}

TEST(Vectors, TableIndices) {
  for (const auto& [shift, index] :
       {std::pair<unsigned, u64>{PGDIR_SHIFT, 0}, {PUD_SHIFT, 1}, {PMD_SHIFT, 1}, {PAGE_SHIFT, 1}}) {
    EXPECT_EQ(spec::index_at(u64{0x40201000}, shift), index);
  }
}

TEST_F(Model, PageThenPageThenBlockThenPageUnderTheBlock) {
  Machine m(domain_, boot_);
  Top top(m);
  top.map_s2pt(V(1), A(0x40201000), Level::page, D(0x80000FFF));
  EXPECT_EQ(m.memory(1, 0x2010000), 0x2011003u);
  EXPECT_EQ(m.memory(1, 0x2011008), 0x2111003u);
  EXPECT_EQ(m.memory(1, 0x2111008), 0x2911003u);
  EXPECT_EQ(m.memory(1, 0x2911008), 0x80000FFFu);
  EXPECT_EQ(m.next(Zone::pgd, V(1)).raw, 0x2012000u);
  EXPECT_EQ(m.next(Zone::pud, V(1)).raw, 0x2112000u);
  EXPECT_EQ(m.next(Zone::pmd, V(1)).raw, 0x2912000u);

  m.forget_events();
  top.map_s2pt(V(1), A(0x40202000), Level::page, D(0x80001FFF));
  const auto second = steps(m);
  EXPECT_EQ(m.memory(1, 0x2911010), 0x80001FFFu);
  EXPECT_EQ(second.size, 2u);  // that store, and the barrier after it
  EXPECT_EQ(second.entries[0].slot, 0x2911010u);

  top.map_s2pt(V(1), A(0x80000000), Level::block, D(0x90000FFD));
  EXPECT_EQ(m.memory(1, 0x2011010), 0x2112003u);
  EXPECT_EQ(m.memory(1, 0x2112000), 0x90000FFDu);
  EXPECT_EQ(m.next(Zone::pud, V(1)).raw, 0x2113000u);

  EXPECT_THROW(top.map_s2pt(V(1), A(0x80001000), Level::page, D(0x80000FFF)), Halt);
  EXPECT_TRUE(m.halted());
  EXPECT_EQ(m.lock_status(NPT_ID + 1), spec::LOCK_OWN_TRUE);  // a halted machine keeps its locks
}

TEST_F(Model, SecondLeafStoreInOneSectionIsStuck) {
  ASSERT_TRUE(put(boot_, 1, 0x40201000, Level::page, 0x80000FFF));
  hold(boot_, NPT_ID + 1);
  const D pmd(0x2911003);
  Machine m(domain_, boot_);
  Walk walk(m);
  walk.set_pte(V(1), pmd, A(0x40202000), D(0x80001FFF));
  EXPECT_THROW(walk.set_pte(V(1), pmd, A(0x40203000), D(0x80002FFF)), Refuted);
  spec::PtWalk<Concrete, P> spec(boot_);
  spec.set_pte(V(1), pmd, A(0x40202000), D(0x80001FFF));
  EXPECT_THROW(spec.set_pte(V(1), pmd, A(0x40203000), D(0x80002FFF)), Stuck);
}

TEST_F(Model, AllocOtherThanOneDoesNotAllocate) {
  hold(boot_, NPT_ID + 1);
  Machine m(domain_, boot_);
  Walk walk(m);
  EXPECT_EQ(walk.walk_pgd(V(1), walk.get_pt_vttbr(V(1)), A(0), static_cast<Alloc>(2)).raw, 0u);
  EXPECT_EQ(steps(m).size, 0u);
  EXPECT_EQ(m.next(Zone::pgd, V(1)).raw, 0x2011000u);
}

TEST_F(Model, TheRootEntryAfterTheLastPageHalts) {
  hold(boot_, NPT_ID + 1);
  Machine m(domain_, boot_);
  Walk walk(m);
  spec::PtWalk<Concrete, P> spec(boot_);
  const auto vttbr = walk.get_pt_vttbr(V(1));
  for (u64 i = 0; i < 256; ++i) {
    const A addr(i << PGDIR_SHIFT);
    ASSERT_EQ(walk.walk_pgd(V(1), vttbr, addr, Alloc::yes).raw, 0x2011003 + i * PAGE_SIZE);
    ASSERT_EQ(spec.walk_pgd(V(1), vttbr, addr, Alloc::yes).raw, 0x2011003 + i * PAGE_SIZE);
  }
  EXPECT_THROW(walk.walk_pgd(V(1), vttbr, A(u64{256} << PGDIR_SHIFT), Alloc::yes), Halt);
  EXPECT_EQ(spec.walk_pgd(V(1), vttbr, A(u64{256} << PGDIR_SHIFT), Alloc::yes).raw, 0u);
  EXPECT_TRUE(boot_.halt);
  EXPECT_EQ(m.memory(1, 0x2010000 + 256 * 8), 0u);
  EXPECT_EQ(boot_.pt_vttbr_pool.read(1, 0x2010000 + 256 * 8), 0u);
}

TEST_F(Model, ATableIsNoBlock) {
  ASSERT_TRUE(put(boot_, 1, 0x80000000, Level::block, 0x90000FFD));
  hold(boot_, NPT_ID + 1);
  spec::PtWalk<Concrete, P> spec(boot_);
  EXPECT_THROW(spec.set_pmd(V(1), D(0x2111003), A(0x80000000), D(0x90000FFF)), Stuck);
}

TEST_F(Model, HostDevicePage) {
  Machine m(domain_, boot_);
  tower::MemManagerLayer<Machine> top(m);
  EXPECT_EQ(top.map_page_host(A(kDevicePages)), Status::ok);
  EXPECT_EQ(top.walk_s2pt(V(0), A(kDevicePages)).raw, kDevicePages | 0x0040'0000'0000'07C7);
}

// E3, with every invariant that the registry knows for the state.
template <class Q>
void boot_is_valid() {
  Concrete domain;
  State<Q> s = boot_state<Q>(domain);
  EXPECT_EQ(broken_invariant<registry::inv::Host>(s), "") << Q::name;
  EXPECT_TRUE(registry::inv::Page2::holds(s)) << Q::name;
  EXPECT_EQ(broken_invariant<registry::inv::Records>(s), "") << Q::name;
  EXPECT_EQ(broken_invariant<registry::inv::Images>(s), "") << Q::name;
  EXPECT_EQ(broken_invariant<registry::inv::Contents>(s), "") << Q::name;
}
TEST(Boot, SatisfiesEveryInvariant) {
  boot_is_valid<ModelParams>();
  boot_is_valid<QemuVirtParams>();
  boot_is_valid<TinyParams>();
}

}  // namespace
}  // namespace redoubt::test
