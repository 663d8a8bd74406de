// SPDX-License-Identifier: BSD-3-Clause
// The theorems about NPTWalk and whole tables, for both parameter sets.
#include "tools/redoubt-verify/registry.hpp"
#include "tools/redoubt-verify/theorems/npt_tables.hpp"
#include "tools/redoubt-verify/theorems/npt_walk.hpp"

namespace redoubt::verify {
namespace {

using Names = std::vector<std::string>;

const char* const kRefines = "refines the flat map from frames to leaves; halts exactly when specified";
const Names kRead{"V: vmid is a principal", "A: address is inside the IPA space", "L: pt lock is held"};
const Names kSet = [] {
  Names all = kRead;
  all.insert(all.end(),
             {"T: no leaf store yet in this critical section", "the leaf is not zero",
              "the level-2 value is not a table", "no level-3 table is alive where the block goes"});
  return all;
}();
const Names kTrySet = [] {
  Names all = kRead;
  all.insert(all.end(), {"T: no leaf store yet in this critical section", "the leaf is valid",
                         "the level-2 value is not a table", "the level-3 value is a page"});
  return all;
}();
const Names kClear = [] {
  Names all = kRead;
  all.emplace_back("T: no leaf store yet in this critical section");
  return all;
}();

// long: a table
template <class P>
void add(std::vector<Theorem>& all) {
  using S = NptWalkTheorems<P, Symbolic>;
  using C = NptWalkTheorems<P, Concrete>;
  using TS = NptTableTheorems<P, Symbolic>;
  using TC = NptTableTheorems<P, Concrete>;
  const std::string set(P::name);
  const Names init = P::concatenated_root ? Names{"goes on", "stops", "links two tables"} : Names{"goes on"};
  all.insert(
      all.end(),
      {
          {set,
           "NPTWalk",
           "get_npt_level",
           kRefines,
           {"a page", "a block", "nothing"},
           kRead,
           false,
           S::get_npt_level,
           C::get_npt_level},
          {set,
           "NPTWalk",
           "walk_npt",
           kRefines,
           {"a leaf", "nothing"},
           kRead,
           false,
           S::walk_npt,
           C::walk_npt},
          {set,
           "NPTWalk",
           "set_npt",
           kRefines,
           {"goes on", "stops: a zone is used up", "stops: a block is in the way", "sets a block",
            "sets a page", "links three tables"},
           kSet,
           false,
           S::set_npt,
           C::set_npt},
          {set,
           "NPTWalk",
           "try_set_npt",
           "refines the flat map, never halts, stores exactly if it answers ok",
           {"goes on", "ok", "unchanged", "exists", "no memory"},
           kTrySet,
           false,
           S::try_set_npt,
           C::try_set_npt},
          {set,
           "NPTWalk",
           "clear_npt",
           kRefines,
           {"cleared", "nothing there"},
           kClear,
           false,
           S::clear_npt,
           C::clear_npt},
          {set, "NPTWalk", "init_npt", kRefines, init, {kRead[0], kRead[2]}, false, S::init_npt, C::init_npt},
          {set,
           "NPTWalk",
           "reset_npt",
           "refines the flat map: nothing is mapped, every zone is whole; others' tables stay; keeps "
           "INV-NPT-1 to 5",
           {"goes on", "a word is gone"},
           {kRead[0], kRead[2]},
           false,
           S::reset_npt,
           C::reset_npt},
          {set,
           "NPTWalk",
           "mem_refs",
           "the hooks do nothing",
           {"goes on"},
           {},
           false,
           S::mem_refs,
           C::mem_refs},
          {set,
           "whole table",
           "map_and_frame",
           "after set_npt a walk of a covered address ends in the new leaf, of any other where it did",
           {"a covered neighbour", "an address of another leaf"},
           kSet,
           false,
           TS::map_and_frame,
           TC::map_and_frame},
          {set,
           "whole table",
           "any_store_order",
           "whatever part of set_npt's stores is visible, a walk sees the old leaf, the new one or a fault",
           {"four stores", "stops halfway"},
           kSet,
           false,
           TS::any_store_order,
           TC::any_store_order},
          {set,
           "whole table",
           "no_sharing",
           "a table page has one parent, and principals share none (INV-NPT-4, 5)",
           {"links"},
           {},
           false,
           TS::no_sharing,
           TC::no_sharing},
          {set,
           "whole table",
           "constants",
           "pools and zones are disjoint, aligned and in order (INV-NPT-8)",
           {"two principals"},
           {},
           false,
           TS::constants,
           TC::constants},
      });
}

}  // namespace

void add_npt_walk_theorems(std::vector<Theorem>& all) {
  add<ModelParams>(all);
  add<QemuVirtParams>(all);
}

}  // namespace redoubt::verify
