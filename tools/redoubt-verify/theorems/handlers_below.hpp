// SPDX-License-Identifier: BSD-3-Clause
// What the layers of traps stand on in proofs: specifications, with primitives sealed that move pages or have
// theorems of their own.
#pragma once
#include "core/trap/layers.hpp"
#include "tools/redoubt-verify/theorems/sealed.hpp"

namespace redoubt::verify {

// The memory of VMs and the host's table.
template <ValueDomain D, class P, class Base>
class SealedMemory : public Sealing<D, P, Base> {
 public:
  using Sealing<D, P, Base>::Sealing;
  using typename Base::Ipa;
  using typename Base::Pfn;
  using typename Base::VmId;
  using typename Base::Word;

  Word get_pfn_owner(Pfn pfn) {
    return this->template sealed<registry::PageManagerEntry, registry::prim::get_pfn_owner>(pfn.raw);
  }
  Status map_page_host(Ipa addr) {
    return this->template sealed_status<registry::MemManagerEntry, registry::prim::map_page_host>(addr.raw);
  }
  Word count_vm_pages(VmId vmid) {
    return this->template sealed<registry::MemManagerEntry, registry::prim::count_vm_pages>(vmid.raw);
  }
  Word count_shared_pages(VmId vmid) {
    return this->template sealed<registry::MemManagerEntry, registry::prim::count_shared_pages>(vmid.raw);
  }
  Level get_level_s2pt(VmId vmid, Ipa addr) {
    const Word level =
        this->template sealed<registry::NptOpsEntry, registry::prim::get_level_s2pt>(vmid.raw, addr.raw);
    if (level == Word(static_cast<u64>(Level::none))) {
      return Level::none;
    }
    return level == Word(static_cast<u64>(Level::block)) ? Level::block : Level::page;
  }
  Status grant_stage2_sg_gpa(VmId vmid, Ipa addr, Word size) {
    return this->template sealed_status<registry::MemoryOpsEntry, registry::prim::grant_stage2_sg_gpa>(
        vmid.raw, addr.raw, size);
  }
  Status revoke_stage2_sg_gpa(VmId vmid, Ipa addr, Word size) {
    return this->template sealed_status<registry::MemoryOpsEntry, registry::prim::revoke_stage2_sg_gpa>(
        vmid.raw, addr.raw, size);
  }
};

// And the life of VMs.
template <ValueDomain D, class P, class Base>
class SealedBoot : public SealedMemory<D, P, Base> {
  using E = registry::BootOpsEntry;

 public:
  using SealedMemory<D, P, Base>::SealedMemory;
  using typename Base::Descriptor;
  using typename Base::Frame;
  using typename Base::Ipa;
  using typename Base::LoadIndex;
  using typename Base::Pfn;
  using typename Base::VcpuId;
  using typename Base::VmId;
  using typename Base::Word;

  // The loops above are about pages, one sealed call a round.
  Word loop_round(Word& round) {
    constexpr registry::Fields changes = frame_in_records<E, registry::prim::remap_vm_image>() |
                                         frame_in_records<E, registry::prim::donate_vm_page>() |
                                         frame_in_records<E, registry::prim::donate_vm_block_page>();
    Script<D, P>::of(this->s).loop_round(this->s, changes, round);
    return round;
  }

