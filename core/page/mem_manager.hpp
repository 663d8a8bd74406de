// SPDX-License-Identifier: BSD-3-Clause
// Layer 16, MemManager: the page-ownership state machine (upper digest 1.2, R9).
#pragma once
#include "core/machine/constants.hpp"
#include "core/machine/fault.hpp"
#include "core/machine/types.hpp"
#include "core/page/sealed_pages.hpp"

namespace redoubt {

//   page                       host may map it                                            VM may map it
//   host's own                 yes, normal memory; as a block where it owns all 512       no
//   a VM's, shared             yes, normal memory, 4 KiB                                  that one, at its
//   frame a VM's, private            no                                                         that one, at
//   its frame core's, a mailbox          yes, normal memory, 4 KiB                                  no core's
//   no                                                         no not RAM, listed window     yes, device; as
//   a block where the window covers it         no not RAM, not listed        no (R11) no
//
//   host's page --assign--> VM's, private <--grant, revoke--> VM's, shared;  VM's --clear--> host's, zeroed
//   host's page, sealed --open--> VM's, private, at no frame yet (sealed_pages.hpp)
//
//   INV-PAGE-5   the host's table is an identity map: a mapped frame has gfn = pfn
//   INV-PAGE-6   the host's table maps a frame only if the table above says yes (host_iso)
//   INV-PAGE-8   a listed window holds no frame with an ownership entry
//   INV-PAGE-9   the totals of a VM count its pages, and those of them that are shared
//   INV-PAGE-10  the table of a VM maps only its own pages, each at its own frame (vm_iso)
// Every operation is one critical section of s2page, inside it of the tables that it changes. It changes
// nothing unless it answers ok.
template <class Lower>
class MemManager : public SealedPages<Lower> {
 public:
  using SealedPages<Lower>::SealedPages;
  using typename Lower::Bool;
  using typename Lower::Descriptor;
  using typename Lower::Gfn;
  using typename Lower::Ipa;
  using typename Lower::Pa;
  using typename Lower::Params;
  using typename Lower::Pfn;
  using typename Lower::VmId;
  using typename Lower::Word;

  // Answers a stage-2 fault of the host at `addr`: identity-maps the page, or the whole block around it.
  // ok: mapped now; unchanged: was mapped. denied: not the host's. invalid_parameter: outside the IPA space.
  // Locks: takes s2page, inside it pt(0). At most 512 ownership entries are read.
  Status map_page_host(Ipa addr) {
    if (addr.raw >= Word(u64{1} << Params::ipa_bits)) {
      return Status::invalid_parameter;
    }
    if (!Lower::seeded(Fault::host_map_without_lock)) {
      this->acquire_lock_s2page();
    }
    const Status status = map_owned(Pfn(addr.raw >> PAGE_SHIFT));
    if (!Lower::seeded(Fault::host_map_without_lock)) {
      this->release_lock_s2page();
    }
    return status;
  }

  // Gives a host page to a VM, which is to see it at `gfn`, with what the host put there: a page of a boot
  // image, to be verified. unchanged: it is the VM's at that frame already. denied: somebody else's, or the
  // VM's at another frame. Locks: takes s2page, inside it pt(0).
  Status assign_pfn_to_vm(VmId vmid, Gfn gfn, Pfn pfn) {
    return assign(vmid, gfn, pfn, [&] { this->fetch_from_doracle(vmid, pfn, Word(1)); });
  }
  // The same for memory: the page is zero before the VM can map it (R21). Redoubt's own.
  Status assign_zeroed_pfn_to_vm(VmId vmid, Gfn gfn, Pfn pfn) {
    return assign(vmid, gfn, pfn, [&] {
      if (!Lower::seeded(Fault::donated_page_not_zeroed)) {
        this->clear_phys_page(pfn);
      }
    });
  }

  // Gives a VM's page back to the host, zeroed: no translation of VM or host leads to it before it is zero.
  // For a VM that cannot run any more. denied: not that VM's. Locks: takes s2page, inside it pt(v), then
  // pt(0).
  Status clear_vm_page(VmId vmid, Pfn pfn) {
    if (!bool(both(is_vm(vmid), is_frame(pfn)))) {
      return Status::invalid_parameter;
    }
    this->acquire_lock_s2page();
    const Status status = clear_owned(vmid, pfn);
    this->release_lock_s2page();
    return status;
  }

  // Maps the page or block of frames in `pte` at `addr`, if the VM owns every page of it at these frames.
  // denied: it does not. Else as try_map_s2pt. Attributes are the core's: normal memory, all rights.
  // Locks: takes s2page, inside it pt(v). At most 512 ownership entries are read.
  Status map_pfn_vm(VmId vmid, Ipa addr, Descriptor pte, Level level) {
    if (!bool(both(is_vm(vmid), addr.raw < Word(u64{1} << Params::ipa_bits)))) {
      return Status::invalid_parameter;
    }
    this->acquire_lock_s2page();
    const Status status = map_run(vmid, addr, Pfn(phys_page(pte.raw) >> PAGE_SHIFT), level);
    this->release_lock_s2page();
    return status;
  }

