// SPDX-License-Identifier: BSD-3-Clause
// Specification of core data, VM information and handles (digest 4.4, 4.5, 4.16, 4.18).
#pragma once
#include "spec/machine/smmu_primitives.hpp"

namespace redoubt::spec {

template <ValueDomain D, class P>
class RecordPrimitives : public SmmuPrimitives<D, P> {
 public:
  using Base = SmmuPrimitives<D, P>;
  using Base::Base;
  using typename Base::Bool;
  using typename Base::Ipa;
  using typename Base::VmId;
  using typename Base::Word;
  using VcpuId = redoubt::VcpuId<Word>;
  using CoreVa = redoubt::CoreVa<Word>;
  using LoadIndex = redoubt::LoadIndex<Word>;

  // Core data.
  VmId get_next_vmid() {
    L_core();
    return VmId(s.halt ? Word(0) : s.records.next_vmid);
  }
  void set_next_vmid(VmId vmid) {
    u32(vmid.raw);
    L_core();
    if (!s.halt) {
      s.records.next_vmid = vmid.raw;
    }
  }
  CoreVa get_next_remap_ptr() {
    L_core();
    return CoreVa(s.halt ? Word(0) : s.records.next_remap_ptr);
  }
  void set_next_remap_ptr(CoreVa remap) {
    L_core();
    if (!s.halt) {
      s.records.next_remap_ptr = remap.raw;
    }
  }

  Word get_free_vmids() {
    L_core();
    return s.halt ? Word(0) : s.records.free_vmids;
  }
  void set_free_vmids(Word vmids) {
    L_core();
    if (!s.halt) {
      s.records.free_vmids = vmids;
    }
  }

  // VM information.
  Word get_vm_state(VmId v) { return get(s.records.vm_state, v); }
  void set_vm_state(VmId v, Word state) { set32(s.records.vm_state, v, Word(0), state); }
  Word get_vcpu_state(VmId v, VcpuId c) { return C(c), get(s.records.vm_vcpu_state, v, c.raw); }
  void set_vcpu_state(VmId v, VcpuId c, Word state) {
    C(c);
    set32(s.records.vm_vcpu_state, v, c.raw, state);
  }
  Word get_vm_kvm(VmId v) { return get(s.records.vm_kvm, v); }
  void set_vm_kvm(VmId v, Word kvm) { set(s.records.vm_kvm, v, Word(0), kvm); }
  Word get_vm_vcpu(VmId v, VcpuId c) { return C(c), get(s.records.vm_vcpu, v, c.raw); }
  void set_vm_vcpu(VmId v, VcpuId c, Word vcpu) {
    C(c);
    set(s.records.vm_vcpu, v, c.raw, vcpu);
  }
  Word get_vm_next_load_idx(VmId v) { return get(s.records.vm_next_load_info, v); }
  void set_vm_next_load_idx(VmId v, Word n) { set32(s.records.vm_next_load_info, v, Word(0), n); }
  Ipa get_vm_load_addr(VmId v, LoadIndex i) { return I(i), Ipa(get(s.records.vm_load_addr, v, i.raw)); }
  void set_vm_load_addr(VmId v, LoadIndex i, Ipa addr) {
    I(i);
    set(s.records.vm_load_addr, v, i.raw, addr.raw);
  }
  Word get_vm_load_size(VmId v, LoadIndex i) { return I(i), get(s.records.vm_load_size, v, i.raw); }
  void set_vm_load_size(VmId v, LoadIndex i, Word size) {
    I(i);
    set(s.records.vm_load_size, v, i.raw, size);
  }
  CoreVa get_vm_remap_addr(VmId v, LoadIndex i) {
    return I(i), CoreVa(get(s.records.vm_remap_addr, v, i.raw));
  }
  void set_vm_remap_addr(VmId v, LoadIndex i, CoreVa addr) {
    I(i);
    set(s.records.vm_remap_addr, v, i.raw, addr.raw);
  }
  Word get_vm_mapped_pages(VmId v, LoadIndex i) { return I(i), get(s.records.vm_mapped_pages, v, i.raw); }
  void set_vm_mapped_pages(VmId v, LoadIndex i, Word pages) {
    I(i);
    set(s.records.vm_mapped_pages, v, i.raw, pages);
  }
  Word get_vm_inc_exe(VmId v) { return get(s.records.vm_inc_exe, v); }
  void set_vm_inc_exe(VmId v, Word flag) { set32(s.records.vm_inc_exe, v, Word(0), flag); }

  Word get_vm_item(VmId v, Word i) { return item(i), get(s.records.vm_item, v, i); }
  void set_vm_item(VmId v, Word i, Word value) {
    item(i);
    set(s.records.vm_item, v, i, value);
  }
  Word get_owned_pages(VmId v) { return total(v, 0); }
  void set_owned_pages(VmId v, Word n) { set_total(v, 0, n); }
  Word get_shared_pages(VmId v) { return total(v, 1); }
  void set_shared_pages(VmId v, Word n) { set_total(v, 1, n); }

  // Handles: nine pages a principal, the first for the VM, then one a vCPU.
  Word get_shared_kvm(VmId v) {
    principal(v);
    return s.halt ? Word(0) : s.records.mailboxes + v.raw * Word(0x9000);
  }
  Word get_shared_vcpu(VmId v, VcpuId c) {
    principal(v);
    C(c);
    return s.halt ? Word(0) : s.records.mailboxes + v.raw * Word(0x9000) + Word(0x1000) + (c.raw << 12);
  }

 protected:
  using Base::s;
  using Map = typename D::Map;

  // On a halted machine nothing is asked (guard H comes first), so guards hold there.
  void alive_unless(std::string_view guard, Bool holds) {
    if (!s.halt) {
      this->stuck_unless(guard, holds);
    }
  }
  void principal(VmId v) { alive_unless("V: vmid is a principal", v.raw <= Word(COREVISOR)); }
  void C(VcpuId c) { alive_unless("C: vcpuid is below 8", c.raw < Word(8)); }
  void I(LoadIndex i) { alive_unless("I: load_idx is below 5", i.raw < Word(5)); }
  void item(Word i) { alive_unless("an item that the record of a VM has", i < Word(48)); }
  void u32(Word value) { alive_unless("the value fits 32 bits", value <= Word(0xffff'ffff)); }
  void L_core() { alive_unless("L: core lock is held", s.holds(Word(CORE_ID))); }
  void L_vm(VmId v) { alive_unless("L: vm lock is held", s.holds(v.raw + Word(INFO_ID))); }

 private:
  Word total(VmId v, u64 which) {
    principal(v);
    alive_unless("L: s2page lock is held", s.holds(Word(S2PAGE_ID)));
    return s.halt ? Word(0) : s.records.vm_total.read(v.raw, Word(which));
  }
  void set_total(VmId v, u64 which, Word pages) {
    principal(v);
    alive_unless("L: s2page lock is held", s.holds(Word(S2PAGE_ID)));
    if (!s.halt) {
      s.records.vm_total.write(v.raw, Word(which), pages);
    }
  }
  void own(VmId v) {
    principal(v);
    L_vm(v);
  }
  Word get(Map& map, VmId v, Word index = Word(0)) {
    own(v);
    return s.halt ? Word(0) : map.read(v.raw, index);
  }
  void set(Map& map, VmId v, Word index, Word value) {
    own(v);
    if (!s.halt) {
      map.write(v.raw, index, value);
    }
  }
  void set32(Map& map, VmId v, Word index, Word value) {
    u32(value);
    set(map, v, index, value);
  }
};

}  // namespace redoubt::spec
