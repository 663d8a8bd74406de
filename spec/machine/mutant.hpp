// SPDX-License-Identifier: BSD-3-Clause
// Seeded faults of the specification: one wrong or weakened clause each, which a theorem about the code must
// refute.
#pragma once
#include <array>
#include <cstdint>
#include <string_view>

namespace redoubt::spec {

// clang-format off: a clause a row
enum class Mutant : std::uint32_t {
  none = 0,
  leaf_rule_of_level_3,
  pool_end_inclusive,
  alignment_of_4,
  store_when_halted,
  owner_17,
  count_2,
  gfn_of_37_bits,
  page_lock_not_asked,
  page_index_inclusive,
  region_33,
  next_lock_not_asked,
  tlbi_of_nobody,
  device_first_page,
  smmu_bank_9,
  smmu_half_root,
  lock_order_not_asked,
  section_keeps_tstate,
  release_not_held,
  release_leaves_open,
  alloc_beyond_zone,
  room_of_one_more,
  link_as_block,
  root_of_pgd_zone,
  null_parent_followed,
  live_inclusive,
  pte_index_of_8_bits,
  table_as_leaf,
  marker_has_level,
  block_over_table,
  room_ignored,
  unchanged_is_exists,
  clear_says_yes,
  page_gone_no_ipa,
  block_gone_by_ipa,
  block_is_not_found,
  live_leaf_replaced,
  region_end_inclusive,
  index_of_two_pages,
  fp_left_to_host,
  store_shown_whole,
  dirty_kept,
  call_result_kept,
  count
};

struct MutantText {
  Mutant mutant;
  std::string_view name, effect;
  std::string_view theorem;  // that is asked first
};

inline constexpr auto kMutants = std::to_array<MutantText>({
    {Mutant::leaf_rule_of_level_3, "leaf_rule_of_level_3", "pt_store: only level-3 entries count as leaves", "pt_store"},
    {Mutant::pool_end_inclusive, "pool_end_inclusive", "pt_load, pt_store: the word after the pool is allowed", "pt_load"},
    {Mutant::alignment_of_4, "alignment_of_4", "pt_load, pt_store: slots need 4-byte alignment", "pt_load"},
    {Mutant::store_when_halted, "store_when_halted", "pt_store acts on a halted machine", "pt_store"},
    {Mutant::owner_17, "owner_17", "set_s2_page_vmid: 17 is a principal", "set_s2_page_vmid"},
    {Mutant::count_2, "count_2", "set_s2_page_count: two sharers are allowed", "set_s2_page_count"},
    {Mutant::gfn_of_37_bits, "gfn_of_37_bits", "set_s2_page_gfn: frames of 37 bits are allowed", "set_s2_page_gfn"},
    {Mutant::page_lock_not_asked, "page_lock_not_asked", "page ownership is read without its lock", "get_s2_page_vmid"},
    {Mutant::page_index_inclusive, "page_index_inclusive", "the index after the ownership array is allowed", "get_s2_page_count"},
    {Mutant::region_33, "region_33", "there are 33 memory regions", "get_mem_region_base"},
    {Mutant::next_lock_not_asked, "next_lock_not_asked", "bump pointers are read without the pt lock", "get_pgd_next"},
    {Mutant::tlbi_of_nobody, "tlbi_of_nobody", "maintenance forgets whose entries it takes", "tlbi_vmalle1is"},
    {Mutant::device_first_page, "device_first_page", "is_host_device: the first page decides", "is_host_device"},
    {Mutant::smmu_bank_9, "smmu_bank_9", "an SMMU has nine context banks", "get_smmu_cfg_vmid"},
    {Mutant::smmu_half_root, "smmu_half_root", "smmu_pt_clear zeroes half of a root", "smmu_pt_clear"},
    {Mutant::lock_order_not_asked, "lock_order_not_asked", "locks are taken in any order", "acquire_lock_s2page"},
    {Mutant::section_keeps_tstate, "section_keeps_tstate", "acquiring a lock opens no transaction", "acquire_lock_pt"},
    {Mutant::release_not_held, "release_not_held", "a lock that is not held is released", "release_lock_core"},
    {Mutant::release_leaves_open, "release_leaves_open", "releasing a lock leaves the transaction open", "release_lock_spt"},
    {Mutant::alloc_beyond_zone, "alloc_beyond_zone", "the page after a zone is allocated", "alloc_pgd_page"},
    {Mutant::room_of_one_more, "room_of_one_more", "a zone with one page left has no room", "can_alloc"},
    {Mutant::link_as_block, "link_as_block", "a table is linked by a block descriptor", "walk_pgd"},
    {Mutant::root_of_pgd_zone, "root_of_pgd_zone", "walk_pgd: the slot may lie behind the root page", "walk_pgd"},
    {Mutant::null_parent_followed, "null_parent_followed", "walk_pud: a missing table is followed", "walk_npt"},
    {Mutant::live_inclusive, "live_inclusive", "the first page above the bump pointer counts as live", "walk_pmd"},
    {Mutant::pte_index_of_8_bits, "pte_index_of_8_bits", "set_pte takes eight index bits", "set_pte"},
    {Mutant::table_as_leaf, "table_as_leaf", "set_pmd: a table descriptor is allowed", "set_pmd"},
    {Mutant::marker_has_level, "marker_has_level", "get_npt_level: a marker is mapped", "get_npt_level"},
    {Mutant::block_over_table, "block_over_table", "set_npt: a block is put over a live table", "set_npt"},
    {Mutant::room_ignored, "room_ignored", "try_set_npt never lacks memory", "try_set_npt"},
    {Mutant::unchanged_is_exists, "unchanged_is_exists", "try_set_npt: mapping the same again is refused", "try_set_npt"},
    {Mutant::clear_says_yes, "clear_says_yes", "clear_npt always says that something was there", "clear_npt"},
    {Mutant::page_gone_no_ipa, "page_gone_no_ipa", "unmapping a page needs no invalidation by IPA", "unmap_s2pt"},
    {Mutant::block_gone_by_ipa, "block_gone_by_ipa", "dropping a block invalidates by IPA", "drop_block_s2pt"},
    {Mutant::block_is_not_found, "block_is_not_found", "unmapping a page under a block finds nothing", "unmap_s2pt"},
    {Mutant::live_leaf_replaced, "live_leaf_replaced", "map_s2pt replaces a live leaf without breaking it", "map_s2pt"},
    {Mutant::region_end_inclusive, "region_end_inclusive", "the byte after a region lies in it", "mem_region_search"},
    {Mutant::index_of_two_pages, "index_of_two_pages", "an ownership entry covers 8 KiB", "get_s2_page_index"},
    {Mutant::fp_left_to_host, "fp_left_to_host", "restore_host: the host finds the guest's FP registers", "restore_host"},
    {Mutant::store_shown_whole, "store_shown_whole", "prep_abort: a device write shows all of the register", "prep_abort"},
    {Mutant::dirty_kept, "dirty_kept", "what an entry has applied stays due", "invariants_vcpu_run"},
    {Mutant::call_result_kept, "call_result_kept", "the host's x0 does not say what came of VCPU_RUN", "host_vcpu_run_handler_raw"},
});
// clang-format on
static_assert(kMutants.size() + 1 == static_cast<std::size_t>(Mutant::count));

// Is this clause wrong? A run-time variable of the domains of proofs and tests; nothing elsewhere.
template <class D>
constexpr bool mutated([[maybe_unused]] Mutant mutant) {
  if constexpr (requires { D::active_mutant; }) {
    return D::active_mutant == mutant;
  }
  return false;
}

}  // namespace redoubt::spec
