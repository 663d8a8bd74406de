// SPDX-License-Identifier: BSD-3-Clause
// Base primitives of a vCPU: its saved context, what the host proposes, what is loaded on this CPU
// (digest 4.9 to 4.11).
#pragma once
#include "core/machine/content_primitives.hpp"
#include "core/machine/context.hpp"
#include "core/machine/cpu_machine.hpp"
#include "core/machine/trap_fields.hpp"

namespace redoubt {

// A saved context belongs to the CPU that has it loaded, or to who may load it: no lock. Stuck, where a vCPU
// is named: V, C (vcpuid < 8).
template <Machine M>
class ContextPrimitives : public ContentPrimitives<M> {
 public:
  using Base = ContentPrimitives<M>;
  using Base::Base;
  using typename Base::Bool;
  using typename Base::Descriptor;
  using typename Base::Ipa;
  using typename Base::VmId;
  using typename Base::Word;
  using VcpuId = redoubt::VcpuId<Word>;
  using ContextId = redoubt::ContextId<Word>;

  // --- saved context (4.9) ---
  // The register with that index (context.hpp); an index without one reads as zero, and a write to it is
  // ignored.
  Word get_shadow_ctxt(VmId vmid, VcpuId vcpuid, Word index) {
    const ContextId id = context_of(vmid, vcpuid);
    if (negation(is_context_index(index))) {
      return Word(0);
    }
    return machine_.shadow_load(id, index);
  }
  void set_shadow_ctxt(VmId vmid, VcpuId vcpuid, Word index, Word value) {
    const ContextId id = context_of(vmid, vcpuid);
    if (is_context_index(index)) {
      machine_.shadow_store(id, index, value);
    }
  }
  // Syndrome of the last exit.
  Word get_shadow_esr(VmId vmid, VcpuId vcpuid) {
    return machine_.shadow_load(context_of(vmid, vcpuid), Word(ctxt::ESR_EL2));
  }
  // Registers to apply at the next entry, as bits (digest 2.8); INVALID64: it has never run.
  Word get_shadow_dirty_bit(VmId vmid, VcpuId vcpuid) {
    return machine_.shadow_load(context_of(vmid, vcpuid), Word(ctxt::DIRTY));
  }
  // Zero clears all bits, anything else adds its own (meant; the digest's text assigns, W8).
  void set_shadow_dirty_bit(VmId vmid, VcpuId vcpuid, Word value) {
    const ContextId id = context_of(vmid, vcpuid);
    const Word old = machine_.shadow_load(id, Word(ctxt::DIRTY));
    const bool assigned = Base::seeded(Fault::cpu_dirty_assigned);
    const Word bits = assigned ? value : select(value == Word(0), Word(0), old | value);
    machine_.shadow_store(id, Word(ctxt::DIRTY), bits);
  }
  void clear_shadow_gp_regs(VmId vmid, VcpuId vcpuid) {
    const ContextId id = context_of(vmid, vcpuid);
    for_each_move<moved::general>(
        [&]<Move Which>() { machine_.shadow_store(id, Word(Which.shadow), Word(0)); });
  }
  // All of it is zero: nothing of what the host left in the registers (W8).
  void reset_fp_regs(VmId vmid, VcpuId vcpuid) {
    const ContextId id = context_of(vmid, vcpuid);
    for_each_move<moved::fp>(
        [&]<Move Which>() { machine_.shadow_store(id, Word(Which.shadow), fp_reset<Which>()); });
  }

