// SPDX-License-Identifier: BSD-3-Clause
// Layer 20, BootAux: hashing a boot image a piece a call, page by page as the VM sees it (upper digest 1.5).
#pragma once
#include "core/machine/constants.hpp"
#include "core/machine/fault.hpp"
#include "core/machine/hash_machine.hpp"
#include "core/machine/types.hpp"
#include "core/vm/vm_state.hpp"

namespace redoubt {

// Bytes that one call hashes.
inline constexpr u64 HASH_STEP = 2 * HASH_PIECE;
static_assert(PAGE_SIZE % HASH_STEP == 0);

// Images are loaded when their pages are given (remap_vm_image), so the digest's unmap_and_load_vm_image is
// replaced (R21): the pages that are hashed are those that the VM's table maps.
template <class Lower>
class BootAux : public Lower {
 public:
  using Lower::Lower;
  using typename Lower::Ipa;
  using typename Lower::LoadIndex;
  using typename Lower::Pfn;
  using typename Lower::VmId;
  using typename Lower::Word;

  // Pages of an image, the last one padded with zeros. Stuck: V, I, L(vm v).
  Word get_image_pages(VmId vmid, LoadIndex load_idx) {
    const Word size = this->get_vm_load_size(vmid, load_idx);
    const Word partial = select((size & Word(PAGE_SIZE - 1)) == Word(0), Word(0), Word(1));
    return (size >> PAGE_SHIFT) + partial;
  }

  // Hashes the HASH_STEP bytes of the image from byte `done` on, a multiple of HASH_STEP; a new hash at byte
  // 0. denied: the VM's table maps no page there. Redoubt's own. Stuck: V, I, L(vm v). Locks: takes pt(v).
  Status hash_image_step(VmId vmid, LoadIndex load_idx, Word done) {
    const Ipa addr = this->get_vm_load_addr(vmid, load_idx) + done;
    if (addr.raw >= Word(u64{1} << Lower::Params::ipa_bits)) {
      return Status::denied;
    }
    const Word pfn = this->walk_to_pfn(vmid, addr);
    if (pfn == Word(INVALID64)) {
      return Status::denied;
    }
    if (done == Word(0)) {
      this->begin_image_hash(vmid);
    }
    const Word at = done & Word(PAGE_SIZE - 1);
    this->add_image_hash(vmid, Pfn(pfn), at);
    if (!Lower::seeded(Fault::half_of_image_hashed)) {
      this->add_image_hash(vmid, Pfn(pfn), at + Word(HASH_PIECE));
    }
    return Status::ok;
  }
};

}  // namespace redoubt
