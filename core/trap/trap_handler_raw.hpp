// SPDX-License-Identifier: BSD-3-Clause
// Layer 33, TrapHandlerRaw: a trap from its first register to its last (upper digest 1.13).
#pragma once
#include "core/machine/constants.hpp"
#include "core/machine/fault.hpp"
#include "core/trap/next.hpp"
#include "core/vcpu/vcpu_state.hpp"

namespace redoubt {

// Each handler runs with the trapped x0 to x30 in the CPU's frame, and returns with those of who runs next
// there; that one's ELR_EL2, SPSR_EL2 and stage-2 table are loaded. No lock is held at either end.
template <class Lower>
class TrapHandlerRaw : public Lower {
 public:
  using Lower::Lower;
  using typename Lower::Bool;
  using typename Lower::VcpuId;
  using typename Lower::VmId;
  using typename Lower::Word;

  // A call of the host about VMs, but VCPU_RUN: x0 to x5 are its arguments; x0 to x3 its results.
  void host_hvc_handler_raw() {
    guard_host();
    this->host_to_core();
    this->host_hvc_dispatcher();
    this->core_to_host();
  }

  // A stage-2 fault of the host. ok, unchanged: it retries. Else the caller makes an abort of it.
  Status host_npt_handler_raw() {
    guard_host();
    this->host_to_core();
    const Status status = this->handle_host_stage2_fault();
    this->core_to_host();
    return status;
  }

  // The host's VCPU_RUN: x1 is the VM, x2 the vCPU. resume_guest: it is loaded. to_host: it cannot run; x0
  // says why.
  Next host_vcpu_run_handler_raw() {
    guard_host();
    this->host_to_core();
    const VmId vmid(host_register(1));
    const VcpuId vcpuid(host_register(2));
    const Status status = this->admit_vcpu(vmid, vcpuid);
    if (!succeeded(status) && !Lower::seeded(Fault::run_unadmitted)) {
      set_host_register(0, status_word<Word>(status));
      set_host_register(1, Word(0));
      this->core_to_host();
      return Next::to_host;
    }
    this->save_host();
    this->restore_vm(vmid, vcpuid);
    this->core_to_vm();
    return Next::resume_guest;
  }

  // The loaded vCPU stopped running: EC is the class of the exit. to_host: the host is loaded, its x0 and x1
  // are the results of VCPU_RUN.
  Next vm_exit_handler_raw() {
    const VmId vmid = this->get_cur_vmid();
    const VcpuId vcpuid = this->get_cur_vcpuid();
    this->guard(Guard::loaded, both(Word(HOSTVISOR) < vmid.raw, vmid.raw < Word(COREVISOR)));
    this->vm_to_core();
    this->exit_populate_fault();
    if (this->vm_exit_dispatcher(vmid, vcpuid) == Next::resume_guest) {
      this->core_to_vm();
      return Next::resume_guest;
    }
    this->save_vm();
    this->restore_host();
    set_host_register(0, status_word<Word>(Status::ok));
    set_host_register(1, this->exit_reason(vmid, vcpuid));
    this->core_to_host();
    return Next::to_host;
  }

 private:
  void guard_host() { this->guard(Guard::loaded, this->get_cur_vmid().raw == Word(HOSTVISOR)); }
  // Of the host's context on this CPU, which is the loaded one.
  Word host_register(u64 number) {
    return this->get_shadow_ctxt(VmId(Word(HOSTVISOR)), this->get_cur_vcpuid(), Word(ctxt::X0 + number));
  }
  void set_host_register(u64 number, Word value) {
    this->set_shadow_ctxt(VmId(Word(HOSTVISOR)), this->get_cur_vcpuid(), Word(ctxt::X0 + number), value);
  }
};

}  // namespace redoubt
