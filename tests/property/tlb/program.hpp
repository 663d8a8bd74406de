// SPDX-License-Identifier: BSD-3-Clause
// Random sequences of table changes, barriers and TLB invalidations, for any model of a TLB.
#pragma once
#include <array>
#include <vector>

#include "core/machine/constants.hpp"
#include "machine/model/tlbi_scope.hpp"

namespace redoubt::test {

// Frames that share all tables, a level-2 one, a level-1 one, the root alone; the last lies in a block.
inline constexpr std::array<u64, 5> kFrames{0, 1, u64{1} << 9, u64{1} << 18, u64{1} << 27};
constexpr unsigned leaf_level(u64 gfn) { return gfn == kFrames.back() ? 2 : 3; }
constexpr unsigned frame_shift(unsigned link_level) { return 27 - 9 * link_level; }
// Does the walk of `gfn` go through the table that the level's entry for `other` links?
constexpr bool below(unsigned link_level, u64 other, u64 gfn) {
  return gfn >> frame_shift(link_level) == other >> frame_shift(link_level) && link_level < leaf_level(gfn);
}

struct Op {
  enum Kind { overwrite, unhook, dsb_ishst, dsb_ish, tlbi_ipa, tlbi_all_ipas, tlbi_combined, tlbi_vmid } kind;
  u64 vmid, gfn;
  unsigned link_level;
  TlbiScope scope;
  unsigned level = 0;  // of the leaf that is overwritten; 0: the frame's own, leaf_level

  [[nodiscard]] unsigned leaf() const { return level == 0 ? leaf_level(gfn) : level; }
  [[nodiscard]] bool invalidates() const { return kind >= tlbi_ipa; }
};

// An operation from an arbitrary number; hints are none or `hint`. Few changes and few frames, so that many
// programs invalidate all that they broke, or nearly.
constexpr Op decode(unsigned number, unsigned hint) {
  constexpr std::array<Op::Kind, 12> kinds{Op::overwrite, Op::unhook,   Op::dsb_ishst,     Op::dsb_ish,
                                           Op::dsb_ish,   Op::dsb_ish,  Op::dsb_ish,       Op::tlbi_ipa,
                                           Op::tlbi_ipa,  Op::tlbi_ipa, Op::tlbi_all_ipas, Op::tlbi_combined};
  const auto draw = [&](unsigned n) {
    const unsigned drawn = number % n;
    number /= n;
    return drawn;
  };
  Op op{};
  op.kind = draw(20) == 0 ? Op::tlbi_vmid : kinds[draw(kinds.size())];
  op.vmid = draw(9) == 0 ? 1 : 0;
  op.gfn = kFrames[draw(2) == 0 ? 0 : draw(kFrames.size())];
  op.link_level = draw(2) == 0 ? leaf_level(op.gfn) - 1 : draw(leaf_level(op.gfn));
  op.scope.level_hint = draw(3) == 0 ? hint : 0;
  op.scope.last_level = draw(4) == 0;
  op.scope.broadcast = draw(6) != 0;
  return op;
}
using Program = std::vector<Op>;

}  // namespace redoubt::test
