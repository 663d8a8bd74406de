// SPDX-License-Identifier: BSD-3-Clause
// Seeded faults: one deliberate error each, compiled out of the product, that proofs and tests must refute.
#pragma once
#include <array>
#include <cstdint>
#include <string_view>

namespace redoubt {

enum class Fault : std::uint32_t {
  none = 0,
  pool_bound_off_by_one,  // PTAlloc hands out the page after the zone
  pud_index_shift,        // walk_pud takes bit 31 for the lowest index bit
  map_without_lock,       // map_s2pt does not take the pt lock
  block_walked_as_table,  // set_npt goes through a block descriptor
  vttbr_keeps_vmid,       // walk_pgd does not mask the VMID off VTTBR
  table_type_missing,     // a link is stored without its type bits
  pte_in_two_stores,      // set_pte writes attributes, then the address
  wrong_zone,             // walk_pud allocates from the pgd zone
  null_table_followed,    // walk_pud does not test for a missing parent
  neighbour_pool,         // PTAlloc carves from the next principal's pool
  pte_index_mask,         // set_pte drops the top index bit
  stray_second_parent,    // a link is stored twice, in neighbouring slots
  bump_not_advanced,      // PTAlloc hands the same page out again
  map_without_barrier,    // the map operations do not order the new leaf before the release
  tlbi_page_missing,      // unmap does not invalidate the stage-2 entry
  tlbi_combined_missing,  // unmap does not invalidate entries combined with stage 1
  tlbi_before_store,      // unmap invalidates before the cleared leaf is visible
  block_tlbi_too_narrow,  // dropping a block invalidates one page of it
  tlbi_wrong_level,       // unmap invalidates the page with the level hint of a block
  tlbi_combined_at_once,  // unmap does not wait between the stage-2 entry and the combined ones
  reset_keeps_walks,      // reset_s2pt invalidates last levels only: tables stay in walk caches

  smmu_clear_first_entry,  // smmu_pt_clear zeroes one root entry (W4)
  smmu_bump_in_root,       // the allocators accept a bump pointer among the roots (W10)
  smmu_leaf_attributes,    // SMMU leaves lack access flag and shareability (W14)
  smmu_bank_order,         // the root of a bank has bank and SMMU swapped
  smmu_root_index_mask,    // walk_smmu_pgd takes nine index bits, not ten
  smmu_reuse_not_zeroed,   // a returned table page is linked with its old contents
  smmu_reuse_no_barrier,   // nothing orders zeroing before the link
  smmu_pages_leak,         // emptying a bank does not give its table pages back
  smmu_wrong_stamp,        // a level-3 table is stamped for bank 0
  smmu_unmap_no_tlbi,      // unmap_spt does not invalidate
  smmu_clear_no_sync,      // init_spt does not wait for the invalidation
  smmu_room_not_checked,   // try_set_smmu_pt does not ask for room first

