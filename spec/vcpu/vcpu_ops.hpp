// SPDX-License-Identifier: BSD-3-Clause
// Specification of layer 28, VCPUOps: what leaves and enters a private context (upper digest 1.10).
#pragma once
#include "spec/vcpu/vcpu_ops_aux.hpp"

namespace redoubt::spec {

template <ValueDomain D, class P, class Below = VcpuOpsAux<D, P>>
class VcpuOps : public Below {
 public:
  using Base = Below;
  using Base::Base;
  using typename Base::VcpuId;
  using typename Base::VmId;
  using typename Base::Word;

  void save_shadow_kvm_regs() {
    if (s.halt) {
      return;
    }
    const VmId v(s.cpu.cur_vmid);
    const VcpuId c(s.cpu.cur_vcpuid);
    if (this->at(v, c, reg::ec) == Word(CLASS_TRAP)) {
      const Word ec = this->bits(this->at(v, c, reg::esr_el2), 31, 26);
      if (ec == Word(EC_WFX)) {
        this->prep_wfx(v, c);
      } else if (bool(ec == Word(EC_HVC)) || bool(ec == Word(EC_SMC))) {
        this->prep_hvc(v, c);
      } else if (bool(ec == Word(EC_IABT)) || bool(ec == Word(EC_DABT))) {
        this->prep_abort(v, c);
      }
    }
    this->show_exit(v, c);
  }

  // 1 to 5 of the digest's list; 6 has become a call of its own (VM_DONATE).
  void restore_shadow_kvm_regs() {
    if (s.halt) {
      return;
    }
    const VmId v(s.cpu.cur_vmid);
    const VcpuId c(s.cpu.cur_vcpuid);
    const bool anew(this->guest_event(GuestEvent::enter, v.raw, c.raw, Word(0), Word(0)) == Word(4));
    if (anew || bool(this->at(v, c, reg::dirty) == Word(INVALID64))) {
      this->reset_gp_regs(v, c);
      this->reset_sys_regs(v, c);
    } else {
      resume(v, c);
    }
    if (!this->wrong(Mutant::dirty_kept)) {
      this->put(v, c, reg::dirty, Word(0));
    }
    this->put(v, c, reg::flags, Word(REDOUBT_EXIT_INTERRUPT));
  }

 protected:
  using Base::s;

 private:
  void resume(VmId v, VcpuId c) {
    if (this->at(v, c, reg::flags) == Word(REDOUBT_EXIT_MMIO)) {
      if (this->get_mailbox(v, c, HostAnswer::mmio_abort, Word(0)) != Word(0)) {
        this->put(v, c, reg::dirty, Word(DIRTY_DABT));
      } else {
        this->sync_dirty_to_shadow(v, c);
      }
    }
    const Word todo = this->at(v, c, reg::dirty);
    if ((todo >> 33 & Word(7)) != Word(0)) {
      this->update_exception_gp_regs(v, c);
    } else if ((todo >> 32 & Word(1)) == Word(1)) {
      this->put(v, c, reg::pc, this->at(v, c, reg::pc) + Word(4));
    }
  }
};

}  // namespace redoubt::spec
