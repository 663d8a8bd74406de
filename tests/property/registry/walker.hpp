// SPDX-License-Identifier: BSD-3-Clause
// The hardware walker on raw pools, and what it may see while the stores of a critical section become visible
// (E9).
#pragma once
#include <algorithm>
#include <functional>
#include <numeric>

#include "tests/property/registry/observe.hpp"

namespace redoubt::test {

// The raw walk of digest 6.5: zero if a link is missing, else the level-3 entry, or the level-2 entry if it
// is no table.
template <class P>
u64 raw_walk(State<P>& s, u64 vmid, u64 ipa) {
  u64 entry = spec::bounds<P>(s.pool_base, vmid).root | 3;
  for (unsigned level = 0; level < 4; ++level) {
    const u64 slot = spec::slot_in(entry, spec::index_at(ipa, PGDIR_SHIFT - 9 * level));
    entry = pool(s, level).read(vmid, slot);
    if (entry == 0 || (level == 2 && (entry & 3) != 3)) {
      return entry;
    }
  }
  return entry;
}

using Store = spec::Update<u64>;

inline std::vector<Store> stores_of(const spec::Updates<u64>& updates) {
  std::vector<Store> stores;
  for (std::size_t i = 0; i < updates.size; ++i) {
    if (updates.entries[i].kind == spec::Step::store) {
      stores.push_back(updates.entries[i]);
    }
  }
  return stores;
}

// Calls f for every order of every subset of n stores; returns how many there were: 65 for four.
inline unsigned every_sequence(std::size_t n, const std::function<void(const std::vector<std::size_t>&)>& f) {
  unsigned count = 0;
  for (unsigned subset = 0; subset < 1u << n; ++subset) {
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < n; ++i) {
      if ((subset >> i & 1) != 0) {
        order.push_back(i);
      }
    }
    do {
      f(order);
      ++count;
    } while (std::next_permutation(order.begin(), order.end()));
  }
  return count;
}

// E9: whatever part of the stores has become visible, in whatever order, a walk gives the result before or
// after. Returns the number of sequences; zero if one shows something else.
template <class P>
unsigned transactional(State<P> before, State<P> after, const std::vector<Store>& stores,
                       const std::vector<u64>& addresses) {
  bool good = true;
  const unsigned sequences = every_sequence(stores.size(), [&](const std::vector<std::size_t>& order) {
    State<P> middle = before;
    for (const std::size_t i : order) {
      pool(middle, stores[i].level).write(stores[i].vmid, stores[i].slot, stores[i].value);
    }
    for (u64 vmid = 0; vmid < 3; ++vmid) {
      for (const u64 ipa : addresses) {
        const u64 seen = raw_walk(middle, vmid, ipa);
        good = good && (seen == raw_walk(before, vmid, ipa) || seen == raw_walk(after, vmid, ipa));
      }
    }
  });
  return good ? sequences : 0;
}

}  // namespace redoubt::test
