// SPDX-License-Identifier: BSD-3-Clause
// Layer 8, NPTOps: stage-2 operations under the pt lock, with their barriers and TLB maintenance (digest 5.8,
// R5, R6).
#pragma once
#include "core/machine/fault.hpp"
#include "core/machine/field.hpp"
#include "core/machine/types.hpp"

namespace redoubt {

// Every operation is one critical section of pt(vmid) with at most one leaf store. Break-before-make is two
// of them: a break here, then a map, inside one s2page or VM critical section of the caller. Stuck: V, addr
// outside the IPA space.
template <class Lower>
class NptOps : public Lower {
 public:
  using Lower::Lower;
  using typename Lower::Descriptor;
  using typename Lower::Ipa;
  using typename Lower::Params;
  using typename Lower::Pfn;
  using typename Lower::VmId;
  using typename Lower::Word;

  Level get_level_s2pt(VmId vmid, Ipa addr) {
    acquire_lock_pt(vmid);
    const Level level = get_npt_level(vmid, addr);
    release_lock_pt(vmid);
    return level;
  }

  Descriptor walk_s2pt(VmId vmid, Ipa addr) {
    acquire_lock_pt(vmid);
    const Descriptor pte = walk_npt(vmid, addr);
    release_lock_pt(vmid);
    return this->check64(pte);
  }

  // The digest's map: fail-stop when it does not fit. Not reachable from outside; use try_map_s2pt (R5).
  void map_s2pt(VmId vmid, Ipa addr, Level level, Descriptor pte) {
    if (!Lower::seeded(Fault::map_without_lock)) {
      acquire_lock_pt(vmid);
    }
    set_npt(vmid, addr, level, pte);
    publish_leaf();
    if (!Lower::seeded(Fault::map_without_lock)) {
      release_lock_pt(vmid);
    }
  }

  // Maps `addr` at `level` (block or page) with the valid leaf `pte`. invalid_parameter: a malformed leaf, a
  // misaligned or too large address. ok, unchanged, exists, no_memory: as try_set_npt.
  Status try_map_s2pt(VmId vmid, Ipa addr, Level level, Descriptor pte) {
    if (!mappable(addr, level, pte)) {
      return Status::invalid_parameter;
    }
    acquire_lock_pt(vmid);
    const Status status = try_set_npt(vmid, addr, level, pte);
    publish_leaf();
    release_lock_pt(vmid);
    return status;
  }

  // Links the level-1 tables on which hardware starts (R8). Once per principal, before anything is mapped.
  void init_s2pt(VmId vmid) {
    acquire_lock_pt(vmid);
    init_npt(vmid);
    this->dsb_ishst();
    release_lock_pt(vmid);
  }

  // Empties the tables of a principal that owns nothing any more; no translation of its VMID is left when
  // this returns, so that it may be given again (R16).
  void reset_s2pt(VmId vmid) {
    acquire_lock_pt(vmid);
    reset_npt(vmid);
    if (Lower::seeded(Fault::reset_keeps_walks)) {
      invalidate_leaves(vmid);
    } else if (!Lower::seeded(Fault::reset_without_tlbi)) {
      invalidate_all(vmid, Ipa(Word(0)));
    }
    release_lock_pt(vmid);
  }

  // Takes away the 2 MiB block around `addr`; its pages fault back in one by one. not_found: no block there.
  Status drop_block_s2pt(VmId vmid, Ipa addr) { return unmap(vmid, addr, Level::block); }

  // Takes away the 4 KiB page at `addr`. not_found: none mapped there; exists: a block is, drop that first.
  Status unmap_s2pt(VmId vmid, Ipa addr) { return unmap(vmid, addr, Level::page); }

  // Takes frame `pfn` out of the host's table: a page becomes the PAGE_GUEST marker; a block around it is
  // dropped, so that the host's other pages fault back in. No translation of the frame is left when this
  // returns. Locks: s2page held by the caller, so that nobody maps the frame again in between.
  void clear_pfn_host(Pfn pfn) {
    const VmId host{Word(HOSTVISOR)};
    const Ipa addr(pfn.raw << PAGE_SHIFT);
    if (drop_block_s2pt(host, addr) == Status::ok) {
      return;
    }
    acquire_lock_pt(host);
    if (!Lower::seeded(Fault::host_page_kept) && get_npt_level(host, addr) != Level::none) {
      set_npt(host, addr, Level::page, Descriptor(Word(PAGE_GUEST)));
      invalidate_page(host, addr);
    }
    release_lock_pt(host);
  }

 private:
  Status unmap(VmId vmid, Ipa addr, Level level) {
    if (!inside(addr)) {
      return Status::invalid_parameter;
    }
    acquire_lock_pt(vmid);
    Level found = get_npt_level(vmid, addr);
    if (Lower::seeded(Fault::unmap_any_level) && found != Level::none) {
      found = level;
    }
    if (found == level) {
      clear_npt(vmid, addr);
      if (level == Level::block) {
        invalidate_all(vmid, addr);
      } else {
        invalidate_page(vmid, addr);
      }
    }
    if (!Lower::seeded(Fault::unmap_keeps_lock)) {
      release_lock_pt(vmid);
    }
    if (found == level) {
      return Status::ok;
    }
    return found == Level::block ? Status::exists : Status::not_found;
  }

