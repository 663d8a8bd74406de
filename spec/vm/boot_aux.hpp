// SPDX-License-Identifier: BSD-3-Clause
// Specification of layer 20, BootAux: an image is hashed as its VM sees it (upper digest 1.5, R18, R21).
#pragma once
#include "spec/machine/guest_primitives.hpp"
#include "spec/machine/image_hash.hpp"
#include "spec/vm/boot_core.hpp"

namespace redoubt::spec {

template <ValueDomain D, class P>
class BootAux : public GuestPrimitives<D, P, BootCore<D, P>> {
 public:
  using Base = GuestPrimitives<D, P, BootCore<D, P>>;
  using Base::Base;
  using typename Base::Bool;
  using typename Base::Ipa;
  using typename Base::VmId;
  using typename Base::Word;
  using LoadIndex = redoubt::LoadIndex<Word>;

  Word get_image_pages(VmId vmid, LoadIndex i) { return image_of(vmid, i) ? pages_of(vmid, i) : Word(0); }

  // The 2 KiB at the image's guest address + `done`, through the VM's table, follow what was hashed.
  Status hash_image_step(VmId vmid, LoadIndex i, Word done) {
    if (!image_of(vmid, i)) {
      return Status::ok;
    }
    const Ipa at(s.records.vm_load_addr.read(vmid.raw, i.raw) + done);
    if (at.raw >= Word(u64{1} << P::ipa_bits)) {
      return Status::denied;
    }
    const Word frame = this->walk_to_pfn(vmid, at);
    if (frame == Word(INVALID64)) {
      return Status::denied;
    }
    const Word first = done & Word(0xfff);
    this->stuck_unless("the piece is a KiB of the page",
                       both((first & Word(1023)) == Word(0), first <= Word(2048)));
    this->stuck_unless("P: the page frame is below 2^28", frame < Word(u64{1} << 28));
    if (done == Word(0)) {
      image_hash::begin(s, vmid.raw);
    }
    image_hash::add(s, vmid.raw, frame, first);
    image_hash::add(s, vmid.raw, frame, first + Word(1024));
    return Status::ok;
  }

 protected:
  using Base::s;

  Word pages_of(VmId vmid, LoadIndex i) {
    const Word bytes = s.records.vm_load_size.read(vmid.raw, i.raw);
    return select(bytes == Word(0), Word(0), ((bytes - Word(1)) >> 12) + Word(1));
  }

 private:
  bool image_of(VmId vmid, LoadIndex i) {
    if (s.halt) {
      return false;
    }
    this->stuck_unless("I: load_idx is below 5", i.raw < Word(5));
    this->V(vmid);
    this->stuck_unless("L: vm lock is held", s.holds(vmid.raw + Word(INFO_ID)));
    return true;
  }
};

}  // namespace redoubt::spec
