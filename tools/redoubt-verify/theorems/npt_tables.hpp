// SPDX-License-Identifier: BSD-3-Clause
// Theorems about whole tables: map and frame, every order of the stores, and what the invariants exclude.
#pragma once
#include "tools/redoubt-verify/theorems/npt_world.hpp"

namespace redoubt::verify {

template <class P, ValueDomain D>
struct NptTableTheorems {
  using World = NptWorld<D, P>;
  using Word = typename D::Word;
  using Bool = typename D::Bool;
  using Descriptor = redoubt::Descriptor<Word>;

  // After set_npt, a hardware walk of a covered address ends in the new leaf, of any other address where it
  // did before.
  static void map_and_frame(D& d) {
    World w(d);
    const Call call(d, w);
    const Word before = image_of<spec::ReadBase>(w.initial).leaf(w.vmid.raw, w.gfn);
    if (!call.ran) {
      return;
    }
    auto now = image_of<spec::ReadNow>(w.raw);
    d.prove("the address is mapped to the new leaf", now.leaf(w.vmid.raw, call.gfn()) == call.pte);
    const unsigned unit = call.level == Level::block ? PMD_SHIFT - PAGE_SHIFT : 0;
    const Bool covered = (w.gfn >> unit) == (call.gfn() >> unit);
    d.prove("covered addresses get the leaf, all others keep theirs",
            now.leaf(w.vmid.raw, w.gfn) == select(covered, call.pte, before));
    d.cover("a covered neighbour", both(covered, w.gfn != call.gfn()));
    d.cover("an address of another leaf", both(negation(covered), before != Word(0)));
  }

  // The transactional rule (digest 6.5): of the stores of one critical section, any subset may be visible
  // first; a hardware walk of any address then sees what was there before, what is there afterwards, or a
  // fault.
  static void any_store_order(D& d) {
    World w(d);
    const Call call(d, w);
    const auto& updates = w.raw.updates;
    const Word visible = d.any("visible_stores");
    for (unsigned i = 0; i < updates.size; ++i) {
      for (unsigned j = 0; j < i; ++j) {
        d.prove("no slot is stored twice, so that the order of stores to it cannot matter",
                either(Bool(updates.entries[i].level != updates.entries[j].level),
                       updates.entries[i].slot != updates.entries[j].slot));
      }
      d.prove("no barrier splits the section: every subset is possible", Bool(updates.entries[i].epoch == 0));
    }
    const auto reader = [&](unsigned level, Word vmid, Word slot) {
      Word value = level == 0   ? w.initial.pt_vttbr_pool.base(vmid, slot)
                   : level == 1 ? w.initial.pt_pgd_pool.base(vmid, slot)
                   : level == 2 ? w.initial.pt_pud_pool.base(vmid, slot)
                                : w.initial.pt_pmd_pool.base(vmid, slot);
      for (unsigned i = 0; i < updates.size; ++i) {
        const auto& update = updates.entries[i];
        if (update.level != level) {
          continue;
        }
        const Bool seen =
            both(((visible >> i) & Word(1)) == Word(1), update.vmid == vmid, update.slot == slot);
        value = select(seen, update.value, value);
      }
      return value;
    };
    const Word during =
        TableImage<D, P, decltype(reader)>(w.initial.pool_base, reader).leaf(w.vmid.raw, w.gfn);
    const Word before = image_of<spec::ReadBase>(w.initial).leaf(w.vmid.raw, w.gfn);
    const Word after = image_of<spec::ReadNow>(w.raw).leaf(w.vmid.raw, w.gfn);
    d.prove("any subset of the stores shows the old leaf, the new leaf or a fault",
            either(either(during == before, during == after), during == Word(0)));
    d.cover("four stores", Bool(updates.size == 4));
    d.cover("stops halfway", Bool(!call.ran && updates.size != 0));
  }

  // INV-NPT-4 and 5: entries of any two principals that link the same page are one entry of one principal.
  static void no_sharing(D& d) {
    spec::State<D, P> state(d, any_pool_base<P>(d));
    assume_table_invariants(state);
    const Word v1 = any_principal(d, "vmid").raw, v2 = any_principal(d, "other_vmid").raw;
    const Word a = d.any("slot"), b = d.any("other_slot");
    for (unsigned i = 0; i < 3; ++i) {
      for (unsigned j = 0; j < 3; ++j) {
        const Word first = entry(state, i, v1, a), second = entry(state, j, v2, b);
        const Bool same_page =
            both(links(first), links(second), spec::frame_of(first) == spec::frame_of(second));
        d.prove("INV-NPT-4/5: two links to one table page are the same entry",
                implies(same_page, both(Bool(i == j), v1 == v2, a == b)));
        d.cover("links", both(links(first), links(second)));
      }
    }
  }

  // The parameter set itself: zones in order, pools disjoint and inside the area, a level-1 pair aligned for
  // hardware.
  static void constants(D& d) {
    const Word base = any_pool_base<P>(d);
    const Word v1 = any_principal(d, "vmid").raw, v2 = any_principal(d, "other_vmid").raw;
    const auto a = spec::bounds<P>(base, v1), b = spec::bounds<P>(base, v2);
    d.prove("zones follow one another inside the pool",
            both(a.root < a.pgd, a.pgd < a.pud, a.pud < a.pmd, a.pmd < a.end));
    d.prove("pools lie inside the area", both(base <= a.root, a.end <= base + Word(pools_size<P>())));
    d.prove("pools of different principals are disjoint",
            implies(v1 != v2, either(a.end <= b.root, b.end <= a.root)));
    d.prove("table pages fit the output address of a descriptor", a.end <= Word(PHYS_MASK));
    const Word low = Word(PAGE_SIZE - 1);
    d.prove("zones are page aligned", ((a.root | a.pgd | a.pud | a.pmd | a.end) & low) == Word(0));
    const auto code = pool_of<P>(base, VmId<Word>(v1));
    d.prove("code and specification compute the same pools",
            both(code.root.raw == a.root, code.pgd.raw == a.pgd, code.pud.raw == a.pud, code.pmd.raw == a.pmd,
                 code.end.raw == a.end));
    if constexpr (P::concatenated_root) {
      d.prove("INV-NPT-8: the level-1 pair is 8 KiB aligned and in its zone",
              both((a.pgd & Word(2 * PAGE_SIZE - 1)) == Word(0), a.pgd + Word(2 * PAGE_SIZE) <= a.pud));
    }
    d.cover("two principals", v1 != v2);
  }

 private:
  // One set_npt with arbitrary arguments that its flat specification allows.
  struct Call {
    Call(D& d, World& w)
        : addr(d.any("addr")),
          pte(d.any("pte")),
          level(d.any("level") == Word(2) ? Level::block : Level::page),
          ran((w.spec.set_npt(w.vmid, addr, level, Descriptor(pte)),
               w.runs([&] { w.code.set_npt(w.vmid, addr, level, Descriptor(pte)); }))) {}
    [[nodiscard]] Word gfn() const { return addr.raw >> PAGE_SHIFT; }

    Ipa<Word> addr;
    Word pte;
    Level level;
    bool ran;
  };

  static Word entry(spec::State<D, P>& state, unsigned level, Word vmid, Word slot) {
    auto& pool = level == 0 ? state.pt_vttbr_pool : level == 1 ? state.pt_pgd_pool : state.pt_pud_pool;
    return pool.read(vmid, slot);
  }
  static Bool links(Word entry) { return (entry & Word(3)) == Word(3); }
};

}  // namespace redoubt::verify
