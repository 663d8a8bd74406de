// SPDX-License-Identifier: BSD-3-Clause
// Redoubt's own base primitives of an access: a word between a page and a general register (upper digest
// 1.13).
#pragma once
#include "core/machine/access_machine.hpp"
#include "core/machine/guest_primitives.hpp"

namespace redoubt {

// The digest's hooks `mem_load_raw` and so on have no effect; these have. Register 31 is zero. Stuck: a
// general register's number; P.
template <Machine M>
class AccessPrimitives : public GuestPrimitives<M> {
 public:
  using Base = GuestPrimitives<M>;
  using Base::Base;
  using typename Base::Pfn;
  using typename Base::VmId;
  using typename Base::Word;

  void load_page_word(Pfn pfn, Word reg) {
    guard_access(pfn, reg);
    put(reg, machine_.page_word(pfn));
  }
  void store_page_word(Pfn pfn, Word reg) {
    guard_access(pfn, reg);
    if (reg == Word(31)) {
      return machine_.set_page_word(pfn, Word(0));
    }
    machine_.set_page_word(pfn, machine_.general_register(reg));
  }
  // A word that others may have written last: any value. Stuck: V.
  void load_shared_word(VmId vmid, Word reg) {
    this->guard_vmid(vmid);
    this->guard(Guard::general_register, reg < Word(32));
    put(reg, machine_.shared_word(vmid));
  }

 protected:
  using Base::machine_;

 private:
  void guard_access(Pfn pfn, Word reg) {
    this->guard(Guard::frame, pfn.raw < Word(KVM_PFN_SPACE));
    this->guard(Guard::general_register, reg < Word(32));
  }
  void put(Word reg, Word value) {
    if (reg != Word(31)) {
      machine_.set_general_register(reg, value);
    }
  }
};

}  // namespace redoubt
