// SPDX-License-Identifier: BSD-3-Clause
// Layer 15, PageManager: owner, share count and guest frame of any page frame (upper digest 1.1).
#pragma once
#include "core/machine/constants.hpp"
#include "core/machine/fault.hpp"

namespace redoubt {

// All under s2page. A frame without an entry reads as a device (owner INVALID, count 0, no guest frame) and
// cannot be written.
template <class Lower>
class PageManager : public Lower {
 public:
  using Lower::Lower;
  using typename Lower::Bool;
  using typename Lower::Pa;
  using typename Lower::PageIndex;
  using typename Lower::Pfn;
  using typename Lower::VmId;
  using typename Lower::Word;
  using Gfn = redoubt::Gfn<Word>;

  // Principal that owns the frame, or INVALID.
  Word get_pfn_owner(Pfn pfn) {
    const Word index = index_of(pfn);
    if (index == Word(INVALID64)) {
      return Word(Lower::seeded(Fault::unowned_is_host) ? HOSTVISOR : INVALID);
    }
    return this->check(get_s2_page_vmid(PageIndex(index)));
  }
  void set_pfn_owner(Pfn pfn, Word owner) {
    const Word index = index_of(pfn);
    if (index != Word(INVALID64)) {
      set_s2_page_vmid(PageIndex(index), owner);
    }
  }

  // Sharers besides the owner, 0 or 1 (R9).
  Word get_pfn_count(Pfn pfn) {
    const Word index = index_of(pfn);
    if (index == Word(INVALID64)) {
      return Word(0);
    }
    return this->check(get_s2_page_count(PageIndex(index)));
  }
  void set_pfn_count(Pfn pfn, Word count) {
    const Word index = index_of(pfn);
    if (index != Word(INVALID64)) {
      if (Lower::seeded(Fault::count_sets_owner)) {
        return set_s2_page_vmid(PageIndex(index), count);
      }
      set_s2_page_count(PageIndex(index), count);
    }
  }

  // 1: the page is one for devices (R9). Redoubt's own.
  Word get_pfn_dma(Pfn pfn) {
    const Word index = index_of(pfn);
    if (index == Word(INVALID64)) {
      return Word(0);
    }
    return this->check(get_s2_page_dma(PageIndex(index)));
  }
  void set_pfn_dma(Pfn pfn, Word dma) {
    const Word index = index_of(pfn);
    if (index != Word(INVALID64)) {
      set_s2_page_dma(PageIndex(index), dma);
    }
  }

  // Guest frame at which the owner sees the page, or INVALID64.
  Word get_pfn_map(Pfn pfn) {
    const Word index = index_of(pfn);
    if (index == Word(INVALID64)) {
      return index;
    }
    return this->check64(get_s2_page_gfn(PageIndex(index)));
  }
  void set_pfn_map(Pfn pfn, Word gfn) {
    const Word index = index_of(pfn);
    if (index != Word(INVALID64)) {
      set_s2_page_gfn(PageIndex(index), gfn);
    }
  }

  // Does the host own all 512 frames of the block that starts at `first`? Redoubt's own: lets the host have
  // blocks.
  Bool is_host_block(Pfn first) {
    const Word begin = index_of(first);
    const Word last = index_of(first + Word(PMD_PAGE_NUM - 1));
    if (begin == Word(INVALID64) || last != begin + Word(PMD_PAGE_NUM - 1)) {
      return Bool(false);
    }
    return this->for_all(Word(Lower::seeded(Fault::host_block_511) ? PMD_PAGE_NUM - 1 : PMD_PAGE_NUM),
                         [&](Word i) { return get_s2_page_vmid(PageIndex(begin + i)) == Word(HOSTVISOR); });
  }

  // Does the VM own the `pages` frames from `first`, and does it see them from `gfn` on? At most 512.
  // Redoubt's own: nothing else is ever mapped into a VM.
  Bool is_vm_run(VmId vmid, Gfn gfn, Pfn first, Word pages) {
    const Word begin = index_of(first), more = pages - Word(1);
    const Word last = index_of(first + more);
    if (begin == Word(INVALID64) || last != begin + more) {
      return Bool(false);
    }
    return this->for_all(pages, [&](Word i) {
      const PageIndex page(begin + i);
      const Bool any = Bool(Lower::seeded(Fault::run_ignores_frames));
      const Bool seen = either(any, get_s2_page_gfn(page) == gfn.raw + i);
      return both(get_s2_page_vmid(page) == vmid.raw, seen);
    });
  }

 private:
  Word index_of(Pfn pfn) { return get_s2_page_index(Pa(pfn.raw << PAGE_SHIFT)); }

  // hidden from here up
  using Lower::get_s2_page_count;
  using Lower::get_s2_page_dma;
  using Lower::get_s2_page_gfn;
  using Lower::get_s2_page_index;
  using Lower::get_s2_page_vmid;
  using Lower::set_s2_page_count;
  using Lower::set_s2_page_dma;
  using Lower::set_s2_page_gfn;
  using Lower::set_s2_page_vmid;
};

}  // namespace redoubt
