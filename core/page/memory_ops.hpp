// SPDX-License-Identifier: BSD-3-Clause
// Layer 17, MemoryOps: memory of a VM in pages and blocks; sharing by guest address (upper digest 1.3).
#pragma once
#include "core/machine/constants.hpp"
#include "core/machine/fault.hpp"
#include "core/machine/types.hpp"
#include "core/vm/vm_state.hpp"

namespace redoubt {

// Assigning and mapping are two critical sections; what comes in between is undone. Nothing here is longer
// than the budget of a call (R18): at most 32 pages, or one block whose 512 pages were given before.
template <class Lower>
class MemoryOps : public Lower {
 public:
  using Lower::Lower;
  using typename Lower::Descriptor;
  using typename Lower::Gfn;
  using typename Lower::Ipa;
  using typename Lower::Params;
  using typename Lower::Pfn;
  using typename Lower::VmId;
  using typename Lower::Word;

  // Gives the `pages` frames from `pfn` back to the host, zeroed, up to the first that is not the VM's; how
  // many. More than 32: none. Locks: takes s2page, pt(v), pt(0) for each.
  Word clear_vm_range(VmId vmid, Pfn pfn, Word pages) {
    const u64 limit = Lower::seeded(Fault::range_of_33) ? PAGES_PER_CALL + 1 : PAGES_PER_CALL;
    if (pages > Word(limit)) {
      return Word(0);
    }
    Word done(0);
    while (done < pages && this->clear_vm_page(vmid, pfn + done) == Status::ok) {
      done = done + Word(1);
    }
    return done;
  }

  // page: gives the zeroed page in `pte` to the VM at `addr` and maps it. block: maps the block in `pte`, of
  // pages that were given before. exists: something is mapped at `addr`; else as assign_zeroed_pfn_to_vm and
  // map_pfn_vm. no_memory: a page stays the host's, but is zero. Locks: as those.
  Status prot_and_map_vm_s2pt(VmId vmid, Ipa addr, Descriptor pte, Level level) {
    if (level != Level::page) {
      return this->map_pfn_vm(vmid, addr, pte, level);
    }
    return assign_and_map(vmid, addr, pte,
                          [&](Gfn gfn, Pfn pfn) { return this->assign_zeroed_pfn_to_vm(vmid, gfn, pfn); });
  }
  // The same for a page of a boot image, whose content stays. Redoubt's own.
  Status load_and_map_vm_s2pt(VmId vmid, Ipa addr, Descriptor pte) {
    return assign_and_map(vmid, addr, pte,
                          [&](Gfn gfn, Pfn pfn) { return this->assign_pfn_to_vm(vmid, gfn, pfn); });
  }

  // Shares the page that the VM sees at `addr` with the host; ends that. One page a call: `size` is 1 to
  // 4096. not_found: nothing is mapped there, or it is not shared; exists: is shared. Locks: takes pt(v),
  // then s2page, inside it pt(0).
  Status grant_stage2_sg_gpa(VmId vmid, Ipa addr, Word size) {
    return with_page(vmid, addr, size, [&](Pfn pfn) { return this->grant_vm_page(vmid, pfn); });
  }
  Status revoke_stage2_sg_gpa(VmId vmid, Ipa addr, Word size) {
    return with_page(vmid, addr, size, [&](Pfn pfn) { return this->revoke_vm_page(vmid, pfn); });
  }

  // Frame that the VM sees at `addr`, through a page or a block; INVALID64: none. Redoubt's own. Stuck: V,
  // addr outside the IPA space. Locks: takes pt(v).
  Word walk_to_pfn(VmId vmid, Ipa addr) {
    const Word leaf = this->walk_s2pt(vmid, addr).raw;
    const Word frame = phys_page(leaf) >> PAGE_SHIFT, type = leaf & Word(PMD_TYPE_MASK);
    const Word in_block = Lower::seeded(Fault::block_page_ignored)
                              ? Word(0)
                              : (addr.raw >> PAGE_SHIFT) & Word(PMD_PAGE_NUM - 1);
    const Word of_block = select(type == Word(PMD_TYPE_BLOCK), frame + in_block, Word(INVALID64));
    return select(type == Word(PMD_TYPE_TABLE), frame, of_block);
  }

 private:
  template <class Assign>
  Status assign_and_map(VmId vmid, Ipa addr, Descriptor pte, Assign assign) {
    if (!bool(both(is_vm(vmid), inside(addr)))) {
      return Status::invalid_parameter;
    }
    if (this->get_level_s2pt(vmid, addr) != Level::none) {
      return Status::exists;
    }
    const Pfn pfn(phys_page(pte.raw) >> PAGE_SHIFT);
    const Status given = assign(Gfn(addr.raw >> PAGE_SHIFT), pfn);
    if (!succeeded(given)) {
      return given;
    }
    const Status mapped = this->map_pfn_vm(vmid, addr, pte, Level::page);
    if (given == Status::ok && !succeeded(mapped) && !Lower::seeded(Fault::failed_map_keeps_page)) {
      this->clear_vm_page(vmid, pfn);
    }
    return mapped;
  }

  template <class Act>
  Status with_page(VmId vmid, Ipa addr, Word size, Act act) {
    const auto one =
        both((addr.raw & Word(PAGE_SIZE - 1)) == Word(0), Word(1) <= size, size <= Word(PAGE_SIZE));
    if (!bool(both(is_vm(vmid), inside(addr), one))) {
      return Status::invalid_parameter;
    }
    const Word pfn = walk_to_pfn(vmid, addr);
    return pfn == Word(INVALID64) ? Status::not_found : act(Pfn(pfn));
  }

  static auto inside(Ipa addr) {
    return both((addr.raw & Word(PAGE_SIZE - 1)) == Word(0), addr.raw < Word(u64{1} << Params::ipa_bits));
  }
};

}  // namespace redoubt
