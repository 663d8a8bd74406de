// SPDX-License-Identifier: BSD-3-Clause
// The maps and words of the abstract state by number, with the names that spec/ gives them.
#pragma once
#include <array>
#include <cstdint>
#include <string_view>

namespace redoubt::oracle {

// clang-format off: in the order of kFieldNames
enum class Field : std::uint32_t {
  block, page, pgd_t, pud_t, pmd_t, pt_next, lock, s2_owner, s2_count, s2_gfn, s2_dma, region,
  host_device,
  doracle, data_log,
  vm_state, vm_kvm, vm_next_load_info, vm_inc_exe, vm_vcpu, vm_vcpu_state, vm_load_addr, vm_load_size,
  vm_remap_addr, vm_mapped_pages, vm_item, vm_total,
  shadow, hw, shown, last_vcpu, guest_log, manifest, trap_setting,
  contents, hashed, hash_step, hash_digest,
  next_vmid, next_remap_ptr, free_vmids, cur_vmid, cur_vcpuid, guest_events,
  result, stuck, halt, steps, undescribed, room, whole,
  count
};
inline constexpr std::array<std::string_view, static_cast<std::size_t>(Field::count)> kFieldNames{
  "block", "page", "pgd_t", "pud_t", "pmd_t", "next", "lock", "s2_owner", "s2_count", "s2_gfn", "s2_dma",
  "region", "host_device", "doracle", "data_log",
  "vm_state", "vm_kvm", "vm_next_load_info", "vm_inc_exe", "vm_vcpu", "vm_vcpu_state", "vm_load_addr",
  "vm_load_size", "vm_remap_addr", "vm_mapped_pages", "vm_item", "vm_total",
  "shadow", "hw", "shown", "last_vcpu", "guest_log", "manifest", "trap_setting",
  "contents", "hashed", "hash_step", "hash_digest",
  "next_vmid", "next_remap_ptr", "free_vmids", "cur_vmid", "cur_vcpuid", "guest_events",
  "result", "stuck", "halt", "steps", "undescribed", "room", "whole"};
// clang-format on

// Field::count: no map that the product's specification reads or writes.
constexpr Field field_named(std::string_view name) {
  for (std::size_t n = 0; n < kFieldNames.size(); ++n) {
    if (kFieldNames[n] == name) {
      return static_cast<Field>(n);
    }
  }
  return Field::count;
}
constexpr bool names_are_distinct() {
  for (std::size_t n = 0; n < kFieldNames.size(); ++n) {
    if (kFieldNames[n].empty() || field_named(kFieldNames[n]) != static_cast<Field>(n)) {
      return false;
    }
  }
  return true;
}
static_assert(names_are_distinct());

}  // namespace redoubt::oracle
