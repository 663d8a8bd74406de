// SPDX-License-Identifier: BSD-3-Clause
// Layer 27, VCPUOpsAux: what a vCPU starts from, what the host sees of an exit, what it may answer
// (upper digest 1.9, R22, R23).
#pragma once
#include <type_traits>

#include "core/machine/constants.hpp"
#include "core/machine/fault.hpp"
#include "core/machine/trap_fields.hpp"
#include "core/vcpu/vcpu_state.hpp"

namespace redoubt {

// clang-format off: a table
//   exit                  the host sees                    it answers
//   interrupt             -                                -
//   WFI, WFE              deadline of the virtual timer    -
//   HVC, SMC, MSR, MRS    -                                -
//   device read           address, size                    the value of Rt, of that size; or an abort
//   device write          address, size, low bytes of Rt   an abort, or nothing
//   memory not there      guest address of the page        -
//   neither               -                                -
// clang-format on
// Everywhere: reason, vCPUs that are on, those to wake, SPIs delivered and not ended.
//
// All decisions are taken on the core's own copies of syndrome, addresses and registers. A vCPU's context
// belongs to the CPU that has it loaded: no lock, except where a member says so.
template <class Lower>
class VcpuOpsAux : public Lower {
 public:
  using Lower::Lower;
  using typename Lower::Bool;
  using typename Lower::Ipa;
  using typename Lower::VcpuId;
  using typename Lower::VmId;
  using typename Lower::Word;

  // General registers, PC, PSTATE and FP state of a vCPU that starts: zero but for PC and x0, which are the
  // answers of GuestEvent::enter: the signed manifest's, or those of the guest's own CPU_ON. PSTATE is EL1h
  // with D, A, I, F masked, whatever anybody proposes (R22).
  void reset_gp_regs(VmId vmid, VcpuId vcpuid) {
    const Word entry = this->guest_answer(GuestAnswer::pc);
    const Word context = this->guest_answer(GuestAnswer::x0);
    this->clear_shadow_gp_regs(vmid, vcpuid);
    if (!Lower::seeded(Fault::vcpu_fp_not_reset)) {
      this->reset_fp_regs(vmid, vcpuid);
    }
    this->set_shadow_ctxt(vmid, vcpuid, Word(ctxt::X0), context);
    this->set_shadow_ctxt(vmid, vcpuid, Word(ctxt::PC), entry);
    this->set_shadow_ctxt(vmid, vcpuid, Word(ctxt::PSTATE), Word(SavedPstate::kEl1Masked));
  }

  // System registers of a vCPU that starts: their reset values, its number in MPIDR_EL1, zero where the
  // architecture says nothing. Keeps PC and PSTATE.
  void reset_sys_regs(VmId vmid, VcpuId vcpuid) {
    const Word pc = this->get_shadow_ctxt(vmid, vcpuid, Word(ctxt::PC));
    const Word pstate = this->get_shadow_ctxt(vmid, vcpuid, Word(ctxt::PSTATE));
    this->clear_shadow_sys_regs(vmid, vcpuid);
    for (u64 i = 0; ctxt::MPIDR_EL1 + i < ctxt::SYSTEM_END; ++i) {
      this->set_shadow_ctxt(vmid, vcpuid, Word(ctxt::MPIDR_EL1 + i), this->get_sys_reg_desc_val(Word(i)));
    }
    const Word mpidr = this->get_sys_reg_desc_val(Word(0)) | vcpuid.raw;
    this->set_shadow_ctxt(vmid, vcpuid, Word(ctxt::MPIDR_EL1), mpidr);
    this->set_shadow_ctxt(vmid, vcpuid, Word(ctxt::ACTLR_EL1), this->read_actlr_el1());
    this->set_shadow_ctxt(vmid, vcpuid, Word(ctxt::PC), pc);
    this->set_shadow_ctxt(vmid, vcpuid, Word(ctxt::PSTATE), pstate);
  }

  // The register that a device read loads takes the host's answer, read once: its low bytes, extended as the
  // private syndrome says. Nothing where DIRTY names no register.
  void sync_dirty_to_shadow(VmId vmid, VcpuId vcpuid) {
    const Word registers = this->get_shadow_dirty_bit(vmid, vcpuid) & Word(dirty::kRegisters);
    if (registers == Word(0)) {
      return;
    }
    const Word esr = this->get_shadow_esr(vmid, vcpuid);
    const Word rt = this->host_dabt_get_rd(esr);
    const Word answer = this->get_int_gpr(vmid, vcpuid, rt);
    const Word value = Lower::seeded(Fault::vcpu_answer_untruncated) ? answer : extended(esr, answer);
    this->set_shadow_ctxt(vmid, vcpuid, rt, value);
  }

