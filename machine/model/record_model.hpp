// SPDX-License-Identifier: BSD-3-Clause
// The part of the model machine that holds the records of core and VMs.
#pragma once
#include "core/machine/record_machine.hpp"
#include "machine/model/event.hpp"
#include "spec/machine/record_state.hpp"

namespace redoubt {

// A base of the model machine `Self`, which records the events.
template <class Self, ValueDomain D>
class RecordModel {
 public:
  using Word = typename D::Word;
  using VmId = redoubt::VmId<Word>;

  Word core_word(CoreField field) { return word_of(field); }
  void set_core_word(CoreField field, Word value) {
    word_of(field) = value;
    self().record(EventKind::set_core_word, Word(0), Word(static_cast<u64>(field)), value);
  }
  Word vm_word(VmField field, VmId vmid, Word index) { return map_of(field).read(vmid.raw, index); }
  void set_vm_word(VmField field, VmId vmid, Word index, Word value) {
    map_of(field).write(vmid.raw, index, value);
    self().record(EventKind::set_vm_word, vmid.raw, Word(static_cast<u64>(field)) + index, value);
  }
  Word mailboxes() { return memory_.mailboxes; }

  // What harnesses look at: the records as they are now.
  const spec::VmRecords<D>& records() { return memory_; }

 private:
  friend Self;
  explicit RecordModel(const spec::VmRecords<D>& initial) : memory_(initial) {}
  Self& self() { return static_cast<Self&>(*this); }

  Word& word_of(CoreField field) {
    if (field == CoreField::free_vmids) {
      return memory_.free_vmids;
    }
    return field == CoreField::next_vmid ? memory_.next_vmid : memory_.next_remap_ptr;
  }
  typename D::Map& map_of(VmField field) {
    switch (field) {
      case VmField::state:
        return memory_.vm_state;
      case VmField::kvm:
        return memory_.vm_kvm;
      case VmField::next_load_info:
        return memory_.vm_next_load_info;
      case VmField::inc_exe:
        return memory_.vm_inc_exe;
      case VmField::vcpu:
        return memory_.vm_vcpu;
      case VmField::vcpu_state:
        return memory_.vm_vcpu_state;
      case VmField::load_addr:
        return memory_.vm_load_addr;
      case VmField::load_size:
        return memory_.vm_load_size;
      case VmField::remap_addr:
        return memory_.vm_remap_addr;
      case VmField::item:
        return memory_.vm_item;
      case VmField::total:
        return memory_.vm_total;
      case VmField::mapped_pages:
        break;
    }
    return memory_.vm_mapped_pages;
  }

  spec::VmRecords<D> memory_;
};

}  // namespace redoubt
