// SPDX-License-Identifier: BSD-3-Clause
// Layer 4, Locks: one acquire and one release for each protected object (digest 4.3, 5.4).
#pragma once
#include "core/lock/lock_ops_h.hpp"
#include "core/machine/fault.hpp"

namespace redoubt {

// acquire: waits for the lock, then pulls the newest published value of the object. Stuck: held already.
// release: publishes the object, then passes the lock on. Stuck: not held.
// Lock order: lock_rank() in lock_id.hpp; the model asserts it.
template <class Lower>
class Locks : public Lower {
 public:
  using Lower::Lower;
  using typename Lower::LockId;
  using typename Lower::VmId;
  using typename Lower::Word;

  void acquire_lock_pt(VmId vmid) { acquire(pt_lock(vmid)); }
  void acquire_lock_vm(VmId vmid) {
    acquire(Lower::seeded(Fault::vm_lock_is_pt_lock) ? pt_lock(vmid) : vm_lock(vmid));
  }
  void acquire_lock_spt() { acquire(LockId(Word(SPT_ID))); }
  void acquire_lock_s2page() { acquire(LockId(Word(S2PAGE_ID))); }
  void acquire_lock_core() { acquire(LockId(Word(CORE_ID))); }
  void acquire_lock_smmu() { acquire(LockId(Word(SMMU_ID))); }

  void release_lock_pt(VmId vmid) {
    release_pt_shared(vmid);
    pass_hlock(pt_lock(vmid));
  }
  void release_lock_vm(VmId vmid) {
    release_vm_shared(vmid);
    pass_hlock(vm_lock(vmid));
  }
  void release_lock_spt() {
    release_spt_shared();
    pass_hlock(LockId(Word(SPT_ID)));
  }
  void release_lock_s2page() {
    if (!Lower::seeded(Fault::release_without_publish)) {
      release_s2page_shared();
    }
    pass_hlock(LockId(Word(S2PAGE_ID)));
  }
  void release_lock_core() {
    release_core_shared();
    pass_hlock(LockId(Word(CORE_ID)));
  }
  void release_lock_smmu() {
    release_smmu_shared();
    pass_hlock(LockId(Word(SMMU_ID)));
  }

 private:
  void acquire(LockId lock) {
    wait_hlock(lock);
    if (!Lower::seeded(Fault::acquire_without_pull)) {
      acquire_shared(lock);
    }
  }

  // hidden from here up
  using Lower::acquire_shared;
  using Lower::pass_hlock;
  using Lower::release_core_shared;
  using Lower::release_pt_shared;
  using Lower::release_s2page_shared;
  using Lower::release_smmu_shared;
  using Lower::release_spt_shared;
  using Lower::release_vm_shared;
  using Lower::wait_hlock;
};

}  // namespace redoubt
