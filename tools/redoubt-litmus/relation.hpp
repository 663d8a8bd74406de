// SPDX-License-Identifier: BSD-3-Clause
// A relation between at most 64 events.
#pragma once
#include <array>
#include <cstdint>

namespace redoubt::litmus {

inline constexpr unsigned MAX_EVENTS = 64;
using EventSet = std::uint64_t;

constexpr EventSet only(unsigned event) { return EventSet{1} << event; }

class Relation {
 public:
  constexpr void add(unsigned from, unsigned to) { after_[from] |= only(to); }
  [[nodiscard]] constexpr bool has(unsigned from, unsigned to) const {
    return (after_[from] & only(to)) != 0;
  }

  // No path leads from one of the first `count` events back to itself.
  [[nodiscard]] constexpr bool acyclic(unsigned count) const { return first_to_last(count, nullptr); }

  // An order of the first `count` events along the relation; false if it has a cycle.
  constexpr bool first_to_last(unsigned count, std::array<unsigned, MAX_EVENTS>* order) const {
    EventSet left = count == MAX_EVENTS ? ~EventSet{0} : only(count) - 1;
    unsigned place = count;
    for (bool found = true; found && left != 0;) {
      found = false;
      for (unsigned event = count; event-- > 0;) {
        if ((left & only(event)) != 0 && (after_[event] & left) == 0) {
          left &= ~only(event);
          found = true;
          --place;
          if (order != nullptr) {
            (*order)[place] = event;
          }
        }
      }
    }
    return left == 0;
  }

 private:
  std::array<EventSet, MAX_EVENTS> after_{};
};

}  // namespace redoubt::litmus
