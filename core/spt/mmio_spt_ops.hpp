// SPDX-License-Identifier: BSD-3-Clause
// Layer 12, MmioSPTOps: operations on a bank's table under the spt lock, with barriers and SMMU invalidation
// (digest 5.12, 6.6).
#pragma once
#include "core/machine/field.hpp"
#include "core/machine/smmu_layout.hpp"

namespace redoubt {

// What a device may do with a page; the values are those of S2AP.
enum class DmaAccess : std::uint32_t { read = 1, write = 2, read_write = 3 };
// Memory attributes of a page that a device reaches; the values are those of MemAttr with FWB = 0.
enum class DmaMemory : std::uint32_t { device = 1, non_cacheable = 5, write_back = 15 };

// Every operation is one critical section of spt with at most one mapping-changing store. When one returns,
// SMMUs see what it stored, and no SMMU uses what it took away. Stuck, except for the try_ forms: S, B, addr
// of 40 bits or more.
template <class Lower>
class MmioSptOps : public Lower {
 public:
  using Lower::Lower;
  using typename Lower::Bool;
  using typename Lower::Descriptor;
  using typename Lower::Word;
  using Pfn = redoubt::Pfn<Word>;
  using ContextBank = redoubt::ContextBank<Word>;
  using SmmuIndex = redoubt::SmmuIndex<Word>;
  using Iova = redoubt::Iova<Word>;

  // Empties the bank's table and gives its table pages back. The order matters: entries gone, invalidation
  // complete, then the pages may serve again.
  void init_spt(ContextBank cbndx, SmmuIndex index) {
    acquire_lock_spt();
    clear_smmu_pt(cbndx, index);
    this->dsb_st();
    this->smmu_tlbi_bank(cbndx, index);
    if (!Lower::seeded(Fault::smmu_clear_no_sync)) {
      this->smmu_tlb_sync(cbndx, index);
    }
    reclaim_smmu_pt(cbndx, index);
    release_lock_spt();
  }

  Descriptor walk_spt(ContextBank cbndx, SmmuIndex index, Iova addr) {
    acquire_lock_spt();
    const Descriptor pte = walk_smmu_pt(cbndx, index, addr);
    release_lock_spt();
    return this->check64(pte);
  }

  // The digest's map: fail-stop when it does not fit. Stuck also: an invalid leaf; another valid one is there
  // (unmap it first). Not reachable from outside; use try_map_spt.
  void map_spt(ContextBank cbndx, SmmuIndex index, Iova addr, Descriptor pte) {
    acquire_lock_spt();
    set_smmu_pt(cbndx, index, addr, pte);
    this->dsb_st();
    release_lock_spt();
  }

  // Does any bank map the frame at `addr`? No for an address of more than 40 bits. Redoubt's own.
  Bool is_mapped_spt(Iova addr, Pfn pfn) {
    Bool found(false);
    if (addr.raw >= Word(u64{1} << SMMU_IOVA_BITS)) {
      return found;
    }
    const u64 last = Lower::seeded(Fault::last_bank_ignored) ? EL2_SMMU_CFG_SIZE - 1 : EL2_SMMU_CFG_SIZE;
    acquire_lock_spt();
    for (u64 bank = 0; bank < last; ++bank) {
      const ContextBank cbndx(Word(bank & (SMMU_NUM_CTXT_BANKS - 1)));
      const Word leaf = walk_smmu_pt(cbndx, SmmuIndex(Word(bank >> 3)), addr).raw;
      const Bool valid = (leaf & Word(DESC_VALID)) == Word(DESC_VALID);
      found = either(found, both(valid, Stage2Leaf::OutputAddress::get(leaf) == pfn.raw));
    }
    release_lock_spt();
    return found;
  }

