// SPDX-License-Identifier: BSD-3-Clause
// Theorems about NPTWalk on the specification of PTWalk: refinement of the flat map, map and frame, store
// orders.
#pragma once
#include "tools/redoubt-verify/theorems/npt_world.hpp"

namespace redoubt::verify {

template <class P, ValueDomain D>
struct NptWalkTheorems {
  using World = NptWorld<D, P>;
  using Word = typename D::Word;
  using Bool = typename D::Bool;
  using Descriptor = redoubt::Descriptor<Word>;

  static void get_npt_level(D& d) {
    World w(d);
    const Ipa<Word> addr(d.any("addr"));
    Level level = Level::none;
    const auto call = [&](auto& layer) { return level = layer.get_npt_level(w.vmid, addr); };
    w.agree(call, call);
    d.cover("a page", Bool(level == Level::page));
    d.cover("a block", Bool(level == Level::block));
    d.cover("nothing", Bool(level == Level::none));
  }

  static void walk_npt(D& d) {
    World w(d);
    const Ipa<Word> addr(d.any("addr"));
    Word leaf(0);
    const auto call = [&](auto& layer) { return leaf = layer.walk_npt(w.vmid, addr).raw; };
    w.agree(call, call);
    d.cover("a leaf", leaf != Word(0));
    d.cover("nothing", leaf == Word(0));
  }

  static void set_npt(D& d) {
    World w(d);
    const Ipa<Word> addr(d.any("addr"));
    const Descriptor pte(d.any("pte"));
    const Level level = any_level(d);
    const auto call = [&](auto& layer) {
      layer.set_npt(w.vmid, addr, level, pte);
      return 0;
    };
    const bool ran = w.agree(call, call);
    cover_stops(d, w, level, addr, ran);
    d.cover("sets a block", Bool(ran && level == Level::block));
    d.cover("sets a page", Bool(ran && level == Level::page));
    d.cover("links three tables", Bool(ran && w.raw.updates.size == 4));
  }

  static void try_set_npt(D& d) {
    World w(d);
    const Ipa<Word> addr(d.any("addr"));
    const Descriptor pte(d.any("pte"));
    const Level level = any_level(d);
    Status status = Status::ok;
    const auto call = [&](auto& layer) { return status = layer.try_set_npt(w.vmid, addr, level, pte); };
    w.agree(call, call);
    d.prove("something is stored exactly if the answer is ok",
            Bool((status == Status::ok) == (w.raw.updates.size != 0)));
    d.cover("ok", Bool(status == Status::ok));
    d.cover("unchanged", Bool(status == Status::unchanged));
    d.cover("exists", Bool(status == Status::exists));
    d.cover("no memory", Bool(status == Status::no_memory));
  }

  static void clear_npt(D& d) {
    World w(d);
    const Ipa<Word> addr(d.any("addr"));
    bool cleared = false;
    const auto call = [&](auto& layer) { return cleared = layer.clear_npt(w.vmid, addr); };
    w.agree(call, call);
    d.cover("cleared", Bool(cleared));
    d.cover("nothing there", Bool(!cleared));
  }

  static void init_npt(D& d) {
    World w(d);
    const auto call = [&](auto& layer) {
      layer.init_npt(w.vmid);
      return 0;
    };
    const bool ran = w.agree(call, call);
    d.cover("stops", Bool(!ran));
    d.cover("links two tables", Bool(ran && w.raw.updates.size == 2));
  }

  // Everything of the principal is gone, whatever was there.
  static void reset_npt(D& d) {
    World w(d);
    const auto call = [&](auto& layer) {
      layer.reset_npt(w.vmid);
      return 0;
    };
    w.agree(call, call);
    const Word slot = d.any("some_slot"), other = any_principal(d, "some_vmid").raw;
    prove_table_invariants(w.raw, other, slot);
    for (auto pool : {&spec::State<D, P>::pt_vttbr_pool, &spec::State<D, P>::pt_pgd_pool,
                      &spec::State<D, P>::pt_pud_pool, &spec::State<D, P>::pt_pmd_pool}) {
      const Word old = (w.initial.*pool).read(other, slot);
      d.prove("every word of the pool is zero, others' stay",
              (w.raw.*pool).read(other, slot) == select(other == w.vmid.raw, Word(0), old));
      d.cover("a word is gone", both(other == w.vmid.raw, old != Word(0)));
    }
  }

  // The hooks of guest and host accesses do nothing at these layers.
  static void mem_refs(D& d) {
    World w(d);
    const Gfn<Word> gfn(d.any("gfn"));
    const Word reg = d.any("reg");
    const auto call = [&](auto& layer) {
      layer.mem_load_ref(gfn, reg);
      layer.mem_store_ref(gfn, reg);
      return 0;
    };
    w.agree(call, call);
    d.prove("a hook takes no step", Bool(w.raw.updates.size == 0 && w.flat.updates.size == 0));
  }

 private:
  static Level any_level(D& d) { return d.any("level") == Word(2) ? Level::block : Level::page; }

  static void cover_stops(D& d, World& w, Level level, Ipa<Word> addr, bool ran) {
    const Word entry = image_of<spec::ReadBase>(w.initial).level2_entry(w.vmid.raw, addr.raw >> PMD_SHIFT);
    d.cover("stops: a zone is used up", both(Bool(!ran), entry == Word(0)));
    d.cover("stops: a block is in the way", both(Bool(!ran && level == Level::page), entry != Word(0)));
  }
};

}  // namespace redoubt::verify
