// SPDX-License-Identifier: BSD-3-Clause
// The flat view of an SMMU table as a function of the raw tables: the refinement relation of MmioSPTWalk
// (digest 5.11).
#pragma once
#include "tools/redoubt-verify/theorems/spt_tables.hpp"

namespace redoubt::verify {

// Walks as pure terms over any way to read an entry: reader(level, slot), level 1 to 3. Positions are index
// prefixes of an IOVA frame: gfn >> 18, gfn >> 9, gfn.
template <ValueDomain D, class P, class Reader>
class SptImage {
 public:
  using Word = typename D::Word;
  using Bool = typename D::Bool;

  SptImage(Word pool_base, Reader reader) : base_(pool_base), read_(std::move(reader)) {}

  Word level1_entry(Word bank, Word i1) {
    return read_(1, spec::spt_root<P>(base_, bank) + ((i1 & Word(PTRS_PER_S2_PGD - 1)) << 3));
  }
  Word level2_entry(Word bank, Word i2) { return below(2, level1_entry(bank, i2 >> 9), i2); }
  Word leaf(Word bank, Word gfn) { return below(3, level2_entry(bank, gfn >> 9), gfn); }

 private:
  Word below(unsigned level, Word parent, Word position) {
    const Word slot = spec::slot_in(parent, position & Word(PTRS_PER_TABLE - 1));
    return select(parent == Word(0), Word(0), read_(level, slot));
  }

  Word base_;
  Reader read_;
};

// Reads the pools of a state as they are at the start (ReadBase) or now (ReadNow).
template <class When, ValueDomain D, class P>
auto spt_image_of(spec::State<D, P>& state) {
  using Word = typename D::Word;
  const auto reader = [&state](unsigned level, Word slot) {
    auto& s = state.smmu;
    auto& pool = level == 1 ? s.spt_vttbr_pool : level == 2 ? s.spt_pgd_pool : s.spt_pmd_pool;
    return When::at(pool, Word(0), slot);
  };
  return SptImage<D, P, decltype(reader)>(state.pool_base, reader);
}

// The numbers of free pages that the flat specification starts from, tied to the pages: if one is not zero, a
// page of the zone is free; if it is zero, every page that is looked at is live. The step from a set of pages
// to its size is arithmetic of finite sets, which no solver is asked about.
template <ValueDomain D, class P>
class FreePages {
 public:
  using Word = typename D::Word;
  using Bool = typename D::Bool;

  explicit FreePages(spec::State<D, P>& raw) : d_(*raw.d), before_(raw) {}

  Word count(SmmuZone z) { return d_.any(z == SmmuZone::pgd ? "free_pgd_pages" : "free_pmd_pages"); }
  // Number within its zone of a page that is free if one is.
  Word witness(SmmuZone z) { return d_.any(z == SmmuZone::pgd ? "free_pgd_page" : "free_pmd_page"); }

  // What a count of zero says of a page.
  Bool none_free(Word page) { return both(none_free(SmmuZone::pgd, page), none_free(SmmuZone::pmd, page)); }
  // Once the invariants are assumed: what other counts say; and the next fresh page is one that counts.
  void assume_witnesses() {
    for (const SmmuZone z : {SmmuZone::pgd, SmmuZone::pmd}) {
      const Word from = before_.from(z), pages = (before_.to(z) - from) >> PAGE_SHIFT;
      d_.assume(witness(z) < pages);
      d_.assume(implies(count(z) != Word(0), negation(before_.live(from + (witness(z) << PAGE_SHIFT)))));
      static_cast<void>(before_.taker(before_.next(z)));
      if constexpr (D::symbolic) {
        d_.instantiate_at(witness(z));
      }
    }
  }

 private:
  Bool none_free(SmmuZone z, Word page) {
    const Bool inside = both(before_.from(z) <= page, page < before_.to(z), (page & Word(0xfff)) == Word(0));
    return implies(both(count(z) == Word(0), inside), before_.live(page));
  }

  D& d_;
  spec::SptInvariants<spec::ReadBase, D, P> before_;
};

// A state of MmioSPTWalk's specification that corresponds to the raw tables in `raw`, arbitrary where that
// says nothing: under absent tables. `raw` must outlive it.
template <ValueDomain D, class P>
spec::State<D, P> flat_smmu_state(spec::State<D, P>& raw) {
  using W = typename D::Word;
  using Map = typename D::Map;
  D& d = *raw.d;
  const auto start = [&raw] { return spt_image_of<spec::ReadBase>(raw); };
  const auto present = [](W entry) { return select(entry != W(0), W(1), W(0)); };
  const Map stale_table(d, "stale_table"), stale_leaf(d, "stale_leaf");
  spec::State<D, P> flat(raw);
  auto& s = flat.smmu;
  s.spt_pgd_t = Map(d, "flat_spt_pgd_t",
                    [start, present](W bank, W at) { return present(start().level1_entry(bank, at >> 3)); });
  s.spt_pmd_t = Map(d, "flat_spt_pmd_t", [start, present, stale_table](W bank, W at) {
    const W parent = start().level1_entry(bank, at >> 12);
    return select(parent == W(0), stale_table.base(bank, at), present(start().level2_entry(bank, at >> 3)));
  });
  s.spt_pt = Map(d, "flat_spt_pt", [start, stale_leaf](W bank, W at) {
    const W parent = start().level2_entry(bank, at >> 12);
    return select(parent == W(0), stale_leaf.base(bank, at), start().leaf(bank, at >> 3));
  });
  s.spt_free = Map(d, "flat_spt_free", [&raw](W zone, W) {
    FreePages<D, P> free(raw);
    return select(zone == W(static_cast<u64>(SmmuZone::pgd)), free.count(SmmuZone::pgd),
                  free.count(SmmuZone::pmd));
  });
  return flat;
}

}  // namespace redoubt::verify
