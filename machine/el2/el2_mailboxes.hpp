// SPDX-License-Identifier: BSD-3-Clause
// The mailboxes of El2Machine (R23): pages of the core that the host can change at any time. Each access is
// one load or one store.
#pragma once
#include <cstddef>

#include "abi/redoubt.h"
#include "core/machine/cpu_machine.hpp"
#include "core/machine/record_layout.hpp"
#include "machine/el2/memory.hpp"

namespace redoubt::el2 {

// A base of the machine `Self`, whose mailbox_base() gives the region's address (a boot constant).
template <class Self>
class El2Mailboxes {
 public:
  using Word = u64;
  using VmId = redoubt::VmId<Word>;
  using VcpuId = redoubt::VcpuId<Word>;

  Word mailboxes() { return static_cast<Self&>(*this).mailbox_base(); }

  // 64-bit word number `word` of a page of the region, pages counted from its start.
  Word mailbox_load(Word page, Word word) { return load<u64>(mailboxes() + page * PAGE_SIZE + word * 8); }
  void mailbox_store(Word page, Word word, Word value) {
    store<u64>(mailboxes() + page * PAGE_SIZE + word * 8, value);
  }

  // A field of struct redoubt_vcpu_mailbox, by its offset there.
  template <class T>
  T mailbox_field(VmId vmid, VcpuId vcpuid, std::size_t offset) {
    return load<T>(vcpu_mailbox(mailboxes(), vmid, vcpuid) + offset);
  }
  template <class T>
  void set_mailbox_field(VmId vmid, VcpuId vcpuid, std::size_t offset, T value) {
    store<T>(vcpu_mailbox(mailboxes(), vmid, vcpuid) + offset, value);
  }

  // Of what the digest lets the host propose, one thing is left: the answer to a read of a device. The rest
  // is zero, which no layer takes for a proposal (R22, R23).
  Word host_value(HostField field, VmId vmid, VcpuId vcpuid, Word) {
    return field == HostField::gpr
               ? mailbox_field<u64>(vmid, vcpuid, offsetof(redoubt_vcpu_mailbox, mmio_data))
               : 0;
  }
  // And one register is ever shown: what the guest writes to a device.
  void show_host_gpr(VmId vmid, VcpuId vcpuid, Word, Word value) {
    set_mailbox_field<u64>(vmid, vcpuid, offsetof(redoubt_vcpu_mailbox, data), value);
  }

 private:
  friend Self;
  El2Mailboxes() = default;
};

}  // namespace redoubt::el2
