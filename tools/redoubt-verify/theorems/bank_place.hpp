// SPDX-License-Identifier: BSD-3-Clause
// What ownership says of the tables of SMMUs, at one arbitrary place of one arbitrary bank: INV-PAGE-11.
#pragma once
#include "tools/redoubt-verify/theorems/frame_index.hpp"

namespace redoubt::verify {

template <ValueDomain D, class P>
class BankPlace {
 public:
  using Word = typename D::Word;
  using Bool = typename D::Bool;
  using State = spec::State<D, P>;
  using Smmu = spec::SmmuState<D>;

  explicit BankPlace(State& initial)
      : d_(*initial.d), initial_(initial), bank_(d_.any("some_bank")), gfn_(d_.any("some_iova_frame")) {
    d_.assume(both(bank_ < Word(EL2_SMMU_CFG_SIZE), gfn_ < Word(u64{1} << (SMMU_IOVA_BITS - PAGE_SHIFT))));
    d_.assume(isolated(initial));
  }

  void prove(State& after) {
    d_.prove("INV-PAGE-11: a bank maps only pages for devices that its principal owns, where that sees them",
             isolated(after));
  }
  // The code's tables, where the specification's change; else both are those of the start.
  void compare(State& expected, State& actual, bool changes) {
    for (auto map : {&Smmu::spt_pgd_t, &Smmu::spt_pmd_t, &Smmu::spt_pt, &Smmu::spt_free, &Smmu::spt_used}) {
      const Word want = at(expected, map), have = at(actual, map);
      d_.prove("tables of SMMUs are as specified", have == want);
      d_.prove("frame: tables of SMMUs stay as they were", either(Bool(changes), want == at(initial_, map)));
    }
    d_.prove("no bank changes its owner", at(actual, &Smmu::smmu_vmid) == at(initial_, &Smmu::smmu_vmid));
  }

 private:
  Word at(State& s, typename D::Map Smmu::* map) {
    return (s.smmu.*map).read(d_.any("some_row"), d_.any("some_index"));
  }
  Bool isolated(State& s) {
    const Word zero(0), vmid = s.smmu.smmu_vmid.read(bank_, zero);
    const Bool table = both(s.smmu.spt_pgd_t.read(bank_, (gfn_ >> 18) << 3) == Word(1),
                            s.smmu.spt_pmd_t.read(bank_, (gfn_ >> 9) << 3) == Word(1));
    const Word leaf = s.smmu.spt_pt.read(bank_, gfn_ << 3), frame = spec::frame_of(leaf) >> PAGE_SHIFT;
    const Word entry = entry_of(s, frame);
    const Bool own = both(entry != Word(INVALID64), s.s2_owner.read(entry, zero) == vmid,
                          s.s2_dma.read(entry, zero) == Word(1));
    const Word seen = select(vmid == Word(HOSTVISOR), frame, s.s2_gfn.read(entry, zero));
    return implies(both(table, (leaf & Word(1)) == Word(1)), both(own, seen == gfn_));
  }

  D& d_;
  State& initial_;
  Word bank_, gfn_;
};

}  // namespace redoubt::verify
