// SPDX-License-Identifier: BSD-3-Clause
// Theorems about MmioSPTWalk on the specification of MmioPTWalk: refinement of the flat map and its page
// counts.
#pragma once
#include "tools/redoubt-verify/theorems/spt_world.hpp"

namespace redoubt::verify {

template <class P, ValueDomain D>
struct SptWalkTheorems {
  using World = SptWorld<D, P>;
  using Word = typename D::Word;
  using Bool = typename D::Bool;
  using Descriptor = redoubt::Descriptor<Word>;

  static void clear_smmu_pt(D& d) {
    World w(d);
    const auto call = [&](auto& layer) {
      layer.clear_smmu_pt(w.cbndx, w.index);
      return 0;
    };
    w.agree(call, call);
    const Word before = spt_image_of<spec::ReadBase>(w.initial).leaf(w.some_bank, w.some_gfn);
    d.cover("a mapping goes", both(w.some_bank == w.bank(), before != Word(0)));
    d.cover("a mapping of another bank stays", both(w.some_bank != w.bank(), before != Word(0)));
  }

  static void reclaim_smmu_pt(D& d) {
    World w(d);
    w.assume_generation_left();
    const auto call = [&](auto& layer) {
      layer.reclaim_smmu_pt(w.cbndx, w.index);
      return 0;
    };
    w.agree(call, call);
    d.cover("pages come back", w.initial.smmu.spt_used.base(w.bank(), Word(0)) != Word(0));
  }

  static void walk_smmu_pt(D& d) {
    World w(d);
    const Iova<Word> addr(d.any("addr"));
    Word leaf(0);
    const auto call = [&](auto& layer) { return leaf = layer.walk_smmu_pt(w.cbndx, w.index, addr).raw; };
    w.agree(call, call);
    d.prove("a query takes no step", Bool(w.raw.updates.size == 0));
    d.cover("a leaf", leaf != Word(0));
    d.cover("nothing", leaf == Word(0));
  }

  static void set_smmu_pt(D& d) {
    World w(d);
    const Iova<Word> addr(d.any("addr"));
    const Descriptor pte(d.any("pte"));
    const auto call = [&](auto& layer) {
      layer.set_smmu_pt(w.cbndx, w.index, addr, pte);
      return 0;
    };
    const bool ran = w.agree(call, call);
    d.cover("stops", Bool(!ran));
    d.cover("stops halfway", Bool(!ran && w.raw.updates.size != 0));
    d.cover("links two tables", Bool(ran && w.raw.updates.size == 3));
    d.cover("links two tables that serve again", Bool(ran && w.raw.updates.size == 7));
    d.cover("stores zero", both(Bool(ran), pte.raw == Word(0)));
  }

  static void try_set_smmu_pt(D& d) {
    World w(d);
    const Iova<Word> addr(d.any("addr"));
    const Descriptor pte(d.any("pte"));
    Status status = Status::ok;
    const auto call = [&](auto& layer) {
      return status = layer.try_set_smmu_pt(w.cbndx, w.index, addr, pte);
    };
    w.agree(call, call);
    d.prove("nothing is stored unless the answer is ok",
            Bool(status == Status::ok || w.raw.updates.size == 0));
    d.cover("mapped", Bool(status == Status::ok && w.raw.updates.size != 0));
    d.cover("was mapped", Bool(status == Status::ok && w.raw.updates.size == 0));
    d.cover("exists", Bool(status == Status::exists));
    d.cover("no memory", Bool(status == Status::no_memory));
  }

  // The hooks of device accesses do nothing at these layers.
  static void dev_refs(D& d) {
    World w(d);
    const Gfn<Word> gfn(d.any("gfn"));
    const Word reg = d.any("reg");
    const auto call = [&](auto& layer) {
      layer.dev_load_ref(gfn, reg, w.cbndx, w.index);
      layer.dev_store_ref(gfn, reg, w.cbndx, w.index);
      return 0;
    };
    w.agree(call, call);
    d.prove("a hook takes no step", Bool(w.raw.updates.size == 0 && w.flat.updates.size == 0));
  }
};

}  // namespace redoubt::verify
