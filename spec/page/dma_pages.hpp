// SPDX-License-Identifier: BSD-3-Clause
// Specification of MemManager's part about devices (upper digest 1.2, R9): which page a bank of an SMMU may
// map, and where.
#pragma once
#include "spec/page/page_manager.hpp"
#include "spec/spt/mmio_spt_ops.hpp"

namespace redoubt::spec {

// On the flat tables of stage 2 and of the SMMUs side by side: MmioSPTOps speaks of the same state.
template <ValueDomain D, class P>
class DmaPages : public PageManager<D, P> {
 public:
  using Base = PageManager<D, P>;
  using Base::Base;
  using typename Base::Bool;
  using typename Base::Descriptor;
  using typename Base::Pfn;
  using typename Base::VmId;
  using typename Base::Word;
  using ContextBank = redoubt::ContextBank<Word>;
  using SmmuIndex = redoubt::SmmuIndex<Word>;
  using Iova = redoubt::Iova<Word>;

  // After success the bank maps the principal's own page for devices where that sees it: the host at the
  // frame itself.
  Status update_smmu_page(VmId vmid, ContextBank cbndx, SmmuIndex index, Iova iova, Descriptor pte) {
    const Word access = (pte.raw >> 6) & Word(3), memory = (pte.raw >> 2) & Word(15);
    const Bool type = either(either(memory == Word(1), memory == Word(5)), memory == Word(15));
    if (!both(number(cbndx, index), aligned(iova), both(type, access != Word(0)))) {
      return Status::invalid_parameter;
    }
    const Bool own = banks().get_smmu_cfg_vmid(cbndx, index) == vmid.raw;
    if (!both(own, vmid.raw < Word(16))) {
      return Status::denied;
    }
    return locked([&] {
      const Pfn pfn(frame_of(pte.raw) >> 12);
      const Word flag = this->get_pfn_dma(pfn), seen = this->get_pfn_map(pfn);
      const Bool host = vmid.raw == Word(0);
      const Word at = select(host, pfn.raw, seen);
      const Bool may =
          both(this->get_pfn_owner(pfn) == vmid.raw, at == iova.raw >> 12, either(host, flag == Word(1)));
      if (!may) {
        return Status::denied;
      }
      const Word leaf = (pfn.raw << 12) + (access << 6) + (memory << 2) + Word(0x0040'0000'0000'0703);
      const Status status = banks().try_map_spt(cbndx, index, iova, Descriptor(leaf));
      if (status == Status::ok) {
        this->set_pfn_dma(pfn, Word(1));
      }
      return status;
    });
  }

  // After success nothing is mapped there; a page of the host that was mapped there alone is for devices no
  // more.
  Status unmap_smmu_page(ContextBank cbndx, SmmuIndex index, Iova iova) {
    if (!both(number(cbndx, index), aligned(iova))) {
      return Status::invalid_parameter;
    }
    return locked([&] {
      const Pfn pfn(frame_of(banks().walk_spt(cbndx, index, iova).raw) >> 12);
      const Status status = banks().try_unmap_spt(cbndx, index, iova);
      if (status != Status::ok || this->get_pfn_owner(pfn) != Word(0)) {
        return status;
      }
      if (!mapped(pfn, pfn.raw)) {
        this->set_pfn_dma(pfn, Word(0));
      }
      return status;
    });
  }

  // For the layers above: of MmioSPTOps, which they pass through.
  Status try_init_spt(ContextBank cbndx, SmmuIndex index) { return banks().try_init_spt(cbndx, index); }

 protected:
  using Base::s;

  template <class Body>
  auto locked(Body body) {
    this->acquire_lock_s2page();
    const auto result = body();
    this->release_lock_s2page();
    return result;
  }

  // Is the page for devices, and mapped by a bank at `gfn`?
  bool used_by_device(Pfn pfn, Word gfn) { return this->get_pfn_dma(pfn) == Word(1) && mapped(pfn, gfn); }

 private:
  MmioSptOps<D, P> banks() { return MmioSptOps<D, P>(s); }
  bool mapped(Pfn pfn, Word gfn) { return bool(banks().is_mapped_spt(Iova(gfn << 12), pfn)); }
  static Bool number(ContextBank cbndx, SmmuIndex index) {
    return both(index.raw < Word(2), cbndx.raw < Word(8));
  }
  static Bool aligned(Iova iova) {
    return both(iova.raw < Word(u64{1} << 40), (iova.raw & Word(4095)) == Word(0));
  }
};

}  // namespace redoubt::spec
