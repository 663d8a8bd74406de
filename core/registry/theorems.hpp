// SPDX-License-Identifier: BSD-3-Clause
// Which theorem proves a primitive: one line for each, or generated for every primitive of a layer. A
// primitive without either has its theorem pending.
#pragma once
#include <array>
#include <string_view>

#include "core/registry/primitive.hpp"

namespace redoubt::registry {

struct Theorem {
  std::string_view layer, primitive;
  std::string_view name;  // of redoubt-verify, for every platform
};

// clang-format off: a theorem a row
inline constexpr std::array<Theorem, 116> kTheorems{{
    {"PTAlloc", "alloc_pgd_page", "alloc_pgd_page"},
    {"PTAlloc", "alloc_pud_page", "alloc_pud_page"},
    {"PTAlloc", "alloc_pmd_page", "alloc_pmd_page"},
    {"PTAlloc", "can_alloc_pgd_page", "can_alloc"},
    {"PTAlloc", "can_alloc_pud_page", "can_alloc"},
    {"PTAlloc", "can_alloc_pmd_page", "can_alloc"},
    {"PTWalk", "walk_pgd", "walk_pgd"},
    {"PTWalk", "walk_pud", "walk_pud"},
    {"PTWalk", "walk_pmd", "walk_pmd"},
    {"PTWalk", "walk_pte", "walk_pte"},
    {"PTWalk", "set_pmd", "set_pmd"},
    {"PTWalk", "set_pte", "set_pte"},
    {"NPTWalk", "get_npt_level", "get_npt_level"},
    {"NPTWalk", "walk_npt", "walk_npt"},
    {"NPTWalk", "set_npt", "set_npt"},
    {"NPTWalk", "try_set_npt", "try_set_npt"},
    {"NPTWalk", "clear_npt", "clear_npt"},
    {"NPTWalk", "init_npt", "init_npt"},
    {"NPTOps", "get_level_s2pt", "get_level_s2pt"},
    {"NPTOps", "walk_s2pt", "walk_s2pt"},
    {"NPTOps", "map_s2pt", "map_s2pt"},
    {"NPTOps", "clear_pfn_host", "clear_pfn_host"},
    {"NPTOps", "try_map_s2pt", "try_map_s2pt"},
    {"NPTOps", "init_s2pt", "init_s2pt"},
    {"NPTOps", "reset_s2pt", "reset_s2pt"},
    {"NPTOps", "drop_block_s2pt", "drop_block_s2pt"},
    {"NPTOps", "unmap_s2pt", "unmap_s2pt"},
    {"MmioPTAlloc", "alloc_smmu_pgd_page", "alloc_smmu_pgd_page"},
    {"MmioPTAlloc", "alloc_smmu_pmd_page", "alloc_smmu_pmd_page"},
    {"MmioPTAlloc", "can_alloc_smmu_pgd_page", "can_alloc_smmu_pgd_page"},
    {"MmioPTAlloc", "can_alloc_smmu_pmd_page", "can_alloc_smmu_pmd_page"},
    {"MmioPTAlloc", "release_smmu_pages", "release_smmu_pages"},
    {"MmioPTWalk", "walk_smmu_pgd", "walk_smmu_pgd"},
    {"MmioPTWalk", "walk_smmu_pmd", "walk_smmu_pmd"},
    {"MmioPTWalk", "walk_smmu_pte", "walk_smmu_pte"},
    {"MmioPTWalk", "set_smmu_pte", "set_smmu_pte"},
    {"MmioSPTWalk", "clear_smmu_pt", "clear_smmu_pt"},
    {"MmioSPTWalk", "walk_smmu_pt", "walk_smmu_pt"},
    {"MmioSPTWalk", "set_smmu_pt", "set_smmu_pt"},
    {"MmioSPTWalk", "dev_load_ref", "dev_refs"},
    {"MmioSPTWalk", "dev_store_ref", "dev_refs"},
    {"MmioSPTWalk", "try_set_smmu_pt", "try_set_smmu_pt"},
    {"MmioSPTWalk", "reclaim_smmu_pt", "reclaim_smmu_pt"},
    {"MmioSPTOps", "init_spt", "init_spt"},
    {"MmioSPTOps", "walk_spt", "walk_spt"},
    {"MmioSPTOps", "map_spt", "map_spt"},
    {"MmioSPTOps", "unmap_spt", "unmap_spt"},
    {"MmioSPTOps", "try_map_spt", "try_map_spt"},
    {"MmioSPTOps", "try_unmap_spt", "try_unmap_spt"},
    {"MmioSPTOps", "try_init_spt", "try_init_spt"},
    {"NPTWalk", "reset_npt", "reset_npt"},
    {"NPTWalk", "mem_load_ref", "mem_refs"},
    {"NPTWalk", "mem_store_ref", "mem_refs"},
    {"PageManager", "get_pfn_owner", "get_pfn_owner"},
    {"PageManager", "set_pfn_owner", "set_pfn_owner"},
    {"PageManager", "get_pfn_count", "get_pfn_count"},
    {"PageManager", "set_pfn_count", "set_pfn_count"},
    {"PageManager", "get_pfn_map", "get_pfn_map"},
    {"PageManager", "set_pfn_map", "set_pfn_map"},
    {"PageManager", "is_host_block", "is_host_block"},
    {"PageManager", "is_vm_run", "is_vm_run"},
    {"MemManager", "map_page_host", "map_page_host"},
    {"MemManager", "clear_vm_page", "clear_vm_page"},
    {"MemManager", "assign_pfn_to_vm", "assign_pfn_to_vm"},
    {"MemManager", "assign_zeroed_pfn_to_vm", "assign_zeroed_pfn_to_vm"},
    {"MemManager", "map_pfn_vm", "map_pfn_vm"},
    {"MemManager", "map_vm_io", "map_vm_io"},
    {"MemManager", "grant_vm_page", "grant_vm_page"},
    {"MemManager", "revoke_vm_page", "revoke_vm_page"},
    {"MemManager", "seal_vm_page", "seal_vm_page"},
    {"MemManager", "open_sealed_page", "open_sealed_page"},
    {"MemManager", "count_vm_pages", "count_vm_pages"},
    {"MemManager", "count_shared_pages", "count_shared_pages"},
    {"MemoryOps", "clear_vm_range", "clear_vm_range"},
    {"MemoryOps", "prot_and_map_vm_s2pt", "prot_and_map_vm_s2pt"},
    {"MemoryOps", "load_and_map_vm_s2pt", "load_and_map_vm_s2pt"},
    {"MemoryOps", "grant_stage2_sg_gpa", "grant_stage2_sg_gpa"},
    {"MemoryOps", "revoke_stage2_sg_gpa", "revoke_stage2_sg_gpa"},
    {"MemoryOps", "walk_to_pfn", "walk_to_pfn"},
    {"BootAux", "hash_image_step", "hash_image_step"},
    {"BootOps", "register_kvm", "register_kvm"},
    {"BootOps", "remap_vm_image", "remap_vm_image"},
    {"BootOps", "verify_and_load_images", "verify_and_load_images"},
    {"BootOps", "get_verify_left", "get_verify_left"},
    {"BootOps", "donate_vm_page", "donate_vm_page"},
    {"BootOps", "donate_vm_block_page", "donate_vm_block_page"},
    {"BootOps", "map_vm_block", "map_vm_block"},
    {"BootOps", "reclaim_vm_pages", "reclaim_vm_pages"},
    {"BootOps", "destroy_vm", "destroy_vm"},
    {"BootOps", "save_encrypted_vcpu", "save_encrypted_vcpu"},
    {"BootOps", "load_encrypted_vcpu", "load_encrypted_vcpu"},
    {"BootOps", "save_encrypt_buf", "save_encrypt_buf"},
    {"BootOps", "load_decrypt_buf", "load_decrypt_buf"},
    {"VCPUOps", "save_shadow_kvm_regs", "save_shadow_kvm_regs"},
    {"VCPUOps", "restore_shadow_kvm_regs", "restore_shadow_kvm_regs"},
    {"CtxtSwitch", "restore_vm", "restore_vm"},
    {"CtxtSwitch", "save_vm", "save_vm"},
    {"MemHandler", "clear_vm_stage2_range", "clear_vm_stage2_range"},
    {"FaultHandler", "handle_host_stage2_fault", "handle_host_stage2_fault"},
    {"FaultHandler", "core_handle_pvops", "core_handle_pvops"},
    {"FaultHandler", "handle_vm_sys64", "handle_vm_sys64"},
    {"FaultHandler", "refuse", "refuse"},
    {"TrapDispatcher", "host_hvc_dispatcher", "host_hvc_dispatcher"},
    {"TrapDispatcher", "vm_exit_dispatcher", "vm_exit_dispatcher"},
    {"TrapHandlerRaw", "host_hvc_handler_raw", "host_hvc_handler_raw"},
    {"TrapHandlerRaw", "host_npt_handler_raw", "host_npt_handler_raw"},
    {"TrapHandlerRaw", "host_vcpu_run_handler_raw", "host_vcpu_run_handler_raw"},
    {"TrapHandlerRaw", "vm_exit_handler_raw", "vm_exit_handler_raw"},
    {"TrapHandler", "host_hvc_handler", "host_hvc_handler"},
    {"TrapHandler", "host_npt_handler", "host_npt_handler"},
    {"TrapHandler", "host_vcpu_run_handler", "host_vcpu_run_handler"},
    {"TrapHandler", "vm_exit_handler", "vm_exit_handler"},
    {"TrapHandler", "mem_load", "mem_load"},
    {"TrapHandler", "mem_store", "mem_store"},
    {"TrapHandler", "dev_load", "dev_load"},
    {"TrapHandler", "dev_store", "dev_store"},
}};
// clang-format on

// Empty: pending.
constexpr std::string_view theorem_of(std::string_view layer, std::string_view primitive) {
  for (const Theorem& t : kTheorems) {
    if (t.layer == layer && t.primitive == primitive) {
      return t.name;
    }
  }
  return {};
}

// A layer that says `theorems_are_generated = true` has one theorem for each primitive that is built and
// specified on the state, under the primitive's name, but for those that it lists as TheoremPending. C: its
// class.
template <class E, class P, class C>
constexpr bool theorem_is_generated() {
  if constexpr (requires { E::theorems_are_generated; }) {
    const bool stated = P::model == Model::state && P::template visible<C>;
    return E::theorems_are_generated && stated &&
           !contains<typename P::primitive, typename E::TheoremPending>;
  }
  return false;
}

// The theorem of a layer's fresh primitive, written down or generated; empty: pending.
template <class E, class P, class C>
constexpr std::string_view theorem_of() {
  return theorem_is_generated<E, P, C>() ? P::name : theorem_of(E::name, P::name);
}

// What checks a primitive that no theorem can be stated about: the specification of the ticket protocol is a
// replay of concrete logs, and a step of it depends on what all other CPUs did.
template <class P>
constexpr std::string_view checked_by() {
  return P::model == Model::log ? "interleaving explorer; exhaustive lock tests" : std::string_view{};
}

// R10: a layer's declaration says `must_be_proved = true` from the commit that proves it; then none may be
// pending.
template <class E>
constexpr bool theorem_required() {
  if constexpr (requires { E::must_be_proved; }) {
    return E::must_be_proved;
  }
  return false;
}

}  // namespace redoubt::registry
