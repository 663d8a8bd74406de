// SPDX-License-Identifier: BSD-3-Clause
// Specification of layer 21, BootOps (upper digest 1.6): what each state of a VM allows.
#pragma once
#include "core/machine/guest_machine.hpp"
#include "spec/vm/saved_state.hpp"

namespace redoubt::spec {

template <ValueDomain D, class P>
class BootOps : public SavedState<D, P> {
 public:
  using Base = SavedState<D, P>;
  using Base::Base;
  using typename Base::Bool;
  using typename Base::Descriptor;
  using typename Base::Frame;
  using typename Base::Ipa;
  using typename Base::LoadIndex;
  using typename Base::Pfn;
  using typename Base::VcpuId;
  using typename Base::VmId;
  using typename Base::Word;

  // The vCPU is READY, has never run, and its registers are zero where no reset sets them.
  Status register_vcpu(VmId vmid, VcpuId c) {
    return this->of_guest(vmid, [&] {
      if (this->state(vmid) != Word(2)) {
        return Status::denied;
      }
      if (!both(c.raw < this->item(vmid, 4), c.raw < Word(8))) {
        return Status::invalid_parameter;
      }
      if (vcpu(vmid, c) != Word(0)) {
        return Status::exists;
      }
      if (!s.halt) {
        new_context(vmid.raw * Word(8) + c.raw);
        const Word mailbox = s.records.mailboxes + vmid.raw * Word(0x9000) + (c.raw + Word(1)) * Word(0x1000);
        s.records.vm_vcpu.write(vmid.raw, c.raw, mailbox);
        tell_emulation(vmid, c);
      }
      become(vmid, c, 2);
      return Status::ok;
    });
  }
  Status set_vcpu_active(VmId vmid, VcpuId c) {
    return this->of_guest(vmid, [&] {
      if (c.raw >= Word(8)) {
        return Status::invalid_parameter;
      }
      if (this->state(vmid) != Word(3)) {
        return Status::denied;
      }
      if (vcpu(vmid, c) != Word(2)) {
        return vcpu(vmid, c) == Word(5) ? Status::busy : Status::not_found;
      }
      become(vmid, c, 5);
      return Status::ok;
    });
  }
  Status set_vcpu_inactive(VmId vmid, VcpuId c) {
    return this->of_guest(vmid, [&] {
      if (c.raw >= Word(8)) {
        return Status::invalid_parameter;
      }
      if (vcpu(vmid, c) != Word(5)) {
        return Status::denied;
      }
      become(vmid, c, 2);
      return Status::ok;
    });
  }

  // The page is the VM's, with the host's content, at the image's next address.
  Status remap_vm_image(VmId vmid, Pfn pfn, LoadIndex i) {
    return this->of_guest(vmid, [&] {
      if (this->state(vmid) != Word(2)) {
        return Status::denied;
      }
      if (!both(this->announced(vmid, i), pfn.raw < Word(u64{1} << 28)) || s.halt) {
        return Status::invalid_parameter;
      }
      const Word given = s.records.vm_mapped_pages.read(vmid.raw, i.raw);
      if (given >= this->pages_of(vmid, i)) {
        return Status::invalid_parameter;
      }
      const Ipa at(s.records.vm_load_addr.read(vmid.raw, i.raw) + (given << 12));
      const Status status = this->load_and_map_vm_s2pt(vmid, at, Descriptor(pfn.raw << 12));
      if (status == Status::ok) {
        s.records.vm_mapped_pages.write(vmid.raw, i.raw, given + Word(1));
      }
      return status;
    });
  }

  // One step of the check: the hash of 2 KiB, or at an image's end the comparison, which at the last image
  // says VERIFIED.
  Status verify_and_load_images(VmId vmid) {
    return this->of_guest(vmid, [&] {
      const LoadIndex i(this->item(vmid, 6));
      if (!both(this->state(vmid) == Word(2), this->announced(vmid, i)) || s.halt || this->resumes(vmid)) {
        return Status::denied;
      }
      const Word pages = this->pages_of(vmid, i);
      if (s.records.vm_mapped_pages.read(vmid.raw, i.raw) != pages) {
        return Status::denied;
      }
      const Word done = this->item(vmid, 7);
      if (done >= pages << 12) {
        return judge(vmid, i);
      }
      if (const Status status = this->hash_image_step(vmid, i, done); status != Status::ok) {
        return status;
      }
      this->put_item(vmid, Word(7), done + Word(2048));
      return Status::again;
    });
  }
  Word get_verify_left(VmId vmid) {
    Word left(0);
    this->of_guest(vmid, [&] {
      for (u64 i = 0; i < 5; ++i) {
        const LoadIndex image{Word(i)};
        const Bool later = both(this->item(vmid, 6) <= Word(i), this->announced(vmid, image));
        left = left + select(later, this->pages_of(vmid, image) << 12, Word(0));
      }
      left = left - this->item(vmid, 7);
      return Status::ok;
    });
    return s.halt ? Word(0) : left;
  }

