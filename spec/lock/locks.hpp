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
  using typename Below::VmId;
  using typename Below::Word;

  void acquire_lock_pt(VmId vmid) { per_principal(vmid, NPT_ID, &Locks::acquire); }
  void release_lock_pt(VmId vmid) { per_principal(vmid, NPT_ID, &Locks::release); }
  void acquire_lock_vm(VmId vmid) { per_principal(vmid, INFO_ID, &Locks::acquire); }
  void release_lock_vm(VmId vmid) { per_principal(vmid, INFO_ID, &Locks::release); }
  void acquire_lock_spt() { acquire(Word(SPT_ID)); }
  void release_lock_spt() { release(Word(SPT_ID)); }
  void acquire_lock_s2page() { acquire(Word(S2PAGE_ID)); }
  void release_lock_s2page() { release(Word(S2PAGE_ID)); }
  void acquire_lock_core() { acquire(Word(CORE_ID)); }
  void release_lock_core() { release(Word(CORE_ID)); }
  void acquire_lock_smmu() { acquire(Word(SMMU_ID)); }
  void release_lock_smmu() { release(Word(SMMU_ID)); }

 protected:
  using Below::s;

 private:
  void per_principal(VmId vmid, u64 family, void (Locks::*act)(Word)) {
    if (s.halt) {
      return;
    }
    this->V(vmid);
    (this->*act)(vmid.raw + Word(family));
  }

  // Stuck: held already. Opens a transaction: one leaf store is allowed, no step taken yet.
  void acquire(Word id) {
    if (s.halt) {
      return;
    }
    this->stuck_unless("the lock is not held by this CPU", s.lock.read(id, Word(0)) == Word(LOCK_FALSE));
    s.lock.write(id, Word(0), Word(LOCK_OWN_TRUE));
    s.tstate = Word(0);
    s.updates = {};
    s.epoch = 0;
  }

  // Stuck: not held. A halted machine keeps its locks (the call is the identity).
  void release(Word id) {
    if (s.halt) {
      return;
    }
    this->stuck_unless("the lock is held by this CPU", s.holds(id));
    s.lock.write(id, Word(0), Word(LOCK_FALSE));
    s.tstate = Word(1);
  }
};

}  // namespace redoubt::spec
