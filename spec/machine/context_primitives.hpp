// SPDX-License-Identifier: BSD-3-Clause
// Specification of the base primitives of a vCPU: saved context, what the host proposes, what is loaded
// (digest 4.9 to 4.11).
#pragma once
#include "spec/machine/content_primitives.hpp"
#include "spec/machine/context.hpp"

namespace redoubt::spec {

template <ValueDomain D, class P, class Below = ContentPrimitives<D, P>>
class ContextPrimitives : public Below {
 public:
  using Below::Below;
  using typename Below::Bool;
  using typename Below::Descriptor;
  using typename Below::Ipa;
  using typename Below::VmId;
  using typename Below::Word;
  using VcpuId = redoubt::VcpuId<Word>;

  Word get_shadow_ctxt(VmId vmid, VcpuId vcpuid, Word index) {
    if (s.halt) {
      return Word(0);
    }
    VC(vmid, vcpuid);
    return select(reg::indexed(index), s.cpu.shadow.read(id(vmid, vcpuid), index), Word(0));
  }
  void set_shadow_ctxt(VmId vmid, VcpuId vcpuid, Word index, Word value) {
    if (s.halt) {
      return;
    }
    VC(vmid, vcpuid);
    if (reg::indexed(index)) {
      s.cpu.shadow.write(id(vmid, vcpuid), index, value);
    }
  }
  Word get_shadow_esr(VmId vmid, VcpuId vcpuid) { return saved(vmid, vcpuid, reg::esr_el2); }
  Word get_shadow_dirty_bit(VmId vmid, VcpuId vcpuid) { return saved(vmid, vcpuid, reg::dirty); }
  // Zero clears, the rest accumulates (W8).
  void set_shadow_dirty_bit(VmId vmid, VcpuId vcpuid, Word value) {
    if (s.halt) {
      return;
    }
    VC(vmid, vcpuid);
    const Word before = s.cpu.shadow.read(id(vmid, vcpuid), Word(reg::dirty));
    s.cpu.shadow.write(id(vmid, vcpuid), Word(reg::dirty), select(value == Word(0), value, value | before));
  }
  void clear_shadow_gp_regs(VmId vmid, VcpuId vcpuid) { zero(vmid, vcpuid, {{reg::x0, reg::x30}}); }
  void reset_fp_regs(VmId vmid, VcpuId vcpuid) {
    zero(vmid, vcpuid, {{reg::q0_low, reg::q31_high}, {reg::fpsr, reg::fpcr}});
  }

  // Values that the host supplies: the next of the principal's data oracle, all of them untrusted (W48).
  Word get_int_esr(VmId vmid, VcpuId vcpuid) { return supplied(vmid, vcpuid); }
  Word get_int_gpr(VmId vmid, VcpuId vcpuid, Word index) {
    if (s.halt) {
      return Word(0);
    }
    general(index);
    return supplied(vmid, vcpuid);
  }
  Word get_int_pc(VmId vmid, VcpuId vcpuid) { return supplied(vmid, vcpuid); }
  Word get_int_pstate(VmId vmid, VcpuId vcpuid) { return supplied(vmid, vcpuid); }
  Descriptor get_int_new_pte(VmId vmid, VcpuId vcpuid) { return Descriptor(supplied(vmid, vcpuid)); }
  Word get_int_new_level(VmId vmid, VcpuId vcpuid) { return low_half(supplied(vmid, vcpuid)); }
  Word get_int_run_vcpuid(VmId vmid) { return low_half(supplied(vmid, VcpuId(Word(0)))); }
  void set_int_gpr(VmId vmid, VcpuId vcpuid, Word index, Word value) {
    if (s.halt) {
      return;
    }
    VC(vmid, vcpuid);
    general(index);
    s.cpu.shown.write(id(vmid, vcpuid), index, value);
  }
  // Bits [43:4] of HPFAR_EL2 are the page of the fault.
  Ipa get_vm_fault_addr(VmId vmid, VcpuId vcpuid) {
    const Word hpfar = saved(vmid, vcpuid, reg::hpfar_el2);
    return Ipa((hpfar & Word(0x0000'0fff'ffff'fff0)) << 8);
  }

  VmId get_cur_vmid() { return VmId(s.halt ? Word(0) : s.cpu.cur_vmid); }
  VcpuId get_cur_vcpuid() { return VcpuId(s.halt ? Word(0) : s.cpu.cur_vcpuid); }
  void set_per_cpu(VmId vmid, VcpuId vcpuid) {
    if (s.halt) {
      return;
    }
    VC(vmid, vcpuid);
    const Bool own = either(vmid.raw == Word(HOSTVISOR), vmid.raw == Word(COREVISOR));
    s.cpu.cur_vmid = vmid.raw;
    s.cpu.cur_vcpuid = select(own, s.cpu.curid, vcpuid.raw);
  }

 protected:
  using Below::s;

  // The saved context of what is loaded, by its number.
  Word current() { return eight_times(s.cpu.cur_vmid) + s.cpu.cur_vcpuid; }
  // Takes the next value of the principal's data oracle.
  Word next_datum(Word vmid) {
    const Word n = s.oracles.data_log.read(vmid, Word(0));
    const Word value = s.oracles.doracle.read(vmid, n);
    s.oracles.data_log.write(vmid, Word(0), n + Word(1));
    return value;
  }
  static Word low_half(Word value) { return value & Word(0xffff'ffff); }

  struct Range {
    std::uint64_t first, last;
  };

  void VC(VmId vmid, VcpuId vcpuid) {
    this->V(vmid);
    this->stuck_unless("C: vcpuid is below 8", vcpuid.raw < Word(8));
  }
  static Word id(VmId vmid, VcpuId vcpuid) { return eight_times(vmid.raw) + vcpuid.raw; }
  void zero(VmId vmid, VcpuId vcpuid, std::initializer_list<Range> ranges) {
    if (s.halt) {
      return;
    }
    VC(vmid, vcpuid);
    for (const Range& range : ranges) {
      for (std::uint64_t n = range.first; n <= range.last; ++n) {
        s.cpu.shadow.write(id(vmid, vcpuid), Word(n), Word(0));
      }
    }
  }

 private:
  void general(Word index) {
    this->stuck_unless("a general register's number is below 32", index < Word(32));
  }
  static Word eight_times(Word w) {
    const Word two = w + w, four = two + two;
    return four + four;
  }
  Word saved(VmId vmid, VcpuId vcpuid, std::uint64_t number) {
    if (s.halt) {
      return Word(0);
    }
    VC(vmid, vcpuid);
    return s.cpu.shadow.read(id(vmid, vcpuid), Word(number));
  }
  Word supplied(VmId vmid, VcpuId vcpuid) {
    if (s.halt) {
      return Word(0);
    }
    VC(vmid, vcpuid);
    return next_datum(vmid.raw);
  }
};

}  // namespace redoubt::spec
