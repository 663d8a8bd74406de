// SPDX-License-Identifier: BSD-3-Clause
// The guards of a row as objects: each word of the text, what it means, and the machine's check for it, if it
// has one.
#pragma once
#include <array>
#include <optional>
#include <string_view>

#include "core/machine/machine.hpp"

namespace redoubt::registry {

struct GuardWord {
  std::string_view word;  // as rows spell it; one that ends in "(" takes an argument
  std::optional<Guard> check;
  std::string_view meaning;
};

inline constexpr std::array<GuardWord, 45> kGuardWords{{
    {"H", {}, "on a halted machine the call changes nothing and returns zero (specification only, R3)"},
    {"V", Guard::vmid, "vmid is a principal, 0 to 16"},
    {"C", Guard::vcpuid, "vcpuid is below 8"},
    {"I", Guard::load_index, "load_idx is below 5"},
    {"piece", Guard::aligned, "the first byte of a KiB of the page"},
    {"item", Guard::vm_item, "an item that the record of a VM has"},
    {"M", Guard::region_index, "the region index is below 32"},
    {"N", Guard::page_index, "the ownership index is in range"},
    {"S", Guard::smmu_index, "the SMMU index is below 2"},
    {"B", Guard::context_bank, "the context bank is below 8"},
    {"T", Guard::one_leaf_store, "no leaf store yet in this critical section"},
    {"T for a leaf", Guard::one_leaf_store, "a leaf store: none yet in this critical section"},
    {"T for a change", Guard::one_leaf_store,
     "if an entry changes: no leaf store yet in this critical section"},
    {"P(", Guard::frame, "a page frame below 2^28"},
    {"A(", {}, "an address inside the IPA space"},
    {"L(", Guard::lock_held, "this CPU holds that lock, data pulled"},
    {"lock free", Guard::lock_free, "this CPU does not hold the lock, and the lock order is kept"},
    {"lock won", Guard::lock_held, "this CPU's ticket has been served, data not pulled"},
    {"bars Valid", Guard::barriers, "no barrier is due or outstanding"},
    {"bars Barriered", Guard::barriers, "the barrier before the release has been issued"},
    {"bars not Barriered", Guard::barriers, "no second barrier before a release"},
    {"slot in pool", Guard::in_pool, "the slot lies in the principal's own pool"},
    {"slot in root", Guard::in_pool, "the slot lies in the root page"},
    {"slot in live table", Guard::in_pool, "the slot lies in a live table page of its level"},
    {"slot in SMMU pool", Guard::in_pool, "the slot lies in the SMMU pool"},
    {"parent 0 → 0", {}, "a missing parent gives zero, unchanged"},
    {"aligned", Guard::aligned, "the slot is 8-byte aligned (W50)"},
    {"next in zone", Guard::bump_in_zone, "the bump pointer lies in its zone"},
    {"no table", {}, "the value stored is not a table descriptor"},
    {"level 2 or 3", {}, "the level is block or page"},
    {"leaf not 0", {}, "the leaf is not zero"},
    {"leaf valid", {}, "the leaf is valid and of its level's type"},
    {"no live table", {}, "no level-3 table is alive where a block goes (W6)"},
    {"nothing live replaced", Guard::break_before_make,
     "a live leaf is not replaced by another: break it first (R6)"},
    {"u32", Guard::word32, "the value fits 32 bits"},
    {"page state", Guard::page_state, "a value that a page can have"},
    {"register index", Guard::register_index, "the register index is below 256"},
    {"general register", Guard::general_register, "the number of a general register, below 32"},
    {"invalidated", Guard::break_before_make,
     "what was broken is gone from every TLB before the lock is released"},
    {"bad argument → status", {}, "arguments out of range give a status, unchanged"},
    {"bank", Guard::context_bank, "the number of a bank, below 16"},
    {"ttbr of a bank", Guard::in_pool, "the root of one of the 16 banks"},
    {"bank empty", Guard::bank_empty, "the root of the bank is empty, and nothing of it is cached"},
    {"loaded", Guard::loaded, "the host, or for exits a VM, is loaded on this CPU"},
    {"none", {}, "no guard"},
}};

// Splits a row's guards at the middle dots and calls f(text, word or nullptr) for each.
template <class F>
constexpr void for_each_guard(std::string_view guards, F f) {
  constexpr std::string_view dot = "·";
  while (!guards.empty()) {
    const std::size_t end = guards.find(dot);
    const std::string_view text = guards.substr(0, end);
    const GuardWord* found = nullptr;
    for (const GuardWord& g : kGuardWords) {
      const bool takes_argument = g.word.ends_with('(');
      if (takes_argument ? text.starts_with(g.word) && text.ends_with(')') : text == g.word) {
        found = &g;
      }
    }
    f(text, found);
    guards = end == std::string_view::npos ? std::string_view{} : guards.substr(end + dot.size());
  }
}

// Is every word of the guards known?
constexpr bool guards_known(std::string_view guards) {
  bool known = !guards.empty();
  for_each_guard(guards, [&](std::string_view, const GuardWord* word) { known = known && word != nullptr; });
  return known;
}

// Does the row ask for that check?
constexpr bool asks_for(std::string_view guards, Guard guard) {
  bool found = false;
  for_each_guard(guards, [&](std::string_view, const GuardWord* word) {
    found = found || (word != nullptr && word->check == guard);
  });
  return found;
}

// Is that word one of the guards?
constexpr bool asks_for_word(std::string_view guards, std::string_view wanted) {
  bool found = false;
  for_each_guard(guards, [&](std::string_view, const GuardWord* word) {
    found = found || (word != nullptr && word->word == wanted);
  });
  return found;
}

}  // namespace redoubt::registry
