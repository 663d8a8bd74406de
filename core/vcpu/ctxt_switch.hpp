// SPDX-License-Identifier: BSD-3-Clause
// Layer 29, CtxtSwitch: from the host to a vCPU and back, on one CPU (upper digest 1.11, 4.6, R16, R20).
#pragma once
#include "core/machine/constants.hpp"
#include "core/machine/fault.hpp"
#include "core/vcpu/vcpu_state.hpp"

namespace redoubt {

//   INV-CPU-4  host and vCPU: the registers in the CPU are those of whom get_cur_vmid and get_cur_vcpuid name
//   INV-CPU-5  ACTIVE vCPUs of a VM are as many as CPUs on which the VM is loaded
// x0 to x30 move by host_to_core, core_to_vm, vm_to_core and core_to_host, which the handlers call.
template <class Lower>
class CtxtSwitch : public Lower {
 public:
  using Lower::Lower;
  using typename Lower::VcpuId;
  using typename Lower::VmId;
  using typename Lower::Word;

  // The host stops running on this CPU: its system registers, PC and PSTATE, FP state.
  void save_host() {
    this->save_sysregs();
    this->fpsimd_save_state();
  }

  // A vCPU takes its place: one that set_vcpu_active gave to this CPU.
  void restore_vm(VmId vmid, VcpuId vcpuid) {
    this->set_per_cpu(vmid, vcpuid);
    restore_shadow_kvm_regs();
    this->vm_el2_restore_state();
    this->timer_set_cntvoff();
    this->timer_enable_traps();
    this->activate_traps();
    this->restore_sysregs();
    this->fpsimd_restore_state();
    this->isb();  // the invalidation takes the VMID from VTTBR_EL2
    this->forget_other_vcpu(vmid, vcpuid);
    take_spis(vmid, vcpuid);
    this->guest_event(GuestEvent::load, Word(0), Word(0), Word(0), Word(0));
  }

  // The loaded vCPU stops running here: all of it is saved, the host is shown what its exit shows, and it may
  // run elsewhere. Its x0 to x30, fault addresses and syndrome have been saved. Locks: takes vm(v).
  void save_vm() {
    this->guest_event(GuestEvent::unload, Word(0), Word(0), Word(0), Word(0));
    this->save_sysregs();
    this->fpsimd_save_state();
    this->deactivate_traps();
    this->timer_disable_traps();
    save_shadow_kvm_regs();
    if (!Lower::seeded(Fault::vcpu_stays_active)) {
      this->set_vcpu_inactive(this->get_cur_vmid(), this->get_cur_vcpuid());
    }
  }

  // The host goes on where its VCPU_RUN left it.
  void restore_host() {
    this->set_per_cpu(VmId(Word(HOSTVISOR)), VcpuId(Word(0)));
    this->host_el2_restore_state();
    this->timer_set_cntvoff();
    this->restore_sysregs();
    this->fpsimd_restore_state();
  }

 private:
  // hidden from here up
  using Lower::restore_shadow_kvm_regs;
  using Lower::save_shadow_kvm_regs;
  using Lower::take_spis;
};

}  // namespace redoubt
