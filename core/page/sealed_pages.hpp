// SPDX-License-Identifier: BSD-3-Clause
// The part of MemManager that moves a page of a VM under encryption: out into a page of the host's, and back
// (upper digest 1.6, R25).
#pragma once
#include "core/machine/constants.hpp"
#include "core/machine/fault.hpp"
#include "core/machine/types.hpp"

namespace redoubt {

// Plaintext is only ever in a page that the VM owns and no table of the host maps; what is written elsewhere
// is ciphertext. Whether a seal is the newest of its page, and opens for the first time, the primitives below
// decide.
template <class Lower>
class SealedPages : public Lower {
 public:
  using Lower::Lower;
  using typename Lower::Pfn;
  using typename Lower::VmId;
  using typename Lower::Word;

  // Seals the VM's page `inbuf` into the host's page `outbuf`; the header goes to the VM's mailbox. denied:
  // the one is not that VM's, or the other not the host's. Else as encrypt_mem_buf. Redoubt's own. Locks:
  // takes s2page.
  Status seal_vm_page(VmId vmid, Pfn inbuf, Pfn outbuf) {
    if (!bool(both(is_vm(vmid), is_frame(inbuf), is_frame(outbuf)))) {
      return Status::invalid_parameter;
    }
    this->acquire_lock_s2page();
    const Status status = seal_owned(vmid, inbuf, outbuf);
    this->release_lock_s2page();
    return status;
  }

  // Takes a page from the host that holds what was sealed last from this frame, and opens it in place. The
  // VM sees it nowhere yet (assign_pfn_to_vm). denied: not the host's, or not authentic: then it stays the
  // host's, which may have to map it again. Else as decrypt_mem_buf. Redoubt's own. Locks: takes s2page,
  // inside it pt(0).
  Status open_sealed_page(VmId vmid, Pfn pfn) {
    if (!bool(both(is_vm(vmid), is_frame(pfn)))) {
      return Status::invalid_parameter;
    }
    this->acquire_lock_s2page();
    const Status status = open_of_host(vmid, pfn);
    this->release_lock_s2page();
    return status;
  }

 private:
  Status seal_owned(VmId vmid, Pfn inbuf, Pfn outbuf) {
    if (!Lower::seeded(Fault::saved_from_anybody) && this->get_pfn_owner(inbuf) != vmid.raw) {
      return Status::denied;
    }
    if (!Lower::seeded(Fault::saved_over_anything) && this->get_pfn_owner(outbuf) != Word(HOSTVISOR)) {
      return Status::denied;
    }
    return this->encrypt_mem_buf(vmid, inbuf, outbuf);
  }

  // The host is out of the page before anything of it is looked at, and the VM owns it before it is opened.
  Status open_of_host(VmId vmid, Pfn pfn) {
    if (!Lower::seeded(Fault::restored_over_anything) && this->get_pfn_owner(pfn) != Word(HOSTVISOR)) {
      return Status::denied;
    }
    if (!Lower::seeded(Fault::restored_page_kept_by_host)) {
      this->clear_pfn_host(pfn);
    }
    this->set_pfn_owner(pfn, vmid.raw);
    const Status status = this->decrypt_mem_buf(vmid, pfn);
    if (status != Status::ok) {
      this->set_pfn_owner(pfn, Word(HOSTVISOR));
      return status;
    }
    this->set_pfn_count(pfn, Word(0));
    this->set_pfn_map(pfn, Word(INVALID64));
    this->set_owned_pages(vmid, this->get_owned_pages(vmid) + Word(1));
    return Status::ok;
  }
};

}  // namespace redoubt
