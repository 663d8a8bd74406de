// SPDX-License-Identifier: BSD-3-Clause
// Specification of layer 27, VCPUOpsAux: start values, exposure at an exit, exception entry
// (upper digest 1.9).
#pragma once
#include "abi/redoubt.h"
#include "spec/vm/boot_ops.hpp"

namespace redoubt::spec {

// DIRTY (upper digest 0.1): bits 0 to 30 registers, 32 PC, 33 to 35 injection.
inline constexpr std::uint64_t DIRTY_GPRS = 0x7fff'ffff, DIRTY_PC = 0x1'0000'0000,
                               DIRTY_UNDEF = 0x2'0000'0000, DIRTY_IABT = 0x4'0000'0000,
                               DIRTY_DABT = 0x8'0000'0000;
// Exit classes (upper digest 2.2) and syndrome classes (Arm ARM D24.2.37).
inline constexpr std::uint64_t CLASS_IRQ = 0, CLASS_TRAP = 2;
inline constexpr std::uint64_t EC_WFX = 1, EC_HVC = 22, EC_SMC = 23, EC_SYS = 24, EC_IABT = 32, EC_DABT = 36;

template <ValueDomain D, class P>
class VcpuOpsAux : public BootOps<D, P> {
 public:
  using Base = BootOps<D, P>;
  using Base::Base;
  using typename Base::Bool;
  using typename Base::Ipa;
  using typename Base::VcpuId;
  using typename Base::VmId;
  using typename Base::Word;

