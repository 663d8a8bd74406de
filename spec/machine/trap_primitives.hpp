// SPDX-License-Identifier: BSD-3-Clause
// Specification of trap decoding, system registers and device accesses (digest 4.13, 4.14).
#pragma once
#include "spec/machine/switch_primitives.hpp"

namespace redoubt::spec {

template <ValueDomain D, class P, class Below = ContentPrimitives<D, P>>
class TrapPrimitives : public SwitchPrimitives<D, P, Below> {
 public:
  using Base = SwitchPrimitives<D, P, Below>;
  using Base::Base;
  using typename Base::Ipa;
  using typename Base::Word;

  Word host_dabt_get_rd(Word hsr) { return (hsr >> 16) & Word(31); }
  Word host_dabt_is_write(Word hsr) { return hsr & Word(0x40); }
  // 1 << SAS.
  Word host_dabt_get_as(Word hsr) {
    const Word sas = (hsr & Word(0xc0'0000)) >> 22;
    Word bytes(1);
    for (std::uint64_t k = 1; k < 4; ++k) {
      bytes = bytes + select(Word(k) <= sas, bytes, Word(0));
    }
    return bytes;
  }

  void host_skip_instr() { this->step_over(); }
  Ipa host_get_fault_ipa(Ipa addr) {
    return Ipa(s.halt ? Word(0) : addr.raw | (live(reg::far_el2) & Word(0xfff)));
  }
  Word read_hpfar_el2() { return s.halt ? Word(0) : live(reg::hpfar_el2); }
  Word read_esr_el2() { return s.halt ? Word(0) : this->low_half(live(reg::esr_el2)); }
  Word read_actlr_el1() { return s.halt ? Word(0) : this->next_datum(s.cpu.cur_vmid); }

  // Table of Arm ARM D1.3.1.5, synchronous exceptions, by PSTATE.M.
  Word get_exception_vector(Word pstate) {
    const Word mode = pstate & Word(0x1f);
    if (mode >= Word(0x10)) {
      return Word(0x600);  // AArch32
    }
    if (both(mode >= Word(4), mode < Word(8))) {  // EL1
      return (mode & Word(1)) << 9;
    }
    return Word(0x400);
  }
  Word get_sys_reg_desc_val(Word index) {
    if (s.halt) {
      return Word(0);
    }
    this->stuck_unless("the register index is below 256", index < Word(256));
    constexpr std::uint64_t mpidr_res1 = 0x8000'0000, sctlr_res1 = 0x30d0'0800;
    const Word sctlr = Word(reg::sctlr_el1 - reg::mpidr_el1);
    return select(index == Word(0), Word(mpidr_res1), select(index == sctlr, Word(sctlr_res1), Word(0)));
  }

  // A device access is one entry of the log; what a read gives is untrusted.
  void writel_relaxed(Word value, Word addr) { access(addr, 4, true, this->low_half(value)); }
  void writeq_relaxed(Word value, Word addr) { access(addr, 8, true, value); }
  Word readl_relaxed(Word addr) { return this->low_half(device_read(addr, 4)); }
  Word readq_relaxed(Word addr) { return device_read(addr, 8); }

 protected:
  using Base::s;

 private:
  Word live(std::uint64_t number) { return s.cpu.hw.read(Word(0), Word(number)); }
  Word device_read(Word addr, std::uint64_t bytes) {
    if (s.halt) {
      return Word(0);
    }
    access(addr, bytes, false, Word(0));
    return this->next_datum(Word(HOSTVISOR));
  }
  void access(Word addr, std::uint64_t bytes, bool write, Word value) {
    if (s.halt) {
      return;
    }
    const Word n = s.cpu.device_accesses;
    s.cpu.device_log.write(n, Word(DEVICE_ADDRESS), addr);
    s.cpu.device_log.write(n, Word(DEVICE_WIDTH), Word(bytes));
    s.cpu.device_log.write(n, Word(DEVICE_IS_WRITE), Word(write ? 1 : 0));
    s.cpu.device_log.write(n, Word(DEVICE_VALUE), value);
    s.cpu.device_accesses = n + Word(1);
  }
};

}  // namespace redoubt::spec
