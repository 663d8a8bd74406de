// SPDX-License-Identifier: BSD-3-Clause
// Core data, VM information and handles: the base primitives on the records of core and VMs
// (digest 4.4, 4.5, 4.16).
#pragma once
#include "core/machine/record_machine.hpp"
#include "core/machine/smmu_primitives.hpp"

namespace redoubt {

// The setters store what they are told: which values make sense is for the layers above to say. Stuck, where
// it applies: V, C (vcpuid < 8), I (load_idx < 5), L; a value that does not fit a field of 32 bits.
template <Machine M>
class RecordPrimitives : public SmmuPrimitives<M> {
 public:
  using Base = SmmuPrimitives<M>;
  using Base::Base;
  using typename Base::Bool;
  using typename Base::Ipa;
  using typename Base::VmId;
  using typename Base::Word;
  using VcpuId = redoubt::VcpuId<Word>;
  using CoreVa = redoubt::CoreVa<Word>;
  using LoadIndex = redoubt::LoadIndex<Word>;

  // --- core data (4.4); lock core ---
  VmId get_next_vmid() { return VmId(core(CoreField::next_vmid)); }
  void set_next_vmid(VmId vmid) {
    guard_word32(vmid.raw);
    set_core(CoreField::next_vmid, vmid.raw);
  }
  // First free address of the image window, in bytes, absolute on both sides (designs out W38).
  CoreVa get_next_remap_ptr() { return CoreVa(core(CoreField::next_remap_ptr)); }
  void set_next_remap_ptr(CoreVa remap) {
    const CoreVa twice = remap + Word(REMAP_START);
    set_core(CoreField::next_remap_ptr, Base::seeded(Fault::record_remap_base_twice) ? twice.raw : remap.raw);
  }

  // VMIDs of destroyed VMs, a bit each. Redoubt's own: VMIDs are used again.
  Word get_free_vmids() { return core(CoreField::free_vmids); }
  void set_free_vmids(Word vmids) { set_core(CoreField::free_vmids, vmids); }

  // --- VM information (4.5, 4.18); lock vm(vmid) ---
  Word get_vm_state(VmId vmid) { return vm(VmField::state, vmid); }
  void set_vm_state(VmId vmid, Word state) { set_vm32(VmField::state, vmid, state); }
  Word get_vcpu_state(VmId vmid, VcpuId vcpuid) { return vcpu(VmField::vcpu_state, vmid, vcpuid); }
  void set_vcpu_state(VmId vmid, VcpuId vcpuid, Word state) {
    guard_word32(state);
    set_vcpu(VmField::vcpu_state, vmid, vcpuid, state);
  }
  // The host's own handles: kept for it, never followed.
  Word get_vm_kvm(VmId vmid) { return vm(VmField::kvm, vmid); }
  void set_vm_kvm(VmId vmid, Word kvm) { set_vm(VmField::kvm, vmid, kvm); }
  Word get_vm_vcpu(VmId vmid, VcpuId vcpuid) { return vcpu(VmField::vcpu, vmid, vcpuid); }
  void set_vm_vcpu(VmId vmid, VcpuId vcpuid, Word handle) { set_vcpu(VmField::vcpu, vmid, vcpuid, handle); }

  // Boot images: how many there are, and of each guest address, bytes, address in the window, pages given so
  // far.
  Word get_vm_next_load_idx(VmId vmid) { return vm(VmField::next_load_info, vmid); }
  void set_vm_next_load_idx(VmId vmid, Word load_idx) { set_vm32(VmField::next_load_info, vmid, load_idx); }
  Ipa get_vm_load_addr(VmId vmid, LoadIndex load_idx) {
    return Ipa(image(VmField::load_addr, vmid, load_idx));
  }
  void set_vm_load_addr(VmId vmid, LoadIndex load_idx, Ipa load_addr) {
    set_image(VmField::load_addr, vmid, load_idx, load_addr.raw);
  }
  Word get_vm_load_size(VmId vmid, LoadIndex load_idx) { return image(VmField::load_size, vmid, load_idx); }
  void set_vm_load_size(VmId vmid, LoadIndex load_idx, Word size) {
    set_image(VmField::load_size, vmid, load_idx, size);
  }
  CoreVa get_vm_remap_addr(VmId vmid, LoadIndex load_idx) {
    return CoreVa(image(VmField::remap_addr, vmid, load_idx));
  }
  void set_vm_remap_addr(VmId vmid, LoadIndex load_idx, CoreVa remap_addr) {
    set_image(VmField::remap_addr, vmid, load_idx, remap_addr.raw);
  }
  Word get_vm_mapped_pages(VmId vmid, LoadIndex load_idx) {
    return image(VmField::mapped_pages, vmid, load_idx);
  }
  void set_vm_mapped_pages(VmId vmid, LoadIndex load_idx, Word mapped) {
    set_image(VmField::mapped_pages, vmid, load_idx, mapped);
  }

