// SPDX-License-Identifier: BSD-3-Clause
// The theorems about PTAlloc and PTWalk, for both parameter sets.
#include "tools/redoubt-verify/registry.hpp"
#include "tools/redoubt-verify/theorems/npt_code.hpp"
#include "tools/redoubt-verify/theorems/pt_walk.hpp"

namespace redoubt::verify {
namespace {

const std::string kVmid = "V: vmid is a principal";
const std::string kLock = "L: pt lock is held";
const std::string kOnce = "T: no leaf store yet in this critical section";
const std::string kLive = "the slot lies in a live table page of its level";
const char* const kRefines =
    "refines its specification: result, halt, bump pointers, ordered stores, every word; keeps INV-NPT-1 to "
    "5";

// long: a table
template <class P>
void add(std::vector<Theorem>& all) {
  using S = PtWalkTheorems<P, Symbolic>;
  using C = PtWalkTheorems<P, Concrete>;
  const std::string set(P::name);
  const std::vector<std::string> alloc{"goes on", "stops"};
  const std::vector<std::string> walk{"goes on", "stops", "links a new table", "finds an entry",
                                      "finds nothing"};
  const std::vector<std::string> store{"goes on", "stores zero", "stores a valid leaf"};
  const std::string table = "the level-2 value is not a table", space = "A: address is inside the IPA space";
  all.insert(
      all.end(),
      {
          {set,
           "PTAlloc",
           "alloc_pgd_page",
           kRefines,
           alloc,
           {kVmid, kLock},
           false,
           S::alloc_pgd_page,
           C::alloc_pgd_page},
          {set,
           "PTAlloc",
           "alloc_pud_page",
           kRefines,
           alloc,
           {kVmid, kLock},
           false,
           S::alloc_pud_page,
           C::alloc_pud_page},
          {set,
           "PTAlloc",
           "alloc_pmd_page",
           kRefines,
           alloc,
           {kVmid, kLock},
           false,
           S::alloc_pmd_page,
           C::alloc_pmd_page},
          {set,
           "PTAlloc",
           "can_alloc",
           "the three questions answer as specified and change nothing",
           {"goes on", "room in all zones", "room in none"},
           {kVmid, kLock},
           false,
           S::can_alloc,
           C::can_alloc},
          {set,
           "PTWalk",
           "walk_pgd",
           kRefines,
           walk,
           {kVmid, kLock, "the slot lies in the root page"},
           false,
           S::walk_pgd,
           C::walk_pgd},
          {set, "PTWalk", "walk_pud", kRefines, walk, {kVmid, kLock, kLive}, false, S::walk_pud, C::walk_pud},
          {set, "PTWalk", "walk_pmd", kRefines, walk, {kVmid, kLock, kLive}, false, S::walk_pmd, C::walk_pmd},
          {set,
           "PTWalk",
           "walk_pte",
           kRefines,
           {"goes on", "no table", "an entry"},
           {kVmid, kLock, kLive},
           false,
           S::walk_pte,
           C::walk_pte},
          {set,
           "PTWalk",
           "set_pmd",
           kRefines,
           store,
           {kVmid, kLock, kOnce, kLive, table},
           false,
           S::set_pmd,
           C::set_pmd},
          {set,
           "PTWalk",
           "set_pte",
           kRefines,
           store,
           {kVmid, kLock, kOnce, kLive, space},
           false,
           S::set_pte,
           C::set_pte},
      });
}

void add_end_to_end(std::vector<Theorem>& all) {
  using S = NptCodeTheorems<ModelParams, Symbolic>;
  using C = NptCodeTheorems<ModelParams, Concrete>;
  Theorem t;
  t.set = ModelParams::name;
  t.layer = "end to end";
  t.name = "map_and_frame_on_code";
  t.statement = "map_and_frame again, on the code of all layers and flat memory";
  t.covers = {"goes on", "stops"};
  t.stuck = {kVmid,
             kLock,
             kOnce,
             "A: address is inside the IPA space",
             "the leaf is not zero",
             "the level-2 value is not a table",
             "no level-3 table is alive where the block goes"};
  t.only_long = true;
  t.prove = S::map_and_frame_on_code;
  t.replay = C::map_and_frame_on_code;
  all.push_back(std::move(t));
}

template <class P>
void seed_set(Fault fault) {
  ModelMachine<Symbolic, P>::active_fault = fault;
  ModelMachine<Concrete, P>::active_fault = fault;
}

}  // namespace

void add_pt_walk_theorems(std::vector<Theorem>& all) {
  add<ModelParams>(all);
  add<QemuVirtParams>(all);
  add_end_to_end(all);
}

void seed(Fault fault) {
  seed_set<ModelParams>(fault);
  seed_set<QemuVirtParams>(fault);
}

}  // namespace redoubt::verify
