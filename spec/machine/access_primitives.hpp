// SPDX-License-Identifier: BSD-3-Clause
// Specification of Redoubt's own base primitives of an access (upper digest 1.13): the first word of a page
// stands for it.
#pragma once
#include "spec/machine/guest_primitives.hpp"

namespace redoubt::spec {

template <ValueDomain D, class P>
class AccessPrimitives : public GuestPrimitives<D, P> {
 public:
  using Base = GuestPrimitives<D, P>;
  using Base::Base;
  using typename Base::Pfn;
  using typename Base::VmId;
  using typename Base::Word;

  void load_page_word(Pfn pfn, Word reg) {
    if (!s.halt) {
      numbers(pfn, reg);
      arrives(reg, s.content.contents.read(pfn.raw, Word(0)));
    }
  }
  void store_page_word(Pfn pfn, Word reg) {
    if (!s.halt) {
      numbers(pfn, reg);
      const Word zero_register(0), value = s.cpu.hw.read(Word(0), reg);
      s.content.contents.write(pfn.raw, Word(0), select(reg < Word(31), value, zero_register));
      s.tstate = Word(1);
    }
  }
  void load_shared_word(VmId vmid, Word reg) {
    if (!s.halt) {
      this->V(vmid);
      general(reg);
      arrives(reg, this->next_datum(vmid.raw));
    }
  }

 protected:
  using Base::s;

 private:
  void numbers(Pfn pfn, Word reg) {
    this->stuck_unless("P: the page frame is below 2^28", pfn.raw < Word(u64{1} << 28));
    general(reg);
  }
  void general(Word reg) { this->stuck_unless("a general register's number is below 32", reg < Word(32)); }
  void arrives(Word reg, Word value) {
    if (reg < Word(31)) {
      s.cpu.hw.write(Word(0), reg, value);
    }
  }
};

}  // namespace redoubt::spec