  // --- what the host sees of an exit, and what the next entry applies ---
  // WFI, WFE: when to come back. The instruction is done.
  void prep_wfx(VmId vmid, VcpuId vcpuid) {
    show(vmid, vcpuid, ShownWord::deadline, this->guest_word(GuestWord::deadline, vmid, vcpuid, Word(0)));
    this->set_shadow_dirty_bit(vmid, vcpuid, Word(dirty::kPc));
  }

  // A call of the guest, which the core has executed: no register of it. A VM that switches itself off never
  // runs again. Locks: takes vm(v).
  void prep_hvc(VmId vmid, VcpuId vcpuid) {
    const Word reason = exit_reason(vmid, vcpuid);
    if (Lower::seeded(Fault::vcpu_call_shown)) {
      this->set_int_gpr(vmid, vcpuid, Word(0), this->get_shadow_ctxt(vmid, vcpuid, Word(ctxt::X0)));
    }
    if (either(reason == Word(REDOUBT_EXIT_SYSTEM_OFF), reason == Word(REDOUBT_EXIT_SYSTEM_RESET))) {
      this->set_vm_poweroff(vmid);
    }
  }

  // A stage-2 abort: a device access that the syndrome describes, memory that is missing, or neither, which
  // is an abort of the vCPU. Locks: takes vm(v).
  void prep_abort(VmId vmid, VcpuId vcpuid) {
    const Word esr = this->get_shadow_esr(vmid, vcpuid);
    const Ipa page = this->get_vm_fault_addr(vmid, vcpuid);
    if (negation(fault_is_addressed(esr))) {
      return refuse_access(vmid, vcpuid, esr);
    }
    if (page.raw < Word(GUEST_MMIO_END)) {
      if (is_described_access(esr)) {
        return show_device_access(vmid, vcpuid, esr, page);
      }
      return refuse_access(vmid, vcpuid, esr);
    }
    if (negation(is_vm_memory(vmid, page))) {
      return refuse_access(vmid, vcpuid, esr);
    }
    show(vmid, vcpuid, ShownWord::address, page.raw);
    set_exit_reason(vmid, vcpuid, Word(REDOUBT_EXIT_FAULT));
  }

  // Any exit's last words: why, and what the emulation has for the host.
  void show_exit(VmId vmid, VcpuId vcpuid) {
    show(vmid, vcpuid, ShownWord::runnable, this->guest_word(GuestWord::runnable, vmid, vcpuid, Word(0)));
    show(vmid, vcpuid, ShownWord::wake, this->guest_word(GuestWord::wake, vmid, vcpuid, Word(0)));
    show(vmid, vcpuid, ShownWord::spi_taken, this->guest_word(GuestWord::spi_taken, vmid, vcpuid, Word(0)));
    for (u64 i = 0; i < MAILBOX_ACTIVES; ++i) {
      this->set_mailbox(vmid, vcpuid, ShownWord::spi_active, Word(i),
                        this->guest_word(GuestWord::spi_active, vmid, vcpuid, Word(i)));
    }
    show(vmid, vcpuid, ShownWord::exit, exit_reason(vmid, vcpuid));
  }

  // Offers the host's pending SPIs to the loaded vCPU: each entry is read once; what is no SPI ends the list.
  void take_spis(VmId vmid, VcpuId vcpuid) {
    const Word count = this->get_mailbox(vmid, vcpuid, HostAnswer::spi_count, Word(0));
    for (u64 i = 0; i < MAILBOX_SPIS; ++i) {
      if (count <= Word(i)) {
        return;
      }
      const Word entry = this->get_mailbox(vmid, vcpuid, HostAnswer::spi, Word(i));
      const Word intid = SpiEntry::Intid::get(entry);
      if (either(intid < Word(kFirstSpi), Word(kLastSpi) < intid)) {
        return;
      }
      this->guest_event(GuestEvent::spi, intid, SpiEntry::Priority::get(entry), Word(0), Word(0));
    }
  }

