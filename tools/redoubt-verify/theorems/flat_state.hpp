// SPDX-License-Identifier: BSD-3-Clause
// States from NPTWalk up, tables as maps from frames: what two of them must agree on.
#pragma once
#include "spec/machine/state.hpp"

namespace redoubt::verify {

// INV-NPT-9 at an arbitrary region and page: a region has a block or a level-3 table, not both; pages lie in
// tables; flags are 0 or 1.
template <ValueDomain D, class P>
struct FlatTables {
  using Word = typename D::Word;
  using Bool = typename D::Bool;

  Bool holds(spec::State<D, P>& s, const Word& lock) {
    const Word vmid = lock - Word(NPT_ID), region = gfn >> 9;
    const Word table = s.pmd_t.read(vmid, region);
    const Bool no_block = implies(table == Word(1), s.block.read(vmid, region) == Word(0));
    const Bool no_page = implies(table == Word(0), s.page.read(vmid, gfn) == Word(0));
    return either(lock > Word(NPT_ID + COREVISOR), both(table <= Word(1), no_block, no_page));
  }
  Word gfn;
};

template <ValueDomain D, class P>
void compare_steps(D& d, const spec::State<D, P>& expected, const spec::State<D, P>& actual) {
  using Bool = typename D::Bool;
  d.prove("barriers and TLB invalidations are as many as specified",
          Bool(!actual.updates.overflow && actual.updates.size == expected.updates.size));
  for (std::size_t i = 0; i < expected.updates.size; ++i) {
    const auto& want = expected.updates.entries[i];
    const auto& have = actual.updates.entries[i];
    d.prove("barriers and TLB invalidations are the specified ones, in order",
            both(Bool(have.kind == want.kind), have.vmid == want.vmid, have.slot == want.slot));
  }
}

template <ValueDomain D, class P>
void compare_flat_state(D& d, const spec::State<D, P>& expected, const spec::State<D, P>& actual) {
  using Word = typename D::Word;
  using State = spec::State<D, P>;
  const Word vmid = d.any("some_vmid"), at = d.any("some_index");
  const auto same = [&](typename D::Map State::* map) {
    return (actual.*map).read(vmid, at) == (expected.*map).read(vmid, at);
  };
  const auto same_entry = [&](typename D::Map State::* map) {
    return (actual.*map).read(at, Word(0)) == (expected.*map).read(at, Word(0));
  };
  d.prove("every lock is as specified", same_entry(&State::lock));
  d.prove("tstate agrees with the specification", actual.tstate == expected.tstate);
  d.prove("the bump pointers agree with the specification", same(&State::pt_next));
  d.prove("tables are present as specified",
          both(same(&State::pgd_t), same(&State::pud_t), same(&State::pmd_t)));
  d.prove("the leaf of every frame is as specified", both(same(&State::block), same(&State::page)));
  d.prove("page ownership is as specified", both(same_entry(&State::s2_owner), same_entry(&State::s2_count),
                                                 same_entry(&State::s2_gfn), same_entry(&State::s2_dma)));
}

}  // namespace redoubt::verify
