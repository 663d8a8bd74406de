// SPDX-License-Identifier: BSD-3-Clause
// Layer 28, VCPUOps: what leaves a vCPU's private context at an exit, and what enters it at a run
// (upper digest 1.10).
#pragma once
#include "core/machine/constants.hpp"
#include "core/machine/fault.hpp"
#include "core/machine/trap_fields.hpp"
#include "core/vcpu/vcpu_state.hpp"

namespace redoubt {

template <class Lower>
class VcpuOps : public Lower {
 public:
  using Lower::Lower;
  using typename Lower::Bool;
  using typename Lower::VcpuId;
  using typename Lower::VmId;
  using typename Lower::Word;

  // After an exit to the host, all registers saved: shows it what that kind of exit shows, and no more.
  // Locks: takes vm(v).
  void save_shadow_kvm_regs() {
    const VmId vmid = this->get_cur_vmid();
    const VcpuId vcpuid = this->get_cur_vcpuid();
    if (this->get_shadow_ctxt(vmid, vcpuid, Word(ctxt::EC)) == Word(exit_class::kTrap)) {
      prepare(vmid, vcpuid, Syndrome::Class::get(this->get_shadow_esr(vmid, vcpuid)));
    }
    show_exit(vmid, vcpuid);
  }

  // Before the loaded vCPU runs: its start values, or what its last exit asked the host for.
  void restore_shadow_kvm_regs() {
    const VmId vmid = this->get_cur_vmid();
    const VcpuId vcpuid = this->get_cur_vcpuid();
    const Word next = this->guest_event(GuestEvent::enter, vmid.raw, vcpuid.raw, Word(0), Word(0));
    const Bool starts = next == Word(static_cast<u64>(GuestNext::start));
    if (either(starts, this->get_shadow_dirty_bit(vmid, vcpuid) == Word(INVALID64))) {
      reset_gp_regs(vmid, vcpuid);
      reset_sys_regs(vmid, vcpuid);
    } else {
      apply(vmid, vcpuid);
    }
    this->set_shadow_dirty_bit(vmid, vcpuid, Word(0));
    this->set_exit_reason(vmid, vcpuid, Word(REDOUBT_EXIT_INTERRUPT));
  }

 private:
  void prepare(VmId vmid, VcpuId vcpuid, Word ec) {
    if (ec == Word(Syndrome::kWait)) {
      return prep_wfx(vmid, vcpuid);
    }
    if (either(ec == Word(Syndrome::kHvc64), ec == Word(Syndrome::kSmc64))) {
      return prep_hvc(vmid, vcpuid);
    }
    if (either(ec == Word(Syndrome::kDataAbort), ec == Word(Syndrome::kInstructionAbort))) {
      return prep_abort(vmid, vcpuid);
    }
  }

  void apply(VmId vmid, VcpuId vcpuid) {
    if (this->exit_reason(vmid, vcpuid) == Word(REDOUBT_EXIT_MMIO)) {
      answer_access(vmid, vcpuid);
    }
    const Word todo = this->get_shadow_dirty_bit(vmid, vcpuid);
    if ((todo & Word(dirty::kInjection)) != Word(0)) {
      return this->update_exception_gp_regs(vmid, vcpuid);
    }
    if ((todo & Word(dirty::kPc)) != Word(0) && !Lower::seeded(Fault::vcpu_pc_kept)) {
      const Word pc = this->get_shadow_ctxt(vmid, vcpuid, Word(ctxt::PC));
      this->set_shadow_ctxt(vmid, vcpuid, Word(ctxt::PC), pc + Word(4));
    }
  }
  // The host says that there is no such register, or gives the value that is read.
  void answer_access(VmId vmid, VcpuId vcpuid) {
    if (this->get_mailbox(vmid, vcpuid, HostAnswer::mmio_abort, Word(0)) == Word(0)) {
      return sync_dirty_to_shadow(vmid, vcpuid);
    }
    this->set_shadow_dirty_bit(vmid, vcpuid, Word(0));
    this->set_shadow_dirty_bit(vmid, vcpuid, Word(dirty::kDataAbort));
  }

  // hidden from here up
  using Lower::prep_abort;
  using Lower::prep_hvc;
  using Lower::prep_wfx;
  using Lower::reset_gp_regs;
  using Lower::reset_sys_regs;
  using Lower::show_exit;
  using Lower::sync_dirty_to_shadow;
};

}  // namespace redoubt
