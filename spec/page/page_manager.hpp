// SPDX-License-Identifier: BSD-3-Clause
// Specification of layers 13 to 15, MemRegion, PageIndex and PageManager (upper digest 1.1).
#pragma once
#include "spec/npt/npt_ops.hpp"

namespace redoubt::spec {

template <ValueDomain D, class P>
class MemRegion : public NptOps<D, P> {
 public:
  using Base = NptOps<D, P>;
  using Base::Base;
  using typename Base::Pa;
  using typename Base::Word;

  // The region that contains `addr`: the last one if several did, INVALID if none does.
  Word mem_region_search(Pa addr) {
    const Word n = s.region_cnt;
    const Word last = s.d->find_last(n, [&](Word i) {
      const Word base = s.regions.read(i, Word(MB_BASE));
      const Word size = s.regions.read(i, Word(MB_SIZE));
      const Word after(this->wrong(Mutant::region_end_inclusive) ? 1 : 0);
      return both(base <= addr.raw, addr.raw - base < size + after);
    });
    return select(last == n, Word(INVALID), last);
  }

 protected:
  using Base::s;
};

template <ValueDomain D, class P>
class PageIndexLayer : public MemRegion<D, P> {
 public:
  using Base = MemRegion<D, P>;
  using Base::Base;
  using typename Base::Pa;
  using typename Base::Word;

  Word get_s2_page_index(Pa addr) {
    const Word region = this->mem_region_search(addr);
    const Word first = s.regions.read(region, Word(MB_INDEX));
    const Word offset = (addr.raw - s.regions.read(region, Word(MB_BASE))) >>
                        (this->wrong(Mutant::index_of_two_pages) ? 13 : 12);
    const auto none = either(region == Word(INVALID), first == Word(INVALID64));
    return select(none, Word(INVALID64), first + offset);
  }

 protected:
  using Base::s;
};

// Stuck: L(s2page), and values that a page cannot have. A frame without an entry reads as a device and is not
// written.
template <ValueDomain D, class P>
class PageManager : public PageIndexLayer<D, P> {
 public:
  using Base = PageIndexLayer<D, P>;
  using Base::Base;
  using typename Base::Bool;
  using typename Base::Pfn;
  using typename Base::VmId;
  using typename Base::Word;
  using Map = typename D::Map;

  Word get_pfn_owner(Pfn pfn) { return get(s.s2_owner, pfn, Word(INVALID)); }
  Word get_pfn_count(Pfn pfn) { return get(s.s2_count, pfn, Word(0)); }
  Word get_pfn_dma(Pfn pfn) { return get(s.s2_dma, pfn, Word(0)); }
  Word get_pfn_map(Pfn pfn) { return get(s.s2_gfn, pfn, Word(INVALID64)); }

  void set_pfn_owner(Pfn pfn, Word owner) {
    set(s.s2_owner, pfn, owner, either(owner <= Word(COREVISOR), owner == Word(INVALID)));
  }
  void set_pfn_count(Pfn pfn, Word count) { set(s.s2_count, pfn, count, count <= Word(1)); }
  void set_pfn_dma(Pfn pfn, Word dma) { set(s.s2_dma, pfn, dma, dma <= Word(1)); }
  void set_pfn_map(Pfn pfn, Word gfn) {
    set(s.s2_gfn, pfn, gfn, either(gfn < Word(u64{1} << 36), gfn == Word(INVALID64)));
  }

  // Every frame of the run has an entry, all in one run of entries; the VM owns each and sees it at its
  // place.
  Bool is_vm_run(VmId vmid, Gfn<Word> gfn, Pfn first, Word pages) {
    if (s.halt) {
      return Bool(false);
    }
    this->L_s2page();
    const Word begin = index(first), end = index(first + (pages - Word(1)));
    if (either(begin == Word(INVALID64), end != begin + pages - Word(1))) {
      return Bool(false);
    }
    return s.d->for_all(pages, [&](Word i) {
      return both(s.s2_owner.read(begin + i, Word(0)) == vmid.raw,
                  s.s2_gfn.read(begin + i, Word(0)) == gfn.raw + i);
    });
  }

  // Every one of the 512 frames has an entry in one run of entries, and the host owns it.
  Bool is_host_block(Pfn first) {
    if (s.halt) {
      return Bool(false);
    }
    this->L_s2page();
    const Word begin = index(first);
    const Word end = index(first + Word(PMD_PAGE_NUM - 1));
    if (either(begin == Word(INVALID64), end != begin + Word(PMD_PAGE_NUM - 1))) {
      return Bool(false);
    }
    return s.d->for_all(Word(PMD_PAGE_NUM),
                        [&](Word i) { return s.s2_owner.read(begin + i, Word(0)) == Word(HOSTVISOR); });
  }

 protected:
  using Base::s;

 private:
  Word index(Pfn pfn) { return this->get_s2_page_index(redoubt::Pa<Word>(pfn.raw << 12)); }
  Word get(Map& field, Pfn pfn, Word otherwise) {
    if (s.halt) {
      return Word(0);
    }
    this->L_s2page();
    const Word i = index(pfn);
    if (i == Word(INVALID64)) {
      return otherwise;
    }
    return field.read(i, Word(0));
  }
  void set(Map& field, Pfn pfn, Word value, Bool allowed) {
    if (s.halt) {
      return;
    }
    this->L_s2page();
    const Word i = index(pfn);
    if (i == Word(INVALID64)) {
      return;
    }
    this->stuck_unless("a value that a page can have", allowed);
    field.write(i, Word(0), value);
  }
};

}  // namespace redoubt::spec
