// SPDX-License-Identifier: BSD-3-Clause
// The theorems about MmioSPTOps, for both parameter sets.
#include "tools/redoubt-verify/registry.hpp"
#include "tools/redoubt-verify/theorems/spt_ops.hpp"

namespace redoubt::verify {
namespace {

const char* const kRefines =
    "one critical section as specified: lock, leaf, barriers and SMMU invalidations in order";

template <class P>
void add(std::vector<Theorem>& all) {
  using S = SptOpsTheorems<P, Symbolic>;
  using C = SptOpsTheorems<P, Concrete>;
  using Names = std::vector<std::string>;
  const std::string set(P::name), layer = "MmioSPTOps";
  const std::string smmu = "S: SMMU index is below 2", bank = "B: context bank is below 8";
  const std::string space = "the IOVA has at most 40 bits",
                    lock = "the lock is free and the lock order is kept";
  const std::string broken = "a valid leaf is broken before another is made";
  const auto theorem = [&](const char* name, const char* text, const Names& covers, const Names& stuck,
                           auto prove, auto replay) {
    all.push_back({set, layer, name, text, covers, stuck, false, prove, replay});
  };
  theorem("init_spt", kRefines, {"goes on"}, {smmu, bank, lock}, S::init_spt, C::init_spt);
  theorem("walk_spt", kRefines, {"goes on"}, {smmu, bank, space, lock}, S::walk_spt, C::walk_spt);
  theorem("is_mapped_spt", kRefines, {"goes on", "mapped", "mapped nowhere"}, {lock}, S::is_mapped_spt,
          C::is_mapped_spt);
  theorem("map_spt", kRefines, {"goes on", "stops"}, {smmu, bank, space, lock, "the leaf is valid", broken},
          S::map_spt, C::map_spt);
  theorem("unmap_spt", kRefines, {"goes on", "unmapped", "nothing there"}, {smmu, bank, space, lock},
          S::unmap_spt, C::unmap_spt);
  theorem("try_map_spt", kRefines, {"goes on", "mapped", "exists", "no memory", "refused"}, {lock},
          S::try_map_spt, C::try_map_spt);
  theorem("try_unmap_spt", kRefines, {"goes on", "unmapped", "nothing there", "refused"}, {lock},
          S::try_unmap_spt, C::try_unmap_spt);
  theorem("try_init_spt", kRefines, {"goes on", "emptied", "refused"}, {lock}, S::try_init_spt,
          C::try_init_spt);
  theorem("spt_leaf", "a leaf names its frame, with the access asked for, access flag, shareability (W14)",
          {"the last frame"}, {}, S::spt_leaf, C::spt_leaf);
}

}  // namespace

void add_spt_ops_theorems(std::vector<Theorem>& all) {
  add<ModelParams>(all);
  add<QemuVirtParams>(all);
}

}  // namespace redoubt::verify