  // The exception that DIRTY asks for, as the manual's entry to EL1 does it (R13; Arm ARM D1.3): the vCPU
  // takes it first at its next instruction.
  void update_exception_gp_regs(VmId vmid, VcpuId vcpuid) {
    const Word pc = this->get_shadow_ctxt(vmid, vcpuid, Word(ctxt::PC));
    const Word pstate = this->get_shadow_ctxt(vmid, vcpuid, Word(ctxt::PSTATE));
    const Word vbar = this->get_shadow_ctxt(vmid, vcpuid, Word(ctxt::VBAR_EL1));
    const Word why = this->get_shadow_dirty_bit(vmid, vcpuid) & Word(dirty::kInjection);
    const Word esr = this->get_shadow_esr(vmid, vcpuid);
    Word level(0);
    if (why != Word(dirty::kUndefined)) {
      const Word far = this->get_shadow_ctxt(vmid, vcpuid, Word(ctxt::FAR_EL2));
      this->set_shadow_ctxt(vmid, vcpuid, Word(ctxt::FAR_EL1), far);
      level = this->guest_word(GuestWord::walk_level, vmid, vcpuid, Word(0));
    }
    this->set_shadow_ctxt(vmid, vcpuid, Word(ctxt::ELR_EL1), pc);
    this->set_shadow_ctxt(vmid, vcpuid, Word(ctxt::SPSR_EL1), pstate);
    this->set_shadow_ctxt(vmid, vcpuid, Word(ctxt::ESR_EL1),
                          injected_syndrome(why, esr, pstate, external_abort(esr, level)));
    this->set_shadow_ctxt(vmid, vcpuid, Word(ctxt::PC),
                          (vbar & Word(~u64{0x7ff})) + this->get_exception_vector(pstate));
    this->set_shadow_ctxt(vmid, vcpuid, Word(ctxt::PSTATE), entry_pstate(vmid, vcpuid, pstate));
  }

  // --- why the vCPU came out ---
  Word exit_reason(VmId vmid, VcpuId vcpuid) {
    return this->get_shadow_ctxt(vmid, vcpuid, Word(ctxt::EXIT_REASON));
  }
  void set_exit_reason(VmId vmid, VcpuId vcpuid, Word reason) {
    this->set_shadow_ctxt(vmid, vcpuid, Word(ctxt::EXIT_REASON), reason);
  }

  // HPFAR_EL2 is valid: a translation fault of any level, on a stage-1 walk or not (Arm ARM D24.2.69).
  static Bool fault_is_addressed(Word esr) {
    const Word status = AbortSyndrome::FaultStatus::get(esr);
    return either((status & Word(0x3c)) == Word(0x04), status == Word(0x2b));
  }
  // A data access of one register whose syndrome says all of it.
  static Bool is_described_access(Word esr) {
    return both(Syndrome::Class::get(esr) == Word(Syndrome::kDataAbort),
                AbortSyndrome::Valid::get(esr) == Word(1), AbortSyndrome::OnWalk::get(esr) == Word(0));
  }
  // The low bytes of a value that is stored.
  static Word low_bytes(Word esr, Word value) { return value & size_mask(esr); }

