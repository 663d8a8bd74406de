// SPDX-License-Identifier: BSD-3-Clause
// Theorems about MmioPTAlloc and MmioPTWalk: each primitive refines its specification and keeps INV-SPT-1 to
// 6.
#pragma once
#include "tools/redoubt-verify/theorems/spt_walk_world.hpp"

namespace redoubt::verify {

// A machine that stops where the code checks a bump pointer, and says what the check was.
template <ValueDomain D, class P>
class WatchedBump : public ModelMachine<D, P> {
 public:
  struct Asked {};
  using ModelMachine<D, P>::ModelMachine;
  using typename ModelMachine<D, P>::Bool;

  void require(Guard guard, Bool holds) {
    if (guard == Guard::bump_in_zone) {
      accepted = holds;
      throw Asked{};
    }
    ModelMachine<D, P>::require(guard, holds);
  }

  Bool accepted{false};
};

template <class P, ValueDomain D>
struct SptStepTheorems {
  using World = SptWalkWorld<D, P>;
  using AllocWorld = SptWalkWorld<D, P, tower::MmioPtAllocLayer>;
  using Word = typename D::Word;
  using Bool = typename D::Bool;
  using Descriptor = redoubt::Descriptor<Word>;

  static void alloc_smmu_pgd_page(D& d) {
    alloc(d, [](auto& layer, auto bank) { return layer.alloc_smmu_pgd_page(bank); });
  }
  static void alloc_smmu_pmd_page(D& d) {
    alloc(d, [](auto& layer, auto bank) { return layer.alloc_smmu_pmd_page(bank); });
  }
  static void can_alloc_smmu_pgd_page(D& d) {
    ask(d, [](auto& layer) { return layer.can_alloc_smmu_pgd_page(); });
  }
  static void can_alloc_smmu_pmd_page(D& d) {
    ask(d, [](auto& layer) { return layer.can_alloc_smmu_pmd_page(); });
  }

  // The base primitives by which the layers above find and empty a root (W4).
  static void smmu_clear_root(D& d) {
    World w(d);
    const ContextBank<Word> cbndx(d.any("cbndx"));
    const SmmuIndex<Word> index(d.any("index"));
    const Word bank = spec::bank_number(cbndx.raw, index.raw);
    const Word before = smmu_memory(w.initial, w.at.slot);
    const auto unit = [&](auto& layer) {
      layer.smmu_pt_clear(cbndx, index);
      return Word(0);
    };
    w.agree(bank, unit, unit);
    const Word root = spec::spt_root<P>(w.initial.pool_base, bank);
    const Bool inside = both(root <= w.at.slot, w.at.slot < root + Word(SMMU_ROOT_SIZE));
    d.prove("every word of the root is zero, every other word what it was (W4)",
            w.machine.spt_memory(w.at.slot) == select(inside, Word(0), before));
    d.cover("an entry goes", both(inside, before != Word(0)));
    d.cover("another stays", both(negation(inside), before != Word(0)));
  }
  static void smmu_root_address(D& d) {
    World w(d);
    const ContextBank<Word> cbndx(d.any("cbndx"));
    const SmmuIndex<Word> index(d.any("index"));
    const auto call = [&](auto& layer) { return layer.get_smmu_cfg_hw_ttbr(cbndx, index).raw; };
    w.agree(Word(0), call, call);
    d.cover("the last bank",
            both(cbndx.raw == Word(SMMU_NUM_CTXT_BANKS - 1), index.raw == Word(SMMU_NUM - 1)));
  }

  // The allocators' own check of the bump pointer, on a state without INV-SPT-1: exactly their zone.
  static void bump_guard(D& d) {
    spec::State<D, P> state(d, any_pool_base_below_smmu<P>(d));
    const SmmuZone z = d.any("zone") == Word(1) ? SmmuZone::pmd : SmmuZone::pgd;
    const SmmuBank<Word> bank(d.any("bank"));
    d.assume(both(state.holds(Word(SPT_ID)), bank.raw < Word(EL2_SMMU_CFG_SIZE)));
    WatchedBump<D, P> machine(d, state);
    tower::MmioPtAllocLayer<WatchedBump<D, P>> code(machine);
    try {
      z == SmmuZone::pgd ? code.alloc_smmu_pgd_page(bank) : code.alloc_smmu_pmd_page(bank);
    } catch (const typename WatchedBump<D, P>::Asked&) {
    }
    const auto b = spec::spt_bounds<P>(state.pool_base);
    const Word next = state.smmu.spt_next.base(Word(static_cast<u64>(z)), Word(0));
    const Word from = z == SmmuZone::pgd ? b.pgd : b.pmd, to = z == SmmuZone::pgd ? b.pmd : b.end;
    d.prove("a bump pointer is accepted exactly if it is in its zone (W10)",
            machine.accepted == both(from <= next, next <= to));
    d.cover("accepted", machine.accepted);
    d.cover("refused: among the roots", both(negation(machine.accepted), next < b.pgd));
    d.cover("refused: in the other zone",
            both(negation(machine.accepted), Bool(z == SmmuZone::pmd), b.pgd <= next));
  }

