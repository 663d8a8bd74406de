// SPDX-License-Identifier: BSD-3-Clause
// Specification of layer 12, MmioSPTOps (digest 5.12, 6.6): one critical section each, and what it must
// invalidate.
#pragma once
#include "spec/lock/locks.hpp"
#include "spec/spt/mmio_spt_walk.hpp"

namespace redoubt::spec {

// `updates` lists, for the newest critical section, the maintenance: what was stored is visible to SMMUs,
// what was taken away is gone from them, before the lock is released; and before a bank's pages are given
// back.
template <ValueDomain D, class P>
class MmioSptOps : public Locks<D, P, MmioSptWalk<D, P>> {
 public:
  using Base = Locks<D, P, MmioSptWalk<D, P>>;
  using Base::Base;
  using typename Base::Bool;
  using typename Base::ContextBank;
  using typename Base::Descriptor;
  using typename Base::Iova;
  using typename Base::Pfn;
  using typename Base::SmmuIndex;
  using typename Base::Word;

  void init_spt(ContextBank cbndx, SmmuIndex index) {
    this->SB(cbndx, index);
    section([&] {
      this->clear_smmu_pt(cbndx, index);
      this->dsb_st();
      this->smmu_tlbi_bank(cbndx, index);
      this->smmu_tlb_sync(cbndx, index);
      this->reclaim_smmu_pt(cbndx, index);
      return 0;
    });
  }

  Descriptor walk_spt(ContextBank cbndx, SmmuIndex index, Iova addr) {
    return section([&] { return this->walk_smmu_pt(cbndx, index, addr); });
  }

  // Of the 16 banks.
  Bool is_mapped_spt(Iova addr, Pfn pfn) {
    if (addr.raw >= Word(u64{1} << 40)) {
      return Bool(false);
    }
    return section([&] {
      Bool some(false);
      for (u64 bank = 0; bank < 16; ++bank) {
        const Word entry = this->leaf(Word(bank), addr);
        const Bool there = both((entry & Word(1)) == Word(1), frame_of(entry) >> 12 == pfn.raw);
        some = either(some, there);
      }
      return some;
    });
  }

  void map_spt(ContextBank cbndx, SmmuIndex index, Iova addr, Descriptor pte) {
    this->stuck_unless("the leaf is valid", (pte.raw & Word(1)) == Word(1));
    section([&] {
      this->set_smmu_pt(cbndx, index, addr, pte);
      if (!s.halt) {
        this->dsb_st();
      }
      return 0;
    });
  }

  Descriptor unmap_spt(ContextBank cbndx, SmmuIndex index, Iova addr) {
    return section([&] {
      const Descriptor old = this->walk_smmu_pt(cbndx, index, addr);
      if (old.raw != Word(0)) {
        this->set_smmu_pt(cbndx, index, addr, Descriptor(Word(0)));
        this->dsb_st();
        this->smmu_tlbi_iova(cbndx, index, addr);
        this->smmu_tlb_sync(cbndx, index);
      }
      return old;
    });
  }

  Status try_map_spt(ContextBank cbndx, SmmuIndex index, Iova addr, Descriptor pte) {
    if (!exists(cbndx, index) || !page_address(addr) || (pte.raw & Word(0x703)) != Word(0x703)) {
      return Status::invalid_parameter;
    }
    return section([&] {
      const Status status = this->try_set_smmu_pt(cbndx, index, addr, pte);
      this->dsb_st();
      return status;
    });
  }

  Status try_unmap_spt(ContextBank cbndx, SmmuIndex index, Iova addr) {
    if (!exists(cbndx, index) || !page_address(addr)) {
      return Status::invalid_parameter;
    }
    return unmap_spt(cbndx, index, addr).raw == Word(0) ? Status::not_found : Status::ok;
  }

  Status try_init_spt(ContextBank cbndx, SmmuIndex index) {
    if (!exists(cbndx, index)) {
      return Status::invalid_parameter;
    }
    init_spt(cbndx, index);
    return Status::ok;
  }

  // Page, access flag, inner shareable (W14), S2AP, MemAttr, never executable.
  static Descriptor spt_leaf(Pfn pfn, u64 s2ap, u64 mem_attr) {
    return Descriptor((pfn.raw << 12) + Word(0x0040'0000'0000'0703 + (s2ap << 6) + (mem_attr << 2)));
  }

 protected:
  using Base::s;

 private:
  template <class Body>
  auto section(Body body) {
    this->acquire_lock_spt();
    const auto result = body();
    this->release_lock_spt();
    return result;
  }
  bool exists(ContextBank cbndx, SmmuIndex index) {
    if (index.raw >= Word(2) || cbndx.raw >= Word(8) || index.raw >= s.smmu.smmu_num) {
      return false;
    }
    return bool(cbndx.raw < s.smmu.smmu_conf.read(index.raw, Word(SMMU_CONF_BANKS)));
  }
  static bool page_address(Iova addr) {
    return bool(both(addr.raw < Word(u64{1} << 40), (addr.raw & Word(4095)) == Word(0)));
  }
};

}  // namespace redoubt::spec