  // The value that a load of `answer` leaves in its register: low bytes, extended as the syndrome says.
  static Word extended(Word esr, Word answer) {
    const Word mask = size_mask(esr);
    const Word low = answer & mask;
    const Word sign = (mask >> 1) + Word(1);
    const Word full = (low ^ sign) - sign;
    const Word value = select(AbortSyndrome::SignExtend::get(esr) == Word(1), full, low);
    return select(AbortSyndrome::Wide::get(esr) == Word(1), value, value & Word(0xffff'ffff));
  }

  // The value of general register `index` of a saved vCPU; 31 is XZR.
  Word general(VmId vmid, VcpuId vcpuid, Word index) {
    const Word value = this->get_shadow_ctxt(vmid, vcpuid, index);
    return select(index == Word(31), Word(0), value);
  }
  void set_general(VmId vmid, VcpuId vcpuid, Word index, Word value) {
    if (index != Word(31)) {
      this->set_shadow_ctxt(vmid, vcpuid, index, value);
    }
  }

 private:
  void show(VmId vmid, VcpuId vcpuid, ShownWord field, Word value) {
    this->set_mailbox(vmid, vcpuid, field, Word(0), value);
  }

  // Does the manifest give the VM memory there? Locks: takes vm(v).
  Bool is_vm_memory(VmId vmid, Ipa addr) {
    const Word base = this->query_vm_item(vmid, Word(static_cast<u64>(VmItem::memory_base)));
    const Word size = this->query_vm_item(vmid, Word(static_cast<u64>(VmItem::memory_size)));
    return both(base <= addr.raw, addr.raw - base < size);
  }

  void show_device_access(VmId vmid, VcpuId vcpuid, Word esr, Ipa page) {
    const Word far = this->get_shadow_ctxt(vmid, vcpuid, Word(ctxt::FAR_EL2));
    const Word rt = this->host_dabt_get_rd(esr);
    const Word is_write = AbortSyndrome::IsWrite::get(esr);
    show(vmid, vcpuid, ShownWord::address, page.raw | (far & Word(PAGE_SIZE - 1)));
    show(vmid, vcpuid, ShownWord::size, this->host_dabt_get_as(esr));
    show(vmid, vcpuid, ShownWord::is_write, is_write);
    if (is_write == Word(1)) {
      const Word value = general(vmid, vcpuid, rt);
      const bool whole = Lower::seeded(Fault::vcpu_write_shown_whole);
      this->set_int_gpr(vmid, vcpuid, rt, whole ? value : low_bytes(esr, value));
      this->set_shadow_dirty_bit(vmid, vcpuid, Word(dirty::kPc));
    } else {
      this->set_shadow_dirty_bit(vmid, vcpuid, Word(dirty::kPc) | register_bit(rt));
    }
    set_exit_reason(vmid, vcpuid, Word(REDOUBT_EXIT_MMIO));
  }
  void refuse_access(VmId vmid, VcpuId vcpuid, Word esr) {
    this->set_shadow_dirty_bit(vmid, vcpuid, abort_flag(esr));
    set_exit_reason(vmid, vcpuid, Word(REDOUBT_EXIT_ERROR));
  }
  static Word abort_flag(Word esr) {
    return select(Syndrome::Class::get(esr) == Word(Syndrome::kDataAbort), Word(dirty::kDataAbort),
                  Word(dirty::kInstructionAbort));
  }
  // Bit `rt` for x0 to x30, none for XZR (designs out the signed shift of weakness 14).
  static Word register_bit(Word rt) {
    if constexpr (std::is_same_v<Word, u64>) {
      return rt < 31 ? u64{1} << rt : 0;
    }
    Word bit(0);
    for (u64 i = 0; i < 31; ++i) {
      bit = select(rt == Word(i), Word(u64{1} << i), bit);
    }
    return bit;
  }
  static Word size_mask(Word esr) {
    const Word log2 = AbortSyndrome::SizeLog2::get(esr);
    const Word small = select(log2 == Word(0), Word(0xff), Word(0xffff));
    return select(log2 < Word(2), small, select(log2 == Word(2), Word(0xffff'ffff), Word(~u64{0})));
  }
  // --- exception entry ---
  // Fault status: with the level, which `level` is less 1, where the access was a step of a stage-1 walk.
  static Word external_abort(Word esr, Word level) {
    const Word of_walk = Word(kExternalAbortOnWalk) + select(level < Word(kWalkLevels), level, Word(1));
    return select(AbortSyndrome::OnWalk::get(esr) == Word(1), of_walk, Word(kExternalAbort));
  }
  static Word injected_syndrome(Word why, Word esr, Word pstate, Word status) {
    const Word same_level = select(SavedPstate::Level::get(pstate) == Word(1), Word(1), Word(0));
    const Word data = select(why == Word(dirty::kDataAbort), Word(1), Word(0));
    const Word what =
        select(why == Word(dirty::kDataAbort), Word(Syndrome::kDataAbort), Word(Syndrome::kInstructionAbort));
    const Word of_data(AbortSyndrome::IsWrite::mask | AbortSyndrome::CacheMaintenance::mask);
    const Word kept =
        esr & (Word(AbortSyndrome::FarNotValid::mask) | select(data == Word(1), of_data, Word(0)));
    const Word abort =
        Syndrome::Class::put(what + same_level) | Word(Syndrome::Length32::mask) | status | kept;
    return select(why == Word(dirty::kUndefined), esr & Word(Syndrome::Length32::mask), abort);
  }
  Word entry_pstate(VmId vmid, VcpuId vcpuid, Word pstate) {
    const Word sctlr = this->get_shadow_ctxt(vmid, vcpuid, Word(ctxt::SCTLR_EL1));
    const Word pan =
        select(SystemControl::PanKept::get(sctlr) == Word(0), Word(SavedPstate::Pan::mask), Word(0));
    return (pstate & Word(SavedPstate::kKept)) | pan | Word(SavedPstate::kEl1Masked) |
           SavedPstate::Ssbs::put(SystemControl::Ssbs::get(sctlr));
  }
  static constexpr u64 kFirstSpi = 32, kLastSpi = 255;
  static constexpr u64 kExternalAbort = 0x10;        // synchronous, not on a walk
  static constexpr u64 kExternalAbortOnWalk = 0x13;  // on level -1; levels 0 to 3 follow
  static constexpr u64 kWalkLevels = 5;
};

}  // namespace redoubt
