// SPDX-License-Identifier: BSD-3-Clause
// The theorems about MmioPTAlloc and MmioPTWalk, for both parameter sets.
#include "tools/redoubt-verify/registry.hpp"
#include "tools/redoubt-verify/theorems/spt_walk_steps.hpp"

namespace redoubt::verify {
namespace {

const std::string kLock = "L: spt lock is held", kBank = "the bank is one of 16";
const std::string kOnce = "T: no leaf store yet in this critical section";
const std::string kLive = "the parent is a live table page of its level";
const char* const kRefines =
    "refines its specification: result, halt, records, ordered steps, every word; nothing of another bank is "
    "touched; keeps INV-SPT-1 to 6";

// long: a table
template <class P>
void add(std::vector<Theorem>& all) {
  using S = SptStepTheorems<P, Symbolic>;
  using C = SptStepTheorems<P, Concrete>;
  using Names = std::vector<std::string>;
  const std::string set(P::name), alloc = "MmioPTAlloc", walk = "MmioPTWalk";
  const Names takes{"goes on", "stops", "a new page", "a page that serves again"};
  const Names asks{"goes on", "room", "no room"};
  const Names links{"goes on",        "stops",        "links a new table", "links a table that serves again",
                    "finds an entry", "finds nothing"};
  all.insert(all.end(), {
                            {set,
                             alloc,
                             "alloc_smmu_pgd_page",
                             kRefines,
                             takes,
                             {kLock, kBank},
                             false,
                             S::alloc_smmu_pgd_page,
                             C::alloc_smmu_pgd_page},
                            {set,
                             alloc,
                             "alloc_smmu_pmd_page",
                             kRefines,
                             takes,
                             {kLock, kBank},
                             false,
                             S::alloc_smmu_pmd_page,
                             C::alloc_smmu_pmd_page},
                            {set,
                             alloc,
                             "can_alloc_smmu_pgd_page",
                             kRefines,
                             asks,
                             {kLock},
                             false,
                             S::can_alloc_smmu_pgd_page,
                             C::can_alloc_smmu_pgd_page},
                            {set,
                             alloc,
                             "can_alloc_smmu_pmd_page",
                             kRefines,
                             asks,
                             {kLock},
                             false,
                             S::can_alloc_smmu_pmd_page,
                             C::can_alloc_smmu_pmd_page},
                            {set,
                             alloc,
                             "release_smmu_pages",
                             kRefines,
                             {"goes on", "a page comes back", "a page of another bank stays"},
                             {kLock, kBank, "the root of the bank is empty", "a generation is left"},
                             false,
                             S::release_smmu_pages,
                             C::release_smmu_pages},
                            {set,
                             alloc,
                             "bump_guard",
                             "the allocators accept a bump pointer exactly if it is in its zone (W10)",
                             {"accepted", "refused: among the roots", "refused: in the other zone"},
                             {},
                             false,
                             S::bump_guard,
                             C::bump_guard},
                            {set,
                             walk,
                             "walk_smmu_pgd",
                             kRefines,
                             links,
                             {kLock, "ttbr is the root of a bank"},
                             false,
                             S::walk_smmu_pgd,
                             C::walk_smmu_pgd},
                            {set,
                             walk,
                             "walk_smmu_pmd",
                             kRefines,
                             links,
                             {kLock, kLive},
                             false,
                             S::walk_smmu_pmd,
                             C::walk_smmu_pmd},
                            {set,
                             walk,
                             "walk_smmu_pte",
                             kRefines,
                             {"goes on", "no table", "an entry"},
                             {kLock, kLive},
                             false,
                             S::walk_smmu_pte,
                             C::walk_smmu_pte},
                            {set,
                             walk,
                             "set_smmu_pte",
                             kRefines,
                             {"goes on", "stores zero", "stores a valid leaf"},
                             {kOnce, kLock, kLive},
                             false,
                             S::set_smmu_pte,
                             C::set_smmu_pte},
                        });
}

}  // namespace

void add_spt_step_theorems(std::vector<Theorem>& all) {
  add<ModelParams>(all);
  add<QemuVirtParams>(all);
}

}  // namespace redoubt::verify
