// SPDX-License-Identifier: BSD-3-Clause
// Specification of page contents, boot images and seals (digest 4.15, with the intended meaning of its
// oracles).
#pragma once
#include <array>
#include <span>

#include "core/machine/seal_format.hpp"
#include "spec/machine/image_hash.hpp"
#include "spec/machine/record_primitives.hpp"

namespace redoubt::spec {

// Encryption and signatures are ideal here: ciphertext is any value, and authentic is what was sealed or
// signed, not what some function accepts.
template <ValueDomain D, class P>
class ContentPrimitives : public RecordPrimitives<D, P> {
 public:
  using Base = RecordPrimitives<D, P>;
  using Base::Base;
  using typename Base::Bool;
  using typename Base::CoreVa;
  using typename Base::LoadIndex;
  using typename Base::Pfn;
  using typename Base::VcpuId;
  using typename Base::VmId;
  using typename Base::Word;

  void clear_phys_page(Pfn pfn) {
    if (s.halt) {
      return;
    }
    frame(pfn.raw);
    for (u64 i = 0; i < kCells; ++i) {
      s.content.contents.write(pfn.raw, Word(i), Word(0));
    }
    s.tstate = Word(1);
  }

  // Page i is the i-th next value of the principal's tape; a page of many cells has a tape for each.
  void fetch_from_doracle(VmId vmid, Pfn pfn, Word pgnum) {
    if (s.halt) {
      return;
    }
    this->V(vmid);
    frame(pfn.raw);
    frame(pgnum, "P: the number of pages is below 2^28");
    frame(pfn.raw + pgnum - Word(1), "P: the last page frame is below 2^28");
    const Word from = s.oracles.data_log.read(vmid.raw, Word(0));
    for (u64 cell = 0; cell < kCells; ++cell) {
      const auto of_page = [values = s.oracles.doracle, tape = vmid.raw + Word(cell << 8),
                            before = from - pfn.raw](Word page) { return values.read(tape, before + page); };
      s.content.contents.write_rows(pfn.raw, pfn.raw + pgnum, Word(cell), of_page);
    }
    s.oracles.data_log.write(vmid.raw, Word(0), from + pgnum);
  }

  // 1: the window shows, at `addr`, all that was signed for the last image announced there.
  Word verify_image(VmId vmid, CoreVa addr) {
    if (s.halt) {
      return Word(0);
    }
    this->V(vmid);
    this->stuck_unless("A: address is inside the IPA space", addr.raw < Word(u64{1} << P::ipa_bits));
    this->L_vm(vmid);
    Word image(5);
    for (u64 i = 0; i < 5; ++i) {
      const Bool here = s.records.vm_remap_addr.read(vmid.raw, Word(i)) == addr.raw;
      const Bool announced = Word(i) < s.records.vm_next_load_info.read(vmid.raw, Word(0));
      image = select(both(here, announced), Word(i), image);
    }
    return bool(image == Word(5)) ? Word(0)
                                  : select(shows_what_was_signed(vmid, image, addr.raw), Word(1), Word(0));
  }

  // The hash of a VM's image: of nothing; of one KiB more; is it the digest in the VM's record?
  void begin_image_hash(VmId vmid) {
    if (!s.halt && own(vmid)) {
      image_hash::begin(s, vmid.raw);
    }
  }
  void add_image_hash(VmId vmid, Pfn pfn, Word at) {
    if (s.halt || !own(vmid)) {
      return;
    }
    frame(pfn.raw);
    const Bool first_half = either(at == Word(0), at == Word(1024));
    this->stuck_unless("the piece is a KiB of the page",
                       either(first_half, either(at == Word(2048), at == Word(3072))));
    image_hash::add(s, vmid.raw, pfn.raw, at);
  }
  Word end_image_hash(VmId vmid, LoadIndex i) {
    if (s.halt || !own(vmid)) {
      return Word(0);
    }
    this->I(i);
    return select(image_hash::is(s, vmid.raw, i.raw), Word(1), Word(0));
  }

