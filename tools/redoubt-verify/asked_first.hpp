// SPDX-License-Identifier: BSD-3-Clause
// Which theorem is asked first about a seeded fault. Only a matter of time: if it does not refute the fault,
// all others are asked.
#pragma once
#include <array>
#include <string_view>
#include <utility>

namespace redoubt::verify {

// clang-format off: a fault a row
inline constexpr auto kAskedFirst = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"pool_bound_off_by_one", "walk_pgd"},
    {"pud_index_shift", "walk_pud"},
    {"map_without_lock", "map_s2pt"},
    {"block_walked_as_table", "set_npt"},
    {"vttbr_keeps_vmid", "walk_pgd"},
    {"table_type_missing", "walk_pgd"},
    {"pte_in_two_stores", "set_pte"},
    {"wrong_zone", "walk_pud"},
    {"null_table_followed", "walk_pud"},
    {"neighbour_pool", "walk_pgd"},
    {"pte_index_mask", "set_pte"},
    {"stray_second_parent", "walk_pgd"},
    {"bump_not_advanced", "alloc_pgd_page"},
    {"map_without_barrier", "map_s2pt"},
    {"tlbi_page_missing", "unmap_s2pt"},
    {"tlbi_combined_missing", "unmap_s2pt"},
    {"tlbi_before_store", "unmap_s2pt"},
    {"block_tlbi_too_narrow", "drop_block_s2pt"},
    {"smmu_clear_first_entry", "smmu_pt_clear"},
    {"smmu_bump_in_root", "bump_guard"},
    {"smmu_leaf_attributes", "spt_leaf"},
    {"smmu_bank_order", "get_smmu_cfg_hw_ttbr"},
    {"smmu_root_index_mask", "walk_smmu_pgd"},
    {"smmu_reuse_not_zeroed", "alloc_smmu_pgd_page"},
    {"smmu_reuse_no_barrier", "alloc_smmu_pgd_page"},
    {"smmu_pages_leak", "release_smmu_pages"},
    {"smmu_wrong_stamp", "walk_smmu_pmd"},
    {"smmu_unmap_no_tlbi", "unmap_spt"},
    {"smmu_clear_no_sync", "init_spt"},
    {"smmu_room_not_checked", "try_set_smmu_pt"},
    {"cpu_guest_gprs_not_loaded", "core_to_vm"},
    {"cpu_exit_state_lost", "save_sysregs"},
    {"cpu_dirty_assigned", "set_shadow_dirty_bit"},
    {"cpu_fp_of_host", "reset_fp_regs"},
    {"cpu_fault_address_cut", "get_vm_fault_addr"},
    {"cpu_register_forgotten", "restore_sysregs"},
    {"cpu_host_vcpuid", "set_per_cpu"},
    {"vttbr_shift", "get_pt_vttbr"},
    {"owner_raw", "get_s2_page_vmid"},
    {"count_of_owner", "get_s2_page_count"},
    {"gfn_off_by_one", "set_s2_page_gfn"},
    {"count_clears_entry", "set_s2_page_count"},
    {"region_base_as_size", "get_mem_region_size"},
    {"device_first_page_only", "is_host_device"},
    {"tlbi_of_host", "tlbi_vmalle1is"},
    {"acquire_without_pull", "acquire_lock_pt"},
    {"release_without_publish", "release_lock_s2page"},
    {"vm_lock_is_pt_lock", "acquire_lock_vm"},
    {"alloc_two_pages", "alloc_pgd_page"},
    {"pmd_limit_short", "alloc_pmd_page"},
    {"pmd_index_shift", "walk_pmd"},
    {"null_pmd_followed", "walk_pte"},
    {"alloc_always", "walk_pgd"},
    {"link_not_stored", "walk_pud"},
    {"pmd_leaf_slot", "set_pmd"},
    {"level_of_marker", "get_npt_level"},
    {"walk_ends_at_pmd", "walk_npt"},
    {"valid_leaf_overwritten", "try_set_npt"},
    {"room_for_pte_table", "try_set_npt"},
    {"clear_takes_table", "clear_npt"},
    {"init_one_table", "init_npt"},
    {"unmap_any_level", "unmap_s2pt"},
    {"tlbi_wrong_page", "unmap_s2pt"},
    {"tlbi_wrong_vmid", "unmap_s2pt"},
    {"tlbi_not_waited", "drop_block_s2pt"},
    {"tlbi_not_broadcast", "drop_block_s2pt"},
    {"tlbi_combined_first", "unmap_s2pt"},
    {"unmap_keeps_lock", "unmap_s2pt"},
    {"host_page_kept", "clear_pfn_host"},
    {"block_misaligned", "try_map_s2pt"},
    {"ipa_bound_inclusive", "drop_block_s2pt"},
    {"region_end_inclusive", "mem_region_search"},
    {"reserved_has_entries", "get_s2_page_index"},
    {"index_of_two_pages", "get_s2_page_index"},
    {"unowned_is_host", "get_pfn_owner"},
    {"count_sets_owner", "set_pfn_count"},
    {"host_block_511", "is_host_block"},
    {"private_page_mapped", "map_page_host"},
    {"unlisted_device_mapped", "map_page_host"},
    {"device_block_unchecked", "map_page_host"},
    {"host_map_without_lock", "map_page_host"},
    {"device_as_memory", "map_page_host"},
    {"vcpu_other_kept", "forget_other_vcpu"},
    {"vcpu_fp_not_reset", "reset_gp_regs"},
    {"vcpu_answer_untruncated", "sync_dirty_to_shadow"},
    {"vcpu_call_shown", "prep_hvc"},
    {"vcpu_write_shown_whole", "prep_abort"},
    {"vcpu_pc_kept", "restore_shadow_kvm_regs"},
    {"vcpu_stays_active", "save_vm"},
    {"manifest_from_anybody", "host_hvc_dispatcher"},
    {"batch_of_33", "host_hvc_dispatcher"},
    {"run_unadmitted", "host_vcpu_run_handler_raw"},
    {"wait_not_done", "vm_exit_dispatcher"},
});
// clang-format on

constexpr std::string_view asked_first(std::string_view fault) {
  for (const auto& [name, theorem] : kAskedFirst) {
    if (name == fault) {
      return theorem;
    }
  }
  return {};
}

}  // namespace redoubt::verify
