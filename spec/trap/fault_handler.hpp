// SPDX-License-Identifier: BSD-3-Clause
// Specification of layer 31, FaultHandler (upper digest 1.12, R12).
#pragma once
#include "core/trap/next.hpp"
#include "spec/trap/mem_handler.hpp"

namespace redoubt::spec {

template <ValueDomain D, class P, class Below = MemHandler<D, P>>
class FaultHandler : public Below {
 public:
  using Base = Below;
  using Base::Base;
  using typename Base::Ipa;
  using typename Base::VcpuId;
  using typename Base::VmId;
  using typename Base::Word;

  Status handle_host_stage2_fault() {
    const Word page = this->bits(this->read_hpfar_el2(), 43, 4);
    return this->map_page_host(Ipa(page << 12));
  }

  Next core_handle_pvops() {
    if (s.halt) {
      return Next::to_host;
    }
    const VmId v(s.cpu.cur_vmid);
    const VcpuId c(s.cpu.cur_vcpuid);
    const Word esr = this->at(v, c, reg::esr_el2);
    if (this->bits(esr, 31, 26) == Word(EC_SMC)) {
      this->step_over();
    }
    const std::uint64_t next = event(GuestEvent::call, esr, Word(0));
    switch (next) {
      case UNDEFINED_INSTRUCTION:
        return refuse(v, c, esr);
      case SHARE:
        return give(v, c, this->grant_stage2_sg_gpa(v, address(), Word(4096)));
      case UNSHARE:
        return give(v, c, this->revoke_stage2_sg_gpa(v, address(), Word(4096)));
      default:
        break;
    }
    const Word results = this->guest_answer(GuestAnswer::results);
    constexpr GuestAnswer values[] = {GuestAnswer::x0, GuestAnswer::x1, GuestAnswer::x2, GuestAnswer::x3};
    for (std::uint64_t n = 0; n < 4; ++n) {
      if (results > Word(n)) {
        this->put(v, c, reg::x0 + n, this->guest_answer(values[n]));
      }
    }
    return leave(v, c, next);
  }

  Next handle_vm_sys64() {
    if (s.halt) {
      return Next::to_host;
    }
    const VmId v(s.cpu.cur_vmid);
    const VcpuId c(s.cpu.cur_vcpuid);
    const Word esr = this->at(v, c, reg::esr_el2), rt = this->bits(esr, 9, 5);
    const std::uint64_t next = event(GuestEvent::system_register, esr, this->source(v, c, rt));
    if (next == UNDEFINED_INSTRUCTION || next == NOT_MINE) {
      return refuse(v, c, esr);
    }
    if (this->bits(esr, 0, 0) == Word(1)) {
      this->target(v, c, rt, this->guest_answer(GuestAnswer::x0));
    }
    this->step_over();
    return leave(v, c, next);
  }

  // The registers in the CPU are those at the entry of EL1's vector.
  Next refuse(VmId vmid, VcpuId vcpuid, Word esr) {
    if (s.halt) {
      return Next::resume_guest;
    }
    this->VC(vmid, vcpuid);
    this->guest_event(GuestEvent::refused, esr, Word(0), Word(0), Word(0));
    this->save_sysregs();
    this->todo(vmid, vcpuid, Word(DIRTY_UNDEF));
    this->update_exception_gp_regs(vmid, vcpuid);
    this->put(vmid, vcpuid, reg::dirty, Word(0));
    this->restore_sysregs();
    return Next::resume_guest;
  }
  Next leave_if(VmId vmid, VcpuId vcpuid, Word next) {
    if (s.halt) {
      return Next::resume_guest;
    }
    if (next != Word(TO_HOST)) {
      return Next::resume_guest;
    }
    this->VC(vmid, vcpuid);
    return leave(vmid, vcpuid, TO_HOST);
  }

 protected:
  using Base::s;
  // GuestNext, by number.
  static constexpr std::uint64_t DONE = 0, TO_HOST = 1, UNDEFINED_INSTRUCTION = 2, NOT_MINE = 3, SHARE = 5,
                                 UNSHARE = 6;

  // What follows an event: a number below 8, told apart case by case.
  std::uint64_t event(GuestEvent which, Word a, Word b, Word c = Word(0), Word d = Word(0)) {
    const Word next = this->guest_event(which, a, b, c, d);
    for (std::uint64_t n = 0; n < 7; ++n) {
      if (next == Word(n)) {
        return n;
      }
    }
    return 7;
  }
  Next leave(VmId v, VcpuId c, std::uint64_t next) {
    if (next != TO_HOST) {
      return Next::resume_guest;
    }
    this->put(v, c, reg::flags, this->guest_answer(GuestAnswer::exit));
    return Next::to_host;
  }

 private:
  Ipa address() { return Ipa(this->guest_answer(GuestAnswer::address)); }
  Next give(VmId v, VcpuId c, Status status) {
    const auto code = static_cast<std::int64_t>(status == Status::unchanged ? Status::ok : status);
    this->put(v, c, reg::x0, Word(static_cast<std::uint64_t>(code)));
    return Next::resume_guest;
  }
};

}  // namespace redoubt::spec