  Status encrypt_mem_buf(VmId vmid, Pfn inbuf, Pfn outbuf) {
    if (s.halt) {
      return Status::ok;
    }
    frame(inbuf.raw);
    frame(outbuf.raw, "P: the frame of the sealed page is below 2^28");
    Word version;
    if (const Status status = next(vmid, version); status != Status::ok) {
      return status;
    }
    const Word place = Word(1 << 8) + vmid.raw, item = inbuf.raw, id = (vmid.raw << 48) + version;
    for (u64 i = 0; i < kCells; ++i) {
      const Word cell = item * Word(kCells) + Word(i);
      s.content.sealed_plain.write(place, cell, s.content.contents.read(inbuf.raw, Word(i)));
      s.content.sealed_text.write(place, cell, s.content.cipher.read(id, Word(i)));
    }
    for (u64 i = 0; i < kCells; ++i) {
      s.content.contents.write(outbuf.raw, Word(i), s.content.cipher.read(id, Word(i)));
    }
    seal(place, item, id, version);
    header(vmid.raw * Word(9), 0, 1, 4096, id, version);
    s.tstate = Word(1);
    return Status::ok;
  }
  Status decrypt_mem_buf(VmId vmid, Pfn inbuf) {
    if (s.halt) {
      return Status::ok;
    }
    frame(inbuf.raw);
    const Word place = Word(1 << 8) + vmid.raw, item = inbuf.raw;
    const Status status = examine(vmid, vmid.raw * Word(9), 0, 1, 4096, place, item);
    Bool authentic(true);
    for (u64 i = 0; i < kCells; ++i) {
      const Word cell = item * Word(kCells) + Word(i);
      authentic =
          both(authentic, s.content.contents.read(item, Word(i)) == s.content.sealed_text.read(place, cell));
    }
    if (status != Status::ok || !authentic) {
      return status != Status::ok ? status : Status::denied;
    }
    for (u64 i = 0; i < kCells; ++i) {
      s.content.contents.write(item, Word(i),
                               s.content.sealed_plain.read(place, item * Word(kCells) + Word(i)));
    }
    s.content.version.write(place, item, Word(0));
    s.tstate = Word(1);
    return Status::ok;
  }

  Status encrypt_gp_regs(VmId vmid, VcpuId vcpuid) { return save(vmid, vcpuid, 2, 0, kGeneral); }
  Status encrypt_sys_regs(VmId vmid, VcpuId vcpuid) { return save(vmid, vcpuid, 3, 256, kSystem); }
  Status decrypt_gp_regs(VmId vmid, VcpuId vcpuid) { return restore(vmid, vcpuid, 2, 0, kGeneral); }
  Status decrypt_sys_regs(VmId vmid, VcpuId vcpuid) { return restore(vmid, vcpuid, 3, 256, kSystem); }

 protected:
  using Base::s;

 private:
  bool own(VmId vmid) {  // guards of what only works on a VM's hash
    this->V(vmid);
    this->L_vm(vmid);
    return true;
  }
  static constexpr u64 kCells = kPageCells<D>;

  void frame(Word f, std::string_view guard = "P: the page frame is below 2^28") {
    this->stuck_unless(guard, f < Word(u64{1} << 28));
  }
  static Bool guest(VmId vmid) { return both(vmid.raw != Word(0), vmid.raw < Word(16)); }
  struct Range {
    u64 first, last;
  };
  using Numbers = std::span<const Range>;
  // Calls f(position in the image, register number) for each.
  template <class F>
  static u64 each(Numbers numbers, F f) {
    u64 n = 0;
    for (const Range& range : numbers) {
      for (u64 number = range.first; number <= range.last; ++number) {
        f(n++, number);
      }
    }
    return n;
  }
  // Registers in an image, by number, in this order: x0 to x30, PC, PSTATE, FPSR, FPCR, q0 to q31.
  static constexpr auto kGeneral = std::array<Range, 4>{{{0, 30}, {32, 33}, {85, 86}, {96, 159}}};
  // ELR_EL1, SPSR_EL1, MPIDR_EL1 to MDSCR_EL1, SP_EL0, SP_EL1.
  static constexpr auto kSystem = std::array<Range, 3>{{{35, 36}, {47, 68}, {77, 78}}};

