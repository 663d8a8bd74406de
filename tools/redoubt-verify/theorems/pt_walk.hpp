// SPDX-License-Identifier: BSD-3-Clause
// Theorems about PTAlloc and PTWalk: each primitive refines its specification and keeps INV-NPT-1 to 5.
#pragma once
#include "tools/redoubt-verify/theorems/pt_walk_world.hpp"

namespace redoubt::verify {

// One harness a primitive: arbitrary arguments, the same call on specification and code.
template <class P, ValueDomain D>
struct PtWalkTheorems {
  using World = PtWalkWorld<D, P>;
  using Word = typename D::Word;
  using Bool = typename D::Bool;
  using Descriptor = redoubt::Descriptor<Word>;

  static void alloc_pgd_page(D& d) {
    alloc(d, [](auto& layer, auto vmid) { return layer.alloc_pgd_page(vmid); });
  }
  static void alloc_pud_page(D& d) {
    alloc(d, [](auto& layer, auto vmid) { return layer.alloc_pud_page(vmid); });
  }
  static void alloc_pmd_page(D& d) {
    alloc(d, [](auto& layer, auto vmid) { return layer.alloc_pmd_page(vmid); });
  }
  static void can_alloc(D& d) {
    PtWalkWorld<D, P, tower::PtAllocLayer> w(d);
    const auto call = [&](auto& layer) {
      const Bool pgd = layer.can_alloc_pgd_page(w.vmid);
      const Bool pud = layer.can_alloc_pud_page(w.vmid);
      const Bool pmd = layer.can_alloc_pmd_page(w.vmid);
      return select(pgd, Word(1), Word(0)) | select(pud, Word(2), Word(0)) | select(pmd, Word(4), Word(0));
    };
    Word answer(0);
    w.agree([&](auto& layer) { return answer = call(layer); }, call);
    d.cover("room in all zones", answer == Word(7));
    d.cover("room in none", answer == Word(0));
  }

  static void walk_pgd(D& d) {
    walk(d, "vttbr", [](auto& layer, auto vmid, Word table, auto addr, Alloc alloc) {
      return layer.walk_pgd(vmid, Vttbr<Word>(table), addr, alloc);
    });
  }
  static void walk_pud(D& d) {
    walk(d, "pgd", [](auto& layer, auto vmid, Word table, auto addr, Alloc alloc) {
      return layer.walk_pud(vmid, Descriptor(table), addr, alloc);
    });
  }
  static void walk_pmd(D& d) {
    walk(d, "pud", [](auto& layer, auto vmid, Word table, auto addr, Alloc alloc) {
      return layer.walk_pmd(vmid, Descriptor(table), addr, alloc);
    });
  }
  static void walk_pte(D& d) {
    World w(d);
    const Descriptor pmd(d.any("pmd"));
    const Ipa<Word> addr(d.any("addr"));
    const auto call = [&](auto& layer) { return layer.walk_pte(w.vmid, pmd, addr).raw; };
    w.agree(call, call);
    d.cover("no table", pmd.raw == Word(0));
    d.cover("an entry", w.after.pt_pmd_pool.base(
                            w.vmid.raw, spec::slot_in(pmd.raw, spec::index_at(addr.raw, 12))) != Word(0));
  }
  static void set_pmd(D& d) {
    set(d, "pud", [](auto& layer, auto vmid, auto table, auto addr, auto value) {
      layer.set_pmd(vmid, table, addr, value);
    });
  }
  static void set_pte(D& d) {
    set(d, "pmd", [](auto& layer, auto vmid, auto table, auto addr, auto value) {
      layer.set_pte(vmid, table, addr, value);
    });
  }

 private:
  template <class Call>
  static void alloc(D& d, Call call) {
    PtWalkWorld<D, P, tower::PtAllocLayer> w(d);
    const auto page = [&](auto& layer) { return call(layer, w.vmid).raw; };
    w.agree(page, page);
  }

  template <class Call>
  static void walk(D& d, std::string_view argument, Call call) {
    World w(d);
    const Word table = d.any(argument);
    const Ipa<Word> addr(d.any("addr"));
    const Alloc alloc = any_alloc(d);
    Word result(0);
    w.agree([&](auto& spec) { return result = call(spec, w.vmid, table, addr, alloc).raw; },
            [&](auto& code) { return call(code, w.vmid, table, addr, alloc).raw; });
    const bool stored = w.after.updates.size != 0;
    d.cover("links a new table", Bool(stored));
    d.cover("finds an entry", both(Bool(!stored), result != Word(0)));
    d.cover("finds nothing", both(Bool(!stored && alloc == Alloc::no), result == Word(0)));
  }

  template <class Call>
  static void set(D& d, std::string_view argument, Call call) {
    World w(d);
    const Descriptor table(d.any(argument)), value(d.any("value"));
    const Ipa<Word> addr(d.any("addr"));
    const auto unit = [&](auto& layer) {
      call(layer, w.vmid, table, addr, value);
      return Word(0);
    };
    w.agree(unit, unit);
    d.cover("stores zero", value.raw == Word(0));
    d.cover("stores a valid leaf", (value.raw & Word(1)) == Word(1));
  }
};

}  // namespace redoubt::verify