  vttbr_shift,              // get_pt_vttbr puts the VMID one bit too low
  owner_raw,                // an owner that is nobody reads as its packed form
  count_of_owner,           // get_s2_page_count reads the owner
  gfn_off_by_one,           // set_s2_page_gfn stores one less
  count_clears_entry,       // set_s2_page_count drops owner and frame
  region_base_as_size,      // get_mem_region_size returns the base
  device_first_page_only,   // is_host_device looks at the first page alone
  tlbi_of_host,             // tlbi_vmalle1is invalidates for the host, whoever was meant
  acquire_without_pull,     // locks are taken without pulling what they protect
  release_without_publish,  // release_lock_s2page does not publish
  vm_lock_is_pt_lock,       // acquire_lock_vm takes the pt lock
  alloc_two_pages,          // the allocators advance the bump pointer by two pages
  pmd_limit_short,          // the pmd zone counts as used up one page early
  pmd_index_shift,          // walk_pmd takes the index of the level above
  null_pmd_followed,        // walk_pte does not test for a missing table
  alloc_always,             // walks allocate although they were told not to
  link_not_stored,          // a fresh table is returned but not linked
  pmd_leaf_slot,            // set_pmd takes the index of the level below
  level_of_marker,          // get_npt_level takes a marker for a page
  walk_ends_at_pmd,         // walk_npt returns the table link
  valid_leaf_overwritten,   // try_set_npt does not look at what is mapped
  room_for_pte_table,       // try_set_npt does not ask for room for a level-3 table
  clear_takes_table,        // clear_npt clears the link of the table
  init_one_table,           // init_npt links one level-1 table of the pair
  unmap_any_level,          // unmap_s2pt takes a block away too
  tlbi_wrong_page,          // unmap invalidates the page after
  tlbi_wrong_vmid,          // unmap invalidates combined entries of the host
  tlbi_not_waited,          // dropping a block does not wait for the invalidation
  tlbi_not_broadcast,       // dropping a block invalidates on this CPU alone
  tlbi_combined_first,      // unmap invalidates combined entries before the stage-2 entry
  unmap_keeps_lock,         // unmap returns with the lock held
  host_page_kept,           // clear_pfn_host drops blocks, and leaves pages
  block_misaligned,         // try_map_s2pt takes misaligned blocks
  ipa_bound_inclusive,      // the first address outside the IPA space counts as inside
  region_end_inclusive,     // mem_region_search counts the byte after a region
  reserved_has_entries,     // get_s2_page_index takes a region without entries for one with
  index_of_two_pages,       // get_s2_page_index counts pages of 8 KiB
  unowned_is_host,          // a frame without an entry reads as the host's
  count_sets_owner,         // set_pfn_count stores the owner
  host_block_511,           // is_host_block does not look at the last page
  private_page_mapped,      // map_page_host maps a VM's private page
  unlisted_device_mapped,   // map_page_host maps what is not RAM, listed or not
  device_block_unchecked,   // map_page_host maps a block around any device page
  host_map_without_lock,    // map_page_host does not take the s2page lock
  device_as_memory,         // map_page_host maps devices as normal memory

  run_ignores_frames,          // is_vm_run does not look at the frames where the VM sees its pages
  assigned_page_kept_by_host,  // assign_pfn_to_vm leaves the page in the host's table
  donated_page_not_zeroed,     // assign_zeroed_pfn_to_vm leaves the host's data in the page
  foreign_page_assigned,       // assign_pfn_to_vm takes a page from whoever owns it
  own_page_moved,              // assign_pfn_to_vm lets a VM's page change its guest frame
  cleared_page_not_zeroed,     // clear_vm_page hands the VM's data to the host
  cleared_page_kept_by_vm,     // clear_vm_page leaves the page in the VM's table
  cleared_page_kept_shared,    // clear_vm_page leaves the page shared
  any_page_cleared,            // clear_vm_page does not look who owns the page
  foreign_page_mapped,         // map_pfn_vm does not look who owns the page
  shared_twice,                // grant_vm_page shares a page that is shared already
  revoked_page_kept_by_host,   // revoke_vm_page leaves the page in the host's table
  page_totals_forgotten,       // assigned pages are not counted

  range_of_33,                // clear_vm_range takes 33 pages a call
  block_page_ignored,         // walk_to_pfn takes the first page of a block for every page of it
  failed_map_keeps_page,      // a page that could not be mapped stays the VM's
  last_vcpu_ignored,          // a VM counts as quiet while its last vCPU runs
  vmid_of_core,               // gen_vmid gives the core's number to a VM
  unfinished_vm_stopped,      // stop_vm ends a VM whose description another call is still writing
  vmid_given_twice,           // gen_vmid leaves a VMID that it gives in the free ones
  half_of_image_hashed,       // every second KiB of an image is left out of its hash
  reclaim_from_running,       // pages are taken from a VM that runs
  vcpu_made_twice,            // register_vcpu makes a vCPU anew
  unverified_vm_runs,         // a vCPU enters whatever the VM's state
  incomplete_image_verified,  // an image with pages missing is verified
  digest_not_compared,        // any image is taken for the signed one
  first_image_suffices,       // a VM is verified after its first image
  destroyed_with_pages,       // a VM that still owns pages is destroyed
  reset_without_tlbi,         // reset_s2pt does not invalidate

