// SPDX-License-Identifier: BSD-3-Clause
// Random valid states: sequences of table operations from the boot state, then boundary conditions.
#pragma once
#include "core/machine/field.hpp"
#include "spec/npt/pt_walk.hpp"
#include "tests/property/registry/choice.hpp"
#include "tests/property/registry/cpu_world.hpp"
#include "tests/property/registry/observe.hpp"

namespace redoubt::test {

// Few values per level, so that paths share tables and collide; now and then any index.
inline u64 random_ipa(Choice& c) {
  const u64 i0 = c.one_in(8) ? c.below(512) : c.below(3), i1 = c.one_in(8) ? c.below(512) : c.below(3);
  const u64 i2 = c.one_in(8) ? c.below(512) : c.below(3), i3 = c.one_in(8) ? c.below(512) : c.below(4);
  return i0 << PGDIR_SHIFT | i1 << PUD_SHIFT | i2 << PMD_SHIFT | i3 << PAGE_SHIFT;
}

// A leaf that may stand at the level: valid, or now and then a marker.
inline u64 random_leaf(Choice& c, Level level) {
  if (c.one_in(6)) {
    return PAGE_GUEST;
  }
  const u64 frame = c.below(4) << PMD_SHIFT | (level == Level::page ? c.below(4) << PAGE_SHIFT : 0);
  return (0x8000'0000 + frame) | (level == Level::page ? PAGE_S2_KERNEL : PAGE_S2_KERNEL & ~PMD_TABLE_BIT);
}

// Opens a critical section on the table of `vmid`, as the lock layers do.
template <class P>
void hold(State<P>& s, u64 id) {
  s.lock.write(id, 0, spec::LOCK_OWN_TRUE);
  s.tstate = 0;
  s.updates = {};
  s.epoch = 0;
}
template <class P>
void let_go(State<P>& s, u64 id) {
  s.lock.write(id, 0, spec::LOCK_FALSE);
  s.tstate = 1;
}

// One mapping by the specification of PTWalk. False: no room, or something is in the way; tables may have
// been added.
template <class P>
bool put(State<P>& s, u64 vmid, u64 ipa, Level level, u64 leaf) {
  spec::PtWalk<Concrete, P> walk(s);
  const VmId<u64> v(vmid);
  const Ipa<u64> a(ipa);
  hold(s, NPT_ID + vmid);
  const auto pgd = walk.walk_pgd(v, walk.get_pt_vttbr(v), a, Alloc::yes);
  const auto pud = s.halt ? pgd : walk.walk_pud(v, pgd, a, Alloc::yes);
  if (!s.halt && level == Level::block) {
    if (!is_table(walk.walk_pmd(v, pud, a, Alloc::no))) {
      walk.set_pmd(v, pud, a, Descriptor<u64>(leaf));
    }
  } else if (!s.halt) {
    const auto pmd = walk.walk_pmd(v, pud, a, Alloc::yes);
    if (!s.halt && is_table(pmd)) {
      walk.set_pte(v, pmd, a, Descriptor<u64>(leaf));
    }
  }
  const bool done = !s.halt;
  s.halt = false;
  let_go(s, NPT_ID + vmid);
  s.updates = {};
  return done;
}

// What the host may have at `ipa`: its own memory, a shared page, a device; else zero (INV-PAGE-5,
// INV-PAGE-6).
template <class P>
u64 host_leaf(Choice& c, State<P>& s, u64& ipa, Level& level) {
  switch (c.below(4)) {
    case 0:
      ipa = kRam0 + (c.below(kRam0Size >> PAGE_SHIFT) << PAGE_SHIFT);
      break;
    case 1:
      ipa = kRam0 + (c.below(4) << PMD_SHIFT) + (c.below(3) << PAGE_SHIFT);
      break;
    case 2:
      ipa = kDevicePages + (c.below(3) << PAGE_SHIFT);
      break;
    default:
      ipa = kRam1 + (c.below(24) << PAGE_SHIFT);
      break;
  }
  if (c.one_in(3)) {
    level = Level::block;
  }
  if (level == Level::block) {
    ipa = kRam0 + (c.below(4) << PMD_SHIFT);
  }
  if (ipa >= kRam1 && ipa < kRam1 + kRam1Size) {
    const u64 index = kRam1Index + ((ipa - kRam1) >> PAGE_SHIFT);
    const bool may = s.s2_owner.read(index, 0) == HOSTVISOR || s.s2_count.read(index, 0) == 1;
    if (!may) {
      return 0;
    }
  }
  if (c.one_in(6) && level == Level::page) {
    return PAGE_GUEST;
  }
  const u64 attributes = device_window(ipa >> PAGE_SHIFT) != 0 ? PAGE_S2_HOST_DEVICE : PAGE_S2_KERNEL;
  return ipa | (level == Level::block ? attributes & ~PMD_TABLE_BIT : attributes);
}

// Moves a zone's bump pointer to its end, or a page before: the pages in between count as handed out and
// unused.
template <class P>
void nearly_fill(Choice& c, State<P>& s, u64 vmid, u64 zone) {
  const auto b = spec::bounds<P>(s.pool_base, vmid);
  const u64 end = zone == 0 ? b.pud : zone == 1 ? b.pmd : b.end;
  const u64 next = end - c.of({0, 0, 1}) * PAGE_SIZE;
  if (next > s.pt_next.read(vmid, zone)) {
    s.pt_next.write(vmid, zone, next);
  }
}

// A valid state whose tables belong mostly to the principals 0 and 1.
template <class P>
State<P> random_state(Choice& c, Concrete& domain) {
  State<P> s = boot_state<P>(domain);
  boot_cpu(s, domain);
  some_registers(s);
  if constexpr (P::concatenated_root) {  // init_s2pt has run for some
    for (u64 v = 0; v < 2; ++v) {
      if (c.one_in(3)) {
        continue;
      }
      put(s, v, 0, Level::page, 0);
      put(s, v, u64{1} << PGDIR_SHIFT, Level::page, 0);
    }
  }
  for (u64 n = c.below(12); n > 0; --n) {
    const u64 vmid = c.of({0, 1, 1, 2, COREVISOR});
    Level level = c.one_in(3) ? Level::block : Level::page;
    u64 ipa = random_ipa(c) & ((u64{1} << P::ipa_bits) - 1);
    const u64 leaf = vmid == HOSTVISOR ? host_leaf(c, s, ipa, level) : random_leaf(c, level);
    put(s, vmid, ipa, level, leaf);
  }
  for (u64 v = 0; v < 2; ++v) {
    for (u64 zone = 0; zone < 3; ++zone) {
      if (c.one_in(4)) {
        nearly_fill(c, s, v, zone);
      }
    }
  }
  find_parents(s);
  flatten(s);
  return s;
}

// A valid state whose SMMU tables belong to a few banks; no stage-2 tables.
template <class P>
State<P> random_smmu_state(Choice& c, Concrete& domain) {
  State<P> s = boot_state<P>(domain);
  boot_cpu(s, domain);
  some_registers(s);
  random_smmu_tables(c, s);
  return s;
}

}  // namespace redoubt::test
