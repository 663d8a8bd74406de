// SPDX-License-Identifier: BSD-3-Clause
// What a TLBI by IPA says beside principal and address.
#pragma once

namespace redoubt {

// Operations of the core give no hint, mean every level and are broadcast: the default. All else is for
// seeded faults and for tests of the TLB models.
struct TlbiScope {
  unsigned level_hint = 0;  // TTL: level of the leaf; 0: none given, any (Arm ARM D8.14)
  bool last_level = false;  // IPAS2LE1: the leaf alone, tables stay in walk caches
  bool broadcast = true;    // the IS form

  // Does it ask for tables? Where a hint is wrong nothing need go, so a table only goes without one.
  [[nodiscard]] constexpr bool takes_tables() const { return !last_level && level_hint == 0; }
};

}  // namespace redoubt
