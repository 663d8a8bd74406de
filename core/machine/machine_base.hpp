// SPDX-License-Identifier: BSD-3-Clause
// What the groups of base primitives share: the machine, the vocabulary and the stuck guards (digest 0.1).
#pragma once
#include "core/machine/machine.hpp"

namespace redoubt {

// Groups derive from each other in a line; AbstractMachine closes the line and hides the machine from the
// layers above.
template <Machine M>
class MachineBase {
 public:
  using Word = typename M::Word;
  using Bool = typename M::Bool;
  using Params = typename M::Params;
  using Pa = redoubt::Pa<Word>;
  using Ipa = redoubt::Ipa<Word>;
  using Pfn = redoubt::Pfn<Word>;
  using VmId = redoubt::VmId<Word>;
  using Vttbr = redoubt::Vttbr<Word>;
  using Descriptor = redoubt::Descriptor<Word>;
  using LockId = redoubt::LockId<Word>;
  using PageIndex = redoubt::PageIndex<Word>;

  explicit MachineBase(M& machine) : machine_(machine) {}

 protected:
  static constexpr bool seeded(Fault fault) { return M::seeded(fault); }
  void guard(Guard what, Bool holds) { machine_.require(what, holds); }
  void guard_vmid(VmId vmid) { guard(Guard::vmid, is_vmid(vmid)); }
  void guard_lock(LockId lock) { guard(Guard::lock_held, machine_.holds(lock)); }
  void guard_lock(u64 id) { guard_lock(LockId(Word(id))); }

  // Control that layers may use; not primitives.

  // The head of a loop that counts its rounds in `n`, from 0: n. A proof cuts the loop here and goes by
  // induction over its rounds, so no other local variable may live from one round to the next.
  static Word loop_round(const Word& n) { return n; }
  template <class Predicate>
  void spin_until(Predicate predicate) {
    machine_.spin_until(predicate);
  }
  template <class Predicate>
  Bool for_all(Word n, Predicate predicate) {
    return machine_.for_all(n, predicate);
  }
  template <class Predicate>
  Word find_last(Word n, Predicate predicate) {
    return machine_.find_last(n, predicate);
  }

  M& machine_;
};

}  // namespace redoubt
