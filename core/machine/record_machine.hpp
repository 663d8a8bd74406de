// SPDX-License-Identifier: BSD-3-Clause
// What a machine with VM records must offer beside Machine, and how one with flat memory does it.
#pragma once
#include "core/machine/machine.hpp"
#include "core/machine/record_layout.hpp"

namespace redoubt {

// Single effects; none can fail. `index` counts vCPUs or boot images and is in range; zero for other fields.
template <class M>
concept RecordMachine = Machine<M> && requires(M& m, typename M::Word w, CoreField core, VmField field,
                                               VmId<typename M::Word> v) {
  { m.core_word(core) } -> std::same_as<typename M::Word>;  // lock core
  { m.set_core_word(core, w) };
  { m.vm_word(field, v, w) } -> std::same_as<typename M::Word>;  // lock vm(v)
  { m.set_vm_word(field, v, w, w) };
};

// For handles a machine also has mailboxes(), the address of their region (a boot constant).

// A base of the machine `Self`, whose record_memory() is the RecordMemory.
template <class Self>
class FlatRecords {
 public:
  u64 core_word(CoreField field) { return memory().core[static_cast<u64>(field)]; }
  void set_core_word(CoreField field, u64 value) { memory().core[static_cast<u64>(field)] = value; }
  u64 vm_word(VmField field, VmId<u64> vmid, u64 index) {
    return memory().vms[vmid.raw][static_cast<u64>(field) + index];
  }
  void set_vm_word(VmField field, VmId<u64> vmid, u64 index, u64 value) {
    memory().vms[vmid.raw][static_cast<u64>(field) + index] = value;
  }

 private:
  friend Self;
  FlatRecords() = default;

  RecordMemory& memory() { return static_cast<Self&>(*this).record_memory(); }
};

}  // namespace redoubt
