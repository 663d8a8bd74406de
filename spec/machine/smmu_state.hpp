// SPDX-License-Identifier: BSD-3-Clause
// The SMMU part of the abstract state (digest 3.2, 3.3).
#pragma once
#include "machine/domain/domain.hpp"

namespace redoubt::spec {

// Fields of the topology, by SMMU (SMMUConf).
inline constexpr u64 SMMU_CONF_BANKS = 0;
inline constexpr u64 SMMU_CONF_SIZE = 1;
inline constexpr u64 SMMU_CONF_BASE = 2;
inline constexpr u64 SMMU_CONF_PGSHIFT = 3;

template <ValueDomain D>
struct SmmuState {
  using Word = typename D::Word;
  using Map = typename D::Map;

  explicit SmmuState(D& domain)
      : spt_vttbr_pool(domain, "spt_root"),
        spt_pgd_pool(domain, "spt_pgd"),
        spt_pmd_pool(domain, "spt_pmd"),
        spt_next(domain, "spt_next"),
        spt_taker(domain, "spt_taker"),
        spt_taken_in(domain, "spt_taken_in"),
        spt_generation(domain, "spt_generation"),
        spt_pgd_par(domain, "spt_pgd_par"),
        spt_pmd_par(domain, "spt_pmd_par"),
        spt_pt(domain, "spt_pt"),
        spt_pgd_t(domain, "spt_pgd_t"),
        spt_pmd_t(domain, "spt_pmd_t"),
        spt_used(domain, "spt_used"),
        spt_free(domain, "spt_free"),
        smmu_vmid(domain, "smmu_vmid"),
        smmu_num(domain.any("smmu_num")),
        smmu_conf(domain, "smmu_conf") {}

  // Up to MmioPTWalk: raw entries by (0, slot address); zones are named after the entry that points to their
  // pages. A table page serves bank `taker - 1` while `taken_in` is that bank's generation. Lock spt.
  Map spt_vttbr_pool, spt_pgd_pool, spt_pmd_pool;
  Map spt_next;  // (SmmuZone, 0) -> bump pointer
  Map spt_taker,
      spt_taken_in;    // (0, table page) -> bank + 1, or 0: never taken; generation of that bank then
  Map spt_generation;  // (bank, 0) -> how often it was emptied
  Map spt_pgd_par, spt_pmd_par;  // ghost: (0, table page) -> slot that links it

  // From MmioSPTWalk up: the same tables as maps from frames, by (bank, 8 * index), the unit that zero_range
  // counts in. What lies under an absent table does not count. Lock spt.
  Map spt_pt;     // index gfn -> leaf
  Map spt_pgd_t;  // index gfn >> 18 -> 1: root entry present
  Map spt_pmd_t;  // index gfn >> 9 -> 1: level-2 entry present
  Map spt_used;   // (bank, SmmuZone) -> table pages that serve the bank
  Map spt_free;   // (SmmuZone, 0) -> table pages that serve nobody

  Map smmu_vmid;  // (bank, 0) -> principal or INVALID; lock smmu
  Word smmu_num;  // boot constants
  Map smmu_conf;  // (SMMU, SMMU_CONF_*)
};

}  // namespace redoubt::spec
