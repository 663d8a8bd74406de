// SPDX-License-Identifier: BSD-3-Clause
// Layer 30, MemHandler: ranges of pages that the host takes back or asks to map (upper digest 1.12).
#pragma once
#include "core/machine/constants.hpp"
#include "core/machine/fault.hpp"
#include "core/machine/types.hpp"

namespace redoubt {

// el2_arm_lpae_map is not here: it belongs to the SMMU's control layers, which are not built.
template <class Lower>
class MemHandler : public Lower {
 public:
  using Lower::Lower;
  using typename Lower::Bool;
  using typename Lower::Ipa;
  using typename Lower::Pa;
  using typename Lower::Pfn;
  using typename Lower::VmId;
  using typename Lower::Word;

  // Gives the `pages` frames from `pfn`, at most 32, of a VM that has ended and of which nothing runs back to
  // the host, zeroed. How many; fewer: the next one is not the VM's, or the VM has not ended.
  // Locks: takes vm(v), s2page, pt(0).
  Word clear_vm_stage2_range(VmId vmid, Pfn pfn, Word pages) {
    return this->reclaim_vm_pages(vmid, pfn, pages);
  }

  // Maps device pages into a VM: there is no assignable device (R11), so the first one is refused.
  Status kvm_phys_addr_ioremap(VmId vmid, Ipa gpa, Pa pa, Word size) {
    if (either(size == Word(0), Word(PAGE_SIZE) < size)) {
      return Status::invalid_parameter;
    }
    return this->map_vm_io(vmid, gpa, pa);
  }
};

}  // namespace redoubt
