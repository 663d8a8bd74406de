// SPDX-License-Identifier: BSD-3-Clause
// Specification of layer 30, MemHandler (upper digest 1.12).
#pragma once
#include "spec/machine/smmu_primitives.hpp"
#include "spec/vcpu/ctxt_switch.hpp"

namespace redoubt::spec {

template <ValueDomain D, class P, class Below = CtxtSwitch<D, P>>
class MemHandler : public Below {
 public:
  using Base = Below;
  using Base::Base;
  using typename Base::Descriptor;
  using typename Base::Frame;
  using typename Base::Ipa;
  using typename Base::Pa;
  using typename Base::Pfn;
  using typename Base::VmId;
  using typename Base::Word;
  using ContextBank = redoubt::ContextBank<Word>;
  using SmmuIndex = redoubt::SmmuIndex<Word>;
  using Iova = redoubt::Iova<Word>;

  // In frames, not in bytes: how many went back.
  Word clear_vm_stage2_range(VmId vmid, Pfn pfn, Word pages) {
    return this->reclaim_vm_pages(vmid, pfn, pages);
  }
  // The bank's owner is read in the section in which its table changes.
  Status el2_arm_lpae_map(Iova iova, Pa paddr, Word prot, ContextBank cbndx, SmmuIndex index) {
    const auto page = [](Word at) { return both(at < Word(u64{1} << 40), (at & Word(4095)) == Word(0)); };
    if (!both(cbndx.raw < Word(8), index.raw < Word(2), page(iova.raw), page(paddr.raw))) {
      return Status::invalid_parameter;
    }
    this->acquire_lock_smmu();
    const VmId owner(SmmuLayer<D, P>(this->s).get_smmu_cfg_vmid(cbndx, index));
    Status status = Status::not_found;
    if (owner.raw != Word(INVALID)) {
      status = this->assign_smmu(owner, Pfn(paddr.raw >> 12), Frame(iova.raw >> 12));
      if (status == Status::ok || status == Status::unchanged) {
        status = this->map_smmu(owner, cbndx, index, iova, Descriptor(paddr.raw + (prot & Word(0xfc))));
      }
    }
    this->release_lock_smmu();
    return status;
  }
  // Nothing is assignable (R11).
  Status kvm_phys_addr_ioremap(VmId vmid, Ipa gpa, Pa pa, Word size) {
    const bool one_page(both(Word(1) <= size, size <= Word(4096)));
    return one_page ? this->map_vm_io(vmid, gpa, pa) : Status::invalid_parameter;
  }
};

}  // namespace redoubt::spec
