// SPDX-License-Identifier: BSD-3-Clause
// Layer 21, BootOps: the life of a VM, from its VMID to the last page that it gives back (upper digest 1.6).
#pragma once
#include "core/machine/constants.hpp"
#include "core/machine/fault.hpp"
#include "core/machine/guest_machine.hpp"
#include "core/machine/types.hpp"
#include "core/vm/saved_state.hpp"

namespace redoubt {

// Every operation is one critical section of vm(v), inside it those of s2page and the tables. It changes
// nothing unless it answers ok, or `again` where it goes on at the next call.
//
//   INV-BOOT-1  pages of an image are mapped at its guest address in order, and only there: what is hashed is
//               what the VM sees
//   INV-BOOT-2  a VM is VERIFIED only after every image was hashed to its end and had the manifest's digest
//   INV-BOOT-3  no page of a VM is given back, and no VMID given again, while a vCPU of it is ACTIVE
//   INV-BOOT-4  a VM with restored state is not VERIFIED (R25; saved_state.hpp)
template <class Lower>
class BootOps : public SavedState<Lower> {
 public:
  using Base = SavedState<Lower>;
  using Base::Base;
  using typename Base::Bool;
  using typename Base::Descriptor;
  using typename Base::Gfn;
  using typename Base::Ipa;
  using typename Base::LoadIndex;
  using typename Base::Params;
  using typename Base::Pfn;
  using typename Base::VcpuId;
  using typename Base::VmId;
  using typename Base::Word;

  // --- vCPUs ---
  // Makes a vCPU of a VM that is READY; nothing of an older vCPU is left in its context. It has never run.
  // denied: the VM is not READY; exists: was made; invalid_parameter: not below the manifest's number.
  // Locks: takes vm(v).
  Status register_vcpu(VmId vmid, VcpuId vcpuid) {
    return in_vm(vmid, [&] { return make_vcpu(vmid, vcpuid); });
  }
  // A vCPU enters: on this CPU alone. denied: the VM does not run (any more); busy: the vCPU runs elsewhere;
  // not_found: there is none. Locks: takes vm(v).
  Status set_vcpu_active(VmId vmid, VcpuId vcpuid) {
    return in_vm(vmid, [&] { return enter(vmid, vcpuid); });
  }
  // It has left. denied: it was not ACTIVE. Locks: takes vm(v).
  Status set_vcpu_inactive(VmId vmid, VcpuId vcpuid) {
    return in_vm(vmid, [&] { return leave(vmid, vcpuid); });
  }

  // --- boot images ---
  // The next page of an image, with the host's content: the VM's, and mapped where the manifest says. denied:
  // the VM is not READY, or the page not the host's alone; invalid_parameter: no such image, or it has all of
  // its pages. Locks: takes vm(v), inside it s2page and tables.
  Status remap_vm_image(VmId vmid, Pfn pfn, LoadIndex load_idx) {
    return in_vm(vmid, [&] { return give_image_page(vmid, pfn, load_idx); });
  }
  // Goes on with the hashes of the images, HASH_STEP bytes. again: there is more. ok: every image is the
  // signed one, the VM is VERIFIED. denied: an image is not complete, the VM is not READY or resumes, or an
  // image is not the signed one: then the VM has ended. Locks: takes vm(v), inside it pt(v).
  Status verify_and_load_images(VmId vmid) {
    return in_vm(vmid, [&] { return verify_step(vmid); });
  }
  // Bytes that are still to be hashed; zero for what is no VM. Redoubt's own. Locks: takes vm(v).
  Word get_verify_left(VmId vmid) {
    if (!bool(is_vm(vmid))) {
      return Word(0);
    }
    this->acquire_lock_vm(vmid);
    const Word current = this->get_vm_item(vmid, item(VmItem::verify_image));
    const Word images = this->get_vm_next_load_idx(vmid);
    Word left(0);
    for (u64 i = 0; i < MAX_LOAD_INFO_NUM; ++i) {
      const Bool counts = both(current <= Word(i), Word(i) < images);
      const Word bytes = this->get_image_pages(vmid, LoadIndex(Word(i))) << PAGE_SHIFT;
      left = left + select(counts, bytes, Word(0));
    }
    left = left - this->get_vm_item(vmid, item(VmItem::verify_bytes));
    this->release_lock_vm(vmid);
    return left;
  }

