// SPDX-License-Identifier: BSD-3-Clause
// The part of BootOps' specification about a VM's record: what fills it, answers from it, clears it.
#pragma once
#include "spec/vm/boot_aux.hpp"

namespace redoubt::spec {

// Items of a record by number: 0 and 1 memory, 2 entry, 3 device tree, 4 vCPUs, 5 runnable, 6 and 7 image and
// bytes of the check, 8 + 8 i + n word n of image i's digest.
template <ValueDomain D, class P>
class VmRecord : public BootAux<D, P> {
 public:
  using Base = BootAux<D, P>;
  using Base::Base;
  using typename Base::Bool;
  using typename Base::Ipa;
  using typename Base::LoadIndex;
  using typename Base::VmId;
  using typename Base::Word;

  // The VMID's VM is being made (1), its tables are those that hardware starts on.
  VmId register_kvm() {
    const VmId vmid = this->gen_vmid();
    if (s.halt || vmid.raw == Word(INVALID)) {
      return vmid;
    }
    this->acquire_lock_vm(vmid);
    this->init_s2pt(vmid);
    this->become(vmid, 1);
    s.records.vm_kvm.write(vmid.raw, Word(0), s.records.mailboxes + vmid.raw * Word(0x9000));
    this->release_lock_vm(vmid);
    return vmid;
  }

  Status set_vm_layout(VmId vmid, Ipa base, Word size, Word entry, Word device_tree, Word vcpus) {
    const Word space(u64{1} << P::ipa_bits), unit(0x1f'ffff);
    const Bool blocks = both((base.raw & unit) == Word(0), (size & unit) == Word(0), size != Word(0));
    const Bool fits = both(base.raw < space, size <= space - base.raw);
    if (!both(blocks, fits, vcpus != Word(0), vcpus <= Word(8))) {
      return Status::invalid_parameter;
    }
    return this->of_guest(vmid, [&] {
      if (!both(this->state(vmid) == Word(1), item(vmid, 4) == Word(0))) {
        return Status::denied;
      }
      const Word values[] = {base.raw, size, entry, device_tree, vcpus, Word(1)};
      for (u64 i = 0; i < 6; ++i) {
        put_item(vmid, Word(i), values[i]);
      }
      return Status::ok;
    });
  }

  Word set_boot_info(VmId vmid, Ipa addr, Word size) {
    Word number(INVALID);
    this->of_guest(vmid, [&] {
      const Word n = s.records.vm_next_load_info.read(vmid.raw, Word(0));
      const Word from = item(vmid, 0), bytes = item(vmid, 1);
      const Bool fits = both(from <= addr.raw, addr.raw - from < bytes, size <= bytes - (addr.raw - from));
      const Bool good = both(fits, (addr.raw & Word(0xfff)) == Word(0), size != Word(0));
      if (!both(good, this->state(vmid) == Word(1), n < Word(5)) || s.halt) {
        return Status::denied;
      }
      auto& r = s.records;
      r.vm_load_addr.write(vmid.raw, n, addr.raw);
      r.vm_remap_addr.write(vmid.raw, n, addr.raw);
      r.vm_load_size.write(vmid.raw, n, size);
      r.vm_mapped_pages.write(vmid.raw, n, Word(0));
      r.vm_next_load_info.write(vmid.raw, Word(0), n + Word(1));
      number = n;
      return Status::ok;
    });
    return s.halt ? Word(0) : number;
  }
  Status set_image_digest(VmId vmid, LoadIndex image, Word index, Word value) {
    return this->of_guest(vmid, [&] {
      if (this->state(vmid) != Word(1)) {
        return Status::denied;
      }
      if (!both(announced(vmid, image), index < Word(8))) {
        return Status::invalid_parameter;
      }
      put_item(vmid, Word(8) + image.raw * Word(8) + index, value);
      return Status::ok;
    });
  }

  // What is said of the VM is complete: from here on it takes vCPUs and images.
  Status open_vm(VmId vmid) {
    return this->of_guest(vmid, [&] {
      if (!both(this->state(vmid) == Word(1), item(vmid, 4) != Word(0))) {
        return Status::denied;
      }
      this->become(vmid, 2);
      return Status::ok;
    });
  }

  // The last image that contains the address decides.
  Word search_load_info(VmId vmid, Word addr) {
    Word answer(0);
    this->of_guest(vmid, [&] {
      for (u64 i = 5; i > 0 && !s.halt; --i) {
        const Word n(i - 1), from = s.records.vm_load_addr.read(vmid.raw, n);
        const Bool there = n < s.records.vm_next_load_info.read(vmid.raw, Word(0));
        if (both(there, from <= addr, addr - from < s.records.vm_load_size.read(vmid.raw, n))) {
          answer = s.records.vm_remap_addr.read(vmid.raw, n) + (addr - from);
          break;
        }
      }
      return Status::ok;
    });
    return answer;
  }
  Word is_inc_exe(VmId vmid) {
    return ask(vmid, [&] { return s.records.vm_inc_exe.read(vmid.raw, Word(0)); });
  }
  Word query_vm_state(VmId vmid) {
    return ask(vmid, [&] { return this->state(vmid); });
  }
  Word query_vm_item(VmId vmid, Word i) {
    return i < Word(48) ? ask(vmid, [&] { return s.records.vm_item.read(vmid.raw, i); }) : Word(0);
  }

 protected:
  using Base::s;

  Word item(VmId vmid, u64 i) { return s.halt ? Word(0) : s.records.vm_item.read(vmid.raw, Word(i)); }
  void put_item(VmId vmid, Word i, Word value) {
    if (!s.halt) {
      s.records.vm_item.write(vmid.raw, i, value);
    }
  }
  Bool announced(VmId vmid, LoadIndex image) {
    const Word n = s.records.vm_next_load_info.read(vmid.raw, Word(0));
    return both(image.raw < n, image.raw < Word(5));
  }
  // Every word of the record is zero, but for the totals of pages.
  void clear_record(VmId vmid) {
    auto& r = s.records;
    for (auto* map :
         {&r.vm_state, &r.vm_kvm, &r.vm_next_load_info, &r.vm_inc_exe, &r.vm_vcpu, &r.vm_vcpu_state,
          &r.vm_load_addr, &r.vm_load_size, &r.vm_remap_addr, &r.vm_mapped_pages, &r.vm_item}) {
      map->zero_row(vmid.raw);
    }
  }

 private:
  template <class Ask>
  Word ask(VmId vmid, Ask value) {
    Word answer(0);
    this->of_guest(vmid, [&] {
      answer = s.halt ? Word(0) : value();
      return Status::ok;
    });
    return answer;
  }
};

}  // namespace redoubt::spec
