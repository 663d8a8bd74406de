// SPDX-License-Identifier: BSD-3-Clause
// Layer 31, FaultHandler: stage-2 faults of the host, and the traps of a guest that the core answers
// (upper digest 1.12).
#pragma once
#include "core/machine/constants.hpp"
#include "core/machine/fault.hpp"
#include "core/machine/trap_fields.hpp"
#include "core/trap/next.hpp"
#include "core/vcpu/vcpu_state.hpp"

namespace redoubt {

// x0 to x30 and the fault registers of the guest are in its context, its system registers, PC and PSTATE in
// the CPU.
template <class Lower>
class FaultHandler : public Lower {
 public:
  using Lower::Lower;
  using typename Lower::Bool;
  using typename Lower::Ipa;
  using typename Lower::VcpuId;
  using typename Lower::VmId;
  using typename Lower::Word;

  // The host touched what its table does not map. As map_page_host: ok or unchanged, it retries; else it
  // gets an abort. Locks: takes s2page, pt(0).
  Status handle_host_stage2_fault() {
    const Word hpfar = this->read_hpfar_el2();
    return this->map_page_host(Ipa(FaultPage::Page::get(hpfar) << PAGE_SHIFT));
  }

  // A call of the loaded vCPU: PSCI, SMCCC and the sharing of its memory; what is unknown has been answered
  // NOT_SUPPORTED. An SMC is stepped over. Locks: sharing takes pt(v), s2page, pt(0).
  Next core_handle_pvops() {
    const VmId vmid = this->get_cur_vmid();
    const VcpuId vcpuid = this->get_cur_vcpuid();
    const Word esr = this->get_shadow_esr(vmid, vcpuid);
    if (Syndrome::Class::get(esr) == Word(Syndrome::kSmc64)) {
      this->host_skip_instr();
    }
    const Word next = this->guest_event(GuestEvent::call, esr, Word(0), Word(0), Word(0));
    if (is(next, GuestNext::undefined)) {
      return refuse(vmid, vcpuid, esr);
    }
    if (either(is(next, GuestNext::share), is(next, GuestNext::unshare))) {
      const Ipa addr(this->guest_answer(GuestAnswer::address));
      const Status status = is(next, GuestNext::share)
                                ? this->grant_stage2_sg_gpa(vmid, addr, Word(PAGE_SIZE))
                                : this->revoke_stage2_sg_gpa(vmid, addr, Word(PAGE_SIZE));
      this->set_shadow_ctxt(vmid, vcpuid, Word(ctxt::X0), status_word<Word>(status));
      return Next::resume_guest;
    }
    take_results(vmid, vcpuid);
    return leave_if(vmid, vcpuid, next);
  }

  // MSR, MRS or system instruction of the loaded vCPU: what the core emulates is stepped over, anything else
  // is UNDEFINED (R12). Redoubt's own: the digest steps over all of them.
  Next handle_vm_sys64() {
    const VmId vmid = this->get_cur_vmid();
    const VcpuId vcpuid = this->get_cur_vcpuid();
    const Word esr = this->get_shadow_esr(vmid, vcpuid);
    const Word rt = RegisterSyndrome::Register::get(esr);
    const Word next = this->guest_event(GuestEvent::system_register, esr, this->general(vmid, vcpuid, rt),
                                        Word(0), Word(0));
    if (either(is(next, GuestNext::undefined), is(next, GuestNext::not_mine))) {
      return refuse(vmid, vcpuid, esr);
    }
    if (RegisterSyndrome::IsRead::get(esr) == Word(1)) {
      this->set_general(vmid, vcpuid, rt, this->guest_answer(GuestAnswer::x0));
    }
    this->core_handle_sys64();
    return leave_if(vmid, vcpuid, next);
  }

  // UNDEFINED in place of the trapped instruction; the vCPU goes on. Redoubt's own.
  Next refuse(VmId vmid, VcpuId vcpuid, Word esr) {
    this->guest_event(GuestEvent::refused, esr, Word(0), Word(0), Word(0));
    this->save_sysregs();
    this->set_shadow_dirty_bit(vmid, vcpuid, Word(dirty::kUndefined));
    this->update_exception_gp_regs(vmid, vcpuid);
    this->set_shadow_dirty_bit(vmid, vcpuid, Word(0));
    this->restore_sysregs();
    return Next::resume_guest;
  }

  // Goes on, or to the host for the reason that the emulation answered. Redoubt's own.
  Next leave_if(VmId vmid, VcpuId vcpuid, Word next) {
    if (negation(is(next, GuestNext::to_host))) {
      return Next::resume_guest;
    }
    this->set_exit_reason(vmid, vcpuid, this->guest_answer(GuestAnswer::exit));
    return Next::to_host;
  }

  static Bool is(Word next, GuestNext which) { return next == Word(static_cast<u64>(which)); }

 private:
  void take_results(VmId vmid, VcpuId vcpuid) {
    const Word results = this->guest_answer(GuestAnswer::results);
    for (u64 i = 0; i < 4; ++i) {
      if (Word(i) < results) {
        const Word value =
            this->guest_answer(static_cast<GuestAnswer>(static_cast<u64>(GuestAnswer::x0) + i));
        this->set_shadow_ctxt(vmid, vcpuid, Word(ctxt::X0 + i), value);
      }
    }
  }
};

}  // namespace redoubt