  // --- memory; Redoubt's own ---
  // Gives a zeroed page to a VM at `addr` in its memory, and maps it. denied: the VM has ended, or the page
  // is not the host's alone; invalid_parameter: outside the manifest's memory. Else as prot_and_map_vm_s2pt.
  // Locks: takes vm(v), inside it s2page and tables.
  Status donate_vm_page(VmId vmid, Ipa addr, Pfn pfn) {
    return in_memory(vmid, addr, PAGE_SIZE, [&] {
      return this->prot_and_map_vm_s2pt(vmid, addr, Descriptor(pfn.raw << PAGE_SHIFT), Level::page);
    });
  }
  // The same without mapping it: a block is to follow. unchanged: was given before.
  Status donate_vm_block_page(VmId vmid, Ipa addr, Pfn pfn) {
    return in_memory(vmid, addr, PAGE_SIZE,
                     [&] { return this->assign_zeroed_pfn_to_vm(vmid, Gfn(addr.raw >> PAGE_SHIFT), pfn); });
  }
  // Maps 512 pages that the VM was given, at their frames, as one block. Locks: as above.
  Status map_vm_block(VmId vmid, Ipa addr, Pfn pfn) {
    return in_memory(vmid, addr, PMD_SIZE, [&] {
      return this->prot_and_map_vm_s2pt(vmid, addr, Descriptor(pfn.raw << PAGE_SHIFT), Level::block);
    });
  }
  // Gives pages of a VM that has ended back to the host, zeroed, up to the first that is not the VM's: how
  // many. None: more than 32, the VM has not ended, or a vCPU still runs. Locks: as above.
  Word reclaim_vm_pages(VmId vmid, Pfn pfn, Word pages) {
    if (!bool(is_vm(vmid))) {
      return Word(0);
    }
    this->acquire_lock_vm(vmid);
    Word done(0);
    if (Lower::seeded(Fault::reclaim_from_running) || bool(has_ended(vmid))) {
      done = this->clear_vm_range(vmid, pfn, pages);
    }
    this->release_lock_vm(vmid);
    return done;
  }
  // Ends the record of a VM that owns nothing any more: its tables are empty, its translations gone from
  // every TLB, its VMID free. busy: not stopped, a vCPU runs, or it owns pages. not_found: there is none.
  // Locks: takes vm(v), inside it s2page, pt(v); then core.
  Status destroy_vm(VmId vmid) {
    const Status status = in_vm(vmid, [&] { return end_record(vmid); });
    if (status == Status::ok) {
      this->free_vmid(vmid);
    }
    return status;
  }

 private:
  using Base::in_vm;
  using Base::is_announced;
  using Base::item;

  Status make_vcpu(VmId vmid, VcpuId vcpuid) {
    if (this->get_vm_state(vmid) != Word(vm_state::READY)) {
      return Status::denied;
    }
    const Bool known = vcpuid.raw < this->get_vm_item(vmid, item(VmItem::vcpus));
    if (!bool(both(known, vcpuid.raw < Word(VCPU_PER_VM)))) {
      return Status::invalid_parameter;
    }
    if (!Lower::seeded(Fault::vcpu_made_twice) &&
        this->get_vcpu_state(vmid, vcpuid) != Word(vm_state::UNUSED)) {
      return Status::exists;
    }
    this->clear_shadow_gp_regs(vmid, vcpuid);
    this->reset_fp_regs(vmid, vcpuid);
    this->set_shadow_dirty_bit(vmid, vcpuid, Word(INVALID64));
    this->set_vm_vcpu(vmid, vcpuid, this->get_shared_vcpu(vmid, vcpuid));
    this->guest_event(GuestEvent::add, vmid.raw, vcpuid.raw, this->get_vm_item(vmid, item(VmItem::entry)),
                      this->get_vm_item(vmid, item(VmItem::device_tree)));
    this->set_vcpu_state(vmid, vcpuid, Word(vm_state::READY));
    return Status::ok;
  }

  Status enter(VmId vmid, VcpuId vcpuid) {
    if (vcpuid.raw >= Word(VCPU_PER_VM)) {
      return Status::invalid_parameter;
    }
    const Word state = this->get_vm_state(vmid);
    const bool any = Lower::seeded(Fault::unverified_vm_runs) && state != Word(vm_state::UNUSED);
    if (!any && state != Word(vm_state::VERIFIED)) {
      return Status::denied;
    }
    const Word vcpu = this->get_vcpu_state(vmid, vcpuid);
    if (vcpu == Word(vm_state::ACTIVE)) {
      return Status::busy;
    }
    if (vcpu != Word(vm_state::READY)) {
      return Status::not_found;
    }
    this->set_vcpu_state(vmid, vcpuid, Word(vm_state::ACTIVE));
    return Status::ok;
  }
  Status leave(VmId vmid, VcpuId vcpuid) {
    if (vcpuid.raw >= Word(VCPU_PER_VM)) {
      return Status::invalid_parameter;
    }
    if (this->get_vcpu_state(vmid, vcpuid) != Word(vm_state::ACTIVE)) {
      return Status::denied;
    }
    this->set_vcpu_state(vmid, vcpuid, Word(vm_state::READY));
    return Status::ok;
  }