  // --- what the host proposes (4.10): one read each of memory that it can change at any time. Never trusted:
  // who calls checks the value (W48). ---
  Word get_int_esr(VmId vmid, VcpuId vcpuid) { return proposed(HostField::esr, vmid, vcpuid); }
  // Stuck also: a number that is not below 32.
  Word get_int_gpr(VmId vmid, VcpuId vcpuid, Word index) {
    guard_general_register(index);
    return proposed(HostField::gpr, vmid, vcpuid, index);
  }
  Word get_int_pc(VmId vmid, VcpuId vcpuid) { return proposed(HostField::pc, vmid, vcpuid); }
  Word get_int_pstate(VmId vmid, VcpuId vcpuid) { return proposed(HostField::pstate, vmid, vcpuid); }
  Descriptor get_int_new_pte(VmId vmid, VcpuId vcpuid) {
    return Descriptor(proposed(HostField::new_pte, vmid, vcpuid));
  }
  Word get_int_new_level(VmId vmid, VcpuId vcpuid) {
    return proposed(HostField::new_level, vmid, vcpuid) & Word(kLow32);
  }
  Word get_int_run_vcpuid(VmId vmid) {
    return proposed(HostField::run_vcpuid, vmid, VcpuId(Word(0))) & Word(kLow32);
  }
  // Shows the host a register: from here on it knows the value. Stuck also: a number that is not below 32.
  void set_int_gpr(VmId vmid, VcpuId vcpuid, Word index, Word value) {
    guard_vcpu(vmid, vcpuid);
    guard_general_register(index);
    machine_.show_host_gpr(vmid, vcpuid, index, value);
  }
  // First byte of the page of the last stage-2 fault: from the core's own copy of HPFAR_EL2, all of its bits
  // (W15).
  Ipa get_vm_fault_addr(VmId vmid, VcpuId vcpuid) {
    const Word hpfar = machine_.shadow_load(context_of(vmid, vcpuid), Word(ctxt::HPFAR_EL2));
    const Word seen = Base::seeded(Fault::cpu_fault_address_cut) ? hpfar & Word(0xffff) : hpfar;
    return Ipa(FaultPage::Page::get(seen) << PAGE_SHIFT);
  }

  // --- what is loaded on this CPU (4.11); changed by this CPU alone ---
  VmId get_cur_vmid() { return VmId(machine_.cur_vmid()); }
  VcpuId get_cur_vcpuid() { return VcpuId(machine_.cur_vcpuid()); }
  // Host and core have one context a CPU: theirs is the one of this CPU's number, whatever `vcpuid` says.
  void set_per_cpu(VmId vmid, VcpuId vcpuid) {
    guard_vcpu(vmid, vcpuid);
    const Bool guest = both(vmid.raw != Word(HOSTVISOR), vmid.raw != Word(COREVISOR));
    const bool argument = Base::seeded(Fault::cpu_host_vcpuid);
    machine_.set_cur(vmid, argument ? vcpuid : VcpuId(select(guest, vcpuid.raw, machine_.cpu_id())));
  }

 protected:
  using Base::machine_;

  void guard_vcpu(VmId vmid, VcpuId vcpuid) {
    this->guard_vmid(vmid);
    this->guard(Guard::vcpuid, vcpuid.raw < Word(VCPU_PER_VM));
  }
  // Context of what is loaded on this CPU.
  ContextId current() { return slot(ctxt_id(get_cur_vmid(), get_cur_vcpuid())); }
  ContextId context_of(VmId vmid, VcpuId vcpuid) {
    guard_vcpu(vmid, vcpuid);
    return slot(ctxt_id(vmid, vcpuid));
  }

 private:
  static constexpr u64 kLow32 = 0xffff'ffff;

  static ContextId slot(ContextId id) {
    return Base::seeded(Fault::cpu_context_off_by_one) ? id + Word(1) : id;
  }
  void guard_general_register(Word index) { this->guard(Guard::general_register, index < Word(32)); }

  Word proposed(HostField field, VmId vmid, VcpuId vcpuid, Word index = Word(0)) {
    guard_vcpu(vmid, vcpuid);
    if (Base::seeded(Fault::cpu_host_value_read_twice)) {
      machine_.host_value(field, vmid, vcpuid, index);
    }
    return machine_.host_value(field, vmid, vcpuid, index);
  }
  template <Move Which>
  Word fp_reset() {
    if constexpr (requires(M& m) { m.template hw_read<Which.live>(); }) {
      if (Base::seeded(Fault::cpu_fp_of_host)) {
        return machine_.template hw_read<Which.live>();
      }
    }
    return Word(0);
  }
};

}  // namespace redoubt