  // No device is assignable to a VM yet, and those of the core never will be (R11): denied.
  Status map_vm_io(VmId, Ipa, Pa) { return Status::denied; }

  // Shares a VM's page with the host, which may then map it. denied: not that VM's; exists: is shared (R9).
  // Locks: takes s2page.
  Status grant_vm_page(VmId vmid, Pfn pfn) {
    if (!bool(both(is_vm(vmid), is_frame(pfn)))) {
      return Status::invalid_parameter;
    }
    this->acquire_lock_s2page();
    const Status status = share_owned(vmid, pfn);
    this->release_lock_s2page();
    return status;
  }

  // Ends the sharing: no translation of the host leads to the page when this returns. denied: not that VM's;
  // not_found: is not shared. The page keeps what was written last, by whomever. Locks: takes s2page, inside
  // it pt(0).
  Status revoke_vm_page(VmId vmid, Pfn pfn) {
    if (!bool(both(is_vm(vmid), is_frame(pfn)))) {
      return Status::invalid_parameter;
    }
    this->acquire_lock_s2page();
    const Status status = unshare_owned(vmid, pfn);
    this->release_lock_s2page();
    return status;
  }

  // Pages of a VM, and those of them that it shares now; zero for what is no VM. Redoubt's own. Locks: takes
  // s2page.
  Word count_vm_pages(VmId vmid) {
    return total_of(vmid, [&] { return this->get_owned_pages(vmid); });
  }
  Word count_shared_pages(VmId vmid) {
    return total_of(vmid, [&] { return this->get_shared_pages(vmid); });
  }

 private:
  // --- the host ---
  Status map_owned(Pfn pfn) {
    const Pfn block(pfn.raw & Word(~(PMD_PAGE_NUM - 1)));
    const Word owner = this->get_pfn_owner(pfn);
    if (owner == Word(HOSTVISOR)) {
      return map_identity(pfn, block, bool(this->is_host_block(block)), PAGE_S2_KERNEL);
    }
    if (owner == Word(INVALID)) {
      if (!Lower::seeded(Fault::unlisted_device_mapped) && !this->is_host_device(pfn, Word(1))) {
        return Status::denied;
      }
      const bool whole = Lower::seeded(Fault::device_block_unchecked) ||
                         bool(this->is_host_device(block, Word(PMD_PAGE_NUM)));
      return map_identity(pfn, block, whole,
                          Lower::seeded(Fault::device_as_memory) ? PAGE_S2_KERNEL : PAGE_S2_HOST_DEVICE);
    }
    if (!Lower::seeded(Fault::private_page_mapped) && this->get_pfn_count(pfn) == Word(0)) {
      return Status::denied;
    }
    return map_identity(pfn, block, false, PAGE_S2_KERNEL);
  }

  // A block if allowed and nothing finer is there yet, else the page.
  Status map_identity(Pfn pfn, Pfn block, bool whole, u64 attributes) {
    const VmId host{Word(HOSTVISOR)};
    if (whole) {
      const Word base = block.raw << PAGE_SHIFT;
      const Descriptor leaf(base | Word(attributes & ~PMD_TABLE_BIT));
      const Status status = this->try_map_s2pt(host, Ipa(base), Level::block, leaf);
      if (succeeded(status)) {
        return status;
      }
    }
    const Word page = pfn.raw << PAGE_SHIFT;
    return this->try_map_s2pt(host, Ipa(page), Level::page, Descriptor(page | Word(attributes)));
  }

  // --- the VMs ---
  template <class Content>
  Status assign(VmId vmid, Gfn gfn, Pfn pfn, Content content) {
    const Bool seen = gfn.raw < Word(u64{1} << (Params::ipa_bits - PAGE_SHIFT));
    if (!bool(both(is_vm(vmid), seen, is_frame(pfn)))) {
      return Status::invalid_parameter;
    }
    this->acquire_lock_s2page();
    const Status status = take_from_host(vmid, gfn, pfn, content);
    this->release_lock_s2page();
    return status;
  }

