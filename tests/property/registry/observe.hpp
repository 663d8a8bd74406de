// SPDX-License-Identifier: BSD-3-Clause
// From raw tables to the map they mean, from a model machine back to an abstract state, and what differs in
// two states.
#pragma once
#include <set>
#include <string>

#include "core/registry/primitive.hpp"
#include "machine/model/model_machine.hpp"
#include "machine/model/steps.hpp"
#include "tests/property/registry/contents.hpp"
#include "tests/property/registry/cpu_world.hpp"
#include "tests/property/registry/smmu_world.hpp"
#include "tests/property/registry/world.hpp"

namespace redoubt::test {

using registry::Fields;
namespace field = registry::field;
using Cells = Concrete::Cells;

template <class S>
auto& pool(S& s, unsigned level) {
  return level == 0   ? s.pt_vttbr_pool
         : level == 1 ? s.pt_pgd_pool
         : level == 2 ? s.pt_pud_pool
                      : s.pt_pmd_pool;
}

// Which table an address of a principal's pool belongs to, as a level.
template <class P>
unsigned level_of(u64 base, u64 vmid, u64 slot) {
  const auto b = spec::bounds<P>(base, vmid);
  return slot < b.pgd ? 0u : slot < b.pud ? 1u : slot < b.pmd ? 2u : 3u;
}

template <class S>
void clear(typename S::Map& map) {
  for (const auto& [key, value] : map.cells()) {
    map.write(key.first, key.second, 0);
  }
}

// Calls f(index, entry) for each entry of the table page at `page` of principal `vmid`.
template <class F>
void for_each_entry(const Cells& cells, u64 vmid, u64 page, F f) {
  for (auto at = cells.lower_bound({vmid, page}); at != cells.end(); ++at) {
    if (at->first.first != vmid || at->first.second >= page + PAGE_SIZE) {
      return;
    }
    f((at->first.second - page) >> 3, at->second);
  }
}

// Sets block, page and presence flags from the raw pools: the refinement relation of digest 5.7 as a
// function.
template <class P>
void flatten(State<P>& s) {
  for (auto* map : {&s.block, &s.page, &s.pgd_t, &s.pud_t, &s.pmd_t}) {
    clear<State<P>>(*map);
  }
  const Cells puds = s.pt_pgd_pool.cells(), pmds = s.pt_pud_pool.cells(), ptes = s.pt_pmd_pool.cells();
  for (const auto& [root, pgd] : s.pt_vttbr_pool.cells()) {
    const u64 v = root.first, i0 = (root.second & 0xfff) >> 3;
    s.pgd_t.write(v, i0, 1);
    for_each_entry(puds, v, spec::frame_of(pgd), [&](u64 i1, u64 pud) {
      s.pud_t.write(v, i0 * 512 + i1, 1);
      for_each_entry(pmds, v, spec::frame_of(pud), [&](u64 i2, u64 pmd) {
        const u64 region = (i0 * 512 + i1) * 512 + i2;
        if ((pmd & 3) != 3) {
          s.block.write(v, region, pmd);
          return;
        }
        s.pmd_t.write(v, region, 1);
        for_each_entry(ptes, v, spec::frame_of(pmd),
                       [&](u64 i3, u64 pte) { s.page.write(v, region * 512 + i3, pte); });
      });
    });
  }
}

// Ghost parents from the links that are there.
template <class P>
void find_parents(State<P>& s) {
  typename State<P>::Map* parents[] = {&s.pt_pgd_par, &s.pt_pud_par, &s.pt_pmd_par};
  for (unsigned level = 0; level < 3; ++level) {
    clear<State<P>>(*parents[level]);
    for (const auto& [slot, entry] : pool(s, level).cells()) {
      if ((entry & 3) == 3) {
        parents[level]->write(slot.first, spec::frame_of(entry), slot.second);
      }
    }
  }
}

// The steps of the newest critical section that the machine recorded.
template <class P>
spec::Updates<u64> steps(const ModelMachine<Concrete, P>& m) {
  spec::Updates<u64> list;
  for (const Event<u64>& e : m.events()) {
    if (e.kind == EventKind::pull) {
      list = {};
    }
    if (e.kind == EventKind::set_spt_generation) {
      list.add({0, e.who, 0, 0, e.epoch, spec::Step::spt_release});
    }
    if (!is_step(e.kind)) {
      continue;
    }
    const unsigned level = e.kind == EventKind::pt_store ? level_of<P>(P::pool_base, e.who, e.at) : 0;
    const bool zeroes = e.kind == EventKind::spt_zero;
    const spec::Step kind = zeroes && e.value == PAGE_SIZE ? spec::Step::spt_zero : step_of(e.kind);
    list.add({level, e.who, e.at, zeroes ? 0 : e.value, e.epoch, kind});
  }
  return list;
}

template <class P>
void observe_bump_pointers(ModelMachine<Concrete, P>& m, State<P>& s) {
  for (u64 v = 0; v < PRINCIPALS; ++v) {
    for (const Zone z : {Zone::pgd, Zone::pud, Zone::pmd}) {
      s.pt_next.write(v, static_cast<u64>(z), m.next(z, VmId<u64>(v)).raw);
    }
  }
}

// The abstract state that the machine is in, given the one it started from.
template <class P>
State<P> observe(ModelMachine<Concrete, P>& m, const State<P>& from) {
  State<P> s = from;
  bool tables_changed = false;
  for (const Event<u64>& e : m.events()) {
    if (e.kind == EventKind::pt_store) {
      tables_changed = true;
      pool(s, level_of<P>(s.pool_base, e.who, e.at)).write(e.who, e.at, m.memory(e.who, e.at));
    } else if (e.kind == EventKind::pool_reset) {
      tables_changed = true;
      for (unsigned level = 0; level < 4; ++level) {
        pool(s, level).zero_row(e.who);
      }
    } else if (e.kind == EventKind::page_store) {
      const u64 packed = m.page_load(PageIndex<u64>(e.who)), owner = PageState::Owner::get(packed);
      s.s2_owner.write(e.who, 0, owner == PageState::kNobody ? INVALID : owner);
      s.s2_count.write(e.who, 0, PageState::Count::get(packed));
      s.s2_gfn.write(e.who, 0, PageState::GfnPlusOne::get(packed) - 1);
      s.s2_dma.write(e.who, 0, PageState::DmaAssigned::get(packed));
    }
  }
  observe_smmu(m, s);
  observe_bump_pointers(m, s);
  for (u64 id = 0; id < ID_END; ++id) {
    s.lock.write(id, 0, m.lock_status(id));
  }
  s.cpu = m.cpu();
  s.oracles = m.oracles();
  observe_records(m, s);
  s.tstate = m.tstate();
  s.updates = steps(m);
  s.halt = m.halted();
  if (tables_changed) {  // else both are those of `from`
    find_parents(s);
    flatten(s);
  }
  return s;
}

// A flat specification lists maintenance only: no table stores, not the barrier that orders a page's zeroing,
// banks without the addresses of their roots.
inline void keep_maintenance(std::vector<spec::Update<u64>>& list) {
  std::vector<spec::Update<u64>> kept;
  bool zeroing = false;
  unsigned epoch = 0;
  for (spec::Update<u64> u : list) {
    const bool table =
        u.kind == spec::Step::store || u.kind == spec::Step::spt_store || u.kind == spec::Step::spt_zero;
    if (!table && !zeroing) {
      u.epoch = epoch;
      u.slot = u.kind == spec::Step::spt_clear ? 0 : u.slot;
      epoch +=
          u.kind == spec::Step::dsb_st || u.kind == spec::Step::dsb_ish || u.kind == spec::Step::dsb_ishst;
      kept.push_back(u);
    }
    zeroing = u.kind == spec::Step::spt_zero;
  }
  list = kept;
}

inline bool same(const spec::Updates<u64>& a, const spec::Updates<u64>& b, bool stores) {
  std::vector<spec::Update<u64>> x(a.entries.begin(), a.entries.begin() + a.size),
      y(b.entries.begin(), b.entries.begin() + b.size);
  if (!stores) {
    keep_maintenance(x);
    keep_maintenance(y);
  }
  const auto equal = [](const spec::Update<u64>& p, const spec::Update<u64>& q) {
    return p.kind == q.kind && p.level == q.level && p.vmid == q.vmid && p.slot == q.slot &&
           p.value == q.value && p.epoch == q.epoch;
  };
  return !a.overflow && !b.overflow && std::equal(x.begin(), x.end(), y.begin(), y.end(), equal);
}

inline bool cells_differ(const Concrete::Map& x, const Concrete::Map& y) { return !x.same_cells(y); }

// Of the stage-2 tables: raw entries, ghost parents, the map.
template <class P>
Fields table_difference(const State<P>& a, const State<P>& b) {
  Fields d = field::none;
  if (cells_differ(a.pt_vttbr_pool, b.pt_vttbr_pool) || cells_differ(a.pt_pgd_pool, b.pt_pgd_pool) ||
      cells_differ(a.pt_pud_pool, b.pt_pud_pool) || cells_differ(a.pt_pmd_pool, b.pt_pmd_pool)) {
    d |= field::table;
  }
  if (cells_differ(a.pt_pgd_par, b.pt_pgd_par) || cells_differ(a.pt_pud_par, b.pt_pud_par) ||
      cells_differ(a.pt_pmd_par, b.pt_pmd_par)) {
    d |= field::parents;
  }
  if (cells_differ(a.block, b.block) || cells_differ(a.page, b.page) || cells_differ(a.pgd_t, b.pgd_t) ||
      cells_differ(a.pud_t, b.pud_t) || cells_differ(a.pmd_t, b.pmd_t)) {
    d |= field::map;
  }
  return d;
}

// The fields in which two states differ. `stores` false: page-table stores in the lists of steps do not
// count.
template <class P>
Fields difference(const State<P>& a, const State<P>& b, bool stores = true) {
  const auto when = [](bool differs, Fields bit) { return differs ? bit : field::none; };
  return table_difference(a, b) | when(cells_differ(a.pt_next, b.pt_next), field::next) |
         when(!same(a.updates, b.updates, stores), field::updates) |
         when(cells_differ(a.lock, b.lock), field::lock) | when(a.tstate != b.tstate, field::tstate) |
         when(cells_differ(a.s2_owner, b.s2_owner), field::owner) |
         when(cells_differ(a.s2_count, b.s2_count), field::count) |
         when(cells_differ(a.s2_dma, b.s2_dma), field::dma) |
         when(cells_differ(a.s2_gfn, b.s2_gfn), field::gfn) | when(a.halt != b.halt, field::halt) |
         when(raw_smmu_differs(a.smmu, b.smmu) || flat_smmu_differs(a.smmu, b.smmu), field::smmu) |
         cpu_difference(a, b) | record_difference(a.records, b.records) |
         content_difference(a.content, b.content);
}

// Names of the fields, for messages.
inline std::string names_of(Fields fields) {
  std::string text;
  for (const field::Name& name : field::kNames) {
    if ((fields & name.bit) != 0) {
      text += (text.empty() ? "" : ", ") + std::string(name.text);
    }
  }
  return text.empty() ? "nothing" : text;
}

}  // namespace redoubt::test
