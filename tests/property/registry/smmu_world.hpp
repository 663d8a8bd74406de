// SPDX-License-Identifier: BSD-3-Clause
// SMMU tables for the checks of every primitive: random valid states, the flat view of raw tables, what
// differs.
#pragma once
#include "core/spt/mmio_spt_ops.hpp"
#include "core/spt/mmio_spt_walk.hpp"
#include "machine/model/model_machine.hpp"
#include "spec/spt/mmio_pt_walk.hpp"
#include "spec/spt/mmio_spt_ops.hpp"
#include "tests/property/registry/choice.hpp"
#include "tests/property/registry/world.hpp"

namespace redoubt::test {

template <class P>
auto& smmu_pool(State<P>& s, u64 at) {
  const auto b = spec::spt_bounds<P>(s.pool_base);
  return at < b.pgd ? s.smmu.spt_vttbr_pool : at < b.pmd ? s.smmu.spt_pgd_pool : s.smmu.spt_pmd_pool;
}

template <class Map>
void clear_cells(Map& map) {
  for (const auto& [key, value] : map.cells()) {
    map.write(key.first, key.second, 0);
  }
}

// Calls f(index, entry) for each entry of the table page at `page`.
template <class F>
void for_each_smmu_entry(const Concrete::Cells& cells, u64 page, F f) {
  for (auto at = cells.lower_bound({0, page}); at != cells.end() && at->first.second < page + PAGE_SIZE;
       ++at) {
    f((at->first.second - page) >> 3, at->second);
  }
}

template <class P>
bool is_live(const State<P>& s, u64 page) {
  const u64 taker = s.smmu.spt_taker.read(0, page);
  return taker != 0 && s.smmu.spt_taken_in.read(0, page) == s.smmu.spt_generation.read(taker - 1, 0);
}

// Pages of the zones that are free, and that serve each bank (INV-SPT-7).
template <class P>
void count_smmu_pages(State<P>& s) {
  clear_cells(s.smmu.spt_free);
  clear_cells(s.smmu.spt_used);
  const auto b = spec::spt_bounds<P>(s.pool_base);
  u64 free[] = {(b.pmd - b.pgd) / PAGE_SIZE, (b.end - b.pmd) / PAGE_SIZE};
  for (const auto& [key, taker] : s.smmu.spt_taker.cells()) {
    const u64 page = key.second, zone = page < b.pmd ? 0 : 1, bank = taker - 1;
    if (is_live(s, page)) {
      --free[zone];
      s.smmu.spt_used.write(bank, zone, s.smmu.spt_used.read(bank, zone) + 1);
    }
  }
  for (const u64 zone : {0u, 1u}) {
    s.smmu.spt_free.write(zone, 0, free[zone]);
  }
}

// The flat maps and counts, and the ghost parents, from the raw tables (digest 5.11).
template <class P>
void flatten_smmu(State<P>& s) {
  auto& t = s.smmu;
  for (auto* map : {&t.spt_pt, &t.spt_pgd_t, &t.spt_pmd_t, &t.spt_pgd_par, &t.spt_pmd_par}) {
    clear_cells(*map);
  }
  const u64 roots = spec::spt_bounds<P>(s.pool_base).roots;
  const auto pmds = t.spt_pgd_pool.cells(), ptes = t.spt_pmd_pool.cells();
  for (const auto& [key, pmd] : pmds) {  // also of tables that no root links any more
    if (is_live(s, spec::frame_of(key.second))) {
      t.spt_pmd_par.write(0, spec::frame_of(pmd), key.second);
    }
  }
  for (const auto& [key, pgd] : t.spt_vttbr_pool.cells()) {
    const u64 slot = key.second, bank = (slot - roots) / SMMU_ROOT_SIZE;
    const u64 i1 = (slot - roots) % SMMU_ROOT_SIZE / 8, table = spec::frame_of(pgd);
    t.spt_pgd_par.write(0, table, slot);
    t.spt_pgd_t.write(bank, i1 * 8, 1);
    for_each_smmu_entry(pmds, table, [&](u64 i2, u64 pmd) {
      t.spt_pmd_t.write(bank, (i1 * 512 + i2) * 8, 1);
      for_each_smmu_entry(ptes, spec::frame_of(pmd), [&](u64 i3, u64 pte) {
        t.spt_pt.write(bank, ((i1 * 512 + i2) * 512 + i3) * 8, pte);
      });
    });
  }
  count_smmu_pages(s);
}

// Brings the SMMU part of `s`, the state that the machine started from, to what the machine holds now.
template <class P>
void observe_smmu(ModelMachine<Concrete, P>& m, State<P>& s) {
  bool changed = false;
  for (const Event<u64>& e : m.events()) {
    const bool store = e.kind == EventKind::spt_store, zero = e.kind == EventKind::spt_zero;
    if (store) {
      smmu_pool(s, e.at).write(0, e.at, m.spt_memory(e.at));
    } else if (zero) {
      for (u64 at = e.at; at < e.at + e.value; at += 8) {
        smmu_pool(s, at).write(0, at, m.spt_memory(at));
      }
    } else if (e.kind == EventKind::set_spt_stamp) {
      const u64 stamp = m.spt_stamp(Pa<u64>(e.at));
      s.smmu.spt_taker.write(0, e.at, TableStamp::BankPlusOne::get(stamp));
      s.smmu.spt_taken_in.write(0, e.at, TableStamp::Generation::get(stamp));
    } else if (e.kind == EventKind::set_spt_generation) {
      s.smmu.spt_generation.write(e.who, 0, m.spt_generation(SmmuBank<u64>(e.who)));
    } else {
      continue;
    }
    changed = true;
  }
  for (u64 bank = 0; bank < EL2_SMMU_CFG_SIZE; ++bank) {
    s.smmu.smmu_vmid.write(bank, 0, m.smmu_vmid(SmmuBank<u64>(bank)));
  }
  for (const SmmuZone z : {SmmuZone::pgd, SmmuZone::pmd}) {
    s.smmu.spt_next.write(static_cast<u64>(z), 0, m.spt_next(z).raw);
  }
  if (changed) {  // else both are those of `s`
    flatten_smmu(s);
  }
}

template <class S>
bool raw_smmu_differs(const S& a, const S& b) {
  const auto differ = [&](Concrete::Map S::* map) { return !(a.*map).same_cells(b.*map); };
  return differ(&S::spt_vttbr_pool) || differ(&S::spt_pgd_pool) || differ(&S::spt_pmd_pool) ||
         differ(&S::spt_next) || differ(&S::spt_taker) || differ(&S::spt_taken_in) ||
         differ(&S::spt_generation) || differ(&S::smmu_vmid);
}

// What the flat maps say: not what lies under absent tables.
template <class S>
std::vector<Concrete::Cells> flat_smmu_view(const S& s) {
  std::vector<Concrete::Cells> view{s.spt_pgd_t.cells(), s.spt_pmd_t.cells(), s.spt_pt.cells(),
                                    s.spt_used.cells(), s.spt_free.cells()};
  const auto absent = [&](const Concrete::Cells& parents) {
    return
        [&](const auto& cell) { return !parents.contains({cell.first.first, cell.first.second >> 12 << 3}); };
  };
  std::erase_if(view[1], absent(view[0]));
  std::erase_if(view[2], absent(view[1]));
  return view;
}
template <class S>
bool flat_smmu_differs(const S& a, const S& b) {
  const auto same = [&](Concrete::Map S::* map) { return (a.*map).same_cells(b.*map); };
  const bool all = same(&S::spt_pgd_t) && same(&S::spt_pmd_t) && same(&S::spt_pt) && same(&S::spt_used) &&
                   same(&S::spt_free) && same(&S::smmu_vmid);
  return !all && (!same(&S::smmu_vmid) || flat_smmu_view(a) != flat_smmu_view(b));
}

// Few values per level, so that paths share tables and collide; now and then any index.
inline u64 random_iova(Choice& c) {
  const u64 i1 = c.one_in(8) ? c.below(1024) : c.of({0, 1, 513});
  const u64 i2 = c.one_in(8) ? c.below(512) : c.of({0, 511}), i3 = c.one_in(8) ? c.below(512) : c.below(3);
  return i1 << S2_PGDIR_SHIFT | i2 << PMD_SHIFT | i3 << PAGE_SHIFT;
}
inline u64 random_spt_leaf(Choice& c) {
  return (c.below(4) << PAGE_SHIFT) | 0x0040'0000'0000'0703 | c.of({1, 2, 3}) << 6 | c.of({1, 5, 15}) << 2;
}

// Uses up what the zone's bump pointer still has: pages of bank 15 that nothing links, or all but one.
template <class P>
void use_up_smmu_zone(Choice& c, State<P>& s, SmmuZone z) {
  const auto b = spec::spt_bounds<P>(s.pool_base);
  const u64 end = z == SmmuZone::pgd ? b.pmd : b.end, key = static_cast<u64>(z);
  const u64 spared = c.one_in(2) ? c.below((b.end - b.pgd) / PAGE_SIZE) : ~u64{0};
  for (u64 page = s.smmu.spt_next.read(key, 0); page < end; page += PAGE_SIZE) {
    if ((page - b.pgd) / PAGE_SIZE != spared) {
      s.smmu.spt_taker.write(0, page, EL2_SMMU_CFG_SIZE);
      s.smmu.spt_taken_in.write(0, page, s.smmu.spt_generation.read(EL2_SMMU_CFG_SIZE - 1, 0));
    }
  }
  s.smmu.spt_next.write(key, 0, end);
}

// A valid state with tables of a few banks, some emptied and used again, zones often nearly full.
template <class P>
void random_smmu_tables(Choice& c, State<P>& s) {
  MmioSptOps<MmioSptWalk<spec::Locks<Concrete, P, spec::MmioPtWalk<Concrete, P>>>> ops(s);
  s.smmu.spt_generation.write(c.below(16), 0, c.below(3));
  const auto bank = [&] { return ContextBank<u64>(c.of({0, 1, 5})); };
  for (u64 n = c.below(10); n > 0; --n) {
    const SmmuIndex<u64> smmu(c.below(2));
    if (c.one_in(6)) {
      ops.init_spt(bank(), smmu);
    } else {
      const Iova<u64> iova(random_iova(c));
      ops.try_map_spt(bank(), smmu, iova, Descriptor<u64>(random_spt_leaf(c)));
    }
  }
  for (const SmmuZone z : {SmmuZone::pgd, SmmuZone::pmd}) {
    if (c.one_in(3)) {
      use_up_smmu_zone(c, s, z);
    }
  }
  if (c.one_in(4)) {  // cleared, its pages not yet given back
    spec::Locks<Concrete, P, spec::MmioPtWalk<Concrete, P>> section(s);
    section.acquire_lock_spt();
    section.smmu_pt_clear(bank(), SmmuIndex<u64>(c.below(2)));
    section.release_lock_spt();
  }
  s.updates = {};
  s.epoch = 0;
  flatten_smmu(s);
}

}  // namespace redoubt::test
