// SPDX-License-Identifier: BSD-3-Clause
// What El2Machine offers of a running vCPU beside its registers: the answers of the core's emulation.
#pragma once
#include "core/machine/guest_machine.hpp"

namespace redoubt::el2 {

// A base of the machine `Self`. Hooks beside El2Machine's: `guest_event(event, loaded VM, its vCPU, a, b, c, d)`,
// `guest_answer(which)`, `guest_word(word, vmid, vcpuid, index)` as in core/machine/guest_machine.hpp.
template <class Self, class Hooks>
class El2Guest {
 public:
  using Word = u64;
  using VmId = redoubt::VmId<Word>;
  using VcpuId = redoubt::VcpuId<Word>;

  Word guest_event(GuestEvent event, Word a, Word b, Word c, Word d) {
    Self& self = static_cast<Self&>(*this);
    return static_cast<Word>(
        Hooks::guest_event(event, VmId(self.cur_vmid()), VcpuId(self.cur_vcpuid()), {a, b, c, d}));
  }
  Word guest_answer(GuestAnswer which) { return Hooks::guest_answer(which); }
  Word guest_word(GuestWord word, VmId vmid, VcpuId vcpuid, Word index) {
    return Hooks::guest_word(word, vmid, vcpuid, index);
  }

 private:
  friend Self;
  El2Guest() = default;
};

}  // namespace redoubt::el2
