// SPDX-License-Identifier: BSD-3-Clause
// Layer 16, MemManager: the page-ownership state machine (upper digest 1.2). So far: what the host may map.
#pragma once
#include "core/machine/constants.hpp"
#include "core/machine/fault.hpp"
#include "core/machine/types.hpp"

namespace redoubt {

//   page                       host may map it
//   host's own                 yes, normal memory; as a block where the host owns all 512 frames
//   a VM's, shared             yes, normal memory, 4 KiB
//   a VM's, private; core's    no
//   not RAM, listed window     yes, device; as a block where the window covers it
//   not RAM, not listed        no (R11)
//
//   INV-PAGE-5  the host's table is an identity map: a mapped frame has gfn = pfn
//   INV-PAGE-6  the host's table maps a frame only if the row above says yes
//   INV-PAGE-8  a listed window holds no frame with an ownership entry
template <class Lower>
class MemManager : public Lower {
 public:
  using Lower::Lower;
  using typename Lower::Descriptor;
  using typename Lower::Ipa;
  using typename Lower::Params;
  using typename Lower::Pfn;
  using typename Lower::VmId;
  using typename Lower::Word;

  // Answers a stage-2 fault of the host at `addr`: identity-maps the page, or the whole block around it.
  // ok: mapped now; unchanged: was mapped. denied: not the host's. invalid_parameter: outside the IPA space.
  // Locks: takes s2page, inside it pt(0). At most 512 ownership entries are read.
  Status map_page_host(Ipa addr) {
    if (addr.raw >= Word(u64{1} << Params::ipa_bits)) {
      return Status::invalid_parameter;
    }
    if (!Lower::seeded(Fault::host_map_without_lock)) {
      this->acquire_lock_s2page();
    }
    const Status status = map_owned(Pfn(addr.raw >> PAGE_SHIFT));
    if (!Lower::seeded(Fault::host_map_without_lock)) {
      this->release_lock_s2page();
    }
    return status;
  }

 private:
  Status map_owned(Pfn pfn) {
    const Pfn block(pfn.raw & Word(~(PMD_PAGE_NUM - 1)));
    const Word owner = this->get_pfn_owner(pfn);
    if (owner == Word(HOSTVISOR)) {
      return map_identity(pfn, block, bool(this->is_host_block(block)), PAGE_S2_KERNEL);
    }
    if (owner == Word(INVALID)) {
      if (!Lower::seeded(Fault::unlisted_device_mapped) && !this->is_host_device(pfn, Word(1))) {
        return Status::denied;
      }
      const bool whole = Lower::seeded(Fault::device_block_unchecked) ||
                         bool(this->is_host_device(block, Word(PMD_PAGE_NUM)));
      return map_identity(pfn, block, whole,
                          Lower::seeded(Fault::device_as_memory) ? PAGE_S2_KERNEL : PAGE_S2_HOST_DEVICE);
    }
    if (!Lower::seeded(Fault::private_page_mapped) && this->get_pfn_count(pfn) == Word(0)) {
      return Status::denied;
    }
    return map_identity(pfn, block, false, PAGE_S2_KERNEL);
  }

  // A block if allowed and nothing finer is there yet, else the page.
  Status map_identity(Pfn pfn, Pfn block, bool whole, u64 attributes) {
    const VmId host{Word(HOSTVISOR)};
    if (whole) {
      const Word base = block.raw << PAGE_SHIFT;
      const Descriptor leaf(base | Word(attributes & ~PMD_TABLE_BIT));
      const Status status = this->try_map_s2pt(host, Ipa(base), Level::block, leaf);
      if (succeeded(status)) {
        return status;
      }
    }
    const Word page = pfn.raw << PAGE_SHIFT;
    return this->try_map_s2pt(host, Ipa(page), Level::page, Descriptor(page | Word(attributes)));
  }
};

}  // namespace redoubt
