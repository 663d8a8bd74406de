// SPDX-License-Identifier: BSD-3-Clause
// Layer 32, TrapDispatcher: every argument of the host's calls is checked here, and the exits of a guest are
// sorted (upper digest 1.13, 2.2; the numbers are those of abi/redoubt.h).
#pragma once
#include "core/machine/constants.hpp"
#include "core/machine/fault.hpp"
#include "core/machine/trap_fields.hpp"
#include "core/trap/host_calls.hpp"
#include "core/trap/next.hpp"
#include "core/vcpu/vcpu_state.hpp"

namespace redoubt {

template <class Lower>
class TrapDispatcher : public HostCalls<Lower> {
 public:
  using Base = HostCalls<Lower>;
  using Base::Base;
  using typename Base::Answer;
  using typename Base::Bool;
  using typename Base::Ipa;
  using typename Base::VcpuId;
  using typename Base::VmId;
  using typename Base::Word;

  // Answers the call in the host's saved x0 to x5: its status in x0, results in x1 to x3 where it has some.
  // Unknown: NOT_SUPPORTED. VCPU_RUN is not answered here. Locks: as the call.
  void host_hvc_dispatcher() {
    const VmId host{Word(HOSTVISOR)};
    const VcpuId cpu = this->get_cur_vcpuid();
    const auto x = [&](u64 n) { return this->get_shadow_ctxt(host, cpu, Word(ctxt::X0 + n)); };
    const Word call = x(0) & Word(kFunctionBits);
    const Answer answer = this->host_call(call, {x(1), x(2), x(3), x(4), x(5)});
    this->set_shadow_ctxt(host, cpu, Word(ctxt::X0), status_word<Word>(answer.status));
    for (u64 i = 0; i < answer.results; ++i) {
      this->set_shadow_ctxt(host, cpu, Word(ctxt::X0 + 1 + i), answer.x[i]);
    }
  }

  // Makes the vCPU ACTIVE on this CPU. invalid_parameter: no VM or vCPU can have that number. not_found: no
  // such vCPU, or it is off. Else as set_vcpu_active. Redoubt's own. Locks: takes vm(v).
  Status admit_vcpu(VmId vmid, VcpuId vcpuid) {
    if (negation(both(Base::is_vm_number(vmid.raw), vcpuid.raw < Word(VCPU_PER_VM)))) {
      return Status::invalid_parameter;
    }
    const Status status = this->set_vcpu_active(vmid, vcpuid);
    if (!succeeded(status)) {
      return status;
    }
    // Asked while nobody else can run it: it may have switched itself off on another CPU until then.
    if (this->guest_word(GuestWord::power, vmid, vcpuid, Word(0)) == Word(0)) {
      this->set_vcpu_inactive(vmid, vcpuid);
      return Status::not_found;
    }
    return Status::ok;
  }

  // What the exit that has been saved is, by its class and syndrome. to_host: EXIT_REASON says why, or the
  // exit itself does. Locks: as what it calls.
  Next vm_exit_dispatcher(VmId vmid, VcpuId vcpuid) {
    const Word what = this->get_shadow_ctxt(vmid, vcpuid, Word(ctxt::EC));
    if (what == Word(exit_class::kInterrupt)) {
      return on_interrupt(vmid, vcpuid);
    }
    if (what != Word(exit_class::kTrap)) {
      this->set_exit_reason(vmid, vcpuid, Word(REDOUBT_EXIT_ERROR));
      return Next::to_host;
    }
    return on_trap(vmid, vcpuid, this->get_shadow_esr(vmid, vcpuid));
  }

 private:
  static constexpr u64 kFunctionBits = 0xfffe'ffff;  // w0 without the hint about SVE (DEN0028)

