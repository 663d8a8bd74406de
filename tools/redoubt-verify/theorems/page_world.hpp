// SPDX-License-Identifier: BSD-3-Clause
// Arbitrary memory regions and page ownership that satisfy INV-PAGE-1 to 4: what theorems about page
// ownership start from.
#pragma once
#include <memory>
#include <vector>

#include "spec/page/invariants.hpp"
#include "tools/redoubt-verify/theorems/table_world.hpp"

namespace redoubt::verify {

// Is the word this very constant?
inline bool is(std::uint64_t word, std::uint64_t constant) { return word == constant; }
inline bool is(const smt::Word& word, std::uint64_t constant) {
  return word.constant() && word.value() == constant;
}

// Regions of whole pages below 2^48 by construction, so that the solver has no alignment to reason about.
template <ValueDomain D, class P>
void regions_in_pages(spec::State<D, P>& state) {
  using W = typename D::Word;
  using Map = typename D::Map;
  const Map pages(*state.d, "region_in_pages");
  state.regions = Map(*state.d, "region", [pages](W i, W field) {
    const W raw = pages.read(i, field), low = raw & W((u64{1} << 36) - 1);
    if (is(field, spec::MB_BASE) || is(field, spec::MB_SIZE)) {
      return low << PAGE_SHIFT;
    }
    return is(field, spec::MB_INDEX) ? select(raw == W(INVALID64), raw, low) : raw;
  });
}

// Assumes INV-PAGE-4 and 7 of every region that is looked at, and of every pair of them if `pairs`. `state`
// must outlive its maps' copies.
template <ValueDomain D, class P>
void assume_regions(spec::State<D, P>& state, bool pairs = true) {
  using W = typename D::Word;
  const auto here = [&state] { return spec::PageInvariants<spec::ReadBase, D, P>(state); };
  state.d->assume(here().counts());
  const auto seen = std::make_shared<std::vector<W>>();
  state.regions.on_first_read([&state, here, seen, pairs](W i, W field, W) {
    if constexpr (!D::symbolic) {
      if (state.regions.base(i, spec::MB_SIZE) == 0) {
        return;  // a counterexample says nothing of this region
      }
    }
    if (!is(field, spec::MB_BASE)) {
      static_cast<void>(state.regions.base(i, W(spec::MB_BASE)));
      return;
    }
    state.d->assume(both(here().region(i), here().not_frame_0(i)));
    for (const W& j : *seen) {
      state.d->assume(here().apart(i, j));
    }
    if (pairs) {
      seen->push_back(i);
    }
  });
}

// Assumes INV-PAGE-1 to 3 of every entry that is looked at.
template <ValueDomain D, class P>
void assume_ownership(spec::State<D, P>& state) {
  using W = typename D::Word;
  const auto here = [&state] { return spec::PageInvariants<spec::ReadBase, D, P>(state); };
  const auto entry = [&state, here](W index, W, W) {
    state.d->assume(
        both(here().owner(index), here().count(index), here().guest_frame(index), here().dma(index)));
  };
  state.s2_owner.on_first_read(entry);
  state.s2_count.on_first_read(entry);
  state.s2_gfn.on_first_read(entry);
  state.s2_dma.on_first_read(entry);
}

}  // namespace redoubt::verify
