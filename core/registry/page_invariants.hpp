// SPDX-License-Identifier: BSD-3-Clause
// The invariants of memory regions and page ownership as objects; `holds` as in invariants.hpp.
#pragma once
#include <string_view>

#include "core/registry/primitive.hpp"
#include "spec/page/invariants.hpp"

namespace redoubt::registry::inv {

namespace detail {
template <class S>
using PageChecks = spec::PageInvariants<spec::ReadNow, typename S::Domain, typename S::Params>;
template <class S, class F>
bool every_region(S& s, F holds) {
  for (u64 i = 0; i < s.region_cnt; ++i) {
    if (!holds(i)) {
      return false;
    }
  }
  return true;
}
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
}  // namespace detail

struct Page3 {
  static constexpr std::string_view
      number = "INV-PAGE-3",
      source = "upper 1.2",
      text = "a guest frame is one of the owner's space or nothing; pages of host and core have none";
  template <class S>
  static bool holds(S& s) {
    detail::PageChecks<S> check(s);
    for (const auto* map : {&s.s2_owner, &s.s2_gfn}) {
      for (const auto& [key, value] : map->cells()) {
        if (!check.guest_frame(key.first)) {
          return false;
        }
      }
    }
    return true;
  }
};
struct Page4 {
  static constexpr std::string_view
      number = "INV-PAGE-4",
      source = "upper 1.1",
      text =
          "at most 32 regions of whole pages; no two share an address or an entry; a run of 512 entries "
          "is a run of 512 frames";
  template <class S>
  static bool holds(S& s) {
    detail::PageChecks<S> check(s);
    return check.counts() && detail::every_region(s, [&](u64 i) {
             return check.region(i) && detail::every_region(s, [&](u64 j) { return check.apart(i, j); });
           });
  }
};
struct Page7 {
  static constexpr std::string_view number = "INV-PAGE-7", source = "lower 6.4",
                                    text = "frame 0 has no ownership entry, so that 0 can mean none";
  template <class S>
  static bool holds(S& s) {
    detail::PageChecks<S> check(s);
    return detail::every_region(s, [&](u64 i) { return check.not_frame_0(i); });
  }
};
struct Page8 {
  static constexpr std::string_view
      number = "INV-PAGE-8",
      source = "own", text = "a frame of a device window that the host may have has no ownership entry (R11)";
  template <class S>
  static bool holds(S& s) {
    return detail::every_region(s, [&](u64 i) {
      const u64 base = s.regions.read(i, spec::MB_BASE) >> 12, pages = s.regions.read(i, spec::MB_SIZE) >> 12;
      for (u64 p = 0; p < pages && s.regions.read(i, spec::MB_INDEX) != INVALID64; ++p) {
        if (s.host_device.read(base + p, 0) != 0) {
          return false;
        }
      }
      return true;
    });
  }
};

}  // namespace redoubt::registry::inv
