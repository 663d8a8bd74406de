// SPDX-License-Identifier: BSD-3-Clause
// The map and frame theorem end to end: code of NPTWalk on code of PTWalk on flat memory. Slow; it checks the
// argument that composes the layers through their specifications.
#pragma once
#include "spec/npt/npt_walk.hpp"
#include "tools/redoubt-verify/theorems/npt_image.hpp"
#include "tools/redoubt-verify/theorems/pt_walk_world.hpp"

namespace redoubt::verify {

template <class P, ValueDomain D>
struct NptCodeTheorems {
  using Word = typename D::Word;
  using Bool = typename D::Bool;

  static void map_and_frame_on_code(D& d) {
    PtWalkWorld<D, P, tower::NptWalkLayer> w(d);
    spec::State<D, P> flat = flat_state(w.initial);
    spec::NptWalk<D, P> spec(flat);
    const Ipa<Word> addr(d.any("addr"));
    const Word pte = d.any("pte"), gfn = d.any("some_gfn"), own_gfn = addr.raw >> PAGE_SHIFT;
    const Level level = d.any("level") == Word(2) ? Level::block : Level::page;
    d.assume(gfn < Word(u64{1} << (P::ipa_bits - PAGE_SHIFT)));
    const Word before = image_of<spec::ReadBase>(w.initial).leaf(w.vmid.raw, gfn);
    spec.set_npt(w.vmid, addr, level, Descriptor<Word>(pte));
    const bool ran = goes_on([&] { w.code.set_npt(w.vmid, addr, level, Descriptor<Word>(pte)); });
    d.prove("the code stops exactly when the specification halts", Bool(ran == !flat.halt));
    d.cover("stops", Bool(!ran));
    d.cover("goes on", Bool(ran));
    if (!ran) {
      return;
    }
    const auto reader = [&](unsigned, Word vmid, Word slot) { return w.machine.memory(vmid, slot); };
    TableImage<D, P, decltype(reader)> now(w.initial.pool_base, reader);
    d.prove("the address is mapped to the new leaf", now.leaf(w.vmid.raw, own_gfn) == pte);
    const unsigned unit = level == Level::block ? PMD_SHIFT - PAGE_SHIFT : 0;
    const Bool covered = (gfn >> unit) == (own_gfn >> unit);
    d.prove("covered addresses get the leaf, all others keep theirs",
            now.leaf(w.vmid.raw, gfn) == select(covered, pte, before));
  }
};

}  // namespace redoubt::verify
