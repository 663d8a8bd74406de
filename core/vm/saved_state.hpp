// SPDX-License-Identifier: BSD-3-Clause
// The part of BootOps that lets a VM's pages and registers leave under encryption, and takes them back
// (upper digest 1.6, R25).
#pragma once
#include "core/machine/constants.hpp"
#include "core/machine/fault.hpp"
#include "core/machine/types.hpp"
#include "core/vm/vm_record.hpp"
#include "core/vm/vm_state.hpp"

namespace redoubt {

// State is saved at rest: of a vCPU that is not running, of pages while no vCPU of the VM runs. It is taken
// back into a VM that is READY, and marks it as one that resumes. A VM that resumes is not VERIFIED, so it
// does not run: that needs a key which belongs to what its owner signed, all of its pages, and the state of
// its interrupts and timer, and none of these is defined before there is a root key (INV-BOOT-4).
template <class Lower>
class SavedState : public VmRecord<Lower> {
 public:
  using Base = VmRecord<Lower>;
  using Base::Base;
  using typename Base::Pfn;
  using typename Base::VcpuId;
  using typename Base::VmId;
  using typename Base::Word;

  // Seals the registers of a vCPU into its mailbox, in two halves. busy: it is running; not_found: there is
  // none. no_memory: the VM's versions are used up; perhaps after one half. Locks: takes vm(v).
  Status save_encrypted_vcpu(VmId vmid, VcpuId vcpuid) {
    return this->in_vm(vmid, [&] {
      const Status status = at_rest(vmid, vcpuid);
      return status == Status::ok ? seal_registers(vmid, vcpuid) : status;
    });
  }
  // Loads what was sealed last of that vCPU, into a vCPU that has never run. denied: the VM is not READY, or
  // a half is not authentic; if that is the second one, the VM has ended. Else as above, and as
  // decrypt_gp_regs. Locks: takes vm(v).
  Status load_encrypted_vcpu(VmId vmid, VcpuId vcpuid) {
    return this->in_vm(vmid, [&] {
      const bool any = Lower::seeded(Fault::restored_into_verified);
      if (!any && this->get_vm_state(vmid) != Word(vm_state::READY)) {
        return Status::denied;
      }
      const Status status = at_rest(vmid, vcpuid);
      return status == Status::ok ? open_registers(vmid, vcpuid) : status;
    });
  }

  // Seals a page of the VM into one of the host's. busy: a vCPU of the VM runs. Else as seal_vm_page. Locks:
  // takes vm(v), inside it s2page.
  Status save_encrypt_buf(VmId vmid, Pfn inbuf, Pfn outbuf) {
    return this->in_vm(vmid, [&] {
      return bool(this->is_quiet(vmid)) ? this->seal_vm_page(vmid, inbuf, outbuf) : Status::busy;
    });
  }
  // Takes a sealed page back, which the VM sees nowhere yet. denied: the VM is not READY. Else as
  // open_sealed_page. Locks: takes vm(v), inside it s2page, pt(0).
  Status load_decrypt_buf(VmId vmid, Pfn inbuf) {
    return this->in_vm(vmid, [&] {
      if (this->get_vm_state(vmid) != Word(vm_state::READY)) {
        return Status::denied;
      }
      const Status status = this->open_sealed_page(vmid, inbuf);
      if (status == Status::ok) {
        this->set_vm_inc_exe(vmid, Word(1));
      }
      return status;
    });
  }

 private:
  Status at_rest(VmId vmid, VcpuId vcpuid) {
    if (vcpuid.raw >= Word(VCPU_PER_VM)) {
      return Status::invalid_parameter;
    }
    const Word state = this->get_vcpu_state(vmid, vcpuid);
    if (state == Word(vm_state::ACTIVE) && !Lower::seeded(Fault::running_vcpu_saved)) {
      return Status::busy;
    }
    return state == Word(vm_state::UNUSED) ? Status::not_found : Status::ok;
  }
  Status seal_registers(VmId vmid, VcpuId vcpuid) {
    const Status general = this->encrypt_gp_regs(vmid, vcpuid);
    return general == Status::ok ? this->encrypt_sys_regs(vmid, vcpuid) : general;
  }
  // Half a vCPU belongs to nobody: the VM ends.
  Status open_registers(VmId vmid, VcpuId vcpuid) {
    const Status general = this->decrypt_gp_regs(vmid, vcpuid);
    if (general != Status::ok) {
      return general;
    }
    this->set_vm_inc_exe(vmid, Word(1));
    const Status system = this->decrypt_sys_regs(vmid, vcpuid);
    if (system != Status::ok && !Lower::seeded(Fault::half_restored_vcpu)) {
      this->set_vm_state(vmid, Word(vm_state::POWEROFF));
    }
    return system;
  }
};

}  // namespace redoubt
