// SPDX-License-Identifier: BSD-3-Clause
// Specification of layer 5, PTAlloc (digest 5.5).
#pragma once
#include "spec/machine/state.hpp"
#include "spec/npt/layout.hpp"

namespace redoubt::spec {

template <ValueDomain D, class P>
class PtAlloc : public Layer<D, P> {
 public:
  using Base = Layer<D, P>;
  using Base::Base;
  using typename Base::Bool;
  using typename Base::Descriptor;
  using typename Base::Pa;
  using typename Base::VmId;
  using typename Base::Word;

  Pa alloc_pgd_page(VmId vmid) { return take(vmid, Zone::pgd); }
  Pa alloc_pud_page(VmId vmid) { return take(vmid, Zone::pud); }
  Pa alloc_pmd_page(VmId vmid) { return take(vmid, Zone::pmd); }

  Bool can_alloc_pgd_page(VmId vmid) { return room(vmid, Zone::pgd); }
  Bool can_alloc_pud_page(VmId vmid) { return room(vmid, Zone::pud); }
  Bool can_alloc_pmd_page(VmId vmid) { return room(vmid, Zone::pmd); }

 protected:
  using Base::s;
  struct ZoneBounds {
    Word from, to;
  };
  ZoneBounds zone(VmId vmid, Zone z) {
    const Bounds<Word> b = bounds<P>(s.pool_base, vmid.raw);
    if (z == Zone::pgd) {
      return {b.pgd, b.pud};
    }
    return z == Zone::pud ? ZoneBounds{b.pud, b.pmd} : ZoneBounds{b.pmd, b.end};
  }
  Word next(VmId vmid, Zone z) { return s.pt_next.read(vmid.raw, Word(static_cast<u64>(z))); }
  void bump_in_zone(VmId vmid, Zone z) {
    const ZoneBounds b = zone(vmid, z);
    const Word n = next(vmid, z);
    this->stuck_unless("bump pointer is in its zone", both(b.from <= n, n <= b.to));
  }

 private:
  Pa take(VmId vmid, Zone z) {
    this->V(vmid);
    if (s.halt) {
      return Pa(Word(0));
    }
    this->L_pt(vmid);
    bump_in_zone(vmid, z);
    const Word page = next(vmid, z);
    const Word need(this->wrong(Mutant::alloc_beyond_zone) ? 0 : PAGE_SIZE);
    if (zone(vmid, z).to < page + need) {
      this->stop();
      return Pa(Word(0));
    }
    s.pt_next.write(vmid.raw, Word(static_cast<u64>(z)), page + Word(PAGE_SIZE));
    return Pa(page);
  }

  Bool room(VmId vmid, Zone z) {
    this->V(vmid);
    if (s.halt) {
      return Bool(false);
    }
    this->L_pt(vmid);
    const Word need(this->wrong(Mutant::room_of_one_more) ? 2 * PAGE_SIZE : PAGE_SIZE);
    return next(vmid, z) + need <= zone(vmid, z).to;
  }
};

}  // namespace redoubt::spec