  Next on_interrupt(VmId vmid, VcpuId vcpuid) {
    const Word next = this->guest_event(GuestEvent::interrupt, Word(0), Word(0), Word(0), Word(0));
    if (this->is(next, GuestNext::done)) {
      return Next::resume_guest;
    }
    this->set_exit_reason(vmid, vcpuid, Word(REDOUBT_EXIT_INTERRUPT));
    return Next::to_host;
  }

  Next on_trap(VmId vmid, VcpuId vcpuid, Word esr) {
    const Word ec = Syndrome::Class::get(esr);
    if (ec == Word(Syndrome::kWait)) {
      return on_wait(vmid, vcpuid, esr);
    }
    if (either(ec == Word(Syndrome::kHvc64), ec == Word(Syndrome::kSmc64))) {
      return this->core_handle_pvops();
    }
    if (ec == Word(Syndrome::kSystemRegister)) {
      return this->handle_vm_sys64();
    }
    if (either(ec == Word(Syndrome::kDataAbort), ec == Word(Syndrome::kInstructionAbort))) {
      return on_abort(vmid, vcpuid, esr);
    }
    return this->refuse(vmid, vcpuid, esr);
  }

  Next on_wait(VmId vmid, VcpuId vcpuid, Word esr) {
    const Word next = this->guest_event(GuestEvent::wait, esr, Word(0), Word(0), Word(0));
    if (this->is(next, GuestNext::done)) {
      if (!Base::seeded(Fault::wait_not_done)) {
        this->host_skip_instr();
      }
      return Next::resume_guest;
    }
    this->set_exit_reason(vmid, vcpuid, Word(REDOUBT_EXIT_WFI));
    return Next::to_host;
  }

  // The redistributors are the core's, and what another vCPU's fault has mapped meanwhile is there; all else
  // is decided when the vCPU is saved.
  Next on_abort(VmId vmid, VcpuId vcpuid, Word esr) {
    if (negation(this->fault_is_addressed(esr))) {
      return Next::to_host;
    }
    const Ipa page = this->get_vm_fault_addr(vmid, vcpuid);
    if (Word(GUEST_MMIO_END) <= page.raw) {
      const bool mapped = this->get_level_s2pt(vmid, page) != Level::none;
      return mapped ? Next::resume_guest : Next::to_host;
    }
    if (both(this->is_described_access(esr), is_redistributor(page))) {
      return on_redistributor(vmid, vcpuid, esr, page);
    }
    return Next::to_host;
  }
  static Bool is_redistributor(Ipa page) {
    const Word offset = page.raw - Word(REDOUBT_GUEST_GICR_BASE);
    return offset < Word(u64{REDOUBT_GUEST_GICR_STRIDE} * VCPU_PER_VM);
  }
  Next on_redistributor(VmId vmid, VcpuId vcpuid, Word esr, Ipa page) {
    const Word far = this->get_shadow_ctxt(vmid, vcpuid, Word(ctxt::FAR_EL2));
    const Word at = page.raw | (far & Word(PAGE_SIZE - 1));
    const Word bytes = this->host_dabt_get_as(esr);
    const Word rt = this->host_dabt_get_rd(esr);
    const bool is_write(AbortSyndrome::IsWrite::get(esr) == Word(1));
    const Word value = is_write ? this->low_bytes(esr, this->general(vmid, vcpuid, rt)) : Word(0);
    const Word next =
        this->guest_event(is_write ? GuestEvent::redistributor_write : GuestEvent::redistributor_read, at,
                          bytes, value, Word(0));
    if (this->is(next, GuestNext::not_mine)) {
      return Next::to_host;
    }
    if (!is_write) {
      this->set_general(vmid, vcpuid, rt, this->extended(esr, this->guest_answer(GuestAnswer::x0)));
    }
    this->host_skip_instr();
    // The access is done: if the vCPU leaves, then not for it.
    this->set_shadow_ctxt(vmid, vcpuid, Word(ctxt::EC), Word(exit_class::kInterrupt));
    return this->leave_if(vmid, vcpuid, next);
  }
};

}  // namespace redoubt
