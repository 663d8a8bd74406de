// SPDX-License-Identifier: BSD-3-Clause
// Layer 19, BootCore: which VMID a new VM gets (upper digest 1.5).
#pragma once
#include "core/machine/constants.hpp"
#include "core/machine/fault.hpp"
#include "core/machine/types.hpp"

namespace redoubt {

// VMIDs are counted up to 15, then those of destroyed VMs are given again (R16: after their TLB entries are
// gone).
//   INV-VM-2  the next VMID is 1 to 16; at 16 only destroyed ones are left
//   INV-VM-8  a VMID is free only below the next one, and its VM is UNUSED
// There is no window of boot images to allocate: the core reads an image's pages through its alias of RAM,
// and the table of their frames is the VM's own stage-2 table, so that what is verified is what is loaded. So
// alloc_remap_addr is replaced (R21): load_and_map_vm_s2pt puts a page where walk_to_pfn finds it.
template <class Lower>
class BootCore : public Lower {
 public:
  using Lower::Lower;
  using typename Lower::VmId;
  using typename Lower::Word;

  // A VMID for a new VM; INVALID: none is left. Locks: takes core.
  VmId gen_vmid() {
    this->acquire_lock_core();
    const VmId vmid = take();
    this->release_lock_core();
    return vmid;
  }

  // Gives the VMID of a destroyed VM back; for what is no VM, nothing. Redoubt's own. Locks: takes core.
  void free_vmid(VmId vmid) {
    if (!bool(is_vm(vmid))) {
      return;
    }
    this->acquire_lock_core();
    set_free_vmids(get_free_vmids() | bit(vmid));
    this->release_lock_core();
  }

 private:
  VmId take() {
    const VmId next = get_next_vmid();
    const Word limit(Lower::seeded(Fault::vmid_of_core) ? COREVISOR + 1 : COREVISOR);
    if (next.raw < limit) {
      set_next_vmid(next + Word(1));
      return next;
    }
    const Word free = get_free_vmids();
    VmId last{Word(INVALID)};
    for (u64 v = 1; v <= MAX_VM_NUM; ++v) {
      last = VmId(select((free & Word(u64{1} << v)) != Word(0), Word(v), last.raw));
    }
    if (!Lower::seeded(Fault::vmid_given_twice)) {
      set_free_vmids(free & ~bit(last));
    }
    return last;
  }
  static Word bit(VmId vmid) {
    Word mask(0);
    for (u64 v = 1; v <= MAX_VM_NUM; ++v) {
      mask = select(vmid.raw == Word(v), Word(u64{1} << v), mask);
    }
    return mask;
  }

  // hidden from here up
  using Lower::get_free_vmids;
  using Lower::get_next_remap_ptr;
  using Lower::get_next_vmid;
  using Lower::set_free_vmids;
  using Lower::set_next_remap_ptr;
  using Lower::set_next_vmid;
};

}  // namespace redoubt
