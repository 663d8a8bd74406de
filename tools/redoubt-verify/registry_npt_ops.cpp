// SPDX-License-Identifier: BSD-3-Clause
// The theorems about NPTOps, for both parameter sets.
#include "tools/redoubt-verify/registry.hpp"
#include "tools/redoubt-verify/theorems/npt_ops.hpp"

namespace redoubt::verify {
namespace {

const char* const kRefines =
    "one critical section as specified: lock, leaf, barriers and TLB invalidations in order; no stale "
    "translation is usable at its end; keeps INV-NPT-9 whatever others do between sections";

// long: a table
template <class P>
void add(std::vector<Theorem>& all) {
  using S = NptOpsTheorems<P, Symbolic>;
  using C = NptOpsTheorems<P, Concrete>;
  using Names = std::vector<std::string>;
  const std::string set(P::name), layer = "NPTOps";
  const std::string vmid = "V: vmid is a principal", space = "A: address is inside the IPA space";
  const std::string lock = "the lock is free and the lock order is kept";
  const Names on{"goes on"}, read{vmid, space, lock};
  const Names map{vmid,
                  space,
                  lock,
                  "the leaf is not zero",
                  "the level-2 value is not a table",
                  "no level-3 table is alive where the block goes",
                  "a live leaf is broken before another is made (R6)"};
  all.insert(
      all.end(),
      {
          {set, layer, "get_level_s2pt", kRefines, on, read, false, S::get_level_s2pt, C::get_level_s2pt},
          {set, layer, "walk_s2pt", kRefines, on, read, false, S::walk_s2pt, C::walk_s2pt},
          {set, layer, "map_s2pt", kRefines, on, map, false, S::map_s2pt, C::map_s2pt},
          {set,
           layer,
           "try_map_s2pt",
           kRefines,
           {"refused", "mapped", "unchanged", "exists", "no memory"},
           {vmid, lock},
           false,
           S::try_map_s2pt,
           C::try_map_s2pt},
          {set,
           layer,
           "drop_block_s2pt",
           kRefines,
           {"dropped", "no block", "outside the IPA space"},
           {vmid, lock},
           false,
           S::drop_block_s2pt,
           C::drop_block_s2pt},
          {set,
           layer,
           "unmap_s2pt",
           kRefines,
           {"unmapped", "nothing there", "a block is there", "outside the IPA space"},
           {vmid, lock},
           false,
           S::unmap_s2pt,
           C::unmap_s2pt},
          {set,
           layer,
           "clear_pfn_host",
           kRefines,
           on,
           {space, lock},
           false,
           S::clear_pfn_host,
           C::clear_pfn_host},
          {set, layer, "init_s2pt", kRefines, on, {vmid, lock}, false, S::init_s2pt, C::init_s2pt},
          {set, layer, "reset_s2pt", kRefines, on, {vmid, lock}, false, S::reset_s2pt, C::reset_s2pt},
      });
}

}  // namespace

void add_npt_ops_theorems(std::vector<Theorem>& all) {
  add<ModelParams>(all);
  add<QemuVirtParams>(all);
}

}  // namespace redoubt::verify