  // Every page that served the bank is free afterwards, no other page changes.
  static void release_smmu_pages(D& d) {
    AllocWorld w(d);
    const SmmuBank<Word> bank(d.any("bank"));
    const Word root = spec::spt_root<P>(w.initial.pool_base, bank.raw);
    if constexpr (D::symbolic) {  // where the specification's "every root entry is zero" is needed
      d.instantiate_at((w.at.slot - root) >> 3);
      d.instantiate_at(d.any("root_word") & Word(PTRS_PER_S2_PGD - 1));
    }
    spec::SptInvariants<spec::ReadBase, D, P> before(w.initial);
    const Bool served = both(before.live(w.at.page), before.taker(w.at.page) == bank.raw + Word(1));
    const Bool lived = before.live(w.at.page);
    const auto unit = [&](auto& layer) {
      layer.release_smmu_pages(bank);
      return Word(0);
    };
    w.agree(bank.raw, unit, unit);
    spec::SptInvariants<spec::ReadNow, D, P> now(w.after);
    d.prove("exactly the pages of the bank become free",
            now.live(w.at.page) == both(lived, negation(served)));
    d.cover("a page comes back", served);
    d.cover("a page of another bank stays", both(lived, negation(served)));
  }

  static void walk_smmu_pgd(D& d) {
    World w(d);
    const Word ttbr = d.any("ttbr");
    const Iova<Word> addr(d.any("addr"));
    const Alloc alloc = any_alloc(d);
    const Word bank = (phys_page(ttbr) - spec::spt_bounds<P>(w.initial.pool_base).roots) >> SMMU_ROOT_SHIFT;
    walk(d, w, bank, alloc, [&](auto& layer) { return layer.walk_smmu_pgd(Ttbr<Word>(ttbr), addr, alloc); });
  }
  static void walk_smmu_pmd(D& d) {
    World w(d);
    const Descriptor pgd(d.any("pgd"));
    const Iova<Word> addr(d.any("addr"));
    const Alloc alloc = any_alloc(d);
    walk(d, w, w.bank_of(phys_page(pgd.raw)), alloc,
         [&](auto& layer) { return layer.walk_smmu_pmd(pgd, addr, alloc); });
  }
  static void walk_smmu_pte(D& d) {
    World w(d);
    const Descriptor pmd(d.any("pmd"));
    const Iova<Word> addr(d.any("addr"));
    Word leaf(0);
    const auto call = [&](auto& layer) { return leaf = layer.walk_smmu_pte(pmd, addr).raw; };
    w.agree(w.bank_of(phys_page(pmd.raw)), call, call);
    d.prove("a query takes no step", Bool(w.machine.events().empty()));
    d.cover("no table", pmd.raw == Word(0));
    d.cover("an entry", leaf != Word(0));
  }
  static void set_smmu_pte(D& d) {
    World w(d);
    const Descriptor pmd(d.any("pmd")), pte(d.any("value"));
    const Iova<Word> addr(d.any("addr"));
    const auto unit = [&](auto& layer) {
      layer.set_smmu_pte(pmd, addr, pte);
      return Word(0);
    };
    w.agree(w.bank_of(phys_page(pmd.raw)), unit, unit);
    d.cover("stores zero", pte.raw == Word(0));
    d.cover("stores a valid leaf", (pte.raw & Word(1)) == Word(1));
  }

 private:
  template <class Call>
  static void alloc(D& d, Call call) {
    AllocWorld w(d);
    const SmmuBank<Word> bank(d.any("bank"));
    Word page(0);
    w.agree(
        bank.raw, [&](auto& layer) { return page = call(layer, bank).raw; },
        [&](auto& layer) { return call(layer, bank).raw; });
    if (!w.after.halt) {
      spec::SptInvariants<spec::ReadBase, D, P> before(w.initial);
      spec::SptInvariants<spec::ReadNow, D, P> now(w.after);
      const Bool lived = before.live(w.at.page), lives = now.live(w.at.page);
      d.prove("exactly the page handed out, which was free, becomes live",
              lives == either(lived, w.at.page == page));
      d.prove("the page handed out was free, and serves the bank",
              both(negation(before.live(page)), now.live(page), now.taker(page) == bank.raw + Word(1)));
      d.cover("a new page", Bool(w.after.updates.size == 0));
      d.cover("a page that serves again", Bool(w.after.updates.size == 2));
    }
  }

  template <class Call>
  static void ask(D& d, Call call) {
    AllocWorld w(d);
    Word answer(0);
    const auto number = [&](auto& layer) { return select(call(layer), Word(1), Word(0)); };
    w.agree(Word(0), [&](auto& layer) { return answer = number(layer); }, number);
    d.prove("a question takes no step", Bool(w.machine.events().empty()));
    d.cover("room", answer == Word(1));
    d.cover("no room", answer == Word(0));
  }

  template <class Call>
  static void walk(D& d, World& w, Word bank, Alloc alloc, Call call) {
    Word result(0);
    w.agree(
        bank, [&](auto& layer) { return result = call(layer).raw; },
        [&](auto& layer) { return call(layer).raw; });
    const std::size_t steps = w.after.updates.size;
    d.cover("links a new table", Bool(steps == 1));
    d.cover("links a table that serves again", Bool(steps == 3));
    d.cover("finds an entry", both(Bool(steps == 0), result != Word(0)));
    d.cover("finds nothing", both(Bool(steps == 0 && alloc == Alloc::no), result == Word(0)));
  }
};

}  // namespace redoubt::verify
