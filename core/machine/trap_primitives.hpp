// SPDX-License-Identifier: BSD-3-Clause
// Base primitives of trap decoding, system registers and device accesses (digest 4.13, 4.14).
#pragma once
#include "core/machine/reset_values.hpp"
#include "core/machine/switch_primitives.hpp"

namespace redoubt {

template <Machine M>
class TrapPrimitives : public SwitchPrimitives<M> {
 public:
  using Base = SwitchPrimitives<M>;
  using Base::Base;
  using typename Base::Bool;
  using typename Base::Ipa;
  using typename Base::Word;

  // --- a trapped data access, from its syndrome; pure ---
  Word host_dabt_get_rd(Word hsr) { return AbortSyndrome::Register::get(hsr); }
  // Not zero: a write.
  Word host_dabt_is_write(Word hsr) { return hsr & Word(AbortSyndrome::IsWrite::mask); }
  // Bytes: 1, 2, 4 or 8.
  Word host_dabt_get_as(Word hsr) {
    const Word log2 = AbortSyndrome::SizeLog2::get(hsr);
    const Word small = select(log2 == Word(0), Word(1), Word(2));
    return select(log2 < Word(2), small, select(log2 == Word(2), Word(4), Word(8)));
  }

  // --- the exit that is being handled ---
  // Steps over the trapped instruction (meant; the digest's text changes ESR_EL2, W7).
  void host_skip_instr() { this->skip_instruction(); }
  // `addr`: first byte of the faulting page. The fault's address with its offset in the page.
  Ipa host_get_fault_ipa(Ipa addr) {
    return Ipa(addr.raw | (machine_.template hw_read<ctxt::FAR_EL2>() & Word(PAGE_SIZE - 1)));
  }
  Word read_hpfar_el2() { return machine_.template hw_read<ctxt::HPFAR_EL2>(); }
  // The syndrome's low 32 bits: class and ISS.
  Word read_esr_el2() { return machine_.template hw_read<ctxt::ESR_EL2>() & Word(0xffff'ffff); }
  // Implementation defined: the model knows nothing of it.
  Word read_actlr_el1() { return machine_.read_actlr_el1(); }

  // --- what a vCPU starts from, and where its exceptions go ---
  // Offset from VBAR_EL1 of the vector that a synchronous exception taken to EL1 uses, by where it comes from
  // (Arm ARM D1.3.1.5; designs out a constant zero).
  Word get_exception_vector(Word pstate) {
    const Bool same_level = SavedPstate::Level::get(pstate) == Word(1);
    const Bool own_stack = SavedPstate::StackOfLevel::get(pstate) == Word(1);
    const Word wide = select(same_level, select(own_stack, Word(0x200), Word(0)), Word(0x400));
    return select(SavedPstate::Width32::get(pstate) == Word(1), Word(0x600), wide);
  }
  // Value at reset of the index-th of the saved system registers, of which the first is MPIDR_EL1; zero
  // behind the last. Stuck: not below 256.
  Word get_sys_reg_desc_val(Word index) {
    this->guard(Guard::register_index, index < Word(MAX_REGISTER_NUM));
    Word value(0);
    for (const ResetValue& r : kResetValues) {
      value = select(index == Word(r.number - ctxt::MPIDR_EL1), Word(r.value), value);
    }
    return value;
  }

  // --- registers of core-owned devices, at physical addresses; one access each, not ordered with memory ---
  void writel_relaxed(Word value, Word addr) {
    machine_.device_write(DeviceWidth::bits32, addr, value & Word(0xffff'ffff));
  }
  void writeq_relaxed(Word value, Word addr) { machine_.device_write(DeviceWidth::bits64, addr, value); }
  Word readl_relaxed(Word addr) {
    return machine_.device_read(DeviceWidth::bits32, addr) & Word(0xffff'ffff);
  }
  Word readq_relaxed(Word addr) { return machine_.device_read(DeviceWidth::bits64, addr); }

 protected:
  using Base::machine_;
};

}  // namespace redoubt
