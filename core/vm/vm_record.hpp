// SPDX-License-Identifier: BSD-3-Clause
// The part of BootOps that fills a VM's record from its manifest, answers from it, and clears it.
#pragma once
#include "core/machine/constants.hpp"
#include "core/machine/fault.hpp"
#include "core/machine/types.hpp"
#include "core/vm/boot_aux.hpp"
#include "core/vm/manifest.hpp"

namespace redoubt {

template <class Lower>
class VmRecord : public Lower {
 public:
  using Lower::Lower;
  using typename Lower::Bool;
  using typename Lower::CoreVa;
  using typename Lower::Ipa;
  using typename Lower::LoadIndex;
  using typename Lower::Params;
  using typename Lower::VcpuId;
  using typename Lower::VmId;
  using typename Lower::Word;

  // A new VM, MAPPED, without anything. INVALID: all VMIDs are in use. Locks: takes core, then vm(v), inside
  // it pt(v).
  VmId register_kvm() {
    const VmId vmid = this->gen_vmid();
    if (vmid.raw == Word(INVALID)) {
      return vmid;
    }
    this->acquire_lock_vm(vmid);
    this->init_s2pt(vmid);
    this->set_vm_kvm(vmid, this->get_shared_kvm(vmid));
    this->set_vm_state(vmid, Word(vm_state::MAPPED));
    this->release_lock_vm(vmid);
    return vmid;
  }

  // What the manifest says of a MAPPED VM besides its images, once; vCPU 0 is on. denied: not MAPPED, or said
  // before. invalid_parameter: not whole blocks inside the IPA space, or not 1 to 8 vCPUs. Redoubt's own.
  // Locks: takes vm(v).
  Status set_vm_layout(VmId vmid, Ipa memory_base, Word memory_size, Word entry, Word device_tree,
                       Word vcpus) {
    const Word end(u64{1} << Params::ipa_bits), blocks = memory_base.raw | memory_size;
    const Bool inside = both(memory_base.raw < end, memory_size <= end - memory_base.raw);
    const Bool whole = both((blocks & Word(PMD_SIZE - 1)) == Word(0), memory_size != Word(0));
    if (!bool(both(inside, whole, Word(1) <= vcpus, vcpus <= Word(VCPU_PER_VM)))) {
      return Status::invalid_parameter;
    }
    return in_vm(vmid, [&] {
      const Bool first = this->get_vm_item(vmid, item(VmItem::vcpus)) == Word(0);
      if (!bool(both(this->get_vm_state(vmid) == Word(vm_state::MAPPED), first))) {
        return Status::denied;
      }
      this->set_vm_item(vmid, item(VmItem::memory_base), memory_base.raw);
      this->set_vm_item(vmid, item(VmItem::memory_size), memory_size);
      this->set_vm_item(vmid, item(VmItem::entry), entry);
      this->set_vm_item(vmid, item(VmItem::device_tree), device_tree);
      this->set_vm_item(vmid, item(VmItem::vcpus), vcpus);
      this->set_vm_item(vmid, item(VmItem::runnable), Word(1));
      return Status::ok;
    });
  }

  // Announces the next boot image of a MAPPED VM: `size` bytes at `load_addr`. Its number, or INVALID: the VM
  // is not MAPPED, has five, or the image does not lie in whole pages inside the VM's memory. Locks: takes
  // vm(v).
  Word set_boot_info(VmId vmid, Ipa load_addr, Word size) {
    Word load_idx(INVALID);
    in_vm(vmid, [&] {
      load_idx = announce(vmid, load_addr, size);
      return Status::ok;
    });
    return load_idx;
  }
  // Word `index` of the digest that an announced image must have. denied: not MAPPED; invalid_parameter: no
  // such image or word. Redoubt's own. Locks: takes vm(v).
  Status set_image_digest(VmId vmid, LoadIndex load_idx, Word index, Word value) {
    return in_vm(vmid, [&] {
      if (this->get_vm_state(vmid) != Word(vm_state::MAPPED)) {
        return Status::denied;
      }
      if (!bool(both(is_announced(vmid, load_idx), index < Word(DIGEST_WORDS)))) {
        return Status::invalid_parameter;
      }
      this->set_vm_item(vmid, item(VmItem::digest) + (load_idx.raw << 3) + index, value);
      return Status::ok;
    });
  }

  // Ends the description: the VM is READY. denied: it is not MAPPED, or nothing was said of its memory.
  // Redoubt's own. Locks: takes vm(v).
  Status open_vm(VmId vmid) {
    return in_vm(vmid, [&] {
      const Bool described = this->get_vm_item(vmid, item(VmItem::vcpus)) != Word(0);
      if (!bool(both(this->get_vm_state(vmid) == Word(vm_state::MAPPED), described))) {
        return Status::denied;
      }
      this->set_vm_state(vmid, Word(vm_state::READY));
      return Status::ok;
    });
  }