  Status give_image_page(VmId vmid, Pfn pfn, LoadIndex load_idx) {
    if (this->get_vm_state(vmid) != Word(vm_state::READY)) {
      return Status::denied;
    }
    if (!bool(both(is_announced(vmid, load_idx), is_frame(pfn)))) {
      return Status::invalid_parameter;
    }
    const Word given = this->get_vm_mapped_pages(vmid, load_idx);
    if (!bool(given < this->get_image_pages(vmid, load_idx))) {
      return Status::invalid_parameter;
    }
    const Ipa addr = this->get_vm_load_addr(vmid, load_idx) + (given << PAGE_SHIFT);
    const Status status = this->load_and_map_vm_s2pt(vmid, addr, Descriptor(pfn.raw << PAGE_SHIFT));
    if (status != Status::ok) {
      return status;
    }
    this->set_vm_mapped_pages(vmid, load_idx, given + Word(1));
    return Status::ok;
  }

  // One step of the hash of the image whose turn it is.
  Status verify_step(VmId vmid) {
    const LoadIndex image(this->get_vm_item(vmid, item(VmItem::verify_image)));
    if (!bool(both(this->get_vm_state(vmid) == Word(vm_state::READY), is_announced(vmid, image)))) {
      return Status::denied;
    }
    if (!Lower::seeded(Fault::restored_vm_verified) && this->get_vm_inc_exe(vmid) != Word(0)) {
      return Status::denied;
    }
    const Word pages = this->get_image_pages(vmid, image);
    if (!Lower::seeded(Fault::incomplete_image_verified) && this->get_vm_mapped_pages(vmid, image) != pages) {
      return Status::denied;
    }
    const Word done = this->get_vm_item(vmid, item(VmItem::verify_bytes));
    if (!bool(done < (pages << PAGE_SHIFT))) {
      return judge(vmid, image);  // a call of its own: it takes one more block of the hash (R18)
    }
    const Status status = this->hash_image_step(vmid, image, done);
    if (status != Status::ok) {
      return status;
    }
    this->set_vm_item(vmid, item(VmItem::verify_bytes), done + Word(HASH_STEP));
    return Status::again;
  }
  // The image is hashed: the next one, the end of the check, or the end of the VM.
  Status judge(VmId vmid, LoadIndex image) {
    if (this->end_image_hash(vmid, image) == Word(0) && !Lower::seeded(Fault::digest_not_compared)) {
      this->set_vm_state(vmid, Word(vm_state::POWEROFF));
      return Status::denied;
    }
    const Word next = image.raw + Word(1);
    this->set_vm_item(vmid, item(VmItem::verify_image), next);
    this->set_vm_item(vmid, item(VmItem::verify_bytes), Word(0));
    if (!Lower::seeded(Fault::first_image_suffices) && next < this->get_vm_next_load_idx(vmid)) {
      return Status::again;
    }
    this->set_vm_state(vmid, Word(vm_state::VERIFIED));
    return Status::ok;
  }

  // Runs act() where the `bytes` from `addr` are memory of a VM that has not ended.
  template <class Act>
  Status in_memory(VmId vmid, Ipa addr, u64 bytes, Act act) {
    return in_vm(vmid, [&] {
      const Word state = this->get_vm_state(vmid);
      if (!bool(either(state == Word(vm_state::READY), state == Word(vm_state::VERIFIED)))) {
        return Status::denied;
      }
      const Word base = this->get_vm_item(vmid, item(VmItem::memory_base));
      const Word size = this->get_vm_item(vmid, item(VmItem::memory_size));
      const Word offset = addr.raw - base;
      if (!bool(both(base <= addr.raw, offset < size, Word(bytes) <= size - offset))) {
        return Status::invalid_parameter;
      }
      return act();
    });
  }

  Bool has_ended(VmId vmid) {
    return both(this->get_vm_state(vmid) == Word(vm_state::POWEROFF), this->is_quiet(vmid));
  }
  Status end_record(VmId vmid) {
    if (this->get_vm_state(vmid) == Word(vm_state::UNUSED)) {
      return Status::not_found;
    }
    if (!bool(has_ended(vmid))) {
      return Status::busy;
    }
    if (!Lower::seeded(Fault::destroyed_with_pages) && this->count_vm_pages(vmid) != Word(0)) {
      return Status::busy;
    }
    this->reset_s2pt(vmid);
    this->clear_record(vmid);
    return Status::ok;
  }
};

}  // namespace redoubt
