// SPDX-License-Identifier: BSD-3-Clause
// Specification of Redoubt's own base primitives of a running vCPU: mailbox, emulation, manifest.
#pragma once
#include "core/machine/guest_machine.hpp"
#include "core/machine/manifest_machine.hpp"
#include "spec/machine/trap_primitives.hpp"

namespace redoubt::spec {

// What the emulation answers is untrusted here: any value. So is what host and firmware supply.
template <ValueDomain D, class P, class Below = ContentPrimitives<D, P>>
class GuestPrimitives : public TrapPrimitives<D, P, Below> {
 public:
  using Base = TrapPrimitives<D, P, Below>;
  using Base::Base;
  using typename Base::Pfn;
  using typename Base::VcpuId;
  using typename Base::VmId;
  using typename Base::Word;

  Word get_mailbox(VmId vmid, VcpuId vcpuid, HostAnswer, Word) {
    if (s.halt) {
      return Word(0);
    }
    this->VC(vmid, vcpuid);
    return this->next_datum(vmid.raw);
  }
  void set_mailbox(VmId vmid, VcpuId vcpuid, ShownWord field, Word index, Word value) {
    if (s.halt) {
      return;
    }
    this->VC(vmid, vcpuid);
    const Word at = Word(SHOWN_WORDS + 4 * static_cast<std::uint64_t>(field)) + (index & Word(3));
    s.cpu.shown.write(this->id(vmid, vcpuid), at, value);
  }

  // PC and PSTATE, the system registers with what tells of an exit, and the offset of the counter.
  void clear_shadow_sys_regs(VmId vmid, VcpuId vcpuid) {
    this->zero(vmid, vcpuid,
               {{reg::pc, reg::pstate},
                {reg::elr_el1, reg::spsr_el1},
                {reg::far_el2, reg::hpfar_el2},
                {reg::ec, reg::ec},
                {reg::mpidr_el1, reg::mdscr_el1},
                {reg::esr_el2, reg::esr_el2},
                {reg::sp_el0, reg::sp_el1},
                {reg::cntvoff_el2, reg::cntvoff_el2}});
  }
  // EL1PCEN and EL1PCTEN (bits 1 and 0) set: neither traps.
  void timer_disable_traps() {
    if (!s.halt) {
      const Word old = s.cpu.hw.read(Word(0), Word(reg::cnthctl_el2));
      s.cpu.hw.write(Word(0), Word(reg::cnthctl_el2), old | Word(3));
    }
  }
  void forget_other_vcpu(VmId vmid, VcpuId vcpuid) {
    if (s.halt) {
      return;
    }
    this->VC(vmid, vcpuid);
    const Word self = vcpuid.raw + Word(1);
    const Word last = s.cpu.last_vcpu.read(vmid.raw, Word(0));
    if (both(last != Word(0), last != self)) {
      note(GUEST_FORGETS, vmid.raw, Word(0), Word(0), Word(0));
    }
    s.cpu.last_vcpu.write(vmid.raw, Word(0), self);
  }

  Word guest_event(GuestEvent event, Word a, Word b, Word c, Word d) {
    if (s.halt) {
      return Word(0);
    }
    note(static_cast<std::uint64_t>(event), a, b, c, d);
    return this->next_datum(s.cpu.cur_vmid) & Word(7);
  }
  Word guest_answer(GuestAnswer answer) {
    if (s.halt) {
      return Word(0);
    }
    const Word value = this->next_datum(s.cpu.cur_vmid);
    return answer == GuestAnswer::results ? value & Word(7) : value;
  }
  Word guest_word(GuestWord, VmId vmid, VcpuId vcpuid, Word) {
    if (s.halt) {
      return Word(0);
    }
    this->VC(vmid, vcpuid);
    return this->next_datum(vmid.raw);
  }

  void fetch_manifest(Pfn pfn) {
    if (s.halt) {
      return;
    }
    this->stuck_unless("P: the page frame is below 2^28", pfn.raw < Word(std::uint64_t{1} << 28));
    this->L_s2page();
    note(GUEST_FETCHES, pfn.raw, Word(0), Word(0), Word(0));
  }
  Status admit_manifest(Word bytes) {
    if (s.halt) {
      return Status::ok;
    }
    note(GUEST_ADMITS, bytes, Word(0), Word(0), Word(0));
    const Word verdict = this->next_datum(Word(HOSTVISOR)) & Word(3);
    if (verdict == Word(0)) {
      return Status::ok;
    }
    if (verdict == Word(1)) {
      return Status::invalid_parameter;
    }
    return verdict == Word(2) ? Status::denied : Status::no_memory;
  }
  Word manifest_word(ManifestWord word, Word image, Word index) {
    if (s.halt) {
      return Word(0);
    }
    return s.cpu.manifest.read(Word(static_cast<std::uint64_t>(word)), (image << 3) + index);
  }
  void keep_manifest() {
    if (!s.halt) {
      note(GUEST_KEEPS, Word(0), Word(0), Word(0), Word(0));
    }
  }

 protected:
  using Base::s;

 private:
  void note(std::uint64_t what, Word a, Word b, Word c, Word d) {
    const Word n = s.cpu.guest_events;
    const Word values[] = {Word(what), a, b, c, d};
    for (std::uint64_t i = 0; i < 5; ++i) {
      s.cpu.guest_log.write(n, Word(i), values[i]);
    }
    s.cpu.guest_events = n + Word(1);
  }
};

}  // namespace redoubt::spec
