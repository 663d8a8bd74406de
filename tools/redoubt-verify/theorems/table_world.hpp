// SPDX-License-Identifier: BSD-3-Clause
// Arbitrary stage-2 tables that satisfy the invariants: what theorems about page tables start from, and
// compare.
#pragma once
#include <string_view>

#include "machine/domain/symbolic.hpp"
#include "spec/machine/state.hpp"
#include "spec/npt/invariants.hpp"

namespace redoubt::verify {

// What `rely` means from here on; the concrete domain always checks it.
template <ValueDomain D>
void set_rely(D& d, Rely meaning) {
  if constexpr (D::symbolic) {
    d.set_rely(meaning);
  }
}

// Whether the machine's usage rules are assumed from here on, or obligations.
template <ValueDomain D>
void assume_usage(D& d, bool assumed) {
  if constexpr (D::symbolic) {
    d.set_usage(assumed ? Rely::assumed : Rely::obligation);
  } else {
    d.assume_usage(assumed);
  }
}

// Base of the pool area: fixed by the parameter set, or chosen at boot within its rules (params.hpp).
template <class P, ValueDomain D>
typename D::Word any_pool_base(D& d) {
  using W = typename D::Word;
  if constexpr (P::fixed_pool_base) {
    return W(P::pool_base);
  } else {
    // 4 KiB modulo 8 KiB by construction, so that the solver has no alignment to reason about.
    const W base = (d.any("pool_base_in_8k") << 13) | W(PAGE_SIZE);
    d.assume(both(d.any("pool_base_in_8k") < W(u64{1} << 27), base < W((u64{1} << 40) - pools_size<P>())));
    return base;
  }
}

template <ValueDomain D>
VmId<typename D::Word> any_principal(D& d, std::string_view name) {
  const VmId<typename D::Word> vmid(d.any(name));
  d.assume(is_vmid(vmid));
  return vmid;
}

template <ValueDomain D>
Alloc any_alloc(D& d) {
  return d.any("alloc") == typename D::Word(1) ? Alloc::yes : Alloc::no;
}

// Assumes INV-NPT-1 to 4 of every cell of `state` that is looked at. `state` must outlive its maps' copies.
template <ValueDomain D, class P>
void assume_table_invariants(spec::State<D, P>& state) {
  using W = typename D::Word;
  const auto here = [&state] { return spec::NptInvariants<spec::ReadBase, D, P>(state); };
  state.pt_next.on_first_read([&state, here](W vmid, W zone, W) {
    for (const Zone z : {Zone::pgd, Zone::pud, Zone::pmd}) {
      if (zone == W(static_cast<u64>(z))) {
        state.d->assume(here().bump_pointer(vmid, z));
      }
    }
  });
  state.pt_vttbr_pool.on_first_read(
      [&state, here](W vmid, W slot, W) { state.d->assume(here().linked(0, vmid, slot)); });
  const auto linked_and_fresh = [&state, here](unsigned level) {
    return [&state, here, level](W vmid, W slot, W) {
      state.d->assume(both(here().linked(level, vmid, slot), here().fresh_is_zero(level, vmid, slot)));
    };
  };
  state.pt_pgd_pool.on_first_read(linked_and_fresh(1));
  state.pt_pud_pool.on_first_read(linked_and_fresh(2));
  state.pt_pmd_pool.on_first_read(
      [&state, here](W vmid, W slot, W) { state.d->assume(here().fresh_is_zero(3, vmid, slot)); });
}

// Proves INV-NPT-1 to 4 of the state as it is now, at an arbitrary slot of an arbitrary principal.
template <ValueDomain D, class P>
void prove_table_invariants(spec::State<D, P>& state, typename D::Word vmid, typename D::Word slot) {
  D& d = *state.d;
  spec::NptInvariants<spec::ReadNow, D, P> now(state);
  d.prove("INV-NPT-1: bump pointers are page aligned and in their zones",
          both(now.bump_pointer(vmid, Zone::pgd), now.bump_pointer(vmid, Zone::pud),
               now.bump_pointer(vmid, Zone::pmd)));
  d.prove("INV-NPT-2: words above a bump pointer are zero",
          both(now.fresh_is_zero(1, vmid, slot), now.fresh_is_zero(2, vmid, slot),
               now.fresh_is_zero(3, vmid, slot)));
  d.prove("INV-NPT-3/4: an entry is null, a leaf where leaves may be, or the one link of an own table page",
          both(now.linked(0, vmid, slot), now.linked(1, vmid, slot), now.linked(2, vmid, slot)));
}

// The word of flat memory at `slot`: the split pool that the address lies in.
template <ValueDomain D, class P>
typename D::Word flat_memory(const spec::State<D, P>& state, typename D::Word vmid, typename D::Word slot) {
  const auto b = spec::bounds<P>(state.pool_base, vmid);
  if (slot < b.pgd) {
    return state.pt_vttbr_pool.read(vmid, slot);
  }
  if (slot < b.pud) {
    return state.pt_pgd_pool.read(vmid, slot);
  }
  if (slot < b.pmd) {
    return state.pt_pud_pool.read(vmid, slot);
  }
  return state.pt_pmd_pool.read(vmid, slot);
}

template <ValueDomain D, class P>
typename D::Bool in_pool_of(const spec::State<D, P>& state, typename D::Word vmid, typename D::Word at) {
  const auto b = spec::bounds<P>(state.pool_base, vmid);
  return both(b.root <= at, at < b.end);
}

}  // namespace redoubt::verify
