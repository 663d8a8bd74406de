// SPDX-License-Identifier: BSD-3-Clause
// Sequences of bank operations on all three views, and everything that must hold after each step.
#pragma once
#include <random>
#include <vector>

#include "tests/unit/spt/transaction.hpp"

namespace redoubt::test {

struct Op {
  enum Kind : std::uint8_t { try_map, map, try_unmap, unmap, walk, try_init, init, count } kind;
  u64 cb, ix, iova, pfn;
  unsigned access;  // S2AP, 1 to 3
};

// Few addresses that share tables at each level, a few that are refused, banks that exist on one SMMU only.
template <class Pick>
Op make_op(Pick pick) {
  static constexpr u64 kinds[] = {Op::try_map, Op::try_map,  Op::try_map, Op::try_map,
                                  Op::try_map, Op::map,      Op::unmap,   Op::unmap,
                                  Op::walk,    Op::try_init, Op::init,    Op::try_unmap};
  static constexpr u64 banks[] = {0, 1, 5, 0, 1, 5, 0, 1, 8};
  static constexpr u64 smmus[] = {0, 1, 0, 1, 0, 1, 2};
  const u64 roots[] = {0, 513, 1023}, middles[] = {0, 511}, pages[] = {0, 511};
  u64 iova = roots[pick(3)] << 30 | middles[pick(2)] << 21 | pages[pick(2)] << 12;
  if (pick(30) == 0) {
    iova |= pick(2) == 0 ? 0x8 : u64{1} << 40;
  }
  return {static_cast<Op::Kind>(kinds[pick(12)]), banks[pick(9)], smmus[pick(7)], iova, pick(2) << 9 | 1,
          static_cast<unsigned>(1 + pick(2))};
}

template <class P>
class Sequence {
 public:
  // First thing that does not hold, or nothing.
  std::optional<std::string> run(const std::vector<Op>& ops) {
    for (const Op& op : ops) {
      if (auto failure = step(op)) {
        return failure;
      }
      if (rig_.flat_state.halt) {
        return std::nullopt;
      }
    }
    return settled();
  }
  [[nodiscard]] unsigned refused_for_memory() const { return no_memory_; }
  [[nodiscard]] unsigned taken_away() const { return taken_away_; }
  [[nodiscard]] unsigned reused() const { return reused_; }
  Rig<P>& rig() { return rig_; }

 private:
  using Failure = std::optional<std::string>;

  template <class Ops>
  static u64 apply(Ops& ops, const Op& op, Desc leaf) {
    const Cb cb(op.cb);
    const Ix ix(op.ix);
    const Io iova(op.iova);
    const auto number = [](Status s) { return static_cast<u64>(static_cast<std::int64_t>(s)); };
    switch (op.kind) {
      case Op::try_map:
        return number(ops.try_map_spt(cb, ix, iova, leaf));
      case Op::map:
        return ops.map_spt(cb, ix, iova, leaf), 0;
      case Op::try_unmap:
        return number(ops.try_unmap_spt(cb, ix, iova));
      case Op::unmap:
        return ops.unmap_spt(cb, ix, iova).raw;
      case Op::walk:
        return ops.walk_spt(cb, ix, iova).raw;
      case Op::try_init:
        return number(ops.try_init_spt(cb, ix));
      case Op::init:
        return ops.init_spt(cb, ix), 0;
      case Op::count:
        break;
    }
    return 0;
  }
  template <class Ops>
  static Outcome observe(Ops& ops, const State<P>& state, const Op& op, Desc leaf) {
    const Outcome seen = outcome_of([&] { return apply(ops, op, leaf); });
    return seen.kind == Outcome::value && state.halt ? Outcome{Outcome::halt, 0, {}} : seen;
  }

