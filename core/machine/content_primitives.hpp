// SPDX-License-Identifier: BSD-3-Clause
// Page contents, signed boot images, sealed pages and registers: base primitives of digest 4.15.
#pragma once
#include "core/machine/content_machine.hpp"
#include "core/machine/hash_machine.hpp"
#include "core/machine/record_primitives.hpp"

namespace redoubt {

// What a host or a file can spoil gets a status, and then nothing has changed. `invalid_parameter`: no VM's
// number, a header of another form, too few bytes. `denied`: not what was sealed last, opened before, or not
// authentic. `no_memory`: the VM's versions are used up. `not_supported`: the machine has no keys to seal
// with (R25).
template <Machine M>
class ContentPrimitives : public RecordPrimitives<M> {
 public:
  using Base = RecordPrimitives<M>;
  using Base::Base;
  using typename Base::Bool;
  using typename Base::CoreVa;
  using typename Base::Ipa;
  using typename Base::LoadIndex;
  using typename Base::Pfn;
  using typename Base::VcpuId;
  using typename Base::VmId;
  using typename Base::Word;

  // Zeroes a page. Stuck: P (below 2^28).
  void clear_phys_page(Pfn pfn) {
    guard_frame(pfn.raw);
    machine_.page_clear(pfn, Word(Base::seeded(Fault::content_half_cleared) ? PAGE_SIZE / 2 : PAGE_SIZE));
  }
  // The contents of `pgnum` pages from `pfn` become what `vmid` put there. Stuck: V, P of first, number and
  // last.
  void fetch_from_doracle(VmId vmid, Pfn pfn, Word pgnum) {
    this->guard_vmid(vmid);
    guard_frame(pfn.raw);
    guard_frame(pgnum);
    guard_frame(pfn.raw + pgnum - Word(1));
    machine_.page_fetch(vmid, pfn, pgnum);
  }

  // Is the boot image at `addr` in the window complete, and signed for its guest address by a trusted key? 1
  // or 0. Stuck: V, A (inside the IPA space), L(vm v).
  Word verify_image(VmId vmid, CoreVa addr) {
    this->guard(Guard::address, addr.raw < Word(u64{1} << Base::Params::ipa_bits));
    const Word announced = this->get_vm_next_load_idx(vmid);
    const Word index = machine_.find_last(Word(MAX_LOAD_INFO_NUM), [&](Word i) {
      return both(i < announced, this->get_vm_remap_addr(vmid, LoadIndex(i)) == addr);
    });
    if (index == Word(MAX_LOAD_INFO_NUM)) {
      return Word(0);
    }
    return select(is_good_image(vmid, LoadIndex(index), addr), Word(1), Word(0));
  }

  // --- the running hash of a VM's boot image (R18, R21); lock vm(vmid). Redoubt's own. Stuck: V, L(vm v).
  // --- Forgets what was hashed.
  void begin_image_hash(VmId vmid) {
    guard_vm_held(vmid);
    machine_.hash_begin(vmid);
  }
  // Goes on with HASH_PIECE bytes of a page, from byte `at` on. Stuck also: P, `at` no multiple, or outside.
  void add_image_hash(VmId vmid, Pfn pfn, Word at) {
    guard_vm_held(vmid);
    guard_frame(pfn.raw);
    this->guard(Guard::aligned, both(at < Word(PAGE_SIZE), (at & Word(HASH_PIECE - 1)) == Word(0)));
    machine_.hash_add(vmid, pfn, at);
  }
  // Ends the hash: is it the one that the VM's record has for the image? 1 or 0. Stuck also: I.
  Word end_image_hash(VmId vmid, LoadIndex load_idx) {
    this->guard_image(load_idx);
    DigestWords<Word> digest;
    const Word first = Word(static_cast<u64>(VmItem::digest)) + (load_idx.raw << 3);
    for (u64 i = 0; i < DIGEST_WORDS; ++i) {
      digest[i] = this->get_vm_item(vmid, first + Word(i));
    }
    return select(machine_.hash_is(vmid, digest), Word(1), Word(0));
  }

