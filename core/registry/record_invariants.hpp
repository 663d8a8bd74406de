// SPDX-License-Identifier: BSD-3-Clause
// The invariants of core data and VM information as objects; `holds` as in invariants.hpp.
#pragma once
#include <string_view>

#include "core/machine/constants.hpp"
#include "core/registry/invariants.hpp"

namespace redoubt::registry::inv {

namespace detail {
inline u64 pages_in(u64 bytes) { return bytes / PAGE_SIZE + (bytes % PAGE_SIZE != 0 ? 1 : 0); }

// Calls holds(vmid, load_idx, first address, pages) for each announced boot image.
template <class S, class F>
bool every_image(S& s, F holds) {
  for (u64 v = 0; v < PRINCIPALS; ++v) {
    const u64 count = s.records.vm_next_load_info.read(v, 0);
    for (u64 i = 0; i < count && i < MAX_LOAD_INFO_NUM; ++i) {
      const u64 pages = pages_in(s.records.vm_load_size.read(v, i));
      if (!holds(v, i, s.records.vm_remap_addr.read(v, i), pages)) {
        return false;
      }
    }
  }
  return true;
}
}  // namespace detail

struct Vm1 {
  static constexpr std::string_view number = "INV-VM-1", source = "lower 0.1",
                                    text = "VMIDs, states, image counts and resume flags are 32-bit values";
  template <class S>
  static bool holds(S& s) {
    using Records = spec::VmRecords<typename S::Domain>;
    for (const auto& named : Records::kMaps) {
      for (const auto& [key, value] : (s.records.*named.map).cells()) {
        if (named.narrow && value > INVALID) {
          return false;
        }
      }
    }
    return s.records.next_vmid <= INVALID;
  }
};
// The setters store any value, so what follows is for the layers that use them (VM boot) to preserve; nothing
// below them changes these fields.
struct Vm2 {
  static constexpr std::string_view
      number = "INV-VM-2",
      source = "upper 2.2", text = "the next VMID is 1 to 16; at 16 only those of destroyed VMs are left";
  template <class S>
  static bool holds(S& s) {
    return s.records.next_vmid > HOSTVISOR && s.records.next_vmid <= COREVISOR;
  }
};
struct Vm3 {
  static constexpr std::string_view number = "INV-VM-3", source = "lower 6.4",
                                    text = "the image pointer lies in the window, page aligned";
  template <class S>
  static bool holds(S& s) {
    const u64 next = s.records.next_remap_ptr;
    return next >= REMAP_START && next <= REMAP_END && next % PAGE_SIZE == 0;
  }
};
struct Vm4 {
  static constexpr std::string_view number = "INV-VM-4", source = "upper 2.2",
                                    text = "a VM has at most five boot images";
  template <class S>
  static bool holds(S& s) {
    for (const auto& [key, count] : s.records.vm_next_load_info.cells()) {
      if (count > MAX_LOAD_INFO_NUM) {
        return false;
      }
    }
    return true;
  }
};

struct Records : List<Npt1, Npt2, Npt3, Npt4, Npt5, Npt9, Npt10, Lock7, Page1, Vm1> {};
struct Images : List<Vm2, Vm3, Vm4> {};  // of core data at boot

}  // namespace redoubt::registry::inv
