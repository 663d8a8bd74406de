// SPDX-License-Identifier: BSD-3-Clause
// Redoubt's own base primitives of a running vCPU: its mailbox, what the core emulates for it, what the
// digest's world switch lacks.
#pragma once
#include "core/machine/guest_machine.hpp"
#include "core/machine/manifest_machine.hpp"
#include "core/machine/trap_primitives.hpp"

namespace redoubt {

// Stuck, where a vCPU is named: V, C. No lock: a vCPU's mailbox and emulation belong to the CPU that has it
// loaded, or to who may load it.
template <Machine M>
class GuestPrimitives : public TrapPrimitives<M> {
 public:
  using Base = TrapPrimitives<M>;
  using Base::Base;
  using typename Base::ContextId;
  using typename Base::Pfn;
  using typename Base::VcpuId;
  using typename Base::VmId;
  using typename Base::Word;

  // --- mailbox (R23); `index` counts below 4 ---
  // What the host answers: one read, never trusted.
  Word get_mailbox(VmId vmid, VcpuId vcpuid, HostAnswer field, Word index) {
    this->guard_vcpu(vmid, vcpuid);
    return machine_.mailbox_read(field, vmid, vcpuid, index & Word(3));
  }
  // Shows the host a word of an exit.
  void set_mailbox(VmId vmid, VcpuId vcpuid, ShownWord field, Word index, Word value) {
    this->guard_vcpu(vmid, vcpuid);
    machine_.mailbox_write(field, vmid, vcpuid, index & Word(3), value);
  }

  // --- context and CPU ---
  // Zero in all that the system movers carry: EL1 and EL0 system registers, stack pointers, PC, PSTATE,
  // syndrome and fault addresses. Nothing of who used the context before is left.
  void clear_shadow_sys_regs(VmId vmid, VcpuId vcpuid) {
    const ContextId id = this->context_of(vmid, vcpuid);
    for_each_move<moved::fault | moved::system | moved::offset>(
        [&]<Move Which>() { machine_.shadow_store(id, Word(Which.shadow), Word(0)); });
  }
  // The physical timer is the host's.
  void timer_disable_traps() {
    const Word old = machine_.template hw_read<ctxt::CNTHCTL_EL2>();
    machine_.template hw_write<ctxt::CNTHCTL_EL2>(
        TimerTraps::CounterFree::set(TimerTraps::TimerFree::set(old, Word(1)), Word(1)));
  }
  // Where another vCPU of the VM ran last on this CPU, nothing that one left in TLB or instruction cache
  // serves this one (R16). The VM's table is loaded.
  void forget_other_vcpu(VmId vmid, VcpuId vcpuid) {
    this->guard_vcpu(vmid, vcpuid);
    if (!Base::seeded(Fault::vcpu_other_kept)) {
      machine_.forget_other_vcpu(vmid, vcpuid);
    }
  }

  // --- what the core emulates beside memory (guest_machine.hpp) ---
  Word guest_event(GuestEvent event, Word a, Word b, Word c, Word d) {
    return machine_.guest_event(event, a, b, c, d);
  }
  Word guest_answer(GuestAnswer answer) { return machine_.guest_answer(answer); }
  Word guest_word(GuestWord word, VmId vmid, VcpuId vcpuid, Word index) {
    this->guard_vcpu(vmid, vcpuid);
    return machine_.guest_word(word, vmid, vcpuid, index & Word(3));
  }

  // --- the manifest of a VM to come (manifest_machine.hpp) ---
  // Stuck: P, L(s2page).
  void fetch_manifest(Pfn pfn) {
    this->guard(Guard::frame, pfn.raw < Word(KVM_PFN_SPACE));
    this->guard_lock(S2PAGE_ID);
    machine_.fetch_manifest(pfn);
  }
  Status admit_manifest(Word bytes) { return machine_.admit_manifest(bytes); }
  Word manifest_word(ManifestWord word, Word image, Word index) {
    return machine_.manifest_word(word, image, index);
  }
  void keep_manifest() { machine_.keep_manifest(); }

 protected:
  using Base::machine_;
};

}  // namespace redoubt
