// SPDX-License-Identifier: BSD-3-Clause
// Specification of layer 8, NPTOps (digest 5.8, R5, R6): one critical section each, and what it must
// invalidate.
#pragma once
#include "spec/lock/locks.hpp"
#include "spec/npt/npt_walk.hpp"

namespace redoubt::spec {

// `updates` of the state lists, for the newest critical section, the maintenance that must follow the leaf
// store: a new mapping is ordered before the principal runs; a broken one is gone from every TLB before the
// lock is released.
template <ValueDomain D, class P>
class NptOps : public Locks<D, P, NptWalk<D, P>> {
 public:
  using Base = Locks<D, P, NptWalk<D, P>>;
  using Base::Base;
  using typename Base::Bool;
  using typename Base::Descriptor;
  using typename Base::Ipa;
  using typename Base::Pfn;
  using typename Base::VmId;
  using typename Base::Word;

  Level get_level_s2pt(VmId vmid, Ipa addr) {
    return section(vmid, [&] { return this->get_npt_level(vmid, addr); });
  }
  Descriptor walk_s2pt(VmId vmid, Ipa addr) {
    return section(vmid, [&] { return this->walk_npt(vmid, addr); });
  }
  void map_s2pt(VmId vmid, Ipa addr, Level level, Descriptor pte) {
    section(vmid, [&] {
      if (!s.halt) {
        this->stuck_unless(
            "a live leaf is broken before another is made (R6)",
            either(replaceable(vmid, addr, pte), Bool(this->wrong(Mutant::live_leaf_replaced))));
      }
      this->set_npt(vmid, addr, level, pte);
      step(Step::dsb_ishst);
      return 0;
    });
  }

  Status try_map_s2pt(VmId vmid, Ipa addr, Level level, Descriptor pte) {
    this->V(vmid);
    if (level == Level::none) {
      return Status::invalid_parameter;
    }
    const bool block = level == Level::block;
    const Word unit = Word(block ? PMD_SIZE : PAGE_SIZE);
    const Bool type = (pte.raw & Word(3)) == Word(block ? 1 : 3);
    const Bool in = both(addr.raw < Word(u64{1} << P::ipa_bits), (addr.raw & (unit - Word(1))) == Word(0));
    const Bool out = (frame_of(pte.raw) & (unit - Word(1))) == Word(0);
    if (!both(type, in, out)) {
      return Status::invalid_parameter;
    }
    return section(vmid, [&] {
      const Status status = this->try_set_npt(vmid, addr, level, pte);
      step(Step::dsb_ishst);
      return status;
    });
  }

  void init_s2pt(VmId vmid) {
    section(vmid, [&] {
      this->init_npt(vmid);
      step(Step::dsb_ishst);
      return 0;
    });
  }

  // Afterwards the principal's tables are as at boot, and nothing of its VMID is in a TLB.
  void reset_s2pt(VmId vmid) {
    section(vmid, [&] {
      this->reset_npt(vmid);
      step(Step::dsb_ishst);
      step(Step::tlbi_vmalls12e1is, vmid);
      step(Step::dsb_ish);
      step(Step::isb);
      return 0;
    });
  }

  Status drop_block_s2pt(VmId vmid, Ipa addr) { return take_away(vmid, addr, Level::block); }
  Status unmap_s2pt(VmId vmid, Ipa addr) { return take_away(vmid, addr, Level::page); }

  // Afterwards no translation of the host leads to the frame: a block around it is gone, a page is marked.
  void clear_pfn_host(Pfn pfn) {
    const VmId host{Word(HOSTVISOR)};
    const Ipa addr(pfn.raw << 12);
    if (take_away(host, addr, Level::block) == Status::ok) {
      return;
    }
    section(host, [&] {
      if (this->get_npt_level(host, addr) == Level::none) {
        return 0;
      }
      this->set_npt(host, addr, Level::page, Descriptor(Word(PAGE_GUEST)));
      page_gone(host, addr);
      return 0;
    });
  }

 protected:
  using Base::s;

 private:
  template <class Body>
  auto section(VmId vmid, Body body) {
    this->V(vmid);
    this->acquire_lock_pt(vmid);
    const auto result = body();
    this->release_lock_pt(vmid);
    return result;
  }

  Status take_away(VmId vmid, Ipa addr, Level wanted) {
    this->V(vmid);
    if (addr.raw >= Word(u64{1} << P::ipa_bits)) {
      return Status::invalid_parameter;
    }
    return section(vmid, [&] {
      const Level found = this->get_npt_level(vmid, addr);
      if (found != wanted) {
        const bool block = found == Level::block && !this->wrong(Mutant::block_is_not_found);
        return block ? Status::exists : Status::not_found;
      }
      this->clear_npt(vmid, addr);
      if (wanted == Level::block) {
        step(Step::dsb_ishst);
        if (this->wrong(Mutant::block_gone_by_ipa)) {
          step(Step::tlbi_ipas2e1is, vmid, addr.raw);
        } else {
          step(Step::tlbi_vmalls12e1is, vmid);
        }
        step(Step::dsb_ish);
        step(Step::isb);
      } else {
        page_gone(vmid, addr);
      }
      return Status::ok;
    });
  }

  // Nothing valid is there, or the same. V and A hold where it counts: set_npt asks for them.
  Bool replaceable(VmId vmid, Ipa addr, Descriptor pte) {
    const Word old = this->leaf(vmid, addr);
    return either((old & Word(1)) == Word(0), old == pte.raw);
  }

  void page_gone(VmId vmid, Ipa addr) {
    step(Step::dsb_ishst);
    if (!this->wrong(Mutant::page_gone_no_ipa)) {
      step(Step::tlbi_ipas2e1is, vmid, addr.raw);
    }
    step(Step::dsb_ish);
    step(Step::tlbi_vmalle1is, vmid);
    step(Step::dsb_ish);
    step(Step::isb);
  }
  void step(Step kind, VmId vmid = VmId(Word(0)), Word at = Word(0)) {
    if (s.halt) {
      return;
    }
    s.updates.add({0, vmid.raw, at, Word(0), s.epoch, kind});
    if (kind == Step::dsb_ishst || kind == Step::dsb_ish) {
      ++s.epoch;
    }
  }
};

}  // namespace redoubt::spec
