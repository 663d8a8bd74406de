// SPDX-License-Identifier: BSD-3-Clause
// The theorems about MmioSPTWalk and whole SMMU tables, for both parameter sets.
#include "tools/redoubt-verify/registry.hpp"
#include "tools/redoubt-verify/theorems/spt_walk.hpp"
#include "tools/redoubt-verify/theorems/spt_whole_tables.hpp"

namespace redoubt::verify {
namespace {

using Names = std::vector<std::string>;

const char* const kRefines =
    "refines the flat map from frames to leaves and its page counts; halts exactly when specified";
const std::string kOnce = "T: no leaf store yet in this critical section";
const std::string kEmpty = "the bank is empty", kLeft = "a generation is left";
const Names kBank{"S: SMMU index is below 2", "B: context bank is below 8", "L: spt lock is held"};

Names with(Names names, const Names& more) {
  names.insert(names.end(), more.begin(), more.end());
  return names;
}
const Names kAddress = with(kBank, {"the IOVA has at most 40 bits"});
const Names kSet = with(kAddress, {kOnce, "a valid leaf is broken before another is made"});

// Where the base of the pool is arbitrary the longest proofs take minutes: run with --long.
template <class P>
inline constexpr bool slow_on = !P::fixed_pool_base;

template <class P>
void add_operations(std::vector<Theorem>& all) {
  using S = SptWalkTheorems<P, Symbolic>;
  using C = SptWalkTheorems<P, Concrete>;
  const std::string set(P::name), layer = "MmioSPTWalk";
  const auto theorem = [&](const char* name, const Names& covers, const Names& stuck, auto prove, auto replay,
                           bool only_long = false) {
    all.push_back({set, layer, name, kRefines, covers, stuck, only_long, prove, replay});
  };
  theorem("clear_smmu_pt", {"goes on", "a mapping goes", "a mapping of another bank stays"},
          with(kBank, {kOnce}), S::clear_smmu_pt, C::clear_smmu_pt);
  theorem("reclaim_smmu_pt", {"goes on", "pages come back"}, with(kBank, {kEmpty}), S::reclaim_smmu_pt,
          C::reclaim_smmu_pt);
  theorem("walk_smmu_pt", {"goes on", "a leaf", "nothing"}, kAddress, S::walk_smmu_pt, C::walk_smmu_pt);
  theorem("set_smmu_pt",
          {"goes on", "stops", "stops halfway", "links two tables", "links two tables that serve again",
           "stores zero"},
          kSet, S::set_smmu_pt, C::set_smmu_pt, slow_on<P>);
  theorem("try_set_smmu_pt", {"goes on", "mapped", "was mapped", "exists", "no memory"},
          with(kAddress, {kOnce, "the leaf is valid"}), S::try_set_smmu_pt, C::try_set_smmu_pt, slow_on<P>);
  theorem("dev_refs", {"goes on"}, {}, S::dev_refs, C::dev_refs);
}

template <class P>
void add_tables(std::vector<Theorem>& all) {
  using S = SptTableTheorems<P, Symbolic>;
  using C = SptTableTheorems<P, Concrete>;
  const std::string set(P::name);
  const auto theorem = [&](const char* name, const char* text, const Names& covers, const Names& stuck,
                           auto prove, auto replay, bool only_long = false) {
    all.push_back({set, "whole SMMU table", name, text, covers, stuck, only_long, prove, replay});
  };
  theorem(
      "smmu_map_and_frame",
      "after set_smmu_pt a walk of its address ends in the new leaf, of any other of any bank where it did",
      {"an address of the same bank", "an address of another bank"}, kSet, S::map_and_frame, C::map_and_frame,
      slow_on<P>);
  theorem(
      "smmu_empty_bank",
      "an emptied bank translates nothing, others what they did; its table pages can serve again (W4, W42)",
      {"goes on", "a mapping goes", "a mapping of another bank stays", "a page serves again"},
      with(kBank, {kOnce}), S::empty_bank, C::empty_bank);
  theorem(
      "smmu_any_store_order",
      "whatever part of set_smmu_pt's stores is visible, a walk sees the old leaf, the new one or a fault",
      {"three stores", "two tables that serve again", "stops halfway"}, kSet, S::any_store_order,
      C::any_store_order, slow_on<P>);
  theorem("smmu_no_sharing", "a table page has one parent, and banks share none (INV-SPT-4, 5)", {"links"},
          {}, S::no_sharing, C::no_sharing);
  theorem("smmu_constants", "roots and zones are aligned, in order and apart from the stage-2 pools",
          {"the last bank"}, {}, S::constants, C::constants);
}

}  // namespace

void add_spt_walk_theorems(std::vector<Theorem>& all) {
  add_operations<ModelParams>(all);
  add_tables<ModelParams>(all);
  add_operations<QemuVirtParams>(all);
  add_tables<QemuVirtParams>(all);
}

}  // namespace redoubt::verify
