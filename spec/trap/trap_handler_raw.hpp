// SPDX-License-Identifier: BSD-3-Clause
// Specification of layer 33, TrapHandlerRaw (upper digest 1.13).
#pragma once
#include "spec/trap/trap_dispatcher.hpp"

namespace redoubt::spec {

template <ValueDomain D, class P, class Below = TrapDispatcher<D, P>>
class TrapHandlerRaw : public Below {
 public:
  using Base = Below;
  using Base::Base;
  using typename Base::VcpuId;
  using typename Base::VmId;
  using typename Base::Word;

  void host_hvc_handler_raw() {
    host_runs();
    this->host_to_core();
    this->host_hvc_dispatcher();
    this->core_to_host();
  }
  Status host_npt_handler_raw() {
    host_runs();
    this->host_to_core();
    const Status status = this->handle_host_stage2_fault();
    this->core_to_host();
    return status;
  }
  Next host_vcpu_run_handler_raw() {
    if (s.halt) {
      return Next::to_host;
    }
    host_runs();
    this->host_to_core();
    const VmId v(of_host(1));
    const VcpuId c(of_host(2));
    const Status status = this->admit_vcpu(v, c);
    if (!succeeded(status)) {
      return back(this->code(status), Word(0));
    }
    this->save_host();
    this->restore_vm(v, c);
    this->core_to_vm();
    return Next::resume_guest;
  }
  Next vm_exit_handler_raw() {
    if (s.halt) {
      return Next::to_host;
    }
    const VmId v(s.cpu.cur_vmid);
    const VcpuId c(s.cpu.cur_vcpuid);
    this->stuck_unless("a VM is loaded", both(Word(0) < v.raw, v.raw < Word(16)));
    this->vm_to_core();
    this->exit_populate_fault();
    const Next next = this->vm_exit_dispatcher(v, c);
    if (next == Next::resume_guest) {
      this->core_to_vm();
      return next;
    }
    this->save_vm();
    this->restore_host();
    return back(Word(0), this->exit_reason(v, c));
  }

 protected:
  using Base::s;

 private:
  void host_runs() {
    if (!s.halt) {
      this->stuck_unless("the host is loaded", s.cpu.cur_vmid == Word(HOSTVISOR));
    }
  }
  Word of_host(std::uint64_t n) { return this->at(VmId(Word(0)), VcpuId(s.cpu.cur_vcpuid), reg::x0 + n); }
  // To the host, with these in x0 and x1.
  Next back(Word x0, Word x1) {
    if (!this->wrong(Mutant::call_result_kept)) {
      this->put(VmId(Word(0)), VcpuId(s.cpu.cur_vcpuid), reg::x0, x0);
    }
    this->put(VmId(Word(0)), VcpuId(s.cpu.cur_vcpuid), reg::x0 + 1, x1);
    this->core_to_host();
    return Next::to_host;
  }
};

}  // namespace redoubt::spec
