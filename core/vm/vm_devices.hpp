// SPDX-License-Identifier: BSD-3-Clause
// The part of BootOps about the devices of a VM behind an SMMU: set up before the VM is verified, given back
// after its end (upper digest 1.6).
#pragma once
#include "core/machine/constants.hpp"
#include "core/machine/fault.hpp"
#include "core/machine/smmu_layout.hpp"
#include "core/machine/types.hpp"
#include "core/vm/vm_record.hpp"

namespace redoubt {

// Who may change the table of a bank: the principal that owns it; a VM while it is READY, and to give back
// once it has ended. While it is VERIFIED its devices stay as they were checked.
template <class Lower>
class VmDevices : public VmRecord<Lower> {
 public:
  using Base = VmRecord<Lower>;
  using Base::Base;
  using typename Base::Bool;
  using typename Base::Descriptor;
  using typename Base::Gfn;
  using typename Base::Ipa;
  using typename Base::Pa;
  using typename Base::Pfn;
  using typename Base::VmId;
  using typename Base::Word;
  using ContextBank = redoubt::ContextBank<Word>;
  using SmmuIndex = redoubt::SmmuIndex<Word>;
  using Iova = redoubt::Iova<Word>;

  // Empties the table of a principal's bank; no device uses what was there when this returns. denied: not its
  // bank, or the VM is neither READY nor ended; invalid_parameter: no such bank or principal. Locks: smmu
  // held; takes vm(v), inside it spt.
  Status alloc_smmu(VmId vmid, ContextBank cbndx, SmmuIndex index) {
    return of_bank(vmid, cbndx, index, [&] { return this->try_init_spt(cbndx, index); });
  }
  // Gives a zeroed page at `gfn` in its memory to a READY VM, for its devices. unchanged: was given, or the
  // host's own banks are meant: its pages are given when they are mapped. denied: the VM is not READY;
  // invalid_parameter: outside the manifest's memory. Else as assign_pfn_to_smmu. Locks: takes vm(v), inside
  // it s2page, pt(0).
  Status assign_smmu(VmId vmid, Pfn pfn, Gfn gfn) {
    if (vmid.raw == Word(HOSTVISOR)) {
      return Status::unchanged;
    }
    return in_state(vmid, false, [&] {
      return bool(is_in_memory(vmid, gfn)) ? this->assign_pfn_to_smmu(vmid, gfn, pfn)
                                           : Status::invalid_parameter;
    });
  }
  // Maps a principal's page for devices in its bank. denied: the VM is not READY; else as update_smmu_page.
  // Locks: smmu held; takes vm(v), inside it s2page, spt.
  Status map_smmu(VmId vmid, ContextBank cbndx, SmmuIndex index, Iova iova, Descriptor pte) {
    return in_state(vmid, false, [&] { return this->update_smmu_page(vmid, cbndx, index, iova, pte); });
  }
  // Takes that away. denied: not its bank, or the VM is neither READY nor ended; else as unmap_smmu_page.
  // Locks: as map_smmu.
  Status clear_smmu(VmId vmid, ContextBank cbndx, SmmuIndex index, Iova iova) {
    return of_bank(vmid, cbndx, index, [&] { return this->unmap_smmu_page(cbndx, index, iova); });
  }
  // Devices are not assignable to VMs (R11): denied.
  Status map_io(VmId vmid, Ipa gpa, Pa pa) { return this->map_vm_io(vmid, gpa, pa); }

 private:
  template <class Act>
  Status of_bank(VmId vmid, ContextBank cbndx, SmmuIndex index, Act act) {
    if (!bool(both(index.raw < Word(SMMU_NUM), cbndx.raw < Word(SMMU_NUM_CTXT_BANKS)))) {
      return Status::invalid_parameter;
    }
    const Word owner = this->get_smmu_cfg_vmid(cbndx, index);
    if (!Lower::seeded(Fault::cleared_bank_of_others) && owner != vmid.raw) {
      return Status::denied;
    }
    return in_state(vmid, true, act);
  }

  // Runs act() for the host, or for a VM that is READY, or has ended where that may be.
  template <class Act>
  Status in_state(VmId vmid, bool ended_too, Act act) {
    if (vmid.raw == Word(HOSTVISOR)) {
      return act();
    }
    return this->in_vm(vmid, [&] {
      const Word state = this->get_vm_state(vmid);
      const Bool ended = both(Bool(ended_too), state == Word(vm_state::POWEROFF));
      const Bool running =
          both(Bool(Lower::seeded(Fault::verified_vm_gets_device)), state == Word(vm_state::VERIFIED));
      return bool(either(state == Word(vm_state::READY), either(ended, running))) ? act() : Status::denied;
    });
  }

  // Its base and size are whole pages.
  Bool is_in_memory(VmId vmid, Gfn gfn) {
    const Word base = this->get_vm_item(vmid, this->item(VmItem::memory_base)) >> PAGE_SHIFT;
    const Word size = this->get_vm_item(vmid, this->item(VmItem::memory_size)) >> PAGE_SHIFT;
    return both(base <= gfn.raw, gfn.raw - base < size);
  }
};

}  // namespace redoubt
