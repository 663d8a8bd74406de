// SPDX-License-Identifier: BSD-3-Clause
// Specification of layer 4, Locks, on the abstract state: who holds what, and the transaction each section
// opens (digest 4.3).
#pragma once
#include "spec/machine/state.hpp"

namespace redoubt::spec {

// One CPU's view: what other CPUs published is in the maps already when a lock is taken. The protocol behind
// one step, tickets, queue and log, is specified in the other headers of this folder.
template <ValueDomain D, class P, class Below = Layer<D, P>>
class Locks : public Below {
 public:
  using Below::Below;
  using typename Below::Bool;
  using typename Below::VmId;
  using typename Below::Word;

  void acquire_lock_pt(VmId vmid) { per_principal(vmid, NPT_ID, &Locks::acquire); }
  void release_lock_pt(VmId vmid) { per_principal(vmid, NPT_ID, &Locks::release); }
  void acquire_lock_vm(VmId vmid) { per_principal(vmid, INFO_ID, &Locks::acquire); }
  void release_lock_vm(VmId vmid) { per_principal(vmid, INFO_ID, &Locks::release); }
  void acquire_lock_spt() { acquire(Word(SPT_ID), SPT_ID); }
  void release_lock_spt() { release(Word(SPT_ID), SPT_ID); }
  void acquire_lock_s2page() { acquire(Word(S2PAGE_ID), S2PAGE_ID); }
  void release_lock_s2page() { release(Word(S2PAGE_ID), S2PAGE_ID); }
  void acquire_lock_core() { acquire(Word(CORE_ID), CORE_ID); }
  void release_lock_core() { release(Word(CORE_ID), CORE_ID); }
  void acquire_lock_smmu() { acquire(Word(SMMU_ID), SMMU_ID); }
  void release_lock_smmu() { release(Word(SMMU_ID), SMMU_ID); }

 protected:
  using Below::s;

 private:
  void per_principal(VmId vmid, u64 family, void (Locks::*act)(Word, u64)) {
    if (s.halt) {
      return;
    }
    this->V(vmid);
    (this->*act)(vmid.raw + Word(family), family);
  }

  // Outermost first (digest 2.7): smmu; vm(v); core or s2page; pt(v) or spt.
  static constexpr unsigned depth(u64 id) {
    if (id == SMMU_ID) {
      return 0;
    }
    return id >= INFO_ID ? 1 : id == CORE_ID || id == S2PAGE_ID ? 2 : 3;
  }
  // No lock as deep or deeper is held, this one included.
  Bool in_order(u64 family) {
    Bool kept(true);
    for (u64 id = CORE_ID; id < ID_END; ++id) {
      if (depth(id) >= depth(family)) {
        kept = both(kept, s.lock.read(Word(id), Word(0)) == Word(LOCK_FALSE));
      }
    }
    return kept;
  }

  // Stuck: held already, or out of order. Opens a transaction: one leaf store is allowed, no step taken yet.
  void acquire(Word id, u64 family) {
    if (s.halt) {
      return;
    }
    const Bool own = s.lock.read(id, Word(0)) == Word(LOCK_FALSE);
    const bool any_order = this->wrong(Mutant::lock_order_not_asked);
    this->stuck_unless("the lock is free and the lock order is kept", any_order ? own : in_order(family));
    s.lock.write(id, Word(0), Word(LOCK_OWN_TRUE));
    s.tstate = this->wrong(Mutant::section_keeps_tstate) ? s.tstate : Word(0);
    s.updates = {};
    s.epoch = 0;
    ++s.sections;
    if (s.others.taken != nullptr) {
      s.others.taken(s.others.context, s, id);
    }
  }

  // Stuck: not held. A halted machine keeps its locks (the call is the identity).
  void release(Word id, u64) {
    if (s.halt) {
      return;
    }
    const Bool any(this->wrong(Mutant::release_not_held));
    this->stuck_unless("L: the lock is held by this CPU", either(any, s.holds(id)));
    if (s.others.giving != nullptr) {
      s.others.giving(s.others.context, s, id);
    }
    s.lock.write(id, Word(0), Word(LOCK_FALSE));
    s.tstate = Word(this->wrong(Mutant::release_leaves_open) ? 0 : 1);
  }
};

}  // namespace redoubt::spec
