// SPDX-License-Identifier: BSD-3-Clause
// The part of El2Machine that a running vCPU needs beside memory: mailbox words, and the way to the core's
// emulation and to the manifest that is being admitted.
#pragma once
#include "core/machine/guest_machine.hpp"
#include "core/machine/manifest_machine.hpp"
#include "core/machine/record_layout.hpp"
#include "machine/el2/memory.hpp"

namespace redoubt::el2 {

// A base of the machine `Self`, whose mailboxes() gives the region's address. Hooks beside El2Machine's are
// the functions of GuestMachine and ManifestMachine that it forwards to: static, same arguments, 64-bit
// words.
template <class Self, class Hooks>
class El2Guest {
 public:
  using Word = u64;
  using VmId = redoubt::VmId<Word>;
  using VcpuId = redoubt::VcpuId<Word>;

  Word mailbox_read(HostAnswer which, VmId vmid, VcpuId vcpuid, Word index) {
    const MailboxPlace place = mailbox_place(which);
    return load<std::uint32_t>(address(place, vmid, vcpuid, index));
  }
  void mailbox_write(ShownWord which, VmId vmid, VcpuId vcpuid, Word index, Word value) {
    const MailboxPlace place = mailbox_place(which);
    if (place.bytes == sizeof(u64)) {
      store<u64>(address(place, vmid, vcpuid, index), value);
    } else {
      store<std::uint32_t>(address(place, vmid, vcpuid, index), static_cast<std::uint32_t>(value));
    }
  }

  Word guest_event(GuestEvent event, Word a, Word b, Word c, Word d) {
    return static_cast<Word>(Hooks::guest_event(event, a, b, c, d));
  }
  Word guest_answer(GuestAnswer answer) { return Hooks::guest_answer(answer); }
  Word guest_word(GuestWord word, VmId vmid, VcpuId vcpuid, Word index) {
    return Hooks::guest_word(word, vmid.raw, vcpuid.raw, index);
  }

  void fetch_manifest(Pfn<Word> pfn) { Hooks::fetch_manifest(pfn.raw << PAGE_SHIFT); }
  Status admit_manifest(Word bytes) { return Hooks::admit_manifest(bytes); }
  Word manifest_word(ManifestWord word, Word image, Word index) {
    return Hooks::manifest_word(word, image, index);
  }
  void keep_manifest() { Hooks::keep_manifest(); }

 private:
  friend Self;
  El2Guest() = default;

  u64 address(MailboxPlace place, VmId vmid, VcpuId vcpuid, Word index) {
    const u64 base = static_cast<Self&>(*this).mailboxes();
    return vcpu_mailbox(base, vmid, vcpuid) + place.offset + index * place.bytes;
  }
};

}  // namespace redoubt::el2
