// SPDX-License-Identifier: BSD-3-Clause
// Theorems about whole SMMU tables: map and frame, emptying a bank, every order of the stores, sharing,
// constants.
#pragma once
#include "tools/redoubt-verify/theorems/spt_world.hpp"

namespace redoubt::verify {

template <class P, ValueDomain D>
struct SptTableTheorems {
  using World = SptWorld<D, P>;
  using Word = typename D::Word;
  using Bool = typename D::Bool;
  using Descriptor = redoubt::Descriptor<Word>;

  // After set_smmu_pt, a walk of its address in its bank ends in the new leaf, of any other address of any
  // bank where it did before.
  static void map_and_frame(D& d) {
    World w(d);
    const Call call(d, w);
    const Word before = spt_image_of<spec::ReadBase>(w.initial).leaf(w.some_bank, w.some_gfn);
    if (!call.ran) {
      return;
    }
    auto now = spt_image_of<spec::ReadNow>(w.raw);
    d.prove("the address is mapped to the new leaf", now.leaf(w.bank(), call.gfn()) == call.pte);
    const Bool covered = both(w.some_bank == w.bank(), w.some_gfn == call.gfn());
    d.prove("its address gets the leaf, all others of all banks keep theirs",
            now.leaf(w.some_bank, w.some_gfn) == select(covered, call.pte, before));
    d.cover("an address of the same bank",
            both(w.some_bank == w.bank(), negation(covered), before != Word(0)));
    d.cover("an address of another bank", both(w.some_bank != w.bank(), before != Word(0)));
  }

  // What init_spt does between taking and releasing its lock: the bank translates nothing, other banks what
  // they did, and every page that served the bank can serve again.
  static void empty_bank(D& d) {
    World w(d);
    const auto b = spec::spt_bounds<P>(w.initial.pool_base);
    const Word page = d.any("some_page");
    d.assume(both(b.pgd <= page, page < b.end, (page & Word(PAGE_SIZE - 1)) == Word(0)));
    if constexpr (D::symbolic) {
      d.instantiate_at((page - b.pgd) >> PAGE_SHIFT);
    }
    w.assume_generation_left();
    const Word before = spt_image_of<spec::ReadBase>(w.initial).leaf(w.some_bank, w.some_gfn);
    spec::SptInvariants<spec::ReadBase, D, P> old(w.initial);
    const Bool lived = old.live(page), served = both(lived, old.taker(page) == w.bank() + Word(1));
    const auto empty = [&](auto& layer) {
      layer.clear_smmu_pt(w.cbndx, w.index);
      layer.reclaim_smmu_pt(w.cbndx, w.index);
      return 0;
    };
    w.agree(empty, empty);
    const Bool emptied = w.some_bank == w.bank();
    d.prove(
        "the bank translates nothing, every other bank what it did",
        spt_image_of<spec::ReadNow>(w.raw).leaf(w.some_bank, w.some_gfn) == select(emptied, Word(0), before));
    spec::SptInvariants<spec::ReadNow, D, P> now(w.raw);
    d.prove("exactly the pages of the bank become free", now.live(page) == both(lived, negation(served)));
    MmioPtWalkStandIn<D, P> alloc(w.raw);
    const bool room = bool(alloc.can_alloc_smmu_pgd_page());
    d.prove("the pages of the bank can serve again (W42)", implies(both(served, page < b.pmd), Bool(room)));
    d.cover("a mapping goes", both(emptied, before != Word(0)));
    d.cover("a mapping of another bank stays", both(negation(emptied), before != Word(0)));
    d.cover("a page serves again", both(served, page < b.pmd));
  }

  // The transactional rule (digest 6.5): of the stores between two barriers any part may be visible, those
  // before the barrier all, those after none; a walk of any address of any bank then sees what was there
  // before, what is there afterwards, or a fault. The words of a page that is zeroed are stores of their own.
  static void any_store_order(D& d) {
    World w(d);
    const Call call(d, w);
    const auto& updates = w.raw.updates;
    const Word visible = d.any("visible_stores"), reached = d.any("epoch_reached");
    const typename D::Map zeroed(d, "visible_zero");
    prove_single_stores(d, w);
    const auto seen = [&](std::size_t i, Word slot) {
      const auto& update = updates.entries[i];
      const Word epoch(update.epoch);
      const Bool chosen = update.kind == spec::Step::spt_zero
                              ? zeroed.base(Word(0), slot) == Word(1)
                              : ((visible >> unsigned(i)) & Word(1)) == Word(1);
      return either(epoch < reached, both(epoch == reached, chosen));
    };
    const auto reader = [&](unsigned level, Word slot) {
      auto& s = w.initial.smmu;
      auto& pool = level == 1 ? s.spt_vttbr_pool : level == 2 ? s.spt_pgd_pool : s.spt_pmd_pool;
      Word value = pool.base(Word(0), slot);
      for (std::size_t i = 0; i < updates.size; ++i) {
        if (const Bool hit = hits(updates.entries[i], slot); changes(updates.entries[i])) {
          value = select(both(hit, seen(i, slot)), updates.entries[i].value, value);
        }
      }
      return value;
    };
    const Word during =
        SptImage<D, P, decltype(reader)>(w.initial.pool_base, reader).leaf(w.some_bank, w.some_gfn);
    const Word before = spt_image_of<spec::ReadBase>(w.initial).leaf(w.some_bank, w.some_gfn);
    const Word after = spt_image_of<spec::ReadNow>(w.raw).leaf(w.some_bank, w.some_gfn);
    d.prove("any part of the stores shows the old leaf, the new leaf or a fault",
            either(either(during == before, during == after), during == Word(0)));
    d.cover("three stores", Bool(updates.size == 3));
    d.cover("two tables that serve again", Bool(updates.size == 7));
    d.cover("stops halfway", Bool(!call.ran && updates.size != 0));
  }

