// SPDX-License-Identifier: BSD-3-Clause
// Specification of layer 17, MemoryOps (upper digest 1.3, R18): memory by guest address.
#pragma once
#include "spec/page/mem_manager.hpp"

namespace redoubt::spec {

template <ValueDomain D, class P>
class MemoryOps : public MemManager<D, P> {
 public:
  using Base = MemManager<D, P>;
  using Base::Base;
  using typename Base::Bool;
  using typename Base::Descriptor;
  using typename Base::Frame;
  using typename Base::Ipa;
  using typename Base::Pfn;
  using typename Base::VmId;
  using typename Base::Word;

  // The longest run of the VM's pages from `pfn` on, cut at `pages`, is the host's afterwards.
  Word clear_vm_range(VmId vmid, Pfn pfn, Word pages) {
    if (pages > Word(32)) {
      return Word(0);
    }
    for (u64 n = 0; n < 32; ++n) {
      if (Word(n) == pages || this->clear_vm_page(vmid, pfn + Word(n)) != Status::ok) {
        return Word(n);
      }
    }
    return Word(32);
  }

  Status prot_and_map_vm_s2pt(VmId vmid, Ipa addr, Descriptor pte, Level level) {
    if (level == Level::page) {
      return give(vmid, addr, pte, true);
    }
    return this->map_pfn_vm(vmid, addr, pte, level);
  }
  Status load_and_map_vm_s2pt(VmId vmid, Ipa addr, Descriptor pte) { return give(vmid, addr, pte, false); }

  Status grant_stage2_sg_gpa(VmId vmid, Ipa addr, Word size) {
    const Word pfn = seen_at(vmid, addr, size);
    return pfn == kRefused          ? Status::invalid_parameter
           : pfn == Word(INVALID64) ? Status::not_found
                                    : this->grant_vm_page(vmid, Pfn(pfn));
  }
  Status revoke_stage2_sg_gpa(VmId vmid, Ipa addr, Word size) {
    const Word pfn = seen_at(vmid, addr, size);
    return pfn == kRefused          ? Status::invalid_parameter
           : pfn == Word(INVALID64) ? Status::not_found
                                    : this->revoke_vm_page(vmid, Pfn(pfn));
  }

  // A block's page is as far into the block as the address.
  Word walk_to_pfn(VmId vmid, Ipa addr) {
    const Word entry = this->walk_s2pt(vmid, addr).raw;
    if ((entry & Word(1)) == Word(0)) {
      return Word(INVALID64);
    }
    const Word inside = (addr.raw >> 12) & Word(511);
    return (frame_of(entry) >> 12) + ((entry & Word(2)) == Word(0) ? inside : Word(0));
  }

 protected:
  using Base::s;

 private:
  static inline const Word kRefused{~u64{1}};

  static Bool page_address(Ipa addr) {
    return both((addr.raw & Word(0xfff)) == Word(0), addr.raw < Word(u64{1} << P::ipa_bits));
  }
  Word seen_at(VmId vmid, Ipa addr, Word size) {
    const Bool one_page = both(size != Word(0), size <= Word(4096));
    if (!both(this->guest(vmid), page_address(addr), one_page)) {
      return kRefused;
    }
    return walk_to_pfn(vmid, addr);
  }

  // The page is the VM's and mapped at `addr` afterwards, or nothing has changed but the content of a page
  // that found no table.
  Status give(VmId vmid, Ipa addr, Descriptor pte, bool zeroed) {
    if (!both(this->guest(vmid), page_address(addr))) {
      return Status::invalid_parameter;
    }
    if (this->get_level_s2pt(vmid, addr) != Level::none) {
      return Status::exists;
    }
    const Pfn pfn(frame_of(pte.raw) >> 12);
    const Frame gfn(addr.raw >> 12);
    const Status owned =
        zeroed ? this->assign_zeroed_pfn_to_vm(vmid, gfn, pfn) : this->assign_pfn_to_vm(vmid, gfn, pfn);
    if (owned != Status::ok && owned != Status::unchanged) {
      return owned;
    }
    const Status mapped = this->map_pfn_vm(vmid, addr, pte, Level::page);
    if (owned == Status::ok && !succeeded(mapped)) {
      this->clear_vm_page(vmid, pfn);
    }
    return mapped;
  }
};

}  // namespace redoubt::spec