  // Does the VM resume from a saved state? The digest's text stores into the number of images (W2).
  Word get_vm_inc_exe(VmId vmid) { return vm(VmField::inc_exe, vmid); }
  void set_vm_inc_exe(VmId vmid, Word inc_exe) {
    const bool wrong = Base::seeded(Fault::record_inc_exe_field);
    set_vm32(wrong ? VmField::next_load_info : VmField::inc_exe, vmid, inc_exe);
  }

  // What else the core keeps of a VM (VmItem). Redoubt's own. Stuck: V, an item that there is not, L(vm v).
  Word get_vm_item(VmId vmid, Word item) {
    guard_item(item);
    guard_vm(vmid);
    return machine_.vm_word(VmField::item, vmid, item);
  }
  void set_vm_item(VmId vmid, Word item, Word value) {
    guard_item(item);
    guard_vm(vmid);
    machine_.set_vm_word(VmField::item, vmid, item, value);
  }

  // Pages that the VM owns, and those of them that it shares. Redoubt's own. Stuck: V, L(s2page).
  Word get_owned_pages(VmId vmid) { return total(VmTotal::owned, vmid); }
  void set_owned_pages(VmId vmid, Word pages) { set_total(VmTotal::owned, vmid, pages); }
  Word get_shared_pages(VmId vmid) { return total(VmTotal::shared, vmid); }
  void set_shared_pages(VmId vmid, Word pages) { set_total(VmTotal::shared, vmid, pages); }

  // --- handles (4.16): addresses of the mailboxes that core and host share; computed, no lock ---
  Word get_shared_kvm(VmId vmid) {
    this->guard_vmid(vmid);
    return vm_mailbox(machine_.mailboxes(), vmid);
  }
  Word get_shared_vcpu(VmId vmid, VcpuId vcpuid) {
    this->guard_vmid(vmid);
    guard_vcpuid(vcpuid);
    const VcpuId narrow(vcpuid.raw & Word(3));  // four vCPUs a VM, as in the shipped arrays (W30)
    return vcpu_mailbox(machine_.mailboxes(), vmid,
                        Base::seeded(Fault::record_vcpu_stride) ? narrow : vcpuid);
  }

 protected:
  using Base::machine_;
  void guard_image(LoadIndex load_idx) {
    this->guard(Guard::load_index, load_idx.raw < Word(MAX_LOAD_INFO_NUM));
  }
  void guard_vcpuid(VcpuId vcpuid) { this->guard(Guard::vcpuid, vcpuid.raw < Word(VCPU_PER_VM)); }

 private:
  void guard_word32(Word value) { this->guard(Guard::word32, value <= Word(INVALID)); }
  void guard_vm(VmId vmid) {
    this->guard_vmid(vmid);
    this->guard_lock(vm_lock(vmid));
  }
  void guard_item(Word item) { this->guard(Guard::vm_item, item < Word(VM_ITEMS)); }
  void guard_total(VmId vmid) {
    this->guard_vmid(vmid);
    this->guard_lock(S2PAGE_ID);
  }

  Word core(CoreField field) {
    this->guard_lock(CORE_ID);
    return machine_.core_word(field);
  }
  void set_core(CoreField field, Word value) {
    this->guard_lock(CORE_ID);
    machine_.set_core_word(field, value);
  }
  Word vm(VmField field, VmId vmid) {
    guard_vm(vmid);
    return machine_.vm_word(field, vmid, Word(0));
  }
  void set_vm(VmField field, VmId vmid, Word value) {
    guard_vm(vmid);
    machine_.set_vm_word(field, vmid, Word(0), value);
  }
  void set_vm32(VmField field, VmId vmid, Word value) {
    guard_word32(value);
    set_vm(field, vmid, value);
  }
  Word total(VmTotal which, VmId vmid) {
    guard_total(vmid);
    return machine_.vm_word(VmField::total, vmid, Word(static_cast<u64>(which)));
  }
  void set_total(VmTotal which, VmId vmid, Word pages) {
    guard_total(vmid);
    machine_.set_vm_word(VmField::total, vmid, Word(static_cast<u64>(which)), pages);
  }
  Word vcpu(VmField field, VmId vmid, VcpuId vcpuid) {
    guard_vcpuid(vcpuid);
    guard_vm(vmid);
    return machine_.vm_word(field, vmid, vcpuid.raw);
  }
  void set_vcpu(VmField field, VmId vmid, VcpuId vcpuid, Word value) {
    guard_vcpuid(vcpuid);
    guard_vm(vmid);
    const bool flat = Base::seeded(Fault::record_vcpu_index);
    machine_.set_vm_word(field, vmid, flat ? Word(0) : vcpuid.raw, value);
  }
  Word image(VmField field, VmId vmid, LoadIndex load_idx) {
    guard_image(load_idx);
    guard_vm(vmid);
    return machine_.vm_word(field, vmid, load_idx.raw);
  }
  void set_image(VmField field, VmId vmid, LoadIndex load_idx, Word value) {
    guard_image(load_idx);
    guard_vm(vmid);
    machine_.set_vm_word(field, vmid, load_idx.raw, value);
  }
};

}  // namespace redoubt
