// SPDX-License-Identifier: BSD-3-Clause
// The part of MemManager about devices behind an SMMU: which pages their banks map (upper digest 1.2, R9).
#pragma once
#include "core/machine/constants.hpp"
#include "core/machine/fault.hpp"
#include "core/machine/smmu_layout.hpp"
#include "core/machine/types.hpp"

namespace redoubt {

// A page is for devices by a flag of its own (R9). A VM's page gets it when it is given for that, and never
// after: what is private, as a page of a boot image, is out of reach of the VM's devices too. A page of the
// host has it while a bank of the host may map it, and cannot be given away then. Banks map memory alone, no
// device.
//
//   INV-PAGE-11  a bank maps only pages for devices that its principal owns, each where that sees it: the
//                host at the frame itself (smmu_iso, smmu_count)
template <class Lower>
class DmaPages : public Lower {
 public:
  using Lower::Lower;
  using typename Lower::Bool;
  using typename Lower::Descriptor;
  using typename Lower::Pfn;
  using typename Lower::VmId;
  using typename Lower::Word;
  using ContextBank = redoubt::ContextBank<Word>;
  using SmmuIndex = redoubt::SmmuIndex<Word>;
  using Iova = redoubt::Iova<Word>;

  // Maps the page in `pte` for the devices of a bank at `iova`, with the access and the memory type that it
  // asks for; other attributes are the core's. denied: not the principal's bank, or not its page for devices
  // at that place. exists: another page is mapped there. Else as try_map_spt. Locks: smmu held; takes s2page,
  // inside it spt.
  Status update_smmu_page(VmId vmid, ContextBank cbndx, SmmuIndex index, Iova iova, Descriptor pte) {
    if (!bool(both(is_bank(cbndx, index), is_page(iova), asks_well(pte)))) {
      return Status::invalid_parameter;
    }
    const Word owner = this->get_smmu_cfg_vmid(cbndx, index);
    const bool any = Lower::seeded(Fault::bank_of_others_mapped);
    if ((!any && owner != vmid.raw) || vmid.raw >= Word(COREVISOR)) {
      return Status::denied;
    }
    this->acquire_lock_s2page();
    const Status status = map_own(vmid, cbndx, index, iova, pte);
    this->release_lock_s2page();
    return status;
  }

  // Takes the mapping of a bank at `iova` away: no device uses it when this returns. A page of the host that
  // no bank maps any more is free to be given away. not_found: nothing is mapped there. Locks: takes s2page,
  // inside it spt.
  Status unmap_smmu_page(ContextBank cbndx, SmmuIndex index, Iova iova) {
    if (!bool(both(is_bank(cbndx, index), is_page(iova)))) {
      return Status::invalid_parameter;
    }
    this->acquire_lock_s2page();
    const Word leaf = this->walk_spt(cbndx, index, iova).raw;
    const Status status = this->try_unmap_spt(cbndx, index, iova);
    if (status == Status::ok) {
      leave_device(Pfn(phys_page(leaf) >> PAGE_SHIFT));
    }
    this->release_lock_s2page();
    return status;
  }

 protected:
  // What a page is given to a VM for.
  enum class Use { image, memory, device };

  bool is_for_devices(Pfn pfn) { return bool(this->get_pfn_dma(pfn) == Word(1)); }
  // Does any bank map the page? It is mapped nowhere but where its owner sees it (INV-PAGE-11).
  bool is_mapped_for_devices(Pfn pfn, Word gfn) {
    return bool(this->is_mapped_spt(Iova(gfn << PAGE_SHIFT), pfn));
  }

 private:
  static constexpr u64 kAsked = Stage2Leaf::S2Ap::mask | Stage2Leaf::MemAttr::mask;
  static constexpr u64 kGiven = PTE_AF_OR_SH_IS | PMD_TYPE_TABLE | Stage2Leaf::ExecuteNever::put(u64{2});

  static Bool is_bank(ContextBank cbndx, SmmuIndex index) {
    return both(index.raw < Word(SMMU_NUM), cbndx.raw < Word(SMMU_NUM_CTXT_BANKS));
  }
  static Bool is_page(Iova iova) {
    return both(iova.raw < Word(u64{1} << SMMU_IOVA_BITS), (iova.raw & Word(PAGE_SIZE - 1)) == Word(0));
  }
  // Some access, to memory of a type that devices may use (DmaMemory).
  static Bool asks_well(Descriptor pte) {
    const Word memory = Stage2Leaf::MemAttr::get(pte.raw);
    const Bool known = either(memory == Word(1), either(memory == Word(5), memory == Word(15)));
    return both(known, Stage2Leaf::S2Ap::get(pte.raw) != Word(0));
  }

  Status map_own(VmId vmid, ContextBank cbndx, SmmuIndex index, Iova iova, Descriptor pte) {
    const Pfn pfn(phys_page(pte.raw) >> PAGE_SHIFT);
    const bool host = bool(vmid.raw == Word(HOSTVISOR));
    if (!Lower::seeded(Fault::any_page_for_device) && this->get_pfn_owner(pfn) != vmid.raw) {
      return Status::denied;
    }
    const Word place = host ? pfn.raw : this->get_pfn_map(pfn);
    if (!Lower::seeded(Fault::device_page_anywhere) && place != iova.raw >> PAGE_SHIFT) {
      return Status::denied;
    }
    const bool marked = is_for_devices(pfn);
    if (!Lower::seeded(Fault::private_page_for_device) && !host && !marked) {
      return Status::denied;
    }
    const Descriptor leaf(pfn.raw << PAGE_SHIFT | (pte.raw & Word(kAsked)) | Word(kGiven));
    const Status status = this->try_map_spt(cbndx, index, iova, leaf);
    if (status == Status::ok && !marked) {
      this->set_pfn_dma(pfn, Word(1));
    }
    return status;
  }

  void leave_device(Pfn pfn) {
    if (this->get_pfn_owner(pfn) != Word(HOSTVISOR)) {
      return;
    }
    if (Lower::seeded(Fault::other_bank_forgotten) || !is_mapped_for_devices(pfn, pfn.raw)) {
      this->set_pfn_dma(pfn, Word(0));
    }
  }
};

}  // namespace redoubt
