// SPDX-License-Identifier: BSD-3-Clause
// The invariants of VMs as objects: their pages and tables, their records, their boot; `holds` as in
// invariants.hpp.
#pragma once
#include <string_view>

#include "core/machine/record_layout.hpp"
#include "core/registry/record_invariants.hpp"
#include "core/registry/seal_invariants.hpp"
#include "core/vm/vm_state.hpp"

namespace redoubt::registry::inv {

namespace detail {
// Position of a frame in the ownership array; INVALID64: none.
template <class S>
u64 index_of(S& s, u64 pfn) {
  for (u64 r = 0; r < s.region_cnt; ++r) {
    const u64 base = s.regions.read(r, spec::MB_BASE) >> PAGE_SHIFT,
              pages = s.regions.read(r, spec::MB_SIZE) >> PAGE_SHIFT;
    if (pfn >= base && pfn - base < pages) {
      const u64 first = s.regions.read(r, spec::MB_INDEX);
      return first == INVALID64 ? INVALID64 : first + (pfn - base);
    }
  }
  return INVALID64;
}
inline bool is_vm_number(u64 v) { return v > HOSTVISOR && v < COREVISOR; }

// Calls holds(vmid, gfn, pfn) for each frame that the table of a VM maps.
template <class S, class F>
bool every_vm_frame(S& s, F holds) {
  for (const auto& [key, leaf] : s.page.cells()) {
    const u64 pfn = spec::frame_of(leaf) >> PAGE_SHIFT;
    if (is_vm_number(key.first) && (leaf & 1) != 0 && !holds(key.first, key.second, pfn)) {
      return false;
    }
  }
  for (const auto& [key, leaf] : s.block.cells()) {
    for (u64 i = 0; is_vm_number(key.first) && (leaf & 1) != 0 && i < PMD_PAGE_NUM; ++i) {
      if (!holds(key.first, (key.second << 9) + i, (spec::frame_of(leaf) >> PAGE_SHIFT) + i)) {
        return false;
      }
    }
  }
  return true;
}
template <class S, class F>
bool every_vm(S& s, F holds) {
  for (u64 v = 1; v <= MAX_VM_NUM; ++v) {
    if (!holds(v, s.records.vm_state.read(v, 0))) {
      return false;
    }
  }
  return true;
}
}  // namespace detail

struct Page9 {
  static constexpr std::string_view
      number = "INV-PAGE-9",
      source = "own", text = "the totals of a VM count the pages that it owns, and those of them it shares";
  template <class S>
  static bool holds(S& s) {
    u64 owned[PRINCIPALS] = {}, shared[PRINCIPALS] = {};
    for (const auto& [key, owner] : s.s2_owner.cells()) {
      if (owner < PRINCIPALS) {
        ++owned[owner];
        shared[owner] += s.s2_count.read(key.first, 0);
      }
    }
    return detail::every_vm(s, [&](u64 v, u64) {
      return s.records.vm_total.read(v, 0) == owned[v] && s.records.vm_total.read(v, 1) == shared[v];
    });
  }
};
struct Page10 {
  static constexpr std::string_view
      number = "INV-PAGE-10",
      source = "upper 3.2",
      text = "the table of a VM maps only pages that it owns, each at its own frame (vm_iso)";
  template <class S>
  static bool holds(S& s) {
    return detail::every_vm_frame(s, [&](u64 v, u64 gfn, u64 pfn) {
      const u64 index = detail::index_of(s, pfn);
      return index != INVALID64 && s.s2_owner.read(index, 0) == v && s.s2_gfn.read(index, 0) == gfn;
    });
  }
};

struct Vm5 {
  static constexpr std::string_view
      number = "INV-VM-5",
      source = "own",
      text = "an image lies in its VM's memory, is numbered by its guest address, and has at most its pages";
  template <class S>
  static bool holds(S& s) {
    return detail::every_image(s, [&](u64 v, u64 i, u64 from, u64 pages) {
      const u64 base = s.records.vm_item.read(v, 0), size = s.records.vm_item.read(v, 1);
      const bool inside = base <= from && from - base < size && pages << PAGE_SHIFT <= size - (from - base);
      return inside && s.records.vm_load_addr.read(v, i) == from && from % PAGE_SIZE == 0 && pages != 0 &&
             s.records.vm_mapped_pages.read(v, i) <= pages;
    });
  }
};
struct Vm6 {
  static constexpr std::string_view number = "INV-VM-6", source = "own",
                                    text = "a VM that is UNUSED has neither images, vCPUs nor pages";
  template <class S>
  static bool holds(S& s) {
    return detail::every_vm(s, [&](u64 v, u64 state) {
      bool nothing = s.records.vm_next_load_info.read(v, 0) == 0 && s.records.vm_total.read(v, 0) == 0 &&
                     s.records.vm_item.read(v, static_cast<u64>(VmItem::vcpus)) == 0;
      for (u64 c = 0; c < VCPU_PER_VM; ++c) {
        nothing = nothing && s.records.vm_vcpu_state.read(v, c) == vm_state::UNUSED;
      }
      return state != vm_state::UNUSED || nothing;
    });
  }
};
struct Vm7 {
  static constexpr std::string_view number = "INV-VM-7", source = "upper 1.6",
                                    text = "a vCPU is ACTIVE only in a VM that is VERIFIED or has ended";
  template <class S>
  static bool holds(S& s) {
    return detail::every_vm(s, [&](u64 v, u64 state) {
      bool active = false;
      for (u64 c = 0; c < VCPU_PER_VM; ++c) {
        active = active || s.records.vm_vcpu_state.read(v, c) == vm_state::ACTIVE;
      }
      return !active || state == vm_state::VERIFIED || state == vm_state::POWEROFF;
    });
  }
};
struct Vm8 {
  static constexpr std::string_view number = "INV-VM-8", source = "own",
                                    text = "a VMID is free only below the next one, and its VM is UNUSED";
  template <class S>
  static bool holds(S& s) {
    const u64 free = s.records.free_vmids;
    return (free & ~u64{0xfffe}) == 0 && detail::every_vm(s, [&](u64 v, u64 state) {
             const bool given = (free >> v & 1) == 0;
             return given || (v < s.records.next_vmid && state == vm_state::UNUSED);
           });
  }
};

struct Boot1 {
  static constexpr std::string_view
      number = "INV-BOOT-1",
      source = "own", text = "the pages given of an image are mapped at its guest address, in order";
  template <class S>
  static bool holds(S& s) {
    return detail::every_image(s, [&](u64 v, u64 i, u64 from, u64) {
      const u64 state = s.records.vm_state.read(v, 0);
      bool mapped = true;
      for (u64 n = 0; n < s.records.vm_mapped_pages.read(v, i); ++n) {
        mapped = mapped && (s.page.read(v, (from >> PAGE_SHIFT) + n) & 1) != 0;
      }
      return mapped || (state != vm_state::READY && state != vm_state::VERIFIED);
    });
  }
};
struct Boot2 {
  static constexpr std::string_view
      number = "INV-BOOT-2",
      source = "own",
      text =
          "of a VERIFIED VM every image was hashed to its end; the check of another is not beyond its images";
  template <class S>
  static bool holds(S& s) {
    return detail::every_vm(s, [&](u64 v, u64 state) {
      const u64 images = s.records.vm_next_load_info.read(v, 0);
      const u64 checked = s.records.vm_item.read(v, static_cast<u64>(VmItem::verify_image));
      const u64 bytes = s.records.vm_item.read(v, static_cast<u64>(VmItem::verify_bytes));
      if (state == vm_state::VERIFIED) {
        return images != 0 && checked == images && bytes == 0;
      }
      return checked <= images && bytes % 2048 == 0;
    });
  }
};

struct Boot4 {
  static constexpr std::string_view number = "INV-BOOT-4", source = "own",
                                    text = "a VM with restored state is not VERIFIED (R25)";
  template <class S>
  static bool holds(S& s) {
    return detail::every_vm(s, [&](u64 v, u64 state) {
      return state != vm_state::VERIFIED || s.records.vm_inc_exe.read(v, 0) == 0;
    });
  }
};

// Of operations on the pages of VMs; on their records too.
struct Pages : List<Npt1, Npt2, Npt3, Npt4, Npt5, Npt9, Npt10, Lock7, Page1, Page2, Page3, Page4, Page5,
                    Page6, Page7, Page8, Page9, Page10, Seal1> {};
struct Life
    : List<Npt1, Npt2, Npt3, Npt4, Npt5, Npt9, Npt10, Lock7, Page1, Page2, Page3, Page4, Page5, Page6, Page7,
           Page8, Page9, Page10, Vm1, Vm2, Vm4, Vm5, Vm6, Vm7, Vm8, Boot1, Boot2, Boot4, Seal1> {};

}  // namespace redoubt::registry::inv