  // Takes the leaf of `addr` away and returns it; zero: there was none.
  Descriptor unmap_spt(ContextBank cbndx, SmmuIndex index, Iova addr) {
    acquire_lock_spt();
    const Descriptor old = walk_smmu_pt(cbndx, index, addr);
    if (old.raw != Word(0)) {
      set_smmu_pt(cbndx, index, addr, Descriptor(Word(0)));
      if (!Lower::seeded(Fault::smmu_unmap_no_tlbi)) {
        invalidate_page(cbndx, index, addr);
      }
    }
    release_lock_spt();
    return this->check64(old);
  }

  // The forms for untrusted arguments: refused instead of stuck, nothing changed unless ok.
  // invalid_parameter: no such bank, address misaligned or of more than 40 bits, malformed leaf (see
  // spt_leaf).

  // ok: mapped, or was mapped identically (no store). exists: another leaf is there. no_memory: the pool has
  // no table page left; emptying a bank gives its pages back.
  Status try_map_spt(ContextBank cbndx, SmmuIndex index, Iova addr, Descriptor pte) {
    if (!addressable(cbndx, index, addr) || !well_formed(pte)) {
      return Status::invalid_parameter;
    }
    acquire_lock_spt();
    const Status status = try_set_smmu_pt(cbndx, index, addr, pte);
    this->dsb_st();
    release_lock_spt();
    return status;
  }
  // not_found: nothing was mapped there.
  Status try_unmap_spt(ContextBank cbndx, SmmuIndex index, Iova addr) {
    if (!addressable(cbndx, index, addr)) {
      return Status::invalid_parameter;
    }
    return bool(unmap_spt(cbndx, index, addr).raw == Word(0)) ? Status::not_found : Status::ok;
  }
  Status try_init_spt(ContextBank cbndx, SmmuIndex index) {
    if (!bank_exists(cbndx, index)) {
      return Status::invalid_parameter;
    }
    init_spt(cbndx, index);
    return Status::ok;
  }

  // The leaf that lets a device reach frame `pfn`: a page, never executable, with access flag and inner
  // shareability.
  static Descriptor spt_leaf(Pfn pfn, DmaAccess access, DmaMemory memory) {
    const Word flags = Word(Lower::seeded(Fault::smmu_leaf_attributes) ? 0x10000 : PTE_AF_OR_SH_IS);
    return Descriptor((pfn.raw << PAGE_SHIFT) | flags | Word(PMD_TYPE_TABLE) |
                      Stage2Leaf::S2Ap::put(Word(static_cast<u64>(access))) |
                      Stage2Leaf::MemAttr::put(Word(static_cast<u64>(memory))) |
                      Word(Stage2Leaf::ExecuteNever::put(u64{2})));
  }

 private:
  void invalidate_page(ContextBank cbndx, SmmuIndex index, Iova addr) {
    this->dsb_st();
    this->smmu_tlbi_iova(cbndx, index, addr);
    this->smmu_tlb_sync(cbndx, index);
  }

  // Within the specification's limits and within what this platform has.
  bool bank_exists(ContextBank cbndx, SmmuIndex index) {
    if (!both(index.raw < Word(SMMU_NUM), cbndx.raw < Word(SMMU_NUM_CTXT_BANKS))) {
      return false;
    }
    return bool(both(index.raw < this->get_smmu_num(), cbndx.raw < this->get_smmu_num_context_banks(index)));
  }
  bool addressable(ContextBank cbndx, SmmuIndex index, Iova addr) {
    const Word limit = Word(u64{1} << SMMU_IOVA_BITS);
    return bank_exists(cbndx, index) &&
           bool(both(addr.raw < limit, (addr.raw & Word(PAGE_SIZE - 1)) == Word(0)));
  }
  static bool well_formed(Descriptor pte) {
    const Word required = Word(PTE_AF_OR_SH_IS | PMD_TYPE_TABLE);
    return bool((pte.raw & required) == required);
  }

  // hidden from here up
  using Lower::acquire_lock_spt;
  using Lower::clear_smmu_pt;
  using Lower::reclaim_smmu_pt;
  using Lower::release_lock_spt;
  using Lower::set_smmu_pt;
  using Lower::try_set_smmu_pt;
  using Lower::walk_smmu_pt;
};

}  // namespace redoubt
