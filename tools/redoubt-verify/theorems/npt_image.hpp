// SPDX-License-Identifier: BSD-3-Clause
// The flat view of a stage-2 table as a function of its raw tables: the refinement relation of NPTWalk
// (digest 5.7).
#pragma once
#include "spec/machine/state.hpp"
#include "spec/npt/invariants.hpp"
#include "spec/npt/layout.hpp"

namespace redoubt::verify {

// Walks as pure terms over any way to read an entry: reader(level, vmid, slot). No forks, so that a whole
// walk is one term. Positions are index prefixes: i0 = gfn >> 27, i1 = gfn >> 18, region = gfn >> 9, gfn.
template <ValueDomain D, class P, class Reader>
class TableImage {
 public:
  using Word = typename D::Word;
  using Bool = typename D::Bool;

  TableImage(Word pool_base, Reader reader) : base_(pool_base), read_(std::move(reader)) {}

  Word root_entry(Word vmid, Word i0) {
    return read_(0, vmid, spec::slot_in(spec::bounds<P>(base_, vmid).root, i0 & Word(511)));
  }
  Word level1_entry(Word vmid, Word i1) { return below(1, vmid, root_entry(vmid, i1 >> 9), i1); }
  Word level2_entry(Word vmid, Word region) {
    return below(2, vmid, level1_entry(vmid, region >> 9), region);
  }

  Word has_level1(Word vmid, Word i0) { return truth(root_entry(vmid, i0) != Word(0)); }
  Word has_level2(Word vmid, Word i1) { return truth(level1_entry(vmid, i1) != Word(0)); }
  Word has_level3(Word vmid, Word region) { return truth(is_link(level2_entry(vmid, region))); }
  Word block(Word vmid, Word region) {
    const Word entry = level2_entry(vmid, region);
    return select(is_link(entry), Word(0), entry);
  }
  Word page(Word vmid, Word gfn) {
    const Word parent = level2_entry(vmid, gfn >> 9);
    return select(is_link(parent), below(3, vmid, parent, gfn), Word(0));
  }
  // What a hardware walk of `gfn` ends in; 0: nothing there.
  Word leaf(Word vmid, Word gfn) {
    const Word parent = level2_entry(vmid, gfn >> 9);
    return select(is_link(parent), below(3, vmid, parent, gfn), parent);
  }

 private:
  static Bool is_link(Word entry) { return (entry & Word(3)) == Word(3); }
  static Word truth(Bool condition) { return select(condition, Word(1), Word(0)); }
  Word below(unsigned level, Word vmid, Word parent, Word position) {
    const Word slot = spec::slot_in(parent, position & Word(511));
    return select(parent == Word(0), Word(0), read_(level, vmid, slot));
  }

  Word base_;
  Reader read_;
};

// Reads the pools of a state as they are at the start (ReadBase) or now (ReadNow).
template <class When, ValueDomain D, class P>
auto image_of(spec::State<D, P>& state) {
  const auto reader = [&state](unsigned level, typename D::Word vmid, typename D::Word slot) {
    auto& pool = level == 0   ? state.pt_vttbr_pool
                 : level == 1 ? state.pt_pgd_pool
                 : level == 2 ? state.pt_pud_pool
                              : state.pt_pmd_pool;
    return When::at(pool, vmid, slot);
  };
  return TableImage<D, P, decltype(reader)>(state.pool_base, reader);
}

// The state of NPTWalk's specification that corresponds to the raw tables in `raw`. `raw` must outlive it.
template <ValueDomain D, class P>
spec::State<D, P> flat_state(spec::State<D, P>& raw) {
  using W = typename D::Word;
  using Map = typename D::Map;
  D& d = *raw.d;
  const auto start = [&raw] { return image_of<spec::ReadBase>(raw); };
  spec::State<D, P> flat(raw);
  flat.pgd_t = Map(d, "flat_pgd_t", [start](W vmid, W i0) { return start().has_level1(vmid, i0); });
  flat.pud_t = Map(d, "flat_pud_t", [start](W vmid, W i1) { return start().has_level2(vmid, i1); });
  flat.pmd_t = Map(d, "flat_pmd_t", [start](W vmid, W region) { return start().has_level3(vmid, region); });
  flat.block = Map(d, "flat_block", [start](W vmid, W region) { return start().block(vmid, region); });
  flat.page = Map(d, "flat_page", [start](W vmid, W gfn) { return start().page(vmid, gfn); });
  return flat;
}

}  // namespace redoubt::verify