  // The host is out of the page before its content is settled, and that before the VM owns it.
  template <class Content>
  Status take_from_host(VmId vmid, Gfn gfn, Pfn pfn, Content content) {
    const Word owner = this->get_pfn_owner(pfn);
    if (owner == vmid.raw) {
      return see_own_at(gfn, pfn);
    }
    if (!Lower::seeded(Fault::foreign_page_assigned) && owner != Word(HOSTVISOR)) {
      return Status::denied;
    }
    if (!Lower::seeded(Fault::assigned_page_kept_by_host)) {
      this->clear_pfn_host(pfn);
    }
    content();
    this->set_pfn_owner(pfn, vmid.raw);
    this->set_pfn_count(pfn, Word(0));
    this->set_pfn_map(pfn, gfn.raw);
    if (!Lower::seeded(Fault::page_totals_forgotten)) {
      set_owned_pages(vmid, get_owned_pages(vmid) + Word(1));
    }
    return Status::ok;
  }
  // A page that came without a frame, as a restored one does, gets it now; no page moves.
  Status see_own_at(Gfn gfn, Pfn pfn) {
    const Word seen = this->get_pfn_map(pfn);
    if (seen == gfn.raw) {
      return Status::unchanged;
    }
    if (seen != Word(INVALID64) && !Lower::seeded(Fault::own_page_moved)) {
      return Status::denied;
    }
    this->set_pfn_map(pfn, gfn.raw);
    return Status::ok;
  }

  Status clear_owned(VmId vmid, Pfn pfn) {
    if (!Lower::seeded(Fault::any_page_cleared) && this->get_pfn_owner(pfn) != vmid.raw) {
      return Status::denied;
    }
    if (!Lower::seeded(Fault::cleared_page_kept_by_vm)) {
      unmap_from(vmid, this->get_pfn_map(pfn));
    }
    this->clear_pfn_host(pfn);
    if (!Lower::seeded(Fault::cleared_page_not_zeroed)) {
      this->clear_phys_page(pfn);
    }
    set_shared_pages(vmid, get_shared_pages(vmid) - this->get_pfn_count(pfn));
    if (!Lower::seeded(Fault::cleared_page_kept_shared)) {
      this->set_pfn_count(pfn, Word(0));
    }
    this->set_pfn_map(pfn, Word(INVALID64));
    this->set_pfn_owner(pfn, Word(HOSTVISOR));
    set_owned_pages(vmid, get_owned_pages(vmid) - Word(1));
    return Status::ok;
  }

  // Takes the page, or the block around it, out of the VM's table.
  void unmap_from(VmId vmid, Word gfn) {
    if (gfn == Word(INVALID64)) {
      return;
    }
    const Ipa addr(gfn << PAGE_SHIFT);
    if (this->unmap_s2pt(vmid, addr) == Status::exists) {
      this->drop_block_s2pt(vmid, addr);
    }
  }

  Status map_run(VmId vmid, Ipa addr, Pfn pfn, Level level) {
    const Word pages(level == Level::block ? PMD_PAGE_NUM : 1);
    const Gfn gfn(addr.raw >> PAGE_SHIFT);
    if (!Lower::seeded(Fault::foreign_page_mapped) && !bool(this->is_vm_run(vmid, gfn, pfn, pages))) {
      return Status::denied;
    }
    const Word kernel(level == Level::block ? PAGE_S2_KERNEL & ~PMD_TABLE_BIT : PAGE_S2_KERNEL);
    return this->try_map_s2pt(vmid, addr, level, Descriptor(pfn.raw << PAGE_SHIFT | kernel));
  }

  Status share_owned(VmId vmid, Pfn pfn) {
    if (this->get_pfn_owner(pfn) != vmid.raw) {
      return Status::denied;
    }
    if (!Lower::seeded(Fault::shared_twice) && this->get_pfn_count(pfn) != Word(0)) {
      return Status::exists;
    }
    this->set_pfn_count(pfn, Word(1));
    set_shared_pages(vmid, get_shared_pages(vmid) + Word(1));
    return Status::ok;
  }
  Status unshare_owned(VmId vmid, Pfn pfn) {
    if (this->get_pfn_owner(pfn) != vmid.raw) {
      return Status::denied;
    }
    if (this->get_pfn_count(pfn) == Word(0)) {
      return Status::not_found;
    }
    this->set_pfn_count(pfn, Word(0));
    if (!Lower::seeded(Fault::revoked_page_kept_by_host)) {
      this->clear_pfn_host(pfn);
    }
    this->fetch_from_doracle(vmid, pfn, Word(1));
    set_shared_pages(vmid, get_shared_pages(vmid) - Word(1));
    return Status::ok;
  }

  template <class Total>
  Word total_of(VmId vmid, Total total) {
    if (!bool(is_vm(vmid))) {
      return Word(0);
    }
    this->acquire_lock_s2page();
    const Word pages = total();
    this->release_lock_s2page();
    return pages;
  }

  // hidden from here up
  using Lower::get_owned_pages;
  using Lower::get_shared_pages;
  using Lower::set_owned_pages;
  using Lower::set_shared_pages;
};

}  // namespace redoubt
