// SPDX-License-Identifier: BSD-3-Clause
// The TLB of one CPU as a set of entries: the greediest hardware, which holds whatever it may at any time.
#pragma once
#include <cstdint>
#include <set>
#include <tuple>
#include <vector>

#include "tests/property/tlb/program.hpp"

namespace redoubt::test {

// Holds stale entries only: what a walker could read before an overwriting store was complete, or through a
// stale table. Everything that may be filled is, at once. A TLBI takes effect where it is issued, or only at
// the DSB that waits for it: the caller chooses for each, by a bit. Independent of the phases of AbstractTlb:
// here is a set and what refills it.
class HardwareTlb {
 public:
  HardwareTlb(bool elsewhere, std::uint32_t late) : elsewhere_(elsewhere), late_(late) {}

  void step(const Op& op) {
    switch (op.kind) {
      case Op::overwrite:
        in_memory_.insert(leaf(op.vmid, op.gfn, op.leaf()));
        break;
      case Op::unhook:
        in_memory_.insert(link(op.vmid, op.link_level, op.gfn));
        break;
      case Op::dsb_ish:
        for (const Op& one : pending_) {
          take(one);
        }
        pending_.clear();
        [[fallthrough]];
      case Op::dsb_ishst:
        in_memory_.clear();
        break;
      default:
        issue(op);
    }
    fill();
  }

  // May this CPU translate the frame by something that was overwritten?
  [[nodiscard]] bool stale(u64 vmid, u64 gfn) const {
    for (const Entry& e : cached_) {
      const auto& [kind, of, level, at] = e;
      if (of == vmid && (kind == Kind::link ? below(level, at << frame_shift(level), gfn) : at == gfn)) {
        return true;
      }
    }
    return false;
  }

 private:
  enum class Kind : std::uint8_t { link, leaf, combined };
  using Entry = std::tuple<Kind, u64, unsigned, u64>;  // principal, level, frame or which table of that level
  static Entry link(u64 vmid, unsigned level, u64 gfn) {
    return {Kind::link, vmid, level, gfn >> frame_shift(level)};
  }
  static Entry leaf(u64 vmid, u64 gfn, unsigned level) { return {Kind::leaf, vmid, level, gfn}; }

  void issue(const Op& op) {
    if (elsewhere_ && !op.scope.broadcast) {
      return;
    }
    const bool late = ((late_ >> issued_++) & 1) != 0;
    if (late) {
      pending_.push_back(op);
    } else {
      take(op);
    }
  }
  void take(const Op& op) {
    std::erase_if(cached_, [&](const Entry& e) { return reaches(op, e); });
    fill();
  }
  static bool reaches(const Op& op, const Entry& e) {
    const auto& [kind, vmid, level, at] = e;
    if (vmid != op.vmid || op.kind == Op::tlbi_vmid) {
      return vmid == op.vmid;
    }
    if (kind == Kind::combined || op.kind == Op::tlbi_combined) {
      return kind == Kind::combined && op.kind == Op::tlbi_combined;
    }
    const bool all = op.kind == Op::tlbi_all_ipas;
    if (kind == Kind::link) {
      return !op.scope.last_level && op.scope.level_hint == 0 && (all || op.gfn >> frame_shift(level) == at);
    }
    return (op.scope.level_hint == 0 || op.scope.level_hint == level) && (all || op.gfn == at);
  }

  // From memory; what may lie in a stale table; combined ones from stage-2 ones.
  void fill() {
    cached_.insert(in_memory_.begin(), in_memory_.end());
    const std::set<Entry> now = cached_;
    for (const auto& [kind, vmid, level, at] : now) {
      for (const u64 gfn : kFrames) {
        if (kind != Kind::link || !below(level, at << frame_shift(level), gfn)) {
          continue;
        }
        cached_.insert(leaf(vmid, gfn, 3));
        if (level < 2) {
          cached_.insert(leaf(vmid, gfn, 2));
        }
      }
    }
    const std::set<Entry> filled = cached_;
    for (const auto& [kind, vmid, level, at] : filled) {
      if (kind == Kind::leaf) {
        cached_.insert(Entry{Kind::combined, vmid, 0, at});
      }
    }
  }

  bool elsewhere_;
  std::uint32_t late_;
  unsigned issued_ = 0;
  std::set<Entry> in_memory_, cached_;
  std::vector<Op> pending_;
};

}  // namespace redoubt::test