  // Seals the page at `inbuf` into `outbuf`, which may be the same; the header goes to the VM's mailbox.
  // Stuck: P.
  Status encrypt_mem_buf(VmId vmid, Pfn inbuf, Pfn outbuf) {
    guard_frame(inbuf.raw);
    guard_frame(outbuf.raw);
    if constexpr (!SealMachine<M>) {
      return Status::not_supported;
    } else {
      SealLabel<Word> label{SealKind::page, vmid, inbuf.raw, Word(0), PAGE_SIZE};
      if (const Status status = take_version(label); status != Status::ok) {
        return status;
      }
      const SealTag<Word> tag = machine_.seal_page(label, inbuf, outbuf);
      machine_.set_seal_version(SealKind::page, vmid.raw, inbuf.raw, label.version);
      put_header(vm_page(vmid), 0, label, tag);
      return Status::ok;
    }
  }
  // Opens in place what was sealed last from the frame `inbuf`, once. The header is read once. Stuck: P.
  Status decrypt_mem_buf(VmId vmid, Pfn inbuf) {
    guard_frame(inbuf.raw);
    if constexpr (!SealMachine<M>) {
      return Status::not_supported;
    } else {
      SealLabel<Word> label{SealKind::page, vmid, inbuf.raw, Word(0), PAGE_SIZE};
      SealTag<Word> tag;
      const Status status = get_header(vm_page(vmid), 0, label, tag, vmid.raw, inbuf.raw);
      if (status != Status::ok) {
        return status;
      }
      const bool good = bool(machine_.open_page(label, tag, inbuf));
      if (!good && !Base::seeded(Fault::content_tag_unchecked)) {
        return Status::denied;
      }
      opened(label, vmid.raw, inbuf.raw);
      return Status::ok;
    }
  }

  // The two halves of a saved context, into and out of the vCPU's mailbox. Sealing a vCPU that there is not
  // is invalid_parameter; opening one is stuck (V, C).
  Status encrypt_gp_regs(VmId vmid, VcpuId vcpuid) { return seal_image<SealKind::general>(vmid, vcpuid); }
  Status encrypt_sys_regs(VmId vmid, VcpuId vcpuid) { return seal_image<SealKind::system>(vmid, vcpuid); }
  Status decrypt_gp_regs(VmId vmid, VcpuId vcpuid) { return open_image<SealKind::general>(vmid, vcpuid); }
  Status decrypt_sys_regs(VmId vmid, VcpuId vcpuid) { return open_image<SealKind::system>(vmid, vcpuid); }

 protected:
  using Base::machine_;

 private:
  void guard_vm_held(VmId vmid) {
    this->guard_vmid(vmid);
    this->guard_lock(vm_lock(vmid));
  }
  void guard_frame(Word frame) { this->guard(Guard::frame, frame < Word(KVM_PFN_SPACE)); }
  static Bool is_guest(VmId vmid) { return both(Word(1) <= vmid.raw, vmid.raw <= Word(MAX_VM_NUM)); }
  static Word vm_page(VmId vmid) { return vmid.raw * Word(MAILBOX_PAGES); }
  static Word vcpu_page(VmId vmid, VcpuId vcpuid) { return vm_page(vmid) + vcpuid.raw + Word(1); }
  static constexpr u64 image_at(SealKind kind) {
    return kind == SealKind::general ? SEAL_GENERAL_AT : SEAL_SYSTEM_AT;
  }

  // Every page given, all of them in the window, and the signature.
  Bool is_good_image(VmId vmid, LoadIndex index, CoreVa addr) {
    const Word size = this->get_vm_load_size(vmid, index),
               first = (addr.raw - Word(REMAP_START)) >> PAGE_SHIFT;
    const Word pages = (size + Word(PAGE_SIZE - 1)) >> PAGE_SHIFT;
    const Bool placed = both(Word(REMAP_START) <= addr.raw, addr.raw < Word(REMAP_END),
                             (addr.raw & Word(PAGE_SIZE - 1)) == Word(0));
    if (!both(placed, Word(1) <= size, size <= Word(REMAP_END) - addr.raw,
              this->get_vm_mapped_pages(vmid, index) == pages)) {
      return Bool(false);
    }
    if (!machine_.for_all(pages, [&](Word i) { return machine_.window_frame(first + i) != Word(0); })) {
      return Bool(false);
    }
    const bool last_left_out = Base::seeded(Fault::content_last_page_unverified);
    return machine_.image_is_signed(vmid, index, this->get_vm_load_addr(vmid, index), first,
                                    last_left_out ? size & ~Word(PAGE_SIZE - 1) : size);
  }

