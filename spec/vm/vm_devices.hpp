// SPDX-License-Identifier: BSD-3-Clause
// The part of BootOps' specification about devices behind an SMMU (upper digest 1.6): when the table of a
// bank may change.
#pragma once
#include "spec/machine/smmu_primitives.hpp"
#include "spec/vm/vm_record.hpp"

namespace redoubt::spec {

// States by number: 2 READY, 4 has ended. Devices of a VM are configured before it is verified, and given
// back when it is no more.
template <ValueDomain D, class P>
class VmDevices : public VmRecord<D, P> {
 public:
  using Base = VmRecord<D, P>;
  using Base::Base;
  using typename Base::Bool;
  using typename Base::Descriptor;
  using typename Base::Frame;
  using typename Base::Ipa;
  using typename Base::Pa;
  using typename Base::Pfn;
  using typename Base::VmId;
  using typename Base::Word;
  using ContextBank = redoubt::ContextBank<Word>;
  using SmmuIndex = redoubt::SmmuIndex<Word>;
  using Iova = redoubt::Iova<Word>;

  Status alloc_smmu(VmId vmid, ContextBank cbndx, SmmuIndex index) {
    const Status mine = whose(vmid, cbndx, index);
    if (mine != Status::ok) {
      return mine;
    }
    return when(vmid, true, [&] { return this->try_init_spt(cbndx, index); });
  }
  // The host's pages are given when they are mapped.
  Status assign_smmu(VmId vmid, Pfn pfn, Frame gfn) {
    if (vmid.raw == Word(0)) {
      return Status::unchanged;
    }
    return when(vmid, false, [&] {
      const Word first = this->item(vmid, 0) >> 12, pages = this->item(vmid, 1) >> 12;
      if (!both(first <= gfn.raw, gfn.raw - first < pages)) {
        return Status::invalid_parameter;
      }
      return this->assign_pfn_to_smmu(vmid, gfn, pfn);
    });
  }
  Status map_smmu(VmId vmid, ContextBank cbndx, SmmuIndex index, Iova iova, Descriptor pte) {
    return when(vmid, false, [&] { return this->update_smmu_page(vmid, cbndx, index, iova, pte); });
  }
  Status clear_smmu(VmId vmid, ContextBank cbndx, SmmuIndex index, Iova iova) {
    const Status mine = whose(vmid, cbndx, index);
    if (mine != Status::ok) {
      return mine;
    }
    return when(vmid, true, [&] { return this->unmap_smmu_page(cbndx, index, iova); });
  }
  // No device is assignable (R11).
  Status map_io(VmId, Ipa, Pa) { return Status::denied; }

 protected:
  using Base::s;

 private:
  // ok: the bank is the principal's.
  Status whose(VmId vmid, ContextBank cbndx, SmmuIndex index) {
    if (!both(cbndx.raw < Word(8), index.raw < Word(2))) {
      return Status::invalid_parameter;
    }
    SmmuLayer<D, P> smmu(s);
    return smmu.get_smmu_cfg_vmid(cbndx, index) == vmid.raw ? Status::ok : Status::denied;
  }
  // For the host at any time.
  template <class Body>
  Status when(VmId vmid, bool also_ended, Body body) {
    if (vmid.raw == Word(0)) {
      return body();
    }
    return this->of_guest(vmid, [&] {
      const Word now = this->state(vmid);
      if (now == Word(2) || (also_ended && now == Word(4))) {
        return body();
      }
      return Status::denied;
    });
  }
};

}  // namespace redoubt::spec
