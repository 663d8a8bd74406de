// SPDX-License-Identifier: BSD-3-Clause
// Specification of layer 29, CtxtSwitch: which registers are whose (upper digest 1.11, 4.1, 4.6).
#pragma once
#include "spec/vcpu/vcpu_ops.hpp"

namespace redoubt::spec {

template <ValueDomain D, class P, class Below = VcpuOps<D, P>>
class CtxtSwitch : public Below {
 public:
  using Base = Below;
  using Base::Base;
  using typename Base::VcpuId;
  using typename Base::VmId;
  using typename Base::Word;

  void save_host() { keep_registers(); }
  void restore_vm(VmId vmid, VcpuId vcpuid) {
    if (s.halt) {
      return;
    }
    this->set_per_cpu(vmid, vcpuid);
    this->restore_shadow_kvm_regs();
    this->vm_el2_restore_state();
    this->activate_traps();
    this->timer_enable_traps();
    give_registers();
    s.updates.add({0, Word(0), Word(0), Word(0), s.epoch, Step::isb});  // before the VM is named to TLBs
    this->forget_other_vcpu(vmid, vcpuid);
    this->take_spis(vmid, vcpuid);
    tell_emulation(GuestEvent::load);
  }
  void save_vm() {
    if (s.halt) {
      return;
    }
    tell_emulation(GuestEvent::unload);
    keep_registers();
    this->timer_disable_traps();
    this->deactivate_traps();
    this->save_shadow_kvm_regs();
    this->set_vcpu_inactive(VmId(s.cpu.cur_vmid), VcpuId(s.cpu.cur_vcpuid));
  }
  void restore_host() {
    if (s.halt) {
      return;
    }
    s.cpu.cur_vmid = Word(HOSTVISOR);
    s.cpu.cur_vcpuid = s.cpu.curid;
    this->host_el2_restore_state();
    give_registers(!this->wrong(Mutant::fp_left_to_host));
  }

 protected:
  using Base::s;

 private:
  void keep_registers() {
    this->save_sysregs();
    this->fpsimd_save_state();
  }
  void give_registers(bool fp = true) {
    this->restore_sysregs();
    if (fp) {
      this->fpsimd_restore_state();
    }
    this->timer_set_cntvoff();
  }
  void tell_emulation(GuestEvent event) { this->guest_event(event, Word(0), Word(0), Word(0), Word(0)); }
};

}  // namespace redoubt::spec