  // --- seals ---
  Status take_version(SealLabel<Word>& label) {
    if (!is_guest(label.vmid)) {
      return Status::invalid_parameter;
    }
    label.version = machine_.next_seal_version(label.vmid);
    if (label.version >= Word(SEAL_VERSION_END)) {
      return Status::no_memory;
    }
    const Word next = label.version + Word(Base::seeded(Fault::content_nonce_reused) ? 0 : 1);
    machine_.set_next_seal_version(label.vmid, next);
    return Status::ok;
  }
  void put_header(Word page, u64 at, const SealLabel<Word>& label, const SealTag<Word>& tag) {
    machine_.mailbox_store(page, Word(at + SEAL_AT_FORMAT), Word(seal_word(label.kind)));
    machine_.mailbox_store(page, Word(at + SEAL_AT_BYTES), Word(label.bytes));
    machine_.mailbox_store(page, Word(at + SEAL_AT_VERSION), label.version);
    machine_.mailbox_store(page, Word(at + SEAL_AT_TAG), tag.low);
    machine_.mailbox_store(page, Word(at + SEAL_AT_TAG + 1), tag.high);
  }
  // Fills version and tag from the header; ok where it names the newest seal of (kind, who, item).
  Status get_header(Word page, u64 at, SealLabel<Word>& label, SealTag<Word>& tag, Word who, Word item) {
    if (!is_guest(label.vmid)) {
      return Status::invalid_parameter;
    }
    const Word format = machine_.mailbox_load(page, Word(at + SEAL_AT_FORMAT));
    const Word bytes = machine_.mailbox_load(page, Word(at + SEAL_AT_BYTES));
    label.version = machine_.mailbox_load(page, Word(at + SEAL_AT_VERSION));
    tag.low = machine_.mailbox_load(page, Word(at + SEAL_AT_TAG));
    tag.high = machine_.mailbox_load(page, Word(at + SEAL_AT_TAG + 1));
    if (!both(format == Word(seal_word(label.kind)), bytes == Word(label.bytes))) {
      return Status::invalid_parameter;
    }
    const Word newest = machine_.seal_version(label.kind, who, item);
    const bool current = bool(both(newest != Word(0), label.version == newest));
    return current || Base::seeded(Fault::content_replay_accepted) ? Status::ok : Status::denied;
  }
  void opened(const SealLabel<Word>& label, Word who, Word item) {
    if (!Base::seeded(Fault::content_replay_accepted)) {
      machine_.set_seal_version(label.kind, who, item, Word(0));
    }
  }

  template <SealKind Kind>
  Status seal_image([[maybe_unused]] VmId vmid, [[maybe_unused]] VcpuId vcpuid) {
    if constexpr (!SealMachine<M>) {
      return Status::not_supported;
    } else {
      if (vcpuid.raw >= Word(VCPU_PER_VM)) {
        return Status::invalid_parameter;
      }
      constexpr u64 at = image_at(Kind), count = kImage<Kind>.size();
      SealLabel<Word> label{Kind, vmid, vcpuid.raw, Word(0), count * 8};
      if (const Status status = take_version(label); status != Status::ok) {
        return status;
      }
      const auto context = ctxt_id(vmid, vcpuid);
      std::array<Word, count> words;
      words.fill(Word(0));
      for (u64 i = 0; i < count; ++i) {
        words[i] = machine_.shadow_load(context, Word(kImage<Kind>[i]));
      }
      const SealTag<Word> tag = machine_.seal_words(label, words);
      machine_.set_seal_version(Kind, context.raw, Word(0), label.version);
      put_header(vcpu_page(vmid, vcpuid), at, label, tag);
      for (u64 i = 0; i < count; ++i) {
        machine_.mailbox_store(vcpu_page(vmid, vcpuid), Word(at + SEAL_PAYLOAD + i), words[i]);
      }
      return Status::ok;
    }
  }
  // The image is copied once, opened in core memory, and only then loaded.
  template <SealKind Kind>
  Status open_image(VmId vmid, VcpuId vcpuid) {
    this->guard_vmid(vmid);
    this->guard_vcpuid(vcpuid);
    if constexpr (!SealMachine<M>) {
      return Status::not_supported;
    } else {
      constexpr u64 at = image_at(Kind), count = kImage<Kind>.size();
      const Word page = vcpu_page(vmid, vcpuid);
      const auto context = ctxt_id(vmid, vcpuid);
      SealLabel<Word> label{Kind, vmid, vcpuid.raw, Word(0), count * 8};
      SealTag<Word> tag;
      const Status status = get_header(page, at, label, tag, context.raw, Word(0));
      if (status != Status::ok) {
        return status;
      }
      std::array<Word, count> words;
      words.fill(Word(0));
      for (u64 i = 0; i < count; ++i) {
        words[i] = machine_.mailbox_load(page, Word(at + SEAL_PAYLOAD + i));
      }
      if (!machine_.open_words(label, tag, words) && !Base::seeded(Fault::content_tag_unchecked)) {
        return Status::denied;
      }
      opened(label, context.raw, Word(0));
      for (u64 i = 0; i < count; ++i) {
        machine_.shadow_store(context, Word(kImage<Kind>[i]), words[i]);
      }
      return Status::ok;
    }
  }
};

}  // namespace redoubt
