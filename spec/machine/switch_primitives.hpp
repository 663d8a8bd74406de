// SPDX-License-Identifier: BSD-3-Clause
// Specification of the world switch: register by register between the CPU and the loaded context
// (digest 4.12).
#pragma once
#include "core/machine/cpu_machine.hpp"
#include "spec/machine/context_primitives.hpp"
#include "spec/npt/layout.hpp"

namespace redoubt::spec {

template <ValueDomain D, class P, class Below = ContentPrimitives<D, P>>
class SwitchPrimitives : public ContextPrimitives<D, P, Below> {
 public:
  using Base = ContextPrimitives<D, P, Below>;
  using Base::Base;
  using typename Base::Word;
  using Number = std::uint64_t;

  void host_to_core() { general(&SwitchPrimitives::to_shadow); }
  void vm_to_core() { general(&SwitchPrimitives::to_shadow); }
  void core_to_host() { general(&SwitchPrimitives::to_cpu); }
  void core_to_vm() { general(&SwitchPrimitives::to_cpu); }  // W3

  void exit_populate_fault() { each(reg::kFault, &SwitchPrimitives::to_shadow); }

  // With PC, PSTATE and ESR_EL1 of the exit (W5).
  void save_sysregs() {
    each(reg::kSystem, &SwitchPrimitives::to_shadow);
    to_shadow(reg::mpidr_el1, reg::vmpidr_el2);
    to_shadow(reg::pc, reg::elr_el2);
    to_shadow(reg::pstate, reg::spsr_el2);
  }
  void restore_sysregs() {
    each(reg::kSystem, &SwitchPrimitives::to_cpu);
    each(reg::kFault, &SwitchPrimitives::to_cpu);
    to_cpu(reg::mpidr_el1, reg::vmpidr_el2);
    to_cpu(reg::mpidr_el1, reg::mpidr_el1);
    to_cpu(reg::pc, reg::elr_el2);
    to_cpu(reg::pstate, reg::spsr_el2);
  }

  void fpsimd_save_state() { fp(&SwitchPrimitives::to_shadow); }
  void fpsimd_restore_state() { fp(&SwitchPrimitives::to_cpu); }

  void activate_traps() {
    set(reg::pmselr_el0, Word(0));
    set(reg::pmuserenr_el0, setting(TrapSetting::guest_pmuserenr));
    set(reg::mdcr_el2, setting(TrapSetting::guest_mdcr));
    set(reg::cptr_el2, setting(TrapSetting::guest_cptr));
  }
  void deactivate_traps() {
    set(reg::pmuserenr_el0, Word(0));
    set(reg::mdcr_el2, setting(TrapSetting::host_mdcr));
    set(reg::cptr_el2, setting(TrapSetting::host_cptr));
  }
  // EL1PCEN (bit 1) clear: the physical timer traps; EL1PCTEN (bit 0) set: the counter does not.
  void timer_enable_traps() {
    const Word high = s.cpu.hw.read(Word(0), Word(reg::cnthctl_el2)) & ~Word(3);
    set(reg::cnthctl_el2, high + Word(1));
  }
  void timer_set_cntvoff() { to_cpu(reg::cntvoff_el2, reg::cntvoff_el2); }
  void core_handle_sys64() { step_over(); }

  void vm_el2_restore_state() {
    set(reg::vttbr_el2, vttbr(s.cpu.cur_vmid));
    to_cpu(reg::tpidr_el2, reg::tpidr_el2);
    set(reg::hcr_el2, setting(TrapSetting::guest_hcr));
  }
  void host_el2_restore_state() {
    set(reg::vttbr_el2, vttbr(Word(HOSTVISOR)));
    set(reg::hcr_el2, setting(TrapSetting::host_hcr));
    set(reg::tpidr_el2, Word(0));
  }

 protected:
  using Base::s;

  // The instruction that trapped does not run (W7).
  void step_over() { set(reg::elr_el2, s.cpu.hw.read(Word(0), Word(reg::elr_el2)) + Word(4)); }

 private:
  using Carry = void (SwitchPrimitives::*)(Number, Number);

  // On a halted machine nothing moves.
  void to_shadow(Number saved, Number live) {
    if (!s.halt) {
      s.cpu.shadow.write(this->current(), Word(saved), s.cpu.hw.read(Word(0), Word(live)));
    }
  }
  void to_cpu(Number saved, Number live) {
    if (!s.halt) {
      s.cpu.hw.write(Word(0), Word(live), s.cpu.shadow.read(this->current(), Word(saved)));
    }
  }
  void set(Number number, Word value) {
    if (!s.halt) {
      s.cpu.hw.write(Word(0), Word(number), value);
    }
  }
  template <class Numbers>
  void each(const Numbers& numbers, Carry carry) {
    for (const Number n : numbers) {
      (this->*carry)(n, n);
    }
  }
  void range(Number first, Number last, Carry carry) {
    for (Number n = first; n <= last; ++n) {
      (this->*carry)(n, n);
    }
  }
  void general(Carry carry) { range(reg::x0, reg::x30, carry); }
  void fp(Carry carry) {
    range(reg::q0_low, reg::q31_high, carry);
    range(reg::fpsr, reg::fpcr, carry);
  }

  Word setting(TrapSetting which) {
    return s.cpu.trap_setting.read(Word(static_cast<Number>(which)), Word(0));
  }
  Word vttbr(Word vmid) { return (vmid << 48) + bounds<P>(s.pool_base, vmid).root; }
};

}  // namespace redoubt::spec