  VmId register_kvm() { return VmId(this->template sealed<E, registry::prim::register_kvm>()); }
  Status set_vm_layout(VmId vmid, Ipa base, Word size, Word entry, Word device_tree, Word vcpus) {
    return this->template sealed_status<E, registry::prim::set_vm_layout>(vmid.raw, base.raw, size, entry,
                                                                          device_tree, vcpus);
  }
  Word set_boot_info(VmId vmid, Ipa addr, Word size) {
    return this->template sealed<E, registry::prim::set_boot_info>(vmid.raw, addr.raw, size);
  }
  // No status: nobody asks for it, as the compiler sees.
  void set_image_digest(VmId vmid, LoadIndex image, Word index, Word value) {
    this->template sealed<E, registry::prim::set_image_digest>(vmid.raw, image.raw, index, value);
  }
  Status open_vm(VmId vmid) { return of_vm<registry::prim::open_vm>(vmid); }
  Status stop_vm(VmId vmid) {
    return this->template sealed_status<registry::VmPowerEntry, registry::prim::stop_vm>(vmid.raw);
  }
  void set_vm_poweroff(VmId vmid) {  // likewise
    this->template sealed<registry::VmPowerEntry, registry::prim::set_vm_poweroff>(vmid.raw);
  }
  Status destroy_vm(VmId vmid) { return of_vm<registry::prim::destroy_vm>(vmid); }
  Status register_vcpu(VmId vmid, VcpuId vcpuid) {
    return this->template sealed_status<E, registry::prim::register_vcpu>(vmid.raw, vcpuid.raw);
  }
  Status remap_vm_image(VmId vmid, Pfn pfn, LoadIndex image) {
    return this->template sealed_status<E, registry::prim::remap_vm_image>(vmid.raw, pfn.raw, image.raw);
  }
  Status verify_and_load_images(VmId vmid) { return of_vm<registry::prim::verify_and_load_images>(vmid); }
  Word get_verify_left(VmId vmid) {
    return this->template sealed<E, registry::prim::get_verify_left>(vmid.raw);
  }
  Status donate_vm_page(VmId vmid, Ipa addr, Pfn pfn) {
    return this->template sealed_status<E, registry::prim::donate_vm_page>(vmid.raw, addr.raw, pfn.raw);
  }
  Status donate_vm_block_page(VmId vmid, Ipa addr, Pfn pfn) {
    return this->template sealed_status<E, registry::prim::donate_vm_block_page>(vmid.raw, addr.raw, pfn.raw);
  }
  Status map_vm_block(VmId vmid, Ipa addr, Pfn pfn) {
    return this->template sealed_status<E, registry::prim::map_vm_block>(vmid.raw, addr.raw, pfn.raw);
  }
  Word reclaim_vm_pages(VmId vmid, Pfn pfn, Word pages) {
    return this->template sealed<E, registry::prim::reclaim_vm_pages>(vmid.raw, pfn.raw, pages);
  }
  Status assign_smmu(VmId vmid, Pfn pfn, Frame gfn) {
    return this->template sealed_status<E, registry::prim::assign_smmu>(vmid.raw, pfn.raw, gfn.raw);
  }
  Status map_smmu(VmId vmid, ContextBank<Word> cbndx, SmmuIndex<Word> index, Iova<Word> iova,
                  Descriptor pte) {
    return this->template sealed_status<E, registry::prim::map_smmu>(vmid.raw, cbndx.raw, index.raw, iova.raw,
                                                                     pte.raw);
  }
  Word query_vm_state(VmId vmid) {
    return this->template sealed<E, registry::prim::query_vm_state>(vmid.raw);
  }

 private:
  template <class Prim>
  Status of_vm(VmId vmid) {
    return this->template sealed_status<E, Prim>(vmid.raw);
  }
};

// What a vCPU starts from, shows and takes back.
template <ValueDomain D, class P, class Base>
class SealedVcpu : public Sealing<D, P, Base> {
  using E = registry::VcpuOpsAuxEntry;

 public:
  using Sealing<D, P, Base>::Sealing;
  using typename Base::VcpuId;
  using typename Base::VmId;

  void reset_gp_regs(VmId v, VcpuId c) { of_vcpu<registry::prim::reset_gp_regs>(v, c); }
  void reset_sys_regs(VmId v, VcpuId c) { of_vcpu<registry::prim::reset_sys_regs>(v, c); }
  void sync_dirty_to_shadow(VmId v, VcpuId c) { of_vcpu<registry::prim::sync_dirty_to_shadow>(v, c); }
  void prep_wfx(VmId v, VcpuId c) { of_vcpu<registry::prim::prep_wfx>(v, c); }
  void prep_hvc(VmId v, VcpuId c) { of_vcpu<registry::prim::prep_hvc>(v, c); }
  void prep_abort(VmId v, VcpuId c) { of_vcpu<registry::prim::prep_abort>(v, c); }
  void update_exception_gp_regs(VmId v, VcpuId c) { of_vcpu<registry::prim::update_exception_gp_regs>(v, c); }
  void show_exit(VmId v, VcpuId c) { of_vcpu<registry::prim::show_exit>(v, c); }
  void take_spis(VmId v, VcpuId c) { of_vcpu<registry::prim::take_spis>(v, c); }