  // Guest address of `addr` if it lies in an announced image, else 0. Locks: takes vm(v).
  Word search_load_info(VmId vmid, Word addr) {
    Word found(0);
    in_vm(vmid, [&] {
      const Word images = this->get_vm_next_load_idx(vmid);
      for (u64 i = 0; i < MAX_LOAD_INFO_NUM; ++i) {
        const LoadIndex image{Word(i)};
        const Word from = this->get_vm_load_addr(vmid, image).raw;
        const Bool inside =
            both(Word(i) < images, from <= addr, addr - from < this->get_vm_load_size(vmid, image));
        found = select(inside, addr - from + this->get_vm_remap_addr(vmid, image).raw, found);
      }
      return Status::ok;
    });
    return found;
  }
  // Does the VM resume from a saved state? Locks: takes vm(v).
  Word is_inc_exe(VmId vmid) {
    return query(vmid, [&] { return this->get_vm_inc_exe(vmid); });
  }
  // State of the VM (vm_state.hpp), a word of its record (VmItem); zero for what is no VM or item. Redoubt's
  // own. Locks: takes vm(v).
  Word query_vm_state(VmId vmid) {
    return query(vmid, [&] { return this->get_vm_state(vmid); });
  }
  Word query_vm_item(VmId vmid, Word item) {
    if (item >= Word(VM_ITEMS)) {
      return Word(0);
    }
    return query(vmid, [&] { return this->get_vm_item(vmid, item); });
  }

 protected:
  static Word item(VmItem which) { return Word(static_cast<u64>(which)); }

  Bool is_announced(VmId vmid, LoadIndex load_idx) {
    return both(load_idx.raw < this->get_vm_next_load_idx(vmid), load_idx.raw < Word(MAX_LOAD_INFO_NUM));
  }

  // Runs act() in the critical section of a VM.
  template <class Act>
  Status in_vm(VmId vmid, Act act) {
    if (!bool(is_vm(vmid))) {
      return Status::invalid_parameter;
    }
    this->acquire_lock_vm(vmid);
    const Status status = act();
    this->release_lock_vm(vmid);
    return status;
  }

  // The record of a VM that is no more; lock vm(v) held.
  void clear_record(VmId vmid) {
    for (u64 i = 0; i < VM_ITEMS; ++i) {
      this->set_vm_item(vmid, Word(i), Word(0));
    }
    for (u64 c = 0; c < VCPU_PER_VM; ++c) {
      this->set_vcpu_state(vmid, VcpuId(Word(c)), Word(vm_state::UNUSED));
      this->set_vm_vcpu(vmid, VcpuId(Word(c)), Word(0));
    }
    for (u64 i = 0; i < MAX_LOAD_INFO_NUM; ++i) {
      const LoadIndex image{Word(i)};
      this->set_vm_load_addr(vmid, image, Ipa(Word(0)));
      this->set_vm_load_size(vmid, image, Word(0));
      this->set_vm_remap_addr(vmid, image, CoreVa(Word(0)));
      this->set_vm_mapped_pages(vmid, image, Word(0));
    }
    this->set_vm_next_load_idx(vmid, Word(0));
    this->set_vm_inc_exe(vmid, Word(0));
    this->set_vm_kvm(vmid, Word(0));
    this->set_vm_state(vmid, Word(vm_state::UNUSED));
  }

 private:
  // Images are numbered where the VM sees them: the digest's window is the VM's own memory.
  Word announce(VmId vmid, Ipa load_addr, Word size) {
    const Word load_idx = this->get_vm_next_load_idx(vmid);
    const Word base = this->get_vm_item(vmid, item(VmItem::memory_base));
    const Word memory = this->get_vm_item(vmid, item(VmItem::memory_size)), offset = load_addr.raw - base;
    const Bool inside = both(base <= load_addr.raw, offset < memory, size <= memory - offset);
    const Bool whole = both((load_addr.raw & Word(PAGE_SIZE - 1)) == Word(0), size != Word(0));
    const Bool mapped = this->get_vm_state(vmid) == Word(vm_state::MAPPED);
    if (!bool(both(mapped, load_idx < Word(MAX_LOAD_INFO_NUM), inside, whole))) {
      return Word(INVALID);
    }
    const LoadIndex image(load_idx);
    this->set_vm_load_addr(vmid, image, load_addr);
    this->set_vm_load_size(vmid, image, size);
    this->set_vm_remap_addr(vmid, image, CoreVa(load_addr.raw));
    this->set_vm_mapped_pages(vmid, image, Word(0));
    this->set_vm_next_load_idx(vmid, load_idx + Word(1));
    return load_idx;
  }

  template <class Query>
  Word query(VmId vmid, Query ask) {
    if (!bool(is_vm(vmid))) {
      return Word(0);
    }
    this->acquire_lock_vm(vmid);
    const Word answer = ask();
    this->release_lock_vm(vmid);
    return answer;
  }
};

}  // namespace redoubt
