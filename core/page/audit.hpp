// SPDX-License-Identifier: BSD-3-Clause
// Ownership audit: every entry of the ownership array, and every leaf of every table against it, in bounded
// steps. For debug cores and tests.
#pragma once
#include "core/machine/constants.hpp"
#include "core/machine/field.hpp"
#include "core/machine/params.hpp"
#include "core/machine/types.hpp"
#include "core/page/page_state.hpp"

namespace redoubt {

// What a step found. `invariant` n: INV-PAGE-n is broken at `frame`, and `next` has no meaning; 0: all is
// well so far. `next` 0: that was the last step.
struct AuditResult {
  u64 next = 0, invariant = 0, frame = 0;
};

// `Layer`: a layer from PageManager up on machine M, for the lock and what it says of frames. Leaves of host
// and VMs change under s2page alone, so that one lock is enough; tables are read as hardware does.
template <class Layer, class M>
class Audit {
 public:
  static constexpr u64 kBudget = 32768;  // entries that one step looks at

  Audit(Layer& layer, M& machine) : layer_(layer), m_(machine) {}

  // Goes on at `from`: 0, or what the step before answered; behind the end there is nothing to do. Positions
  // below page_count are ownership entries, those behind are 2 MiB regions of the host's space, then of each
  // VM's. Locks: takes s2page.
  AuditResult step(u64 from) {
    layer_.acquire_lock_s2page();
    const AuditResult result = from < m_.page_count() ? entries(from) : regions(from - m_.page_count());
    layer_.release_lock_s2page();
    return result;
  }

 private:
  using Word = u64;
  static constexpr u64 kRegions = u64{1} << (M::Params::ipa_bits - PMD_SHIFT);  // of one space

  // INV-PAGE-1 to 3, 12.
  AuditResult entries(u64 from) {
    const u64 count = m_.page_count();
    u64 at = from;
    for (; at < count && at - from < kBudget; ++at) {
      const u64 page = m_.page_load(PageIndex<u64>(at));
      const u64 broken = broken_in(page);
      if (broken != 0) {
        return {0, broken, at};
      }
    }
    return {at, 0, 0};
  }
  static u64 broken_in(u64 page) {
    const u64 owner = PageState::Owner::get(page), shared = PageState::Count::get(page);
    const bool of_vm = owner > HOSTVISOR && owner < COREVISOR;
    if (owner > COREVISOR && owner != PageState::kNobody) {
      return 1;
    }
    if (shared > 1 || (shared == 1 && !of_vm && owner != COREVISOR)) {
      return 2;
    }
    if (PageState::DmaAssigned::get(page) != 0 && (owner >= COREVISOR || shared != 0)) {
      return 12;
    }
    return PageState::GfnPlusOne::get(page) != 0 && !of_vm ? 3 : 0;
  }

  // INV-PAGE-5, 6 and 10, at the leaves of some regions.
  AuditResult regions(u64 from) {
    const u64 end = COREVISOR * kRegions;
    u64 at = from, looked = 0;
    while (at < end && looked < kBudget) {
      const VmId<u64> vmid(at / kRegions);
      const u64 region = at % kRegions;
      AuditResult found;
      const u64 regions_done = look_at(vmid, region, looked, found);
      if (found.invariant != 0) {
        return found;
      }
      at += regions_done;
    }
    return {at < end ? m_.page_count() + at : 0, 0, 0};
  }

  // Looks at one region, or at nothing where a table above is missing: how many regions that settles.
  u64 look_at(VmId<u64> vmid, u64 region, u64& looked, AuditResult& found) {
    const u64 gfn = region << 9;
    u64 entry = pool_of<typename M::Params>(m_.pool_base(), vmid).root.raw | PMD_TYPE_TABLE;
    for (unsigned shift = PGDIR_SHIFT; shift >= PMD_SHIFT; shift -= 9) {
      entry = entry_in(vmid, entry, gfn, shift);
      ++looked;
      if (shift > PMD_SHIFT && entry == 0) {
        const u64 unit = u64{1} << (shift - PMD_SHIFT);
        return unit - region % unit;
      }
    }
    const bool table = is_table(Descriptor<u64>(entry));
    for (u64 i = 0; entry != 0 && i < PMD_PAGE_NUM && found.invariant == 0; ++i) {
      const u64 leaf = table ? entry_in(vmid, entry, gfn + i, PAGE_SHIFT) : entry;
      ++looked;
      if ((leaf & DESC_VALID) != 0) {
        const u64 pfn = (phys_page(leaf) >> PAGE_SHIFT) + (table ? 0 : i);
        found = {0, broken_by(vmid, gfn + i, pfn), pfn};
      }
    }
    return 1;
  }
  u64 entry_in(VmId<u64> vmid, u64 link, u64 gfn, unsigned shift) {
    const u64 index = gfn >> (shift - PAGE_SHIFT) & (PTRS_PER_TABLE - 1);
    return m_.pt_load(vmid, Pa<u64>(phys_page(link) + index * 8)).raw;
  }

  u64 broken_by(VmId<u64> vmid, u64 gfn, u64 pfn) {
    const Pfn<u64> frame(pfn);
    const u64 owner = layer_.get_pfn_owner(frame);
    if (vmid.raw != HOSTVISOR) {
      return owner == vmid.raw && layer_.get_pfn_map(frame) == gfn ? 0 : 10;
    }
    if (gfn != pfn) {
      return 5;
    }
    if (owner == INVALID) {
      return m_.is_host_device(frame, 1) ? 0 : 6;
    }
    return owner == HOSTVISOR || layer_.get_pfn_count(frame) == 1 ? 0 : 6;
  }

  Layer& layer_;
  M& m_;
};

}  // namespace redoubt