 private:
  template <class Prim>
  void of_vcpu(VmId vmid, VcpuId vcpuid) {
    this->template sealed<E, Prim>(vmid.raw, vcpuid.raw);
  }
};

// The same together, before a run and after an exit.
template <ValueDomain D, class P, class Base>
class SealedVcpuOps : public SealedVcpu<D, P, Base> {
  using E = registry::VcpuOpsEntry;

 public:
  using SealedVcpu<D, P, Base>::SealedVcpu;

  void save_shadow_kvm_regs() { this->template sealed<E, registry::prim::save_shadow_kvm_regs>(); }
  void restore_shadow_kvm_regs() { this->template sealed<E, registry::prim::restore_shadow_kvm_regs>(); }
};

// Calls of guests and host, sorting of exits.
template <ValueDomain D, class P, class Base>
class SealedDispatcher : public Sealing<D, P, Base> {
 public:
  using Sealing<D, P, Base>::Sealing;
  using typename Base::VcpuId;
  using typename Base::VmId;
  using typename Base::Word;

  Next core_handle_pvops() { return next<registry::FaultHandlerEntry, registry::prim::core_handle_pvops>(); }
  Next handle_vm_sys64() { return next<registry::FaultHandlerEntry, registry::prim::handle_vm_sys64>(); }
  Status handle_host_stage2_fault() {
    return this
        ->template sealed_status<registry::FaultHandlerEntry, registry::prim::handle_host_stage2_fault>();
  }
  void host_hvc_dispatcher() {
    this->template sealed<registry::TrapDispatcherEntry, registry::prim::host_hvc_dispatcher>();
  }
  Next vm_exit_dispatcher(VmId vmid, VcpuId vcpuid) {
    return next<registry::TrapDispatcherEntry, registry::prim::vm_exit_dispatcher>(vmid.raw, vcpuid.raw);
  }
  Status admit_vcpu(VmId vmid, VcpuId vcpuid) {
    return this->template sealed_status<registry::TrapDispatcherEntry, registry::prim::admit_vcpu>(
        vmid.raw, vcpuid.raw);
  }
  void save_host() { this->template sealed<registry::CtxtSwitchEntry, registry::prim::save_host>(); }
  void restore_vm(VmId vmid, VcpuId vcpuid) {
    this->template sealed<registry::CtxtSwitchEntry, registry::prim::restore_vm>(vmid.raw, vcpuid.raw);
  }
  void save_vm() { this->template sealed<registry::CtxtSwitchEntry, registry::prim::save_vm>(); }

 protected:
  template <class Entry, class Prim, class... Words>
  Next next(const Words&... arguments) {
    const Word which = this->template sealed<Entry, Prim>(arguments...);
    return which == Word(static_cast<u64>(Next::to_host)) ? Next::to_host : Next::resume_guest;
  }
};

// What TrapDispatcher stands on. What is sealed of the life of VMs is sealed below MemHandler, or
// clear_vm_stage2_range would call what it calls unsealed.
template <ValueDomain D, class P>
using BelowDispatcher = SealedDispatcher<
    D, P, spec::FaultHandler<D, P, spec::MemHandler<D, P, SealedBoot<D, P, spec::CtxtSwitch<D, P>>>>>;

// Whole traps.
template <ValueDomain D, class P, class Base>
class SealedHandlers : public SealedDispatcher<D, P, Base> {
  using E = registry::TrapHandlerRawEntry;

 public:
  using SealedDispatcher<D, P, Base>::SealedDispatcher;

