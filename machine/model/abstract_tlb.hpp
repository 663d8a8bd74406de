// SPDX-License-Identifier: BSD-3-Clause
// One arbitrary translation in the TLB of one arbitrary CPU: what a statement about every TLB looks at.
#pragma once
#include "core/machine/constants.hpp"
#include "machine/domain/domain.hpp"
#include "machine/model/tlbi_scope.hpp"

namespace redoubt {

// A page frame of a principal as some CPU may have cached it before its tables changed: a table on its walk
// (walk cache), its leaf (stage 2), and its leaf combined with the guest's stage 1. Each stays usable until
// (Arm ARM D8.13, D8.14):
//   1 the store is visible to walkers (a DSB), else it may be filled again from memory;
//   2 a TLBI takes it. A table: by an IPA below it, without level hint and not last level only, or by VMID.
//     A leaf: by this very frame with no hint or its own level, or by VMID; a block may be cached in pieces,
//     so an IPA takes one frame. A combined one: by VMALLE1IS or by VMID. And only once that is gone which it
//     may be filled from again: the leaf from the table, the combined one from the leaf. Not broadcast, it
//     takes this CPU's entries only;
//   3 a DSB that waits for TLB maintenance (not ISHST).
// The weakest hardware: nothing goes away by itself.
template <ValueDomain D>
class AbstractTlb {
 public:
  using Word = typename D::Word;
  using Bool = typename D::Bool;

  // All arbitrary: the entry's principal and frame; which table of the walk, by the level of the entry that
  // links it, 0 to 2; `elsewhere`: it is in another CPU's TLB.
  AbstractTlb(Word vmid, Word gfn, Word link_level, Bool elsewhere)
      : vmid_(vmid), gfn_(gfn), link_level_(link_level), elsewhere_(elsewhere) {}

  // The leaf of this frame was valid at `level`, 2 or 3, and is overwritten, if `stale`.
  void overwritten(Bool stale, Word level) {
    // leaves of two levels may be cached: no hint fits both
    const Bool other = both(stage2_ != Word(kGone), leaf_level_ != level);
    leaf_level_ = select(stale, select(other, Word(kNoLevel), level), leaf_level_);
    stage2_ = select(stale, Word(kStored), stage2_);
    combined_ = select(stale, Word(kStored), combined_);
  }
  // The link of that table is overwritten, if `stale`: until it is gone, whatever lies in the table, or will,
  // may be filled in.
  void unhooked(Bool stale) {
    link_ = select(stale, Word(kStored), link_);
    overwritten(stale, select(link_level_ == Word(2), Word(3), Word(kNoLevel)));
  }
  void dsb_ishst() { visible(); }
  void dsb_ish() {
    for (Word* phase : {&link_, &stage2_, &combined_}) {
      *phase = select(*phase == Word(kAsked), Word(kGone), *phase);
    }
    visible();
  }
  void tlbi_ipa(Word vmid, Word ipa, TlbiScope scope = {}) {
    const Bool reached = mine(vmid, scope.broadcast);
    take(both(reached, Bool(scope.takes_tables()), below_link(ipa)),
         both(reached, hinted(scope), (ipa >> PAGE_SHIFT) == gfn_), Bool(false));
  }
  // By IPA for the whole IPA space (RIPAS2E1IS and its last-level form).
  void tlbi_all_ipas(Word vmid, TlbiScope scope = {}) {
    const Bool reached = mine(vmid, scope.broadcast);
    take(both(reached, Bool(scope.takes_tables())), both(reached, hinted(scope)), Bool(false));
  }
  void tlbi_combined(Word vmid, bool broadcast = true) {
    take(Bool(false), Bool(false), mine(vmid, broadcast));
  }
  void tlbi_vmid(Word vmid, bool broadcast = true) {
    const Bool reached = mine(vmid, broadcast);
    take(reached, reached, reached);
  }

  [[nodiscard]] Word vmid() const { return vmid_; }
  [[nodiscard]] Word gfn() const { return gfn_; }
  [[nodiscard]] Word link_level() const { return link_level_; }
  // May the CPU still translate by what was overwritten?
  [[nodiscard]] Bool usable() const {
    return either(either(link_ != Word(kGone), stage2_ != Word(kGone)), combined_ != Word(kGone));
  }

 private:
  static constexpr u64 kGone = 0, kStored = 1, kVisible = 2, kAsked = 3;
  static constexpr u64 kNoLevel = 0;

  Bool mine(Word vmid, bool broadcast) {
    return both(vmid == vmid_, either(Bool(broadcast), negation(elsewhere_)));
  }
  Bool hinted(TlbiScope scope) {
    return either(Bool(scope.level_hint == 0), leaf_level_ == Word(scope.level_hint));
  }
  // Does the walk of `ipa` go through that table?
  Bool below_link(Word ipa) {
    const Bool same_pmd = (ipa >> PMD_SHIFT) == (gfn_ >> (PMD_SHIFT - PAGE_SHIFT));
    const Bool same_pud = (ipa >> PUD_SHIFT) == (gfn_ >> (PUD_SHIFT - PAGE_SHIFT));
    const Bool same_pgd = (ipa >> PGDIR_SHIFT) == (gfn_ >> (PGDIR_SHIFT - PAGE_SHIFT));
    return either(either(both(link_level_ == Word(2), same_pmd), both(link_level_ == Word(1), same_pud)),
                  both(link_level_ == Word(0), same_pgd));
  }
  // One instruction that reaches these.
  void take(Bool link, Bool leaf, Bool combined) {
    const Bool link_goes = both(link, Word(kVisible) <= link_);
    const Bool leaf_goes = both(leaf, Word(kVisible) <= stage2_, either(link_ == Word(kGone), link_goes));
    const Bool combined_goes =
        both(combined, Word(kVisible) <= combined_, either(stage2_ == Word(kGone), leaf_goes));
    link_ = select(link_goes, Word(kAsked), link_);
    stage2_ = select(leaf_goes, Word(kAsked), stage2_);
    combined_ = select(combined_goes, Word(kAsked), combined_);
  }
  void visible() {
    for (Word* phase : {&link_, &stage2_, &combined_}) {
      *phase = select(*phase == Word(kStored), Word(kVisible), *phase);
    }
  }

  Word vmid_, gfn_, link_level_;
  Bool elsewhere_;
  Word link_{kGone}, stage2_{kGone}, combined_{kGone};
  Word leaf_level_{kNoLevel};
};

}  // namespace redoubt
