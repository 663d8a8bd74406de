// SPDX-License-Identifier: BSD-3-Clause
// Layer 30, MemHandler: ranges of pages that the host takes back or asks to map (upper digest 1.12).
#pragma once
#include "core/machine/constants.hpp"
#include "core/machine/fault.hpp"
#include "core/machine/smmu_layout.hpp"
#include "core/machine/types.hpp"

namespace redoubt {

// el2_arm_lpae_map takes the smmu lock itself: the SMMU's control layers (22 to 26) are not built.
template <class Lower>
class MemHandler : public Lower {
 public:
  using Lower::Lower;
  using typename Lower::Bool;
  using typename Lower::Descriptor;
  using typename Lower::Ipa;
  using typename Lower::Pa;
  using typename Lower::Pfn;
  using typename Lower::VmId;
  using typename Lower::Word;
  using Gfn = redoubt::Gfn<Word>;
  using ContextBank = redoubt::ContextBank<Word>;
  using SmmuIndex = redoubt::SmmuIndex<Word>;
  using Iova = redoubt::Iova<Word>;

  // Gives the `pages` frames from `pfn`, at most 32, of a VM that has ended and of which nothing runs back to
  // the host, zeroed. How many; fewer: the next one is not the VM's, or the VM has not ended.
  // Locks: takes vm(v), s2page, pt(0).
  Word clear_vm_stage2_range(VmId vmid, Pfn pfn, Word pages) {
    return this->reclaim_vm_pages(vmid, pfn, pages);
  }

  // Maps the page at `paddr` for the devices of a bank at `iova`, with the access and the memory type in
  // `prot` (S2AP, MemAttr); a page of a VM's bank becomes the VM's first. not_found: nobody owns the bank.
  // invalid_parameter: no such bank, or not whole pages of 40 bits. Else as assign_smmu and map_smmu. One
  // section, so that the bank has one owner throughout. Locks: takes smmu, inside it those of the two.
  Status el2_arm_lpae_map(Iova iova, Pa paddr, Word prot, ContextBank cbndx, SmmuIndex index) {
    const Bool bank = both(index.raw < Word(SMMU_NUM), cbndx.raw < Word(SMMU_NUM_CTXT_BANKS));
    const Word end(u64{1} << SMMU_IOVA_BITS), both_addresses = iova.raw | paddr.raw;
    if (!bool(both(bank, both_addresses < end, (both_addresses & Word(PAGE_SIZE - 1)) == Word(0)))) {
      return Status::invalid_parameter;
    }
    this->acquire_lock_smmu();
    const VmId owner(this->get_smmu_cfg_vmid(cbndx, index));
    const Status status = owner.raw == Word(INVALID) ? Status::not_found
                                                     : assign_and_map(owner, cbndx, index, iova, paddr, prot);
    this->release_lock_smmu();
    return status;
  }

  // Maps device pages into a VM: there is no assignable device (R11), so the first one is refused.
  Status kvm_phys_addr_ioremap(VmId vmid, Ipa gpa, Pa pa, Word size) {
    if (either(size == Word(0), Word(PAGE_SIZE) < size)) {
      return Status::invalid_parameter;
    }
    return this->map_vm_io(vmid, gpa, pa);
  }

 private:
  Status assign_and_map(VmId owner, ContextBank cbndx, SmmuIndex index, Iova iova, Pa paddr, Word prot) {
    const Status given = this->assign_smmu(owner, Pfn(paddr.raw >> PAGE_SHIFT), Gfn(iova.raw >> PAGE_SHIFT));
    if (!succeeded(given)) {
      return given;
    }
    const Word asked = prot & Word(Stage2Leaf::S2Ap::mask | Stage2Leaf::MemAttr::mask);
    return this->map_smmu(owner, cbndx, index, iova, Descriptor(paddr.raw | asked));
  }
};

}  // namespace redoubt
