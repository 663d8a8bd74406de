// SPDX-License-Identifier: BSD-3-Clause
// Specification of layer 32, TrapDispatcher: exits of a guest; the host's calls stand in host_calls.hpp
// (upper digest 1.13).
#pragma once
#include "spec/trap/host_calls.hpp"

namespace redoubt::spec {

template <ValueDomain D, class P, class Below = FaultHandler<D, P>>
class TrapDispatcher : public HostCalls<D, P, Below> {
 public:
  using Base = HostCalls<D, P, Below>;
  using Base::Base;
  using typename Base::Ipa;
  using typename Base::VcpuId;
  using typename Base::VmId;
  using typename Base::Word;

  Status admit_vcpu(VmId vmid, VcpuId vcpuid) {
    if (s.halt) {
      return Status::ok;
    }
    const bool numbers = bool(both(Word(0) < vmid.raw, vmid.raw < Word(16), vcpuid.raw < Word(8)));
    if (!numbers) {
      return Status::invalid_parameter;
    }
    const Status entered = this->set_vcpu_active(vmid, vcpuid);
    const bool asks = succeeded(entered);
    if (asks && this->guest_word(GuestWord::power, vmid, vcpuid, Word(0)) == Word(0)) {
      this->set_vcpu_inactive(vmid, vcpuid);
      return Status::not_found;
    }
    return entered;
  }

  Next vm_exit_dispatcher(VmId vmid, VcpuId vcpuid) {
    if (s.halt) {
      return Next::to_host;
    }
    this->VC(vmid, vcpuid);
    const Word why = this->at(vmid, vcpuid, reg::ec);
    if (why == Word(CLASS_IRQ)) {
      const bool own = this->event(GuestEvent::interrupt, Word(0), Word(0)) == this->DONE;
      return own ? Next::resume_guest : out(vmid, vcpuid, REDOUBT_EXIT_INTERRUPT);
    }
    if (why != Word(CLASS_TRAP)) {
      return out(vmid, vcpuid, REDOUBT_EXIT_ERROR);
    }
    const Word esr = this->at(vmid, vcpuid, reg::esr_el2);
    const Word ec = this->bits(esr, 31, 26);
    if (ec == Word(EC_WFX)) {
      return wait(vmid, vcpuid, esr);
    }
    if (ec == Word(EC_SYS)) {
      return this->handle_vm_sys64();
    }
    if (bool(ec == Word(EC_HVC)) || bool(ec == Word(EC_SMC))) {
      return this->core_handle_pvops();
    }
    if (bool(ec == Word(EC_DABT)) || bool(ec == Word(EC_IABT))) {
      return abort(vmid, vcpuid, esr);
    }
    return this->refuse(vmid, vcpuid, esr);
  }

 protected:
  using Base::s;

 private:
  Next out(VmId v, VcpuId c, std::uint64_t why) {
    this->put(v, c, reg::flags, Word(why));
    return Next::to_host;
  }
  Next wait(VmId v, VcpuId c, Word esr) {
    if (this->event(GuestEvent::wait, esr, Word(0)) != this->DONE) {
      return out(v, c, REDOUBT_EXIT_WFI);
    }
    this->step_over();
    return Next::resume_guest;
  }
  Next abort(VmId v, VcpuId c, Word esr) {
    if (!this->has_address(esr)) {
      return Next::to_host;
    }
    const Word page = this->bits(this->at(v, c, reg::hpfar_el2), 43, 4) << 12;
    if (Word(0x4000'0000) <= page) {  // memory: is it there by now?
      return this->get_level_s2pt(v, Ipa(page)) == Level::none ? Next::to_host : Next::resume_guest;
    }
    const bool frames = bool(both(Word(0x080a'0000) <= page, page < Word(0x080a'0000 + 8 * 0x2'0000)));
    if (!this->says_all(esr) || !frames) {
      return Next::to_host;
    }
    const Word bytes = this->width(esr) >> 3, rt = this->bits(esr, 20, 16);
    const Word where = page + this->bits(this->at(v, c, reg::far_el2), 11, 0);
    const bool write(this->bits(esr, 6, 6) == Word(1));
    const Word stored = write ? this->cut(this->source(v, c, rt), this->width(esr)) : Word(0);
    const std::uint64_t next = this->event(
        write ? GuestEvent::redistributor_write : GuestEvent::redistributor_read, where, bytes, stored);
    if (next == this->NOT_MINE) {
      return Next::to_host;
    }
    if (!write) {
      this->target(v, c, rt, this->loaded(esr, this->guest_answer(GuestAnswer::x0)));
    }
    this->step_over();
    this->put(v, c, reg::ec, Word(CLASS_IRQ));
    return this->leave(v, c, next);
  }
};

}  // namespace redoubt::spec
