// SPDX-License-Identifier: BSD-3-Clause
// One arbitrary translation in the TLB of one arbitrary CPU: what a statement about every TLB looks at.
#pragma once
#include "core/machine/constants.hpp"
#include "machine/domain/domain.hpp"

namespace redoubt {

// A page frame of a principal as some CPU may have cached it before its leaf was overwritten: by itself
// (stage 2), and combined with the guest's stage 1. Either stays usable until (Arm ARM D8.13):
//   1 the store is visible to walkers (a DSB), else the entry may be filled again from the old leaf;
//   2 a TLBI takes it: stage 2 by this very frame or by VMID, combined ones by VMALLE1IS or by VMID; combined
//     ones only once the stage-2 entry is gone, else they are filled again from it. A block may be cached in
//     pieces, so an IPA takes one frame. Not broadcast, it takes this CPU's entries only;
//   3 a DSB that waits for TLB maintenance (not ISHST).
// The weakest hardware: nothing goes away by itself.
template <ValueDomain D>
class AbstractTlb {
 public:
  using Word = typename D::Word;
  using Bool = typename D::Bool;

  // All three arbitrary: the entry's principal and frame; `elsewhere`: it is in another CPU's TLB.
  AbstractTlb(Word vmid, Word gfn, Bool elsewhere) : vmid_(vmid), gfn_(gfn), elsewhere_(elsewhere) {}

  // The leaf of this frame was valid and is overwritten, if `stale`.
  void overwritten(Bool stale) {
    stage2_ = select(stale, Word(kStored), stage2_);
    combined_ = select(stale, Word(kStored), combined_);
  }
  void dsb_ishst() { visible(); }
  void dsb_ish() {
    stage2_ = select(stage2_ == Word(kAsked), Word(kGone), stage2_);
    combined_ = select(combined_ == Word(kAsked), Word(kGone), combined_);
    visible();
  }
  void tlbi_ipa(Word vmid, Word ipa, bool broadcast = true) {
    ask(stage2_, both(mine(vmid, broadcast), (ipa >> PAGE_SHIFT) == gfn_));
  }
  void tlbi_combined(Word vmid, bool broadcast = true) {
    ask(combined_, both(mine(vmid, broadcast), stage2_ == Word(kGone)));
  }
  void tlbi_vmid(Word vmid, bool broadcast = true) {
    ask(stage2_, mine(vmid, broadcast));
    ask(combined_, mine(vmid, broadcast));
  }

  Word vmid() const { return vmid_; }
  Word gfn() const { return gfn_; }
  // May the CPU still translate with the old leaf?
  Bool usable() const { return either(stage2_ != Word(kGone), combined_ != Word(kGone)); }

 private:
  static constexpr u64 kGone = 0, kStored = 1, kVisible = 2, kAsked = 3;

  Bool mine(Word vmid, bool broadcast) {
    return both(vmid == vmid_, either(Bool(broadcast), negation(elsewhere_)));
  }
  void ask(Word& phase, Bool reached) {
    phase = select(both(reached, phase == Word(kVisible)), Word(kAsked), phase);
  }
  void visible() {
    stage2_ = select(stage2_ == Word(kStored), Word(kVisible), stage2_);
    combined_ = select(combined_ == Word(kStored), Word(kVisible), combined_);
  }

  Word vmid_, gfn_;
  Bool elsewhere_;
  Word stage2_{kGone}, combined_{kGone};
};

}  // namespace redoubt
