// SPDX-License-Identifier: BSD-3-Clause
// The invariants of pages that devices reach, as objects; `holds` as in invariants.hpp.
#pragma once
#include <string_view>

#include "core/registry/page_invariants.hpp"
#include "core/registry/smmu_invariants.hpp"

namespace redoubt::registry::inv {

namespace detail {
// Calls holds(bank, gfn, pfn) for each frame that the table of a bank maps.
template <class S, class F>
bool every_device_frame(S& s, F holds) {
  for (const auto& [key, leaf] : s.smmu.spt_pt.cells()) {
    const u64 bank = key.first, gfn = key.second >> 3;
    const bool table =
        s.smmu.spt_pgd_t.read(bank, gfn >> 18 << 3) == 1 && s.smmu.spt_pmd_t.read(bank, gfn >> 9 << 3) == 1;
    if (table && (leaf & 1) != 0 && !holds(bank, gfn, spec::frame_of(leaf) >> PAGE_SHIFT)) {
      return false;
    }
  }
  return true;
}
}  // namespace detail

struct Page11 {
  static constexpr std::string_view
      number = "INV-PAGE-11",
      source = "upper 3.2",
      text =
          "a bank maps only pages for devices that its principal owns, each where that sees it: the host at "
          "the frame itself (smmu_iso, smmu_count)";
  template <class S>
  static bool holds(S& s) {
    return detail::every_device_frame(s, [&](u64 bank, u64 gfn, u64 pfn) {
      const u64 index = detail::index_of(s, pfn), vmid = s.smmu.smmu_vmid.read(bank, 0);
      if (index == INVALID64 || s.s2_owner.read(index, 0) != vmid || s.s2_dma.read(index, 0) != 1) {
        return false;
      }
      return vmid == HOSTVISOR ? gfn == pfn : s.s2_gfn.read(index, 0) == gfn;
    });
  }
};
struct Page12 {
  static constexpr std::string_view number = "INV-PAGE-12", source = "own",
                                    text =
                                        "a page for devices is the host's or a VM's, and is not shared (R9)";
  template <class S>
  static bool holds(S& s) {
    detail::PageChecks<S> check(s);
    for (const auto& [key, value] : s.s2_dma.cells()) {
      if (!check.dma(key.first)) {
        return false;
      }
    }
    return true;
  }
};

}  // namespace redoubt::registry::inv