  void host_hvc_handler_raw() { this->template sealed<E, registry::prim::host_hvc_handler_raw>(); }
  Status host_npt_handler_raw() {
    return this->template sealed_status<E, registry::prim::host_npt_handler_raw>();
  }
  Next host_vcpu_run_handler_raw() {
    return this->template next<E, registry::prim::host_vcpu_run_handler_raw>();
  }
  Next vm_exit_handler_raw() { return this->template next<E, registry::prim::vm_exit_handler_raw>(); }
};

// Where an access leads, and whose page that is.
template <ValueDomain D, class P, class Base>
class SealedPlaces : public Sealing<D, P, Base> {
  using E = registry::PageManagerEntry;

 public:
  using Sealing<D, P, Base>::Sealing;
  using typename Base::Ipa;
  using typename Base::Pfn;
  using typename Base::VmId;
  using typename Base::Word;

  Word get_pfn_owner(Pfn pfn) { return this->template sealed<E, registry::prim::get_pfn_owner>(pfn.raw); }
  Word get_pfn_count(Pfn pfn) { return this->template sealed<E, registry::prim::get_pfn_count>(pfn.raw); }
  // It gives back the lock that it takes: sharper than the row, which says only that locks change.
  Word walk_to_pfn(VmId vmid, Ipa addr) {
    if (this->s.halt) {
      return Word(0);
    }
    constexpr registry::Fields changes = registry::field::tstate | registry::field::updates;
    return Script<D, P>::of(this->s).call(this->s, registry::prim::walk_to_pfn::name, changes,
                                          {vmid.raw, addr.raw});
  }
};

// What the code of these layers finds below itself besides primitives.
template <ValueDomain D, class P, class Base>
class CodeBase : public Base {
 public:
  using Base::Base;
  using typename Base::Bool;
  using typename Base::Pfn;
  using typename Base::VcpuId;
  using typename Base::VmId;
  using typename Base::Word;
  using Aux = VcpuOpsAux<Base>;  // the code's own pure functions
  using Access = spec::AccessPrimitives<D, P>;

  static bool seeded(Fault fault) { return ModelMachine<D, P>::seeded(fault); }
  static Bool fault_is_addressed(Word esr) { return Aux::fault_is_addressed(esr); }
  static Bool is_described_access(Word esr) { return Aux::is_described_access(esr); }
  static Word low_bytes(Word esr, Word value) { return Aux::low_bytes(esr, value); }
  static Word extended(Word esr, Word answer) { return Aux::extended(esr, answer); }
  static Bool is(Word next, GuestNext which) { return next == Word(static_cast<u64>(which)); }
  void isb() { spec::AbstractMachine<D, P>(this->s).isb(); }
  Word get_smmu_cfg_vmid(ContextBank<Word> cbndx, SmmuIndex<Word> index) {
    return spec::SmmuLayer<D, P>(this->s).get_smmu_cfg_vmid(cbndx, index);
  }
  // Of a vCPU whose numbers have been checked.
  Word get_shared_vcpu(VmId vmid, VcpuId vcpuid) {
    return spec::RecordPrimitives<D, P>(this->s).get_shared_vcpu(vmid, vcpuid);
  }
  // Accesses, as the model's machine tells them.
  void load_page_word(Pfn pfn, Word reg) { Access(this->s).load_page_word(pfn, reg); }
  void store_page_word(Pfn pfn, Word reg) { Access(this->s).store_page_word(pfn, reg); }
  void load_shared_word(VmId vmid, Word reg) { Access(this->s).load_shared_word(vmid, reg); }
  Descriptor<Word> walk_spt(ContextBank<Word> cbndx, SmmuIndex<Word> index, Iova<Word> addr) {
    return spec::MmioSptOps<D, P>(this->s).walk_spt(cbndx, index, addr);
  }
  Word general(VmId vmid, VcpuId vcpuid, Word index) { return this->source(vmid, vcpuid, index); }
  void set_general(VmId vmid, VcpuId vcpuid, Word index, Word value) {
    this->target(vmid, vcpuid, index, value);
  }

 protected:
  void guard(Guard, Bool holds) {
    if (!this->s.halt) {
      this->s.d->require("a usage rule of the machine", holds);
    }
  }
};

}  // namespace redoubt::verify
