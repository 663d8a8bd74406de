// SPDX-License-Identifier: BSD-3-Clause
// The steps of one critical section, and what a walker may see while its stores become visible (digest 6.5,
// E9).
#pragma once
#include <algorithm>
#include <random>
#include <unordered_map>
#include <vector>

#include "tests/unit/spt/rig.hpp"

namespace redoubt::test {

struct Effect {
  spec::Step kind;
  u64 bank, at, value;
  unsigned epoch;
  friend bool operator==(const Effect&, const Effect&) = default;
};

// What one event is in the words of the specification; nothing if it is no step of the list.
inline std::optional<Effect> effect_of(const Event<u64>& e) {
  using spec::Step;
  const auto effect = [&](Step kind, u64 bank, u64 at, u64 value) {
    return Effect{kind, bank, at, value, e.epoch};
  };
  switch (e.kind) {
    case EventKind::spt_store:
      return effect(Step::spt_store, 0, e.at, e.value);
    case EventKind::spt_zero:
      return effect(e.value == PAGE_SIZE ? Step::spt_zero : Step::spt_clear, e.who, e.at, 0);
    case EventKind::set_spt_generation:
      return effect(Step::spt_release, e.who, 0, 0);
    case EventKind::dsb_st:
      return effect(Step::dsb_st, 0, 0, 0);
    case EventKind::smmu_tlbi_iova:
      return effect(Step::smmu_tlbi_iova, e.who, e.at, 0);
    case EventKind::smmu_tlbi_bank:
      return effect(Step::smmu_tlbi_bank, e.who, 0, 0);
    case EventKind::smmu_tlb_sync:
      return effect(Step::smmu_tlb_sync, e.who, 0, 0);
    default:
      return std::nullopt;
  }
}
// The list of a critical section; nothing if an effect lies outside the SMMU tables and the locks.
inline std::optional<std::vector<Effect>> effects_of(const std::vector<Event<u64>>& events) {
  std::vector<Effect> effects;
  for (const auto& e : events) {
    const bool silent = e.kind <= EventKind::publish || e.kind == EventKind::set_spt_next ||
                        e.kind == EventKind::set_spt_stamp;
    const auto effect = effect_of(e);
    if (effect) {
      effects.push_back(*effect);
    } else if (!silent) {
      return std::nullopt;
    }
  }
  return effects;
}
inline std::vector<Effect> steps_of(const spec::Updates<u64>& updates) {
  std::vector<Effect> steps;
  for (std::size_t i = 0; i < updates.size; ++i) {
    const auto& u = updates.entries[i];
    steps.push_back({u.kind, u.vmid, u.slot, u.value, u.epoch});
  }
  return steps;
}
// The steps that the flat specification lists: no table stores, and not the barrier that orders a page's
// zeroing.
inline std::vector<spec::Step> maintenance(const std::vector<Effect>& effects) {
  std::vector<spec::Step> kept;
  bool zeroing = false;
  for (const Effect& e : effects) {
    const bool table = e.kind == spec::Step::spt_store || e.kind == spec::Step::spt_zero;
    if (!table && !zeroing) {
      kept.push_back(e.kind);
    }
    zeroing = e.kind == spec::Step::spt_zero;
  }
  return kept;
}

// Addresses that the sequences use, one page beside each.
inline const std::vector<u64>& probes() {
  static const std::vector<u64> all = [] {
    std::vector<u64> v;
    for (const u64 root : {0u, 1u, 511u, 513u, 1023u}) {
      for (const u64 middle : {0u, 511u}) {
        for (const u64 page : {0u, 1u, 511u}) {
          v.push_back(root << 30 | middle << 21 | page << 12);
        }
      }
    }
    return v;
  }();
  return all;
}

template <class P>
class Transaction {
 public:
  Transaction(State<P>& before, State<P>& after, const std::vector<Effect>& effects)
      : before_(before), after_(after) {
    for (const Effect& e : effects) {
      const u64 bytes = e.kind == spec::Step::spt_zero    ? PAGE_SIZE
                        : e.kind == spec::Step::spt_clear ? SMMU_ROOT_SIZE
                                                          : 0;
      if (e.kind == spec::Step::spt_store) {
        stores_.push_back({e.at, e.value, e.epoch});
      }
      for (u64 at = e.at; at < e.at + bytes; at += 8) {
        if (raw(before_, at) != 0) {
          stores_.push_back({at, 0, e.epoch});
        }
      }
    }
  }

  // For every set of stores that can be visible at once, every walk of every bank gives its result from
  // before or from after. Stores of one epoch become visible in any order; a later epoch only after all of
  // them. Of one epoch all subsets are tried if they are few, else 64 random ones. Where stores have
  // different addresses, as within an epoch, a subset stands for all its permutations.
  [[nodiscard]] bool holds(std::uint32_t seed) const {
    std::mt19937 random(seed);
    const unsigned last = stores_.empty() ? 0 : stores_.back().epoch;
    for (unsigned epoch = 0; epoch <= last; ++epoch) {
      const auto in_epoch =
          std::count_if(stores_.begin(), stores_.end(), [&](auto& s) { return s.epoch == epoch; });
      const bool all = in_epoch <= 6;
      const u64 tries = all ? u64{1} << in_epoch : 64;
      for (u64 i = 0; i < tries; ++i) {
        if (!partial_state_is_sound(epoch, all ? i : u64{random()} << 32 | random(), random)) {
          return false;
        }
      }
    }
    return true;
  }

 private:
  struct Store {
    u64 at, value;
    unsigned epoch;
  };

  static u64 raw(State<P>& s, u64 at) {
    const auto b = spec::spt_bounds<P>(s.pool_base);
    auto& pool = at < b.pgd ? s.smmu.spt_vttbr_pool : at < b.pmd ? s.smmu.spt_pgd_pool : s.smmu.spt_pmd_pool;
    return pool.read(0, at);
  }
  template <class Read>
  static u64 walk(u64 root, u64 iova, Read read) {
    u64 entry = read(root + (iova >> 30 << 3));
    for (const unsigned shift : {21u, 12u}) {
      if ((entry & 3) != 3) {
        return 0;
      }
      entry = read((entry & ~u64{0xfff}) + ((iova >> shift & 511) << 3));
    }
    return (entry & 3) == 3 ? entry : 0;
  }

  [[nodiscard]] bool partial_state_is_sound(unsigned epoch, u64 mask, std::mt19937& random) const {
    std::unordered_map<u64, u64> visible;
    for (const Store& s : stores_) {
      const bool chosen = s.epoch == epoch && (mask & 1) != 0;
      if (s.epoch == epoch) {
        mask = mask >> 1 | u64{random() & 1} << 63;
      }
      if (s.epoch < epoch || chosen) {
        visible[s.at] = s.value;
      }
    }
    const auto partial = [&](u64 at) {
      const auto found = visible.find(at);
      return found == visible.end() ? raw(before_, at) : found->second;
    };
    for (const u64 bank : {0u, 1u, 5u, 8u, 9u, 13u}) {
      const u64 root = spec::spt_root<P>(before_.pool_base, bank);
      for (const u64 iova : probes()) {
        const u64 seen = walk(root, iova, partial);
        const bool old = seen == walk(root, iova, [&](u64 at) { return raw(before_, at); });
        if (!old && seen != walk(root, iova, [&](u64 at) { return raw(after_, at); })) {
          return false;
        }
      }
    }
    return true;
  }

  State<P>&before_, &after_;
  std::vector<Store> stores_;
};

}  // namespace redoubt::test