  cpu_guest_gprs_not_loaded,  // core_to_vm loads the system registers, not x0 to x30 (W3)
  cpu_exit_state_lost,        // save_sysregs leaves PC, PSTATE and ESR_EL1 of the exit (W5)
  cpu_skip_into_syndrome,     // stepping over an instruction changes ESR_EL2 (W7)
  cpu_dirty_assigned,         // set_shadow_dirty_bit assigns (W8)
  cpu_fp_of_host,             // reset_fp_regs takes what is in the registers (W8)
  cpu_fault_address_cut,      // get_vm_fault_addr uses 16 bits of HPFAR_EL2 (W15)
  cpu_register_forgotten,     // restore_sysregs leaves TPIDR_EL1 of the other principal
  cpu_context_off_by_one,     // the next vCPU's saved context is used
  cpu_host_vcpuid,            // set_per_cpu takes the caller's vCPU number for the host
  cpu_host_value_read_twice,  // what the host proposes is read twice
  vcpu_other_kept,            // forget_other_vcpu does nothing (R16)

  vcpu_fp_not_reset,        // a vCPU starts with the FP registers of an earlier one
  vcpu_answer_untruncated,  // a device read of a byte takes 64 bits from the host
  vcpu_call_shown,          // x0 of a guest's call is shown to the host
  vcpu_write_shown_whole,   // a device write of a byte shows the host 64 bits
  vcpu_pc_kept,             // a device access is executed again after its answer
  vcpu_stays_active,        // save_vm leaves the vCPU ACTIVE
  manifest_from_anybody,    // VM_CREATE reads pages of VMs
  batch_of_33,              // the host's calls take 33 pages
  donation_goes_on,         // a donation goes on after a page that is refused
  donation_counts_refused,  // a donation counts the page that is refused
  run_unadmitted,           // VCPU_RUN loads a vCPU although its VM does not admit it
  wait_not_done,            // the vCPU goes on at the WFI that the core has answered

  content_half_cleared,          // clear_phys_page clears half a page
  content_last_page_unverified,  // verify_image hashes whole pages only
  content_nonce_reused,          // a VM's version stays the same from seal to seal
  content_tag_unchecked,         // decrypt_* do not look whether opening succeeded
  content_replay_accepted,       // decrypt_* accept any version, and again

  record_inc_exe_field,     // set_vm_inc_exe stores into the number of images (W2)
  record_vcpu_index,        // the setters of vCPU words ignore which vCPU
  record_vcpu_stride,       // handles of vCPUs count four to a VM (W30)
  record_remap_base_twice,  // set_next_remap_ptr adds the window's base (W38)

