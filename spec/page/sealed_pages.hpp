// SPDX-License-Identifier: BSD-3-Clause
// The part of MemManager's specification about pages that leave and come back under encryption
// (upper digest 1.6, R25).
#pragma once
#include "spec/machine/content_primitives.hpp"
#include "spec/page/page_manager.hpp"

namespace redoubt::spec {

template <ValueDomain D, class P>
class SealedPages : public PageManager<D, P> {
 public:
  using Base = PageManager<D, P>;
  using Base::Base;
  using typename Base::Bool;
  using typename Base::Pfn;
  using typename Base::VmId;
  using typename Base::Word;

  // From a page of that VM into one of the host's, and no other way.
  Status seal_vm_page(VmId vmid, Pfn from, Pfn into) {
    if (!both(numbers(vmid, from), into.raw < Word(u64{1} << 28))) {
      return Status::invalid_parameter;
    }
    this->acquire_lock_s2page();
    const bool own(this->get_pfn_owner(from) == vmid.raw), hosts(this->get_pfn_owner(into) == Word(0));
    const Status status =
        s.halt || (own && hosts) ? Contents(s).encrypt_mem_buf(vmid, from, into) : Status::denied;
    this->release_lock_s2page();
    return status;
  }

  // After success the page is the VM's, in no table, with the plaintext. Else nothing has changed but that
  // the host's table does not map what it offered.
  Status open_sealed_page(VmId vmid, Pfn pfn) {
    if (!numbers(vmid, pfn)) {
      return Status::invalid_parameter;
    }
    this->acquire_lock_s2page();
    Status status = Status::denied;
    if (this->get_pfn_owner(pfn) == Word(0)) {
      this->clear_pfn_host(pfn);
      status = Contents(s).decrypt_mem_buf(vmid, pfn);
      if (status == Status::ok && !s.halt) {
        this->set_pfn_map(pfn, Word(INVALID64));
        this->set_pfn_count(pfn, Word(0));
        this->set_pfn_owner(pfn, vmid.raw);
        const Word pages = s.records.vm_total.read(vmid.raw, Word(0));
        s.records.vm_total.write(vmid.raw, Word(0), pages + Word(1));
      }
    }
    this->release_lock_s2page();
    return status;
  }

 protected:
  using Base::s;

 private:
  using Contents = ContentPrimitives<D, P>;

  static Bool numbers(VmId vmid, Pfn pfn) {
    return both(Word(0) < vmid.raw, vmid.raw < Word(16), pfn.raw < Word(u64{1} << 28));
  }
};

}  // namespace redoubt::spec