  Failure step(const Op& op) {
    const Desc leaf = FlatOps<P>::spt_leaf(Pfn<u64>(op.pfn), op.access, 15);
    if (CodeOps<P>::spt_leaf(Pfn<u64>(op.pfn), static_cast<DmaAccess>(op.access), DmaMemory::write_back) !=
        leaf) {
      return "the leaf has other attributes than specified";
    }
    State<P> probe = rig_.flat_state;
    FlatOps<P> probing(probe);
    if (observe(probing, probe, op, leaf).kind == Outcome::stuck) {
      return std::nullopt;  // no result is specified
    }
    State<P> before = rig_.raw_state;
    rig_.raw_state.updates = rig_.flat_state.updates = {};
    rig_.machine->forget_events();
    const Outcome flat = observe(rig_.flat, rig_.flat_state, op, leaf);
    const Outcome raw = observe(rig_.raw, rig_.raw_state, op, leaf);
    const Outcome code = outcome_of([&] { return apply(rig_.code, op, leaf); });
    if (code != flat || raw != flat) {
      return "outcomes differ: " + code.why + raw.why + " for operation " + std::to_string(op.kind);
    }
    no_memory_ += flat.result == static_cast<u64>(static_cast<std::int64_t>(Status::no_memory)) ? 1 : 0;
    return flat.kind == Outcome::halt ? std::nullopt : after(op, before);
  }

  Failure after(const Op& op, State<P>& before) {
    if (rig_.machine->stale_smmu().usable()) {
      return "an SMMU may still use what was taken away";
    }
    const auto effects = effects_of(rig_.machine->events());
    if (!effects) {
      return "frame: an effect outside the SMMU tables";
    }
    if (rig_.raw_state.updates.overflow || *effects != steps_of(rig_.raw_state.updates)) {
      return "effects differ from the ordered update list of the raw specification";
    }
    if (maintenance(*effects) != maintenance(steps_of(rig_.flat_state.updates))) {
      return "maintenance differs from the flat specification";
    }
    for (const Effect& e : *effects) {
      taken_away_ += e.kind == spec::Step::smmu_tlbi_iova ? 1 : 0;
      reused_ += e.kind == spec::Step::spt_zero ? 1 : 0;
    }
    const Transaction<P> transaction(before, rig_.raw_state, *effects);
    if (!transaction.holds(seed_++)) {
      return "a walker sees neither the state before nor the one after";
    }
    if (op.kind == Op::init || op.kind == Op::try_init) {
      return settled();
    }
    return op.ix < SMMU_NUM && op.cb < SMMU_NUM_CTXT_BANKS && op.iova < u64{1} << 40
               ? rig_.check_leaf(op.ix * 8 + op.cb, op.iova)
               : std::nullopt;
  }

  Failure settled() {
    if (auto failure = rig_.compare_raw()) {
      return failure;
    }
    if (auto failure = rig_.check_invariants()) {
      return failure;
    }
    if (auto failure = rig_.check_counts()) {
      return failure;
    }
    for (u64 bank = 0; bank < EL2_SMMU_CFG_SIZE; ++bank) {
      for (const u64 iova : probes()) {
        if (auto failure = rig_.check_leaf(bank, iova)) {
          return failure;
        }
      }
    }
    return std::nullopt;
  }

  Rig<P> rig_;
  std::uint32_t seed_ = 1;
  unsigned no_memory_ = 0, taken_away_ = 0, reused_ = 0;
};

// Every other unmap goes for the address of the step before, so that often something is mapped there.
inline void aim_unmaps(std::vector<Op>& ops) {
  for (std::size_t i = 1; i < ops.size(); ++i) {
    const bool unmaps = ops[i].kind == Op::unmap || ops[i].kind == Op::try_unmap;
    if (unmaps && i % 2 == 0) {
      ops[i].cb = ops[i - 1].cb;
      ops[i].ix = ops[i - 1].ix;
      ops[i].iova = ops[i - 1].iova;
    }
  }
}

inline std::vector<Op> random_ops(std::uint32_t seed, std::size_t length) {
  std::mt19937 engine(seed);
  std::vector<Op> ops(length);
  for (Op& op : ops) {
    op = make_op([&](u64 n) { return engine() % n; });
  }
  aim_unmaps(ops);
  return ops;
}

}  // namespace redoubt::test