  // All of x, PC, PSTATE, FPSR, FPCR and q; R22: nobody proposes PSTATE.
  void reset_gp_regs(VmId vmid, VcpuId vcpuid) {
    if (s.halt) {
      return;
    }
    const Word start = this->guest_answer(GuestAnswer::pc);
    const Word argument = this->guest_answer(GuestAnswer::x0);
    this->zero(vmid, vcpuid, {{reg::x0, reg::x30}, {reg::q0_low, reg::q31_high}, {reg::fpsr, reg::fpcr}});
    put(vmid, vcpuid, reg::pc, start);
    put(vmid, vcpuid, reg::x0, argument);
    put(vmid, vcpuid, reg::pstate, Word(0x3c5));
  }
  // MPIDR_EL1: RES1 and Aff0; SCTLR_EL1: MMU and caches off; ACTLR_EL1: the CPU's; all else zero.
  void reset_sys_regs(VmId vmid, VcpuId vcpuid) {
    if (s.halt) {
      return;
    }
    const Word start = at(vmid, vcpuid, reg::pc), pstate = at(vmid, vcpuid, reg::pstate);
    this->clear_shadow_sys_regs(vmid, vcpuid);
    put(vmid, vcpuid, reg::mpidr_el1, Word(0x8000'0000) | vcpuid.raw);
    put(vmid, vcpuid, reg::sctlr_el1, Word(0x30d0'0800));
    put(vmid, vcpuid, reg::actlr_el1, this->read_actlr_el1());
    put(vmid, vcpuid, reg::pc, start);
    put(vmid, vcpuid, reg::pstate, pstate);
  }

  void sync_dirty_to_shadow(VmId vmid, VcpuId vcpuid) {
    if (s.halt) {
      return;
    }
    this->VC(vmid, vcpuid);
    if ((at(vmid, vcpuid, reg::dirty) & Word(DIRTY_GPRS)) == Word(0)) {
      return;
    }
    const Word esr = at(vmid, vcpuid, reg::esr_el2);
    const Word value = loaded(esr, this->get_int_gpr(vmid, vcpuid, bits(esr, 20, 16)));
    this->set_shadow_ctxt(vmid, vcpuid, bits(esr, 20, 16), value);
  }

  void prep_wfx(VmId vmid, VcpuId vcpuid) {
    if (s.halt) {
      return;
    }
    tell(vmid, vcpuid, ShownWord::deadline, this->guest_word(GuestWord::deadline, vmid, vcpuid, Word(0)));
    todo(vmid, vcpuid, Word(DIRTY_PC));
  }
  // Nothing of the vCPU is shown.
  void prep_hvc(VmId vmid, VcpuId vcpuid) {
    if (s.halt) {
      return;
    }
    this->VC(vmid, vcpuid);
    const Word why = at(vmid, vcpuid, reg::flags);
    const bool off(why == Word(REDOUBT_EXIT_SYSTEM_OFF)), again(why == Word(REDOUBT_EXIT_SYSTEM_RESET));
    if (off || again) {
      this->set_vm_poweroff(vmid);
    }
  }
  void prep_abort(VmId vmid, VcpuId vcpuid) {
    if (s.halt) {
      return;
    }
    this->VC(vmid, vcpuid);
    const Word esr = at(vmid, vcpuid, reg::esr_el2);
    const Word page = bits(at(vmid, vcpuid, reg::hpfar_el2), 43, 4) << 12;
    switch (kind_of(vmid, esr, page)) {
      case Kind::device:
        return device_access(vmid, vcpuid, esr, page);
      case Kind::missing:
        tell(vmid, vcpuid, ShownWord::address, page);
        put(vmid, vcpuid, reg::flags, Word(REDOUBT_EXIT_FAULT));
        return;
      case Kind::refused:
        todo(vmid, vcpuid, select(bits(esr, 31, 26) == Word(EC_DABT), Word(DIRTY_DABT), Word(DIRTY_IABT)));
        put(vmid, vcpuid, reg::flags, Word(REDOUBT_EXIT_ERROR));
        return;
    }
  }

  void show_exit(VmId vmid, VcpuId vcpuid) {
    if (s.halt) {
      return;
    }
    for (const auto& [shown, word] : {std::pair{ShownWord::runnable, GuestWord::runnable},
                                      {ShownWord::wake, GuestWord::wake},
                                      {ShownWord::spi_taken, GuestWord::spi_taken}}) {
      tell(vmid, vcpuid, shown, this->guest_word(word, vmid, vcpuid, Word(0)));
    }
    for (std::uint64_t n = 0; n < 4; ++n) {
      this->set_mailbox(vmid, vcpuid, ShownWord::spi_active, Word(n),
                        this->guest_word(GuestWord::spi_active, vmid, vcpuid, Word(n)));
    }
    tell(vmid, vcpuid, ShownWord::exit, at(vmid, vcpuid, reg::flags));
  }

  // At most four; the list ends at its count, and at what is not an SPI below 256.
  void take_spis(VmId vmid, VcpuId vcpuid) {
    if (s.halt) {
      return;
    }
    const Word count = this->get_mailbox(vmid, vcpuid, HostAnswer::spi_count, Word(0));
    bool more = true;
    for (std::uint64_t n = 0; n < 4 && more; ++n) {
      more = bool(Word(n) < count);
      if (more) {
        const Word entry = this->get_mailbox(vmid, vcpuid, HostAnswer::spi, Word(n));
        const Word intid = bits(entry, 15, 0);
        more = bool(both(Word(32) <= intid, intid < Word(256)));
        if (more) {
          this->guest_event(GuestEvent::spi, intid, bits(entry, 23, 16), Word(0), Word(0));
        }
      }
    }
  }

  // Arm ARM D1.3, AArch64.TakeException to EL1.
  void update_exception_gp_regs(VmId vmid, VcpuId vcpuid) {
    if (s.halt) {
      return;
    }
    this->VC(vmid, vcpuid);
    const Word from = at(vmid, vcpuid, reg::pstate), sctlr = at(vmid, vcpuid, reg::sctlr_el1);
    const Word kind = at(vmid, vcpuid, reg::dirty) & Word(DIRTY_UNDEF | DIRTY_IABT | DIRTY_DABT);
    const Word esr = at(vmid, vcpuid, reg::esr_el2);
    const bool undefined(kind == Word(DIRTY_UNDEF));
    const Word walk = undefined ? Word(0) : this->guest_word(GuestWord::walk_level, vmid, vcpuid, Word(0));
    put(vmid, vcpuid, reg::elr_el1, at(vmid, vcpuid, reg::pc));
    put(vmid, vcpuid, reg::spsr_el1, from);
    put(vmid, vcpuid, reg::esr_el1,
        undefined ? bits(esr, 25, 25) << 25
                  : abort_syndrome(esr, from, bool(kind == Word(DIRTY_DABT)), walk));
    if (!undefined) {
      put(vmid, vcpuid, reg::far_el1, at(vmid, vcpuid, reg::far_el2));
    }
    const Word table = at(vmid, vcpuid, reg::vbar_el1);
    put(vmid, vcpuid, reg::pc, (table - (table & Word(2047))) + this->get_exception_vector(from));
    // N Z C V DIT as they were; PAN as it was, set where SPAN is clear; SSBS from DSSBS; D A I F; EL1h.
    const Word pan = select(bits(sctlr, 23, 23) == Word(0), Word(1), bits(from, 22, 22));
    const Word next = (bits(from, 31, 28) << 28) | (bits(from, 24, 24) << 24) | (pan << 22) |
                      (bits(sctlr, 44, 44) << 12) | Word(0xf << 6) | Word(5);
    put(vmid, vcpuid, reg::pstate, next);
  }

  Word exit_reason(VmId vmid, VcpuId vcpuid) {
    if (s.halt) {
      return Word(0);
    }
    this->VC(vmid, vcpuid);
    return at(vmid, vcpuid, reg::flags);
  }
  void set_exit_reason(VmId vmid, VcpuId vcpuid, Word reason) {
    if (s.halt) {
      return;
    }
    this->VC(vmid, vcpuid);
    put(vmid, vcpuid, reg::flags, reason);
  }

 protected:
  using Base::s;
  enum class Kind { device, missing, refused };

  static Word bits(Word value, unsigned hi, unsigned lo) {
    return (value >> lo) & Word((std::uint64_t{2} << (hi - lo)) - 1);
  }
  Word at(VmId vmid, VcpuId vcpuid, std::uint64_t number) {
    return s.cpu.shadow.read(this->id(vmid, vcpuid), Word(number));
  }
  void put(VmId vmid, VcpuId vcpuid, std::uint64_t number, Word value) {
    s.cpu.shadow.write(this->id(vmid, vcpuid), Word(number), value);
  }
  void tell(VmId vmid, VcpuId vcpuid, ShownWord field, Word value) {
    this->set_mailbox(vmid, vcpuid, field, Word(0), value);
  }
  void todo(VmId vmid, VcpuId vcpuid, Word flags) {
    put(vmid, vcpuid, reg::dirty, at(vmid, vcpuid, reg::dirty) | flags);
  }

  // Translation fault, level 0 to 3 or -1: HPFAR_EL2 holds.
  static bool has_address(Word esr) {
    const Word status = bits(esr, 5, 0);
    return bool(status == Word(0x2b)) || bool(both(Word(4) <= status, status < Word(8)));
  }
  // ISV, not on a walk, data.
  static bool says_all(Word esr) {
    return bool(
        both(bits(esr, 24, 24) == Word(1), bits(esr, 7, 7) == Word(0), bits(esr, 31, 26) == Word(EC_DABT)));
  }
  static Word width(Word esr) {  // in bits
    const Word log2 = bits(esr, 23, 22);
    return select(log2 == Word(0), Word(8),
                  select(log2 == Word(1), Word(16), select(log2 == Word(2), Word(32), Word(64))));
  }
  static Word cut(Word value, Word width) {
    const Word low =
        select(width == Word(8), Word(0xff), select(width == Word(16), Word(0xffff), Word(0xffff'ffff)));
    return select(width == Word(64), value, value & low);
  }
  // What a load of that many bits leaves in Wt or Xt, LDRS* included.
  static Word loaded(Word esr, Word memory) {
    const Word w = width(esr), value = cut(memory, w);
    const Word top = select(
        w == Word(8), bits(value, 7, 7),
        select(w == Word(16), bits(value, 15, 15), select(w == Word(32), bits(value, 31, 31), Word(0))));
    const Word ones =
        select(w == Word(8), Word(~std::uint64_t{0xff}),
               select(w == Word(16), Word(~std::uint64_t{0xffff}), Word(0xffff'ffff'0000'0000)));
    const Word wide = select(both(bits(esr, 21, 21) == Word(1), top == Word(1)), value | ones, value);
    return select(bits(esr, 15, 15) == Word(1), wide, cut(wide, Word(32)));
  }
  // Register 31 is zero.
  Word source(VmId vmid, VcpuId vcpuid, Word rt) {
    return rt == Word(31) ? Word(0) : this->get_shadow_ctxt(vmid, vcpuid, rt);
  }
  void target(VmId vmid, VcpuId vcpuid, Word rt, Word value) {
    if (rt != Word(31)) {
      this->set_shadow_ctxt(vmid, vcpuid, rt, value);
    }
  }

 private:
  Kind kind_of(VmId vmid, Word esr, Word page) {
    if (!has_address(esr)) {
      return Kind::refused;
    }
    if (page < Word(0x4000'0000)) {
      return says_all(esr) ? Kind::device : Kind::refused;
    }
    const Word base = this->query_vm_item(vmid, Word(0)), size = this->query_vm_item(vmid, Word(1));
    return bool(both(base <= page, page - base < size)) ? Kind::missing : Kind::refused;
  }
  void device_access(VmId vmid, VcpuId vcpuid, Word esr, Word page) {
    const Word rt = bits(esr, 20, 16), write = bits(esr, 6, 6);
    tell(vmid, vcpuid, ShownWord::address, page + bits(at(vmid, vcpuid, reg::far_el2), 11, 0));
    tell(vmid, vcpuid, ShownWord::size, width(esr) >> 3);
    tell(vmid, vcpuid, ShownWord::is_write, write);
    Word flags(DIRTY_PC);
    if (write == Word(1)) {
      const Word bits_shown = this->wrong(Mutant::store_shown_whole) ? Word(64) : width(esr);
      this->set_int_gpr(vmid, vcpuid, rt, cut(source(vmid, vcpuid, rt), bits_shown));
    } else {
      for (std::uint64_t n = 0; n < 31; ++n) {
        flags = select(rt == Word(n), flags | Word(std::uint64_t{1} << n), flags);
      }
    }
    todo(vmid, vcpuid, flags);
    put(vmid, vcpuid, reg::flags, Word(REDOUBT_EXIT_MMIO));
  }
  // DFSC, IFSC of a synchronous external abort (Arm ARM D24.2.37): 0b010000 not on a walk; 0b010011 on level
  // -1 of one, 0b0101LL on level LL. `walk` 0 to 4 is level -1 to 3; any other: level 0.
  static Word abort_status(Word esr, Word walk) {
    const Word level = select(walk < Word(5), walk - Word(1), Word(0));
    const Word on_walk = select(walk == Word(0), Word(0x13), Word(0x14) | (level & Word(3)));
    return select(bits(esr, 7, 7) == Word(0), Word(0x10), on_walk);
  }
  // Synchronous external abort; FnV, and for data WnR and CM, of the refused access.
  static Word abort_syndrome(Word esr, Word from, bool data, Word walk) {
    const Word el1 = select(bits(from, 3, 2) == Word(1), Word(1), Word(0));
    const Word what = Word(data ? EC_DABT : EC_IABT) + el1;
    const Word access = data ? esr & Word((1 << 6) | (1 << 8)) : Word(0);
    return (what << 26) | Word(1 << 25) | (esr & Word(1 << 10)) | access | abort_status(esr, walk);
  }
};

}  // namespace redoubt::spec