  saved_from_anybody,          // seal_vm_page does not look whose page it seals
  saved_over_anything,         // seal_vm_page writes ciphertext into any page
  restored_over_anything,      // open_sealed_page takes a page from whoever owns it
  restored_page_kept_by_host,  // open_sealed_page leaves the page in the host's table
  running_vcpu_saved,          // save_encrypted_vcpu seals a vCPU that is running
  restored_into_verified,      // load_encrypted_vcpu changes a vCPU of a VM that is VERIFIED
  half_restored_vcpu,          // load_encrypted_vcpu leaves a VM with half of a vCPU alive
  restored_vm_verified,        // a VM with restored state becomes VERIFIED
  shared_page_is_memory,       // a load of a shared page counts as one of memory that nobody else writes
  bank_of_anybody,             // a device reaches memory through a bank that another principal owns
  count
};

struct FaultText {
  Fault fault;
  std::string_view name;
  std::string_view effect;
  bool only_tests = false;  // left out of the proof matrix: a property or unit test refutes it
};

// What `--fault N` shows.
inline constexpr auto kFaults = std::to_array<FaultText>({
    {Fault::pool_bound_off_by_one, "pool_bound_off_by_one",
     "the allocators hand out the page after the zone"},
    {Fault::pud_index_shift, "pud_index_shift", "walk_pud shifts the address by 31"},
    {Fault::map_without_lock, "map_without_lock", "map_s2pt does not take the pt lock"},
    {Fault::block_walked_as_table, "block_walked_as_table", "set_npt walks through a block descriptor"},
    {Fault::vttbr_keeps_vmid, "vttbr_keeps_vmid", "walk_pgd does not mask the VMID off VTTBR"},
    {Fault::table_type_missing, "table_type_missing", "a table link is stored without its type bits"},
    {Fault::pte_in_two_stores, "pte_in_two_stores", "set_pte stores attributes first, the address later"},
    {Fault::wrong_zone, "wrong_zone", "walk_pud allocates from the pgd zone"},
    {Fault::null_table_followed, "null_table_followed", "walk_pud does not test for a missing table"},
    {Fault::neighbour_pool, "neighbour_pool", "the allocators carve from the next principal's pool"},
    {Fault::pte_index_mask, "pte_index_mask", "set_pte masks the index with 255"},
    {Fault::stray_second_parent, "stray_second_parent", "a table link is stored twice"},
    {Fault::bump_not_advanced, "bump_not_advanced", "the allocators do not advance the bump pointer"},
    {Fault::map_without_barrier, "map_without_barrier", "a new leaf is not ordered before the release"},
    {Fault::tlbi_page_missing, "tlbi_page_missing", "unmap leaves the stage-2 entry in the TLBs"},
    {Fault::tlbi_combined_missing, "tlbi_combined_missing", "unmap leaves combined entries in the TLBs"},
    {Fault::tlbi_before_store, "tlbi_before_store", "unmap invalidates before its store is visible"},
    {Fault::block_tlbi_too_narrow, "block_tlbi_too_narrow", "dropping a block invalidates one page of it"},
    {Fault::tlbi_wrong_level, "tlbi_wrong_level",
     "unmap invalidates the page with the level hint of a block"},
    {Fault::tlbi_combined_at_once, "tlbi_combined_at_once",
     "unmap does not wait for the stage-2 entry to go before the combined ones"},
    {Fault::reset_keeps_walks, "reset_keeps_walks",
     "reset_s2pt leaves the tables that it takes away in the walk caches"},
    {Fault::smmu_clear_first_entry, "smmu_clear_first_entry", "smmu_pt_clear zeroes one root entry (W4)"},
    {Fault::smmu_bump_in_root, "smmu_bump_in_root",
     "the allocators' bump_guard accepts a bump pointer among the roots (W10)"},
    {Fault::smmu_leaf_attributes, "smmu_leaf_attributes",
     "an spt_leaf lacks access flag and shareability (W14)"},
    {Fault::smmu_bank_order, "smmu_bank_order", "the root of a bank has bank and SMMU swapped"},
    {Fault::smmu_root_index_mask, "smmu_root_index_mask", "walk_smmu_pgd takes nine index bits, not ten"},
    {Fault::smmu_reuse_not_zeroed, "smmu_reuse_not_zeroed",
     "alloc_smmu_pgd_page hands out a returned table page with its old contents"},
    {Fault::smmu_reuse_no_barrier, "smmu_reuse_no_barrier",
     "alloc_smmu_pgd_page does not order zeroing before the link"},
    {Fault::smmu_pages_leak, "smmu_pages_leak",
     "release_smmu_pages does not give the table pages of an emptied bank back"},
    {Fault::smmu_wrong_stamp, "smmu_wrong_stamp", "walk_smmu_pmd stamps the level-3 table for bank 0"},
    {Fault::smmu_unmap_no_tlbi, "smmu_unmap_no_tlbi", "unmap_spt does not invalidate"},
    {Fault::smmu_clear_no_sync, "smmu_clear_no_sync", "init_spt does not wait for the invalidation"},
    {Fault::smmu_room_not_checked, "smmu_room_not_checked", "try_set_smmu_pt does not ask for room first"},
    {Fault::vttbr_shift, "vttbr_shift", "get_pt_vttbr puts the VMID one bit too low"},
    {Fault::owner_raw, "owner_raw", "an owner that is nobody reads as its packed form"},
    {Fault::count_of_owner, "count_of_owner", "get_s2_page_count reads the owner"},
    {Fault::gfn_off_by_one, "gfn_off_by_one", "set_s2_page_gfn stores one less"},
    {Fault::count_clears_entry, "count_clears_entry", "set_s2_page_count drops owner and frame"},
    {Fault::region_base_as_size, "region_base_as_size", "get_mem_region_size returns the base"},
    {Fault::device_first_page_only, "device_first_page_only", "is_host_device looks at the first page alone"},
    {Fault::tlbi_of_host, "tlbi_of_host", "tlbi_vmalle1is invalidates for the host, whoever was meant"},
    {Fault::acquire_without_pull, "acquire_without_pull",
     "locks are taken without pulling what they protect"},
    {Fault::release_without_publish, "release_without_publish", "release_lock_s2page does not publish"},
    {Fault::vm_lock_is_pt_lock, "vm_lock_is_pt_lock", "acquire_lock_vm takes the pt lock"},
    {Fault::alloc_two_pages, "alloc_two_pages", "the allocators advance the bump pointer by two pages"},
    {Fault::pmd_limit_short, "pmd_limit_short", "the pmd zone counts as used up one page early"},
    {Fault::pmd_index_shift, "pmd_index_shift", "walk_pmd takes the index of the level above"},
    {Fault::null_pmd_followed, "null_pmd_followed", "walk_pte does not test for a missing table"},
    {Fault::alloc_always, "alloc_always", "walks allocate although they were told not to"},
    {Fault::link_not_stored, "link_not_stored", "a fresh table is returned but not linked"},
    {Fault::pmd_leaf_slot, "pmd_leaf_slot", "set_pmd takes the index of the level below"},
    {Fault::level_of_marker, "level_of_marker", "get_npt_level takes a marker for a page"},
    {Fault::walk_ends_at_pmd, "walk_ends_at_pmd", "walk_npt returns the table link"},
    {Fault::valid_leaf_overwritten, "valid_leaf_overwritten", "try_set_npt does not look at what is mapped"},
    {Fault::room_for_pte_table, "room_for_pte_table",
     "try_set_npt does not ask for room for a level-3 table"},
    {Fault::clear_takes_table, "clear_takes_table", "clear_npt clears the link of the table"},
    {Fault::init_one_table, "init_one_table", "init_npt links one level-1 table of the pair"},
    {Fault::unmap_any_level, "unmap_any_level", "unmap_s2pt takes a block away too"},
    {Fault::tlbi_wrong_page, "tlbi_wrong_page", "unmap invalidates the page after"},
    {Fault::tlbi_wrong_vmid, "tlbi_wrong_vmid", "unmap invalidates combined entries of the host"},
    {Fault::tlbi_not_waited, "tlbi_not_waited", "dropping a block does not wait for the invalidation"},
    {Fault::tlbi_not_broadcast, "tlbi_not_broadcast", "dropping a block invalidates on this CPU alone"},
    {Fault::tlbi_combined_first, "tlbi_combined_first",
     "unmap invalidates combined entries before the stage-2 entry"},
    {Fault::unmap_keeps_lock, "unmap_keeps_lock", "unmap returns with the lock held"},
    {Fault::host_page_kept, "host_page_kept", "clear_pfn_host drops blocks, and leaves pages"},
    {Fault::block_misaligned, "block_misaligned", "try_map_s2pt takes misaligned blocks"},
    {Fault::ipa_bound_inclusive, "ipa_bound_inclusive",
     "the first address outside the IPA space counts as inside"},
    {Fault::region_end_inclusive, "region_end_inclusive", "mem_region_search counts the byte after a region"},
    {Fault::reserved_has_entries, "reserved_has_entries",
     "get_s2_page_index takes a region without entries for one with"},
    {Fault::index_of_two_pages, "index_of_two_pages", "get_s2_page_index counts pages of 8 KiB"},
    {Fault::unowned_is_host, "unowned_is_host", "a frame without an entry reads as the host's"},
    {Fault::count_sets_owner, "count_sets_owner", "set_pfn_count stores the owner"},
    {Fault::host_block_511, "host_block_511", "is_host_block does not look at the last page", true},
    {Fault::private_page_mapped, "private_page_mapped", "map_page_host maps a VM's private page"},
    {Fault::unlisted_device_mapped, "unlisted_device_mapped",
     "map_page_host maps what is not RAM, listed or not"},
    {Fault::device_block_unchecked, "device_block_unchecked",
     "map_page_host maps a block around any device page"},
    {Fault::host_map_without_lock, "host_map_without_lock", "map_page_host does not take the s2page lock"},
    {Fault::device_as_memory, "device_as_memory", "map_page_host maps devices as normal memory"},
    {Fault::run_ignores_frames, "run_ignores_frames",
     "is_vm_run does not look at the frames where the VM sees its pages"},
    {Fault::assigned_page_kept_by_host, "assigned_page_kept_by_host",
     "assign_pfn_to_vm leaves the page in the host's table"},
    {Fault::donated_page_not_zeroed, "donated_page_not_zeroed",
     "assign_zeroed_pfn_to_vm leaves the host's data in the page"},
    {Fault::foreign_page_assigned, "foreign_page_assigned",
     "assign_pfn_to_vm takes a page from whoever owns it"},
    {Fault::own_page_moved, "own_page_moved", "assign_pfn_to_vm lets a VM's page change its guest frame"},
    {Fault::cleared_page_not_zeroed, "cleared_page_not_zeroed",
     "clear_vm_page hands the VM's data to the host"},
    {Fault::cleared_page_kept_by_vm, "cleared_page_kept_by_vm",
     "clear_vm_page leaves the page in the VM's table"},
    {Fault::cleared_page_kept_shared, "cleared_page_kept_shared", "clear_vm_page leaves the page shared"},
    {Fault::any_page_cleared, "any_page_cleared", "clear_vm_page does not look who owns the page"},
    {Fault::foreign_page_mapped, "foreign_page_mapped", "map_pfn_vm does not look who owns the page"},
    {Fault::shared_twice, "shared_twice", "grant_vm_page shares a page that is shared already"},
    {Fault::revoked_page_kept_by_host, "revoked_page_kept_by_host",
     "revoke_vm_page leaves the page in the host's table"},
    {Fault::page_totals_forgotten, "page_totals_forgotten", "assigned pages are not counted"},
    {Fault::range_of_33, "range_of_33", "clear_vm_range takes 33 pages a call"},
    {Fault::block_page_ignored, "block_page_ignored",
     "walk_to_pfn takes the first page of a block for every page of it"},
    {Fault::failed_map_keeps_page, "failed_map_keeps_page", "a page that could not be mapped stays the VM's"},
    {Fault::last_vcpu_ignored, "last_vcpu_ignored", "a VM counts as quiet while its last vCPU runs"},
    {Fault::vmid_of_core, "vmid_of_core", "gen_vmid gives the core's number to a VM"},
    {Fault::unfinished_vm_stopped, "unfinished_vm_stopped",
     "stop_vm ends a VM whose description another call is still writing"},
    {Fault::vmid_given_twice, "vmid_given_twice", "gen_vmid leaves a VMID that it gives in the free ones"},
    {Fault::half_of_image_hashed, "half_of_image_hashed",
     "every second KiB of an image is left out of its hash"},
    {Fault::reclaim_from_running, "reclaim_from_running", "pages are taken from a VM that runs"},
    {Fault::vcpu_made_twice, "vcpu_made_twice", "register_vcpu makes a vCPU anew"},
    {Fault::unverified_vm_runs, "unverified_vm_runs", "a vCPU enters whatever the VM's state"},
    {Fault::incomplete_image_verified, "incomplete_image_verified",
     "an image with pages missing is verified"},
    {Fault::digest_not_compared, "digest_not_compared", "any image is taken for the signed one"},
    {Fault::first_image_suffices, "first_image_suffices", "a VM is verified after its first image", true},
    {Fault::destroyed_with_pages, "destroyed_with_pages", "a VM that still owns pages is destroyed"},
    {Fault::reset_without_tlbi, "reset_without_tlbi", "reset_s2pt does not invalidate"},
    {Fault::cpu_guest_gprs_not_loaded, "cpu_guest_gprs_not_loaded",
     "core_to_vm loads the system registers, not x0 to x30 (W3)", true},
    {Fault::cpu_exit_state_lost, "cpu_exit_state_lost",
     "save_sysregs loses PC, PSTATE and ESR_EL1 of the exit (W5)", true},
    {Fault::cpu_skip_into_syndrome, "cpu_skip_into_syndrome",
     "stepping over an instruction changes ESR_EL2 (W7)", true},
    {Fault::cpu_dirty_assigned, "cpu_dirty_assigned", "set_shadow_dirty_bit forgets earlier bits (W8)", true},
    {Fault::cpu_fp_of_host, "cpu_fp_of_host", "a new vCPU starts with the host's FP registers (W8)", true},
    {Fault::cpu_fault_address_cut, "cpu_fault_address_cut", "the fault address has 24 bits (W15)", true},
    {Fault::cpu_register_forgotten, "cpu_register_forgotten", "restore_sysregs does not load TPIDR_EL1",
     true},
    {Fault::cpu_context_off_by_one, "cpu_context_off_by_one", "the next vCPU's saved context is used", true},
    {Fault::cpu_host_vcpuid, "cpu_host_vcpuid", "set_per_cpu takes the caller's vCPU number for the host",
     true},
    {Fault::cpu_host_value_read_twice, "cpu_host_value_read_twice", "what the host proposes is read twice",
     true},
    {Fault::vcpu_other_kept, "vcpu_other_kept",
     "another vCPU's translations and instructions serve this one (R16)"},
    {Fault::vcpu_fp_not_reset, "vcpu_fp_not_reset", "a vCPU starts with the FP registers of an earlier one"},
    {Fault::vcpu_answer_untruncated, "vcpu_answer_untruncated",
     "a device read of a byte takes 64 bits from the host"},
    {Fault::vcpu_call_shown, "vcpu_call_shown", "x0 of a guest's call is shown to the host"},
    {Fault::vcpu_write_shown_whole, "vcpu_write_shown_whole",
     "a device write of a byte shows the host 64 bits"},
    {Fault::vcpu_pc_kept, "vcpu_pc_kept", "a device access is executed again after its answer"},
    {Fault::vcpu_stays_active, "vcpu_stays_active", "save_vm leaves the vCPU ACTIVE"},
    {Fault::manifest_from_anybody, "manifest_from_anybody", "VM_CREATE reads pages of VMs"},
    {Fault::batch_of_33, "batch_of_33", "the host's calls take 33 pages"},
    {Fault::donation_goes_on, "donation_goes_on", "a donation goes on after a page that is refused"},
    {Fault::donation_counts_refused, "donation_counts_refused",
     "a donation counts the page that is refused as given"},
    {Fault::run_unadmitted, "run_unadmitted", "VCPU_RUN loads a vCPU that its VM does not admit"},
    {Fault::wait_not_done, "wait_not_done", "the vCPU goes on at the WFI that the core has answered"},
    {Fault::content_half_cleared, "content_half_cleared", "clear_phys_page clears half a page", true},
    {Fault::content_last_page_unverified, "content_last_page_unverified",
     "verify_image leaves out the last, partial page", true},
    {Fault::content_nonce_reused, "content_nonce_reused", "two seals of a VM have the same version", true},
    {Fault::content_tag_unchecked, "content_tag_unchecked", "what is not authentic is loaded", true},
    {Fault::content_replay_accepted, "content_replay_accepted", "a seal can be opened again, or an older one",
     true},
    {Fault::record_inc_exe_field, "record_inc_exe_field",
     "set_vm_inc_exe stores into the number of images (W2)", true},
    {Fault::record_vcpu_index, "record_vcpu_index", "the setters of vCPU words ignore which vCPU", true},
    {Fault::record_vcpu_stride, "record_vcpu_stride", "handles of vCPUs count four to a VM (W30)", true},
    {Fault::record_remap_base_twice, "record_remap_base_twice",
     "set_next_remap_ptr adds the window's base (W38)", true},
    {Fault::saved_from_anybody, "saved_from_anybody", "seal_vm_page does not look whose page it seals"},
    {Fault::saved_over_anything, "saved_over_anything", "seal_vm_page writes ciphertext into any page"},
    {Fault::restored_over_anything, "restored_over_anything",
     "open_sealed_page takes a page from whoever owns it"},
    {Fault::restored_page_kept_by_host, "restored_page_kept_by_host",
     "open_sealed_page leaves the page in the host's table"},
    {Fault::running_vcpu_saved, "running_vcpu_saved", "save_encrypted_vcpu seals a vCPU that is running"},
    {Fault::restored_into_verified, "restored_into_verified",
     "load_encrypted_vcpu changes a vCPU of a VM that is VERIFIED"},
    {Fault::half_restored_vcpu, "half_restored_vcpu",
     "a VM lives on with a vCPU of which one half was authentic"},
    {Fault::restored_vm_verified, "restored_vm_verified", "a VM with restored state becomes VERIFIED"},
    {Fault::shared_page_is_memory, "shared_page_is_memory",
     "a load of a shared page counts as one of memory that nobody else writes"},
    {Fault::bank_of_anybody, "bank_of_anybody", "a device uses a bank that another principal owns"},
});
static_assert(kFaults.size() + 1 == static_cast<std::size_t>(Fault::count));

}  // namespace redoubt
