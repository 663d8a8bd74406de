// SPDX-License-Identifier: BSD-3-Clause
// The part of TrapHandler that tells what hardware does between traps: loads and stores of the loaded
// principal and of its devices (upper digest 1.13, 3.6).
#pragma once
#include "core/machine/constants.hpp"
#include "core/machine/fault.hpp"
#include "core/machine/smmu_layout.hpp"
#include "core/machine/types.hpp"

namespace redoubt {

// An access reaches what the table maps, whoever owns it: that nobody sees another's page is for the tables
// to ensure, not for the access to hide. Its word is known where nobody else may have written it: memory that
// is not shared. Elsewhere, in shared pages and devices, a load takes any value and a store is not followed.
// One step, so one section of s2page; hardware takes no lock.
template <class Lower>
class MemoryAccess : public Lower {
 public:
  using Lower::Lower;
  using typename Lower::Bool;
  using typename Lower::Ipa;
  using typename Lower::Params;
  using typename Lower::Pfn;
  using typename Lower::VmId;
  using typename Lower::Word;
  using Gfn = redoubt::Gfn<Word>;
  using ContextBank = redoubt::ContextBank<Word>;
  using SmmuIndex = redoubt::SmmuIndex<Word>;
  using Iova = redoubt::Iova<Word>;

 protected:
  enum class Way : std::uint8_t { load, store };

  // By the loaded principal's stage-2 table. not_found: it maps nothing there, so the access is a fault.
  // invalid_parameter: outside the IPA space, or no general register. Locks: takes s2page, inside it pt(v).
  template <Way Which>
  Status access(Gfn gfn, Word reg) {
    const VmId vmid = loaded();
    if (!bool(both(gfn.raw < Word(u64{1} << (Params::ipa_bits - PAGE_SHIFT)), reg < Word(31)))) {
      return Status::invalid_parameter;
    }
    this->acquire_lock_s2page();
    const Status status = reach<Which>(vmid, this->walk_to_pfn(vmid, Ipa(gfn.raw << PAGE_SHIFT)), reg);
    this->release_lock_s2page();
    return status;
  }

  // By the table of a bank. denied: the bank is not the loaded principal's. Else as above. Locks: takes smmu,
  // inside it s2page, inside that spt.
  template <Way Which>
  Status access(Gfn gfn, Word reg, ContextBank cbndx, SmmuIndex index) {
    const VmId vmid = loaded();
    const Bool bank = both(cbndx.raw < Word(SMMU_NUM_CTXT_BANKS), index.raw < Word(SMMU_NUM));
    const Bool place = gfn.raw < Word(u64{1} << (SMMU_IOVA_BITS - PAGE_SHIFT));
    if (!bool(both(bank, place, reg < Word(31)))) {
      return Status::invalid_parameter;
    }
    this->acquire_lock_smmu();
    const bool any = Lower::seeded(Fault::bank_of_anybody);
    Status status = Status::denied;
    if (any || this->get_smmu_cfg_vmid(cbndx, index) == vmid.raw) {
      this->acquire_lock_s2page();
      const Word leaf = this->walk_spt(cbndx, index, Iova(gfn.raw << PAGE_SHIFT)).raw;
      const Bool valid = (leaf & Word(1)) == Word(1);
      status = reach<Which>(vmid, select(valid, phys_page(leaf) >> PAGE_SHIFT, Word(INVALID64)), reg);
      this->release_lock_s2page();
    }
    this->release_lock_smmu();
    return status;
  }

 private:
  VmId loaded() {
    const VmId vmid = this->get_cur_vmid();
    this->guard(Guard::loaded, vmid.raw < Word(COREVISOR));
    return vmid;
  }
  template <Way Which>
  Status reach(VmId vmid, Word frame, Word reg) {
    if (frame == Word(INVALID64)) {
      return Status::not_found;
    }
    const bool known = is_unshared_memory(Pfn(frame));
    if constexpr (Which == Way::load) {
      known ? this->load_page_word(Pfn(frame), reg) : this->load_shared_word(vmid, reg);
    } else if (known) {
      this->store_page_word(Pfn(frame), reg);
    }
    return Status::ok;
  }
  bool is_unshared_memory(Pfn pfn) {
    if (!bool(is_frame(pfn)) || this->get_pfn_owner(pfn) == Word(INVALID)) {
      return false;
    }
    return Lower::seeded(Fault::shared_page_is_memory) || this->get_pfn_count(pfn) == Word(0);
  }
};

}  // namespace redoubt