  // After a live page was broken: its stage-2 entry, then the combined entries made from it (Arm ARM
  // D8.13.5).
  void invalidate_page(VmId vmid, Ipa addr) {
    if (!Lower::seeded(Fault::tlbi_before_store)) {
      this->dsb_ishst();
    }
    if (Lower::seeded(Fault::tlbi_combined_first)) {
      this->tlbi_vmalle1is(vmid);
      this->dsb_ish();
    }
    if (Lower::seeded(Fault::tlbi_wrong_level)) {
      invalidate_as_block(vmid, addr);
    } else if (!Lower::seeded(Fault::tlbi_page_missing)) {
      const Word page = Word(Lower::seeded(Fault::tlbi_wrong_page) ? PAGE_SIZE : 0);
      this->tlbi_ipas2e1is(vmid, addr + page);
    }
    if (!Lower::seeded(Fault::tlbi_combined_at_once)) {
      this->dsb_ish();
    }
    if (!Lower::seeded(Fault::tlbi_combined_missing) && !Lower::seeded(Fault::tlbi_combined_first)) {
      this->tlbi_vmalle1is(Lower::seeded(Fault::tlbi_wrong_vmid) ? VmId(Word(HOSTVISOR)) : vmid);
    }
    this->dsb_ish();
    this->isb();
  }

  // After a live block was broken: its translations may be cached in pieces, so the whole VMID goes.
  void invalidate_all(VmId vmid, Ipa addr) {
    this->dsb_ishst();
    if (Lower::seeded(Fault::block_tlbi_too_narrow)) {
      this->tlbi_ipas2e1is(vmid, addr);
    } else if (Lower::seeded(Fault::tlbi_not_broadcast)) {
      invalidate_here(vmid);
    } else {
      this->tlbi_vmalls12e1is(vmid);
    }
    if (!Lower::seeded(Fault::tlbi_not_waited)) {
      this->dsb_ish();
    }
    this->isb();
  }

  // Only faults do these, where proofs or the model have such an operation: on this CPU alone; with the level
  // hint of a block; every leaf, but no table.
  void invalidate_here(VmId vmid) {
    if constexpr (requires(Lower& lower) { lower.tlbi_vmalls12e1(vmid); }) {
      this->tlbi_vmalls12e1(vmid);
    }
  }
  void invalidate_as_block(VmId vmid, Ipa addr) {
    if constexpr (requires(Lower& lower) { lower.tlbi_ipas2e1is_hinted(vmid, addr, 2U); }) {
      this->tlbi_ipas2e1is_hinted(vmid, addr, 2U);
    }
  }
  void invalidate_leaves(VmId vmid) {
    this->dsb_ishst();
    if constexpr (requires(Lower& lower) { lower.tlbi_ripas2le1is(vmid); }) {
      this->tlbi_ripas2le1is(vmid);
    }
    this->dsb_ish();
    this->tlbi_vmalle1is(vmid);
    this->dsb_ish();
    this->isb();
  }

  // A new leaf is visible to every walker before the principal runs again.
  void publish_leaf() {
    if (!Lower::seeded(Fault::map_without_barrier)) {
      this->dsb_ishst();
    }
  }

  // A valid leaf of that level: type bits, output and input aligned, input inside the IPA space.
  static bool mappable(Ipa addr, Level level, Descriptor pte) {
    const Word type = pte.raw & Word(PMD_TYPE_MASK);
    const Word low = Word(level == Level::block ? PMD_SIZE - 1 : PAGE_SIZE - 1);
    if (level == Level::block && !bool(type == Word(PMD_TYPE_BLOCK))) {
      return false;
    }
    if (level == Level::page && !bool(type == Word(PMD_TYPE_TABLE))) {
      return false;
    }
    if (level == Level::none) {
      return false;
    }
    if (Lower::seeded(Fault::block_misaligned)) {
      return inside(addr);
    }
    return inside(addr) && bool(both((addr.raw & low) == Word(0), (phys_page(pte.raw) & low) == Word(0)));
  }

  static bool inside(Ipa addr) {
    const Word end(u64{1} << Params::ipa_bits);
    return bool(Lower::seeded(Fault::ipa_bound_inclusive) ? addr.raw <= end : addr.raw < end);
  }

  // hidden from here up
  using Lower::acquire_lock_pt;
  using Lower::clear_npt;
  using Lower::get_npt_level;
  using Lower::init_npt;
  using Lower::release_lock_pt;
  using Lower::reset_npt;
  using Lower::set_npt;
  using Lower::try_set_npt;
  using Lower::walk_npt;
};

}  // namespace redoubt
