// SPDX-License-Identifier: BSD-3-Clause
// Specification of layer 30, MemHandler (upper digest 1.12).
#pragma once
#include "spec/vcpu/ctxt_switch.hpp"

namespace redoubt::spec {

template <ValueDomain D, class P, class Below = CtxtSwitch<D, P>>
class MemHandler : public Below {
 public:
  using Base = Below;
  using Base::Base;
  using typename Base::Ipa;
  using typename Base::Pa;
  using typename Base::Pfn;
  using typename Base::VmId;
  using typename Base::Word;

  // In frames, not in bytes: how many went back.
  Word clear_vm_stage2_range(VmId vmid, Pfn pfn, Word pages) {
    return this->reclaim_vm_pages(vmid, pfn, pages);
  }
  // Nothing is assignable (R11).
  Status kvm_phys_addr_ioremap(VmId vmid, Ipa gpa, Pa pa, Word size) {
    const bool one_page(both(Word(1) <= size, size <= Word(4096)));
    return one_page ? this->map_vm_io(vmid, gpa, pa) : Status::invalid_parameter;
  }
};

}  // namespace redoubt::spec