  // A signed image lies whole in the window, every page of it given, and shows what was signed, where it was
  // signed for.
  Bool shows_what_was_signed(VmId vmid, Word i, Word addr) {
    const Word image = vmid.raw * Word(5) + i, size = s.records.vm_load_size.read(vmid.raw, i);
    const Word first = (addr - Word(0x200'0000)) >> 12, pages = ((size - Word(1)) >> 12) + Word(1);
    const Bool inside =
        both(Word(0x200'0000) <= addr, addr < Word(0x400'0000), (addr & Word(0xfff)) == Word(0),
             size != Word(0), size <= Word(0x400'0000) - addr);
    const Bool as_signed =
        both(s.content.signed_image.read(image, Word(1)) == size,
             s.content.signed_image.read(image, Word(0)) == s.records.vm_load_addr.read(vmid.raw, i),
             s.records.vm_mapped_pages.read(vmid.raw, i) == pages);
    if (!both(inside, as_signed)) {
      return Bool(false);
    }
    return s.d->for_all(pages, [&](Word p) {
      const Word frame_plus_one = s.content.window.read(first + p, Word(0));
      Bool same = frame_plus_one != Word(0);
      for (u64 cell = 0; cell < kCells; ++cell) {
        const Word shown = s.content.contents.read(frame_plus_one - Word(1), Word(cell));
        const Word meant = s.content.signed_contents.read(image, p * Word(kCells) + Word(cell));
        same = both(same, ((shown ^ meant) & counted(size, (p << 12) + Word(cell * 8))) == Word(0));
      }
      return same;
    });
  }
  // The bits of the word at `offset` that belong to an image of `size` bytes. A page of one cell counts
  // whole.
  static Word counted(Word size, Word offset) {
    if constexpr (D::symbolic) {
      return Word(~u64{0});
    } else {
      const u64 left = size > offset ? size - offset : 0;
      return left >= 8 ? ~u64{0} : (u64{1} << left * 8) - 1;
    }
  }

  // The version of a VM's next seal; a version is never given twice, and they end.
  Status next(VmId vmid, Word& version) {
    if (!guest(vmid)) {
      return Status::invalid_parameter;
    }
    version = s.content.next_version.read(vmid.raw, Word(0));
    if (version >= Word(u64{1} << 48)) {
      return Status::no_memory;
    }
    s.content.next_version.write(vmid.raw, Word(0), version + Word(1));
    return Status::ok;
  }
  void seal(Word place, Word item, Word id, Word version) {
    s.content.version.write(place, item, version);
    for (u64 half = 0; half < 2; ++half) {
      const Word tag = s.content.cipher_tag.read(id, Word(half));
      s.content.sealed_tag.write(place, item * Word(2) + Word(half), tag);
    }
  }
  void header(Word page, u64 at, u64 kind, u64 bytes, Word id, Word version) {
    auto& box = s.content.mailbox;
    box.write(page, Word(at), Word(SEAL_FORMAT * 256 + kind));
    box.write(page, Word(at + 1), Word(bytes));
    box.write(page, Word(at + 2), version);
    box.write(page, Word(at + 3), s.content.cipher_tag.read(id, Word(0)));
    box.write(page, Word(at + 4), s.content.cipher_tag.read(id, Word(1)));
  }
  // Does the header belong to the newest seal of the place?
  Status examine(VmId vmid, Word page, u64 at, u64 kind, u64 bytes, Word place, Word item) {
    auto& box = s.content.mailbox;
    if (!guest(vmid)) {
      return Status::invalid_parameter;
    }
    const Bool form = both(box.read(page, Word(at)) == Word(SEAL_FORMAT * 256 + kind),
                           box.read(page, Word(at + 1)) == Word(bytes));
    if (!form) {
      return Status::invalid_parameter;
    }
    const Word newest = s.content.version.read(place, item);
    const Bool current = both(newest != Word(0), box.read(page, Word(at + 2)) == newest);
    const Bool tag =
        both(box.read(page, Word(at + 3)) == s.content.sealed_tag.read(place, item * Word(2)),
             box.read(page, Word(at + 4)) == s.content.sealed_tag.read(place, item * Word(2) + Word(1)));
    return bool(both(current, tag)) ? Status::ok : Status::denied;
  }

  Status save(VmId vmid, VcpuId vcpuid, u64 kind, u64 at, Numbers numbers) {
    if (s.halt) {
      return Status::ok;
    }
    if (vcpuid.raw >= Word(8)) {
      return Status::invalid_parameter;
    }
    Word version;
    if (const Status status = next(vmid, version); status != Status::ok) {
      return status;
    }
    const Word context = vmid.raw * Word(8) + vcpuid.raw, place = Word(kind << 8) + context;
    const Word page = vmid.raw * Word(9) + Word(1) + vcpuid.raw, id = (vmid.raw << 48) + version;
    const u64 count = each(numbers, [&](u64 i, u64 number) {
      s.content.sealed_plain.write(place, Word(i), s.cpu.shadow.read(context, Word(number)));
      s.content.sealed_text.write(place, Word(i), s.content.cipher.read(id, Word(i)));
      s.content.mailbox.write(page, Word(at + 8 + i), s.content.cipher.read(id, Word(i)));
    });
    seal(place, Word(0), id, version);
    header(page, at, kind, count * 8, id, version);
    return Status::ok;
  }
  Status restore(VmId vmid, VcpuId vcpuid, u64 kind, u64 at, Numbers numbers) {
    if (s.halt) {
      return Status::ok;
    }
    this->V(vmid);
    this->C(vcpuid);
    const Word context = vmid.raw * Word(8) + vcpuid.raw, place = Word(kind << 8) + context;
    const Word page = vmid.raw * Word(9) + Word(1) + vcpuid.raw;
    Bool authentic(true);
    const u64 count = each(numbers, [&](u64 i, u64) {
      const Word given = s.content.mailbox.read(page, Word(at + 8 + i));
      authentic = both(authentic, given == s.content.sealed_text.read(place, Word(i)));
    });
    const Status status = examine(vmid, page, at, kind, count * 8, place, Word(0));
    if (status != Status::ok || !authentic) {
      return status != Status::ok ? status : Status::denied;
    }
    each(numbers, [&](u64 i, u64 number) {
      s.cpu.shadow.write(context, Word(number), s.content.sealed_plain.read(place, Word(i)));
    });
    s.content.version.write(place, Word(0), Word(0));
    return Status::ok;
  }
};

}  // namespace redoubt::spec
