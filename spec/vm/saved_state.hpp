// SPDX-License-Identifier: BSD-3-Clause
// The part of BootOps' specification about state that leaves and comes back under encryption
// (upper digest 1.6, R25).
#pragma once
#include "spec/vm/vm_record.hpp"

namespace redoubt::spec {

template <ValueDomain D, class P>
class SavedState : public VmRecord<D, P> {
 public:
  using Base = VmRecord<D, P>;
  using Base::Base;
  using typename Base::Pfn;
  using typename Base::VmId;
  using typename Base::Word;
  using VcpuId = redoubt::VcpuId<Word>;

  Status save_encrypted_vcpu(VmId vmid, VcpuId c) {
    return this->of_guest(vmid, [&] {
      Status status = resting(vmid, c);
      if (status == Status::ok) {
        status = Contents(s).encrypt_gp_regs(vmid, c);
      }
      return status == Status::ok ? Contents(s).encrypt_sys_regs(vmid, c) : status;
    });
  }
  // Of a READY VM; it resumes from here on. It ends where only the general registers were authentic.
  Status load_encrypted_vcpu(VmId vmid, VcpuId c) {
    return this->of_guest(vmid, [&] {
      Status status = this->state(vmid) == Word(2) ? resting(vmid, c) : Status::denied;
      if (status != Status::ok) {
        return status;
      }
      status = Contents(s).decrypt_gp_regs(vmid, c);
      if (status != Status::ok || s.halt) {
        return status;
      }
      s.records.vm_inc_exe.write(vmid.raw, Word(0), Word(1));
      status = Contents(s).decrypt_sys_regs(vmid, c);
      if (status != Status::ok) {
        this->become(vmid, 4);
      }
      return status;
    });
  }

  Status save_encrypt_buf(VmId vmid, Pfn from, Pfn into) {
    return this->of_guest(
        vmid, [&] { return this->quiet(vmid) ? this->seal_vm_page(vmid, from, into) : Status::busy; });
  }
  // Of a READY VM; it resumes from here on.
  Status load_decrypt_buf(VmId vmid, Pfn pfn) {
    return this->of_guest(vmid, [&] {
      if (this->state(vmid) != Word(2)) {
        return Status::denied;
      }
      const Status status = this->open_sealed_page(vmid, pfn);
      if (status == Status::ok && !s.halt) {
        s.records.vm_inc_exe.write(vmid.raw, Word(0), Word(1));
      }
      return status;
    });
  }

 protected:
  using Base::s;

  bool resumes(VmId vmid) { return bool(s.records.vm_inc_exe.read(vmid.raw, Word(0)) != Word(0)); }

 private:
  using Contents = ContentPrimitives<D, P>;

  // READY vCPUs only: UNUSED ones are not there, ACTIVE ones run.
  Status resting(VmId vmid, VcpuId c) {
    if (c.raw >= Word(8)) {
      return Status::invalid_parameter;
    }
    const Word state = s.halt ? Word(2) : s.records.vm_vcpu_state.read(vmid.raw, c.raw);
    if (state == Word(0)) {
      return Status::not_found;
    }
    return state == Word(5) ? Status::busy : Status::ok;
  }
};

}  // namespace redoubt::spec