  // INV-SPT-4 and 5: two links to one table page are the same entry, so no table serves two banks.
  static void no_sharing(D& d) {
    spec::State<D, P> state(d, any_pool_base_below_smmu<P>(d));
    assume_smmu_invariants(state);
    const auto b = spec::spt_bounds<P>(state.pool_base);
    const Word v1 = d.any("slot"), v2 = d.any("other_slot");
    spec::SptInvariants<spec::ReadNow, D, P> now(state);
    const auto in_root = [&](Word at) {
      return both(b.roots <= at, (at - b.roots) >> SMMU_ROOT_SHIFT < Word(EL2_SMMU_CFG_SIZE));
    };
    const auto in_table = [&](Word at) {
      return both(b.pgd <= at, at < now.next(SmmuZone::pgd), now.live(spec::frame_of(at)));
    };
    const auto entry = [&](bool root, Word at) {
      return (root ? state.smmu.spt_vttbr_pool : state.smmu.spt_pgd_pool).read(Word(0), at);
    };
    for (const bool r1 : {true, false}) {
      for (const bool r2 : {true, false}) {
        const Word first = entry(r1, v1), second = entry(r2, v2);
        const Bool there = both(r1 ? in_root(v1) : in_table(v1), r2 ? in_root(v2) : in_table(v2));
        const Bool same =
            both(there, first != Word(0), second != Word(0), spec::frame_of(first) == spec::frame_of(second));
        d.prove("INV-SPT-4/5: two links to one table page are the same entry",
                implies(same, both(Bool(r1 == r2), v1 == v2)));
        d.cover("links", both(there, first != Word(0), second != Word(0)));
      }
    }
  }

  // The parameter set itself: roots and zones in order, aligned, apart from the stage-2 pools where the space
  // is shared; code and specification compute the same.
  static void constants(D& d) {
    const Word base = any_pool_base_below_smmu<P>(d);
    const auto b = spec::spt_bounds<P>(base);
    const Word bank = d.any("bank");
    d.assume(bank < Word(EL2_SMMU_CFG_SIZE));
    const Word root = spec::spt_root<P>(base, bank);
    d.prove("roots and zones follow one another", both(b.roots < b.pgd, b.pgd < b.pmd, b.pmd < b.end));
    d.prove("every root lies in the zone of the roots, 8 KiB aligned",
            both(b.roots <= root, root + Word(SMMU_ROOT_SIZE) <= b.pgd,
                 (root & Word(SMMU_ROOT_SIZE - 1)) == Word(0)));
    d.prove("zones are page aligned", ((b.roots | b.pgd | b.pmd | b.end) & Word(PAGE_SIZE - 1)) == Word(0));
    d.prove("table pages fit the output address of a descriptor", b.end <= Word(PHYS_MASK));
    const auto code = smmu_pool_of<P>(base);
    d.prove(
        "code and specification compute the same pool",
        both(code.roots.raw == b.roots, code.pgd.raw == b.pgd, code.pmd.raw == b.pmd, code.end.raw == b.end));
    if constexpr (!P::smmu_own_space) {
      const auto other = spec::bounds<P>(base, any_principal(d, "vmid").raw);
      d.prove("the pool lies behind every stage-2 pool", other.end <= b.roots);
    }
    d.cover("the last bank", bank == Word(EL2_SMMU_CFG_SIZE - 1));
  }

 private:
  using Update = spec::Update<Word>;

  // One set_smmu_pt with arbitrary arguments that its flat specification allows.
  struct Call {
    Call(D& d, World& w)
        : addr(d.any("addr")),
          pte(d.any("pte")),
          ran((w.spec.set_smmu_pt(w.cbndx, w.index, addr, Descriptor(pte)),
               w.runs([&] { w.code.set_smmu_pt(w.cbndx, w.index, addr, Descriptor(pte)); }))) {}
    [[nodiscard]] Word gfn() const { return addr.raw >> PAGE_SHIFT; }

    Iova<Word> addr;
    Word pte;
    bool ran;
  };

  static bool changes(const Update& u) {
    return u.kind == spec::Step::spt_store || u.kind == spec::Step::spt_zero;
  }
  static Bool hits(const Update& u, Word slot) {
    return u.kind == spec::Step::spt_zero ? both(u.slot <= slot, slot < u.slot + Word(PAGE_SIZE))
                                          : u.slot == slot;
  }
  // Where two stores go to one word, a barrier stands between them: their order cannot matter.
  static void prove_single_stores(D& d, World& w) {
    const auto& updates = w.raw.updates;
    for (std::size_t i = 0; i < updates.size; ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        const Update &late = updates.entries[i], &early = updates.entries[j];
        if (changes(late) && changes(early) && late.epoch == early.epoch) {
          d.prove("between two barriers no word is stored twice",
                  negation(either(hits(early, late.slot), hits(late, early.slot))));
        }
      }
    }
  }
};

}  // namespace redoubt::verify
