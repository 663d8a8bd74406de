// SPDX-License-Identifier: BSD-3-Clause
// The invariants of the SMMU tables as objects; `holds` as in invariants.hpp.
#pragma once
#include <set>
#include <string_view>

#include "core/registry/primitive.hpp"
#include "spec/spt/invariants.hpp"

namespace redoubt::registry::inv {

namespace detail {
template <class S>
using SptChecks = spec::SptInvariants<spec::ReadNow, typename S::Domain, typename S::Params>;
template <class Map, class F>
bool every_cell(const Map& map, F holds) {
  for (const auto& [key, value] : map.cells()) {
    if (!holds(key.second)) {
      return false;
    }
  }
  return true;
}
}  // namespace detail

struct Spt1 {
  static constexpr std::string_view number = "INV-SPT-1", source = "lower 5.11",
                                    text = "pgd <= pgd_next <= pmd <= pmd_next <= end, page aligned";
  template <class S>
  static bool holds(S& s) {
    detail::SptChecks<S> check(s);
    return check.bump_pointer(SmmuZone::pgd) && check.bump_pointer(SmmuZone::pmd);
  }
};
struct Spt2 {
  static constexpr std::string_view
      number = "INV-SPT-2",
      source = "lower 5.11", text = "every word of a zone at or above its bump pointer is zero, never taken";
  template <class S>
  static bool holds(S& s) {
    detail::SptChecks<S> check(s);
    const auto fresh = [&](u64 at) {
      return check.fresh_is_zero(SmmuZone::pgd, at) && check.fresh_is_zero(SmmuZone::pmd, at);
    };
    return detail::every_cell(s.smmu.spt_pgd_pool, fresh) && detail::every_cell(s.smmu.spt_pmd_pool, fresh) &&
           detail::every_cell(s.smmu.spt_taker, fresh);
  }
};
struct Spt3 {
  static constexpr std::string_view
      number = "INV-SPT-3",
      source = "own",
      text = "no stamp is of a generation that its bank has not reached; generations fit a stamp";
  template <class S>
  static bool holds(S& s) {
    detail::SptChecks<S> check(s);
    for (u64 bank = 0; bank < EL2_SMMU_CFG_SIZE; ++bank) {
      if (!check.generation_fits(bank)) {
        return false;
      }
    }
    return detail::every_cell(s.smmu.spt_taker, [&](u64 page) { return check.stamp_reached(page); });
  }
};
struct Spt4 {
  static constexpr std::string_view
      number = "INV-SPT-4",
      source = "lower 5.11",
      text = "an entry above level 3 is zero or links a live table page of its own bank";
  template <class S>
  static bool holds(S& s) {
    detail::SptChecks<S> check(s);
    return detail::every_cell(s.smmu.spt_vttbr_pool, [&](u64 at) { return check.root_linked(at); }) &&
           detail::every_cell(s.smmu.spt_pgd_pool, [&](u64 at) { return check.table_linked(at); });
  }
};
struct Spt5 {
  static constexpr std::string_view number = "INV-SPT-5", source = "lower 5.11",
                                    text = "a live table page has at most one parent";
  template <class S>
  static bool holds(S& s) {
    detail::SptChecks<S> check(s);
    std::set<u64> children;
    const auto one = [&](auto& map, bool roots) {
      return detail::every_cell(map, [&](u64 at) {
        const u64 entry = map.read(0, at);
        return (!roots && !check.live(at & ~u64{0xfff})) || (entry & 3) != 3 || children.insert(entry).second;
      });
    };
    return one(s.smmu.spt_vttbr_pool, true) && one(s.smmu.spt_pgd_pool, false);
  }
};
struct Spt6 {
  static constexpr std::string_view number = "INV-SPT-6", source = "lower 2.4",
                                    text = "the zone of the roots is zero behind the sixteenth root";
  template <class S>
  static bool holds(S& s) {
    detail::SptChecks<S> check(s);
    return detail::every_cell(s.smmu.spt_vttbr_pool, [&](u64 at) { return check.spare_roots_zero(at); });
  }
};

struct SmmuTables : List<Spt1, Spt2, Spt3, Spt4, Spt5, Spt6> {};

}  // namespace redoubt::registry::inv
