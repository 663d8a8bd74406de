// SPDX-License-Identifier: BSD-3-Clause
// The invariants as objects: number, statement, source and a check on a concrete abstract state.
#pragma once
#include <set>
#include <string_view>

#include "core/lock/lock_id.hpp"
#include "core/registry/page_invariants.hpp"
#include "core/registry/primitive.hpp"
#include "spec/npt/invariants.hpp"
#include "spec/npt/layout.hpp"

namespace redoubt::registry::inv {

// `holds(s)` needs a state over the concrete domain, whose maps can list their cells; it tries every cell
// that is not zero. Invariants of the locks' logs are checked in spec/lock/invariants.hpp, on logs.

namespace detail {
template <class S>
auto& pool(S& s, unsigned level) {
  return level == 0   ? s.pt_vttbr_pool
         : level == 1 ? s.pt_pgd_pool
         : level == 2 ? s.pt_pud_pool
                      : s.pt_pmd_pool;
}
template <class S, class F>
bool every_entry(S& s, F holds) {
  for (unsigned level = 0; level < 4; ++level) {
    for (const auto& [key, value] : pool(s, level).cells()) {
      if (!holds(level, key.first, key.second, value)) {
        return false;
      }
    }
  }
  return true;
}
template <class S>
using Checks = spec::NptInvariants<spec::ReadNow, typename S::Domain, typename S::Params>;

template <class S>
u64 owner_of(S& s, u64 pfn) {  // INVALID: no ownership entry
  u64 owner = INVALID;
  for (u64 r = 0; r < s.region_cnt; ++r) {
    const u64 base = s.regions.read(r, spec::MB_BASE) >> PAGE_SHIFT,
              pages = s.regions.read(r, spec::MB_SIZE) >> PAGE_SHIFT;
    const u64 first = s.regions.read(r, spec::MB_INDEX);
    if (pfn < base || pfn - base >= pages) {
      continue;
    }
    owner = first == INVALID64 ? INVALID : s.s2_owner.read(first + (pfn - base), 0);
  }
  return owner;
}
template <class S>
bool shared(S& s, u64 pfn) {
  for (u64 r = 0; r < s.region_cnt; ++r) {
    const u64 base = s.regions.read(r, spec::MB_BASE) >> PAGE_SHIFT,
              pages = s.regions.read(r, spec::MB_SIZE) >> PAGE_SHIFT;
    const u64 first = s.regions.read(r, spec::MB_INDEX);
    if (pfn >= base && pfn - base < pages && first != INVALID64) {
      return s.s2_count.read(first + (pfn - base), 0) == 1;
    }
  }
  return false;
}
// Calls holds(gfn, pfn) for each frame that the host's table maps.
template <class S, class F>
bool every_host_frame(S& s, F holds) {
  for (const auto& [key, leaf] : s.page.cells()) {
    if (key.first == HOSTVISOR && (leaf & 1) != 0 && !holds(key.second, spec::frame_of(leaf) >> PAGE_SHIFT)) {
      return false;
    }
  }
  for (const auto& [key, leaf] : s.block.cells()) {
    if (key.first != HOSTVISOR || (leaf & 1) == 0) {
      continue;
    }
    for (u64 i = 0; i < PMD_PAGE_NUM; ++i) {
      if (!holds((key.second << 9) + i, (spec::frame_of(leaf) >> PAGE_SHIFT) + i)) {
        return false;
      }
    }
  }
  return true;
}
}  // namespace detail

struct Npt1 {
  static constexpr std::string_view
      number = "INV-NPT-1",
      source = "lower 5.7",
      text = "pgd <= pgd_next <= pud <= pud_next <= pmd <= pmd_next <= end, page aligned";
  template <class S>
  static bool holds(S& s) {
    detail::Checks<S> check(s);
    for (u64 v = 0; v < PRINCIPALS; ++v) {
      for (const Zone z : {Zone::pgd, Zone::pud, Zone::pmd}) {
        if (!check.bump_pointer(v, z)) {
          return false;
        }
      }
    }
    return true;
  }
};
struct Npt2 {
  static constexpr std::string_view number = "INV-NPT-2", source = "lower 5.7",
                                    text = "every pool word at or above its zone's bump pointer is zero";
  template <class S>
  static bool holds(S& s) {
    detail::Checks<S> check(s);
    return detail::every_entry(s, [&](unsigned level, u64 v, u64 slot, u64) {
      return level == 0 || check.fresh_is_zero(level, v, slot);
    });
  }
};
struct Npt3 {
  static constexpr std::string_view
      number = "INV-NPT-3",
      source = "lower 5.7",
      text = "an entry above level 3 is zero, a level-2 leaf, or links an allocated page";
  template <class S>
  static bool holds(S& s) {
    detail::Checks<S> check(s);
    return detail::every_entry(
        s, [&](unsigned level, u64 v, u64 slot, u64) { return level == 3 || check.linked(level, v, slot); });
  }
};
struct Npt4 {
  static constexpr std::string_view number = "INV-NPT-4", source = "lower 5.7",
                                    text = "a table page has at most one parent";
  template <class S>
  static bool holds(S& s) {
    std::set<std::pair<u64, u64>> children;
    return detail::every_entry(s, [&](unsigned level, u64 v, u64, u64 value) {
      return level == 3 || (value & 3) != 3 || children.insert({v, spec::frame_of(value)}).second;
    });
  }
};
struct Npt5 {
  static constexpr std::string_view number = "INV-NPT-5", source = "lower 5.7",
                                    text =
                                        "links of one principal's tables never leave that principal's pool";
  template <class S>
  static bool holds(S& s) {
    return detail::every_entry(s, [&](unsigned level, u64 v, u64 slot, u64 value) {
      const auto b = spec::bounds<typename S::Params>(s.pool_base, v);
      const u64 child = spec::frame_of(value);
      const bool link = level < 3 && (value & 3) == 3;
      return v < PRINCIPALS && b.root <= slot && slot < b.end && (!link || (b.pgd <= child && child < b.end));
    });
  }
};
struct Npt9 {
  static constexpr std::string_view number = "INV-NPT-9", source = "lower 5.7",
                                    text = "a 2 MiB region has a block or a level-3 table, not both";
  template <class S>
  static bool holds(S& s) {
    for (const auto& [key, value] : s.block.cells()) {
      if (s.pmd_t.read(key.first, key.second) != 0) {
        return false;
      }
    }
    for (const auto& [key, value] : s.page.cells()) {
      if (s.pmd_t.read(key.first, key.second >> 9) != 1) {
        return false;
      }
    }
    return true;
  }
};
struct Npt10 {
  static constexpr std::string_view number = "INV-NPT-10", source = "lower 3.1", text = "tstate is 0 or 1";
  template <class S>
  static bool holds(S& s) {
    return s.tstate <= 1;
  }
};
struct Lock7 {
  static constexpr std::string_view number = "INV-LOCK-7", source = "lower 2.7",
                                    text = "held locks stand in the lock order, each in a rank of its own";
  template <class S>
  static bool holds(S& s) {
    unsigned ranks = 0;
    for (const auto& [key, status] : s.lock.cells()) {
      const unsigned bit = 1u << lock_rank(key.first);
      if (status > spec::LOCK_OWN_TRUE || (ranks & bit) != 0) {
        return false;
      }
      ranks |= bit;
    }
    return true;
  }
};
struct Page1 {
  static constexpr std::string_view number = "INV-PAGE-1", source = "upper 1.2",
                                    text = "an owner is a principal or nobody";
  template <class S>
  static bool holds(S& s) {
    for (const auto& [key, owner] : s.s2_owner.cells()) {
      if (owner > COREVISOR && owner != INVALID) {
        return false;
      }
    }
    return true;
  }
};
struct Page2 {
  static constexpr std::string_view number = "INV-PAGE-2", source = "upper 1.2",
                                    text =
                                        "a share count is 0 or 1; only a VM's page is shared, or the core's: "
                                        "a mailbox (R9, R23)";
  template <class S>
  static bool holds(S& s) {
    for (const auto& [key, count] : s.s2_count.cells()) {
      const u64 owner = s.s2_owner.read(key.first, 0);
      if (count > 1 || owner == HOSTVISOR || owner > COREVISOR) {
        return false;
      }
    }
    return true;
  }
};
struct Page5 {
  static constexpr std::string_view number = "INV-PAGE-5", source = "lower 6.4",
                                    text = "the host's table is an identity map";
  template <class S>
  static bool holds(S& s) {
    return detail::every_host_frame(s, [](u64 gfn, u64 pfn) { return gfn == pfn; });
  }
};
struct Page6 {
  static constexpr std::string_view
      number = "INV-PAGE-6",
      source = "lower 6.4", text = "the host maps only its own pages, shared pages and its device windows";
  template <class S>
  static bool holds(S& s) {
    return detail::every_host_frame(s, [&](u64, u64 pfn) {
      const u64 owner = detail::owner_of(s, pfn);
      if (owner == INVALID) {
        return s.host_device.read(pfn, 0) != 0;
      }
      return owner == HOSTVISOR || detail::shared(s, pfn);
    });
  }
};

// On logs: spec/lock/invariants.hpp checks them, tests/unit/lock runs the checks. There is deliberately no
// `holds` here: asking for one on the state does not compile.
template <unsigned N>
struct LogInvariant {
  static constexpr char digit = static_cast<char>('0' + N);
  static constexpr char characters[] = {'I', 'N', 'V', '-', 'L', 'O', 'C', 'K', '-', digit};
  static constexpr std::string_view number{characters, sizeof(characters)}, source = "lower 5.2",
                                                                            text = "of the lock's log";
};

// Classes, not aliases, so that the compiler's messages stay short.
struct Section : List<Npt10, Lock7> {};  // of a critical section
struct Always : List<Npt1, Npt2, Npt3, Npt4, Npt5, Npt9, Npt10, Lock7, Page1, Page4> {};
struct Acquiring : List<Npt1, Npt2, Npt3, Npt4, Npt5, Npt9, Npt10, Page1, Page4> {
};  // the lock order is the caller's duty
struct Host : List<Npt1, Npt2, Npt3, Npt4, Npt5, Npt9, Npt10, Lock7, Page1, Page2, Page3, Page4, Page5, Page6,
                   Page7, Page8> {};
struct LogSteps : List<LogInvariant<1>, LogInvariant<2>, LogInvariant<4>, LogInvariant<5>> {
};  // one step of a lock
struct Logs : List<LogInvariant<1>, LogInvariant<2>, LogInvariant<3>, LogInvariant<4>, LogInvariant<5>,
                   LogInvariant<6>, LogInvariant<7>, LogInvariant<8>, LogInvariant<9>> {};

}  // namespace redoubt::registry::inv
