// SPDX-License-Identifier: BSD-3-Clause
// Arbitrary SMMU tables that satisfy the invariants: what theorems about them start from, and compare.
#pragma once
#include <functional>

#include "core/machine/smmu_layout.hpp"
#include "spec/spt/invariants.hpp"
#include "tools/redoubt-verify/theorems/table_world.hpp"

namespace redoubt::verify {

// Base of the stage-2 pools, so that the SMMU pool lies anywhere that the parameter set allows: 8 KiB aligned
// by construction, so that the solver has no alignment to reason about.
template <class P, ValueDomain D>
typename D::Word any_pool_base_below_smmu(D& d) {
  using W = typename D::Word;
  if constexpr (P::fixed_pool_base) {
    return W(P::pool_base);
  } else {
    const W offset(smmu_pool_offset<P>()), number = d.any("smmu_pool_in_8k");
    d.assume(both(number < W(u64{1} << 27), offset <= number << SMMU_ROOT_SHIFT));
    return (number << SMMU_ROOT_SHIFT) - offset;
  }
}

// Replay: a page that a counterexample does not mention is taken and live if it is below the bump pointer,
// else never taken, which the invariants allow. Searches for a free page then end where the solver's did.
template <class P>
void fill_unmentioned_stamps(spec::State<Concrete, P>& state) {
  Concrete& d = *state.d;
  using Map = Concrete::Map;
  const auto b = spec::spt_bounds<P>(state.pool_base);
  const Map next = state.smmu.spt_next, generation = state.smmu.spt_generation;
  const auto taken = [next, b](u64 page) {
    return page < next.base(static_cast<u64>(page < b.pmd ? SmmuZone::pgd : SmmuZone::pmd), 0);
  };
  const auto filled = [&](const char* name, auto otherwise) {
    const Map named(d, name);
    return Map(d, name, [&d, named, name, otherwise](u64 k0, u64 page) {
      return d.given(name, k0, page) ? named.base(k0, page) : otherwise(page);
    });
  };
  state.smmu.spt_taker = filled("spt_taker", [taken](u64 page) { return taken(page) ? u64{1} : u64{0}; });
  state.smmu.spt_taken_in = filled("spt_taken_in", [generation](u64) { return generation.base(0, 0); });
}

// Assumes INV-SPT-1 to 6 of every cell of `state` that is looked at, and what `more` says of every page whose
// stamp is. `state` must outlive its maps' copies.
template <ValueDomain D, class P>
void assume_smmu_invariants(spec::State<D, P>& state,
                            std::function<typename D::Bool(typename D::Word)> more = {}) {
  using W = typename D::Word;
  if constexpr (!D::symbolic) {
    fill_unmentioned_stamps(state);
  }
  const auto here = [&state] { return spec::SptInvariants<spec::ReadBase, D, P>(state); };
  auto& s = state.smmu;
  s.spt_next.on_first_read([&state, here](W zone, W, W) {
    for (const SmmuZone z : {SmmuZone::pgd, SmmuZone::pmd}) {
      if (zone == W(static_cast<u64>(z))) {
        state.d->assume(here().bump_pointer(z));
      }
    }
  });
  s.spt_generation.on_first_read(
      [&state, here](W bank, W, W) { state.d->assume(here().generation_fits(bank)); });
  s.spt_taker.on_first_read([&state, here, more](W, W page, W) {
    const W pmd = spec::spt_bounds<P>(state.pool_base).pmd;
    state.d->assume(both(here().stamp_reached(page), here().fresh_is_untaken(SmmuZone::pgd, page),
                         implies(pmd <= page, here().fresh_is_untaken(SmmuZone::pmd, page))));
    if (more) {
      state.d->assume(more(page));
    }
  });
  s.spt_vttbr_pool.on_first_read([&state, here](W, W slot, W) {
    state.d->assume(both(here().root_linked(slot), here().spare_roots_zero(slot)));
  });
  s.spt_pgd_pool.on_first_read([&state, here](W, W slot, W) {
    state.d->assume(both(here().table_linked(slot), here().fresh_is_zero(SmmuZone::pgd, slot)));
  });
  s.spt_pmd_pool.on_first_read(
      [&state, here](W, W slot, W) { state.d->assume(here().fresh_is_zero(SmmuZone::pmd, slot)); });
}

// Proves INV-SPT-1 to 6 of the state as it is now, at an arbitrary slot, page and bank.
template <ValueDomain D, class P>
void prove_smmu_invariants(spec::State<D, P>& state, typename D::Word slot, typename D::Word page,
                           typename D::Word bank) {
  D& d = *state.d;
  spec::SptInvariants<spec::ReadNow, D, P> now(state);
  d.prove("INV-SPT-1: bump pointers are page aligned and in their zones",
          both(now.bump_pointer(SmmuZone::pgd), now.bump_pointer(SmmuZone::pmd)));
  d.prove("INV-SPT-2: words above a bump pointer are zero, their pages never taken",
          both(now.fresh_is_zero(SmmuZone::pgd, slot), now.fresh_is_zero(SmmuZone::pmd, slot)));
  d.prove("INV-SPT-3: no stamp is of a generation that its bank has not reached; generations fit",
          both(now.stamp_reached(page), now.generation_fits(bank)));
  d.prove("INV-SPT-4/5: a root entry is null or the one link of a live table page of its bank",
          now.root_linked(slot));
  d.prove("INV-SPT-4/5: an entry of a live table is null or the one link of a live page of the same bank",
          now.table_linked(slot));
  d.prove("INV-SPT-6: the zone of the roots is zero behind the sixteenth root", now.spare_roots_zero(slot));
}

// The word of SMMU table memory at `slot`: the split pool that the address lies in.
template <ValueDomain D, class P>
typename D::Word smmu_memory(const spec::State<D, P>& state, typename D::Word slot) {
  using W = typename D::Word;
  const auto b = spec::spt_bounds<P>(state.pool_base);
  if (slot < b.pgd) {
    return state.smmu.spt_vttbr_pool.read(W(0), slot);
  }
  return slot < b.pmd ? state.smmu.spt_pgd_pool.read(W(0), slot) : state.smmu.spt_pmd_pool.read(W(0), slot);
}

// An arbitrary 8-byte aligned address of the pool, page of the two zones, bank.
template <ValueDomain D, class P>
struct SptPlaces {
  using Word = typename D::Word;

  SptPlaces(D& d, const spec::State<D, P>& state)
      : slot(d.any("some_slot")), page(d.any("some_page")), bank(d.any("some_bank")) {
    const auto b = spec::spt_bounds<P>(state.pool_base);
    d.assume(both(b.roots <= slot, slot < b.end, (slot & Word(7)) == Word(0)));
    d.assume(both(b.pgd <= page, page < b.end, (page & Word(PAGE_SIZE - 1)) == Word(0)));
    d.assume(bank < Word(EL2_SMMU_CFG_SIZE));
  }

  Word slot, page, bank;
};

}  // namespace redoubt::verify