  Status donate_vm_page(VmId vmid, Ipa addr, Pfn pfn) {
    return in_memory(vmid, addr, 4096, [&] {
      return this->prot_and_map_vm_s2pt(vmid, addr, Descriptor(pfn.raw << 12), Level::page);
    });
  }
  Status donate_vm_block_page(VmId vmid, Ipa addr, Pfn pfn) {
    return in_memory(vmid, addr, 4096,
                     [&] { return this->assign_zeroed_pfn_to_vm(vmid, Frame(addr.raw >> 12), pfn); });
  }
  Status map_vm_block(VmId vmid, Ipa addr, Pfn pfn) {
    return in_memory(vmid, addr, 0x20'0000,
                     [&] { return this->map_pfn_vm(vmid, addr, Descriptor(pfn.raw << 12), Level::block); });
  }

  Word reclaim_vm_pages(VmId vmid, Pfn pfn, Word pages) {
    Word given_back(0);
    this->of_guest(vmid, [&] {
      if (both(this->state(vmid) == Word(4), this->quiet(vmid))) {
        given_back = this->clear_vm_range(vmid, pfn, pages);
      }
      return Status::ok;
    });
    return given_back;
  }
  // Nothing is left of the VM: no table, no record, and its VMID can be given again.
  Status destroy_vm(VmId vmid) {
    const Status status = this->of_guest(vmid, [&] {
      if (this->state(vmid) == Word(0)) {
        return Status::not_found;
      }
      const bool ended = bool(both(this->state(vmid) == Word(4), this->quiet(vmid)));
      if (!ended || this->count_vm_pages(vmid) != Word(0)) {
        return Status::busy;
      }
      this->reset_s2pt(vmid);
      if (!s.halt) {
        this->clear_record(vmid);
      }
      return Status::ok;
    });
    if (status == Status::ok) {
      this->free_vmid(vmid);
    }
    return status;
  }

 protected:
  using Base::s;

 private:
  using Base::become;

  Word vcpu(VmId vmid, VcpuId c) { return s.halt ? Word(0) : s.records.vm_vcpu_state.read(vmid.raw, c.raw); }
  void become(VmId vmid, VcpuId c, u64 state) {
    if (!s.halt) {
      s.records.vm_vcpu_state.write(vmid.raw, c.raw, Word(state));
    }
  }
  // x0 to x30, the vector registers with FPSR and FPCR; 45 says: never run.
  void new_context(Word id) {
    for (u64 n = 0; n < 160; ++n) {
      if (n <= 30 || n == 85 || n == 86 || n >= 96) {
        s.cpu.shadow.write(id, Word(n), Word(0));
      }
    }
    s.cpu.shadow.write(id, Word(45), Word(INVALID64));
  }

  // Where the vCPU starts: the manifest's entry and device tree. What it answers is not looked at.
  void tell_emulation(VmId vmid, VcpuId c) {
    const Word n = s.cpu.guest_events, who = s.cpu.cur_vmid;
    const Word said[] = {Word(static_cast<u64>(GuestEvent::add)), vmid.raw, c.raw, this->item(vmid, 2),
                         this->item(vmid, 3)};
    for (u64 i = 0; i < 5; ++i) {
      s.cpu.guest_log.write(n, Word(i), said[i]);
    }
    s.cpu.guest_events = n + Word(1);
    s.oracles.data_log.write(who, Word(0), s.oracles.data_log.read(who, Word(0)) + Word(1));
  }

  Status judge(VmId vmid, LoadIndex i) {
    if (!image_hash::is(s, vmid.raw, i.raw)) {
      this->become(vmid, 4);
      return Status::denied;
    }
    this->put_item(vmid, Word(6), i.raw + Word(1));
    this->put_item(vmid, Word(7), Word(0));
    if (i.raw + Word(1) != s.records.vm_next_load_info.read(vmid.raw, Word(0))) {
      return Status::again;
    }
    this->become(vmid, 3);
    return Status::ok;
  }

  template <class Body>
  Status in_memory(VmId vmid, Ipa addr, u64 bytes, Body body) {
    return this->of_guest(vmid, [&] {
      if (!either(this->state(vmid) == Word(2), this->state(vmid) == Word(3))) {
        return Status::denied;
      }
      const Word from = this->item(vmid, 0), size = this->item(vmid, 1), at = addr.raw - from;
      const Bool inside = both(from <= addr.raw, at < size, Word(bytes) <= size - at);
      return inside ? body() : Status::invalid_parameter;
    });
  }
};

}  // namespace redoubt::spec
