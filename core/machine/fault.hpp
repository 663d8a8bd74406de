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
  count
};

struct FaultText {
  Fault fault;
  std::string_view name;
  std::string_view effect;
};

// What `--fault N` shows.
inline constexpr std::array<FaultText, 18> kFaults{{
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
}};
static_assert(kFaults.size() + 1 == static_cast<std::size_t>(Fault::count));

}  // namespace redoubt
