// SPDX-License-Identifier: BSD-3-Clause
// Base primitives of the shared objects, one row each: page tables, core data, VMs, page ownership, regions,
// SMMU.
#pragma once
#include "core/registry/primitive.hpp"

namespace redoubt::registry::prim {
// clang-format off: one table, a primitive a row: name; signature, lock, guards, source; effect

// --- tickets and barriers ---
REDOUBT_PRIMITIVE(incr_ticket, "(bound u32, lk u32) → u32", "-", "bars Valid", "lower 4.18",
                  "takes the next ticket of the lock; the ticket before the increment");
REDOUBT_PRIMITIVE(get_now, "(lk u32) → u32", "-", "bars Valid", "lower 4.18", "the ticket whose turn it is");
REDOUBT_PRIMITIVE(log_hold, "(lk u32) → ()", "-", "bars Valid", "lower 4.18", "notes that the ticket's turn has come");
REDOUBT_PRIMITIVE(barrier, "() → ()", "-", "bars not Barriered", "lower 4.18",
                  "orders protected accesses against the ticket words");
REDOUBT_PRIMITIVE(incr_now, "(lk u32) → ()", "-", "bars Barriered", "lower 4.18", "hands the lock to the next ticket");
REDOUBT_PRIMITIVE(acquire_shared, "(lk u32) → ()", "-", "lock won·bars Valid", "lower 4.18",
                  "pulls what the lock protects; a leaf store is allowed again");
REDOUBT_PRIMITIVE(release_pt_shared, "(vmid u32) → ()", "pt(v)", "L(pt v)·bars Valid", "lower 4.18", "publishes the stage-2 table");
REDOUBT_PRIMITIVE(release_vm_shared, "(vmid u32) → ()", "vm(v)", "L(vm v)·bars Valid", "lower 4.18", "publishes the VM information");
REDOUBT_PRIMITIVE(release_spt_shared, "() → ()", "spt", "L(spt)·bars Valid", "lower 4.18", "publishes the SMMU tables");
REDOUBT_PRIMITIVE(release_s2page_shared, "() → ()", "s2page", "L(s2page)·bars Valid", "lower 4.18", "publishes page ownership");
REDOUBT_PRIMITIVE(release_core_shared, "() → ()", "core", "L(core)·bars Valid", "lower 4.18", "publishes the core data");
REDOUBT_PRIMITIVE(release_smmu_shared, "() → ()", "smmu", "L(smmu)·bars Valid", "lower 4.18", "publishes the owners of SMMU banks");

// --- page-table pools ---
REDOUBT_PRIMITIVE(get_pgd_next, "(vmid u32) → u64", "pt(v)", "H·V·L(pt v)", "lower 4.18", "first free page of the pgd zone");
REDOUBT_PRIMITIVE(get_pud_next, "(vmid u32) → u64", "pt(v)", "H·V·L(pt v)", "lower 4.18", "first free page of the pud zone");
REDOUBT_PRIMITIVE(get_pmd_next, "(vmid u32) → u64", "pt(v)", "H·V·L(pt v)", "lower 4.18", "first free page of the pmd zone");
REDOUBT_PRIMITIVE(set_pgd_next, "(vmid u32, next u64) → ()", "pt(v)", "H·V·L(pt v)", "lower 4.18", "moves the pgd bump pointer");
REDOUBT_PRIMITIVE(set_pud_next, "(vmid u32, next u64) → ()", "pt(v)", "H·V·L(pt v)", "lower 4.18", "moves the pud bump pointer");
REDOUBT_PRIMITIVE(set_pmd_next, "(vmid u32, next u64) → ()", "pt(v)", "H·V·L(pt v)", "lower 4.18", "moves the pmd bump pointer");
REDOUBT_PRIMITIVE(pt_load, "(vmid u32, addr u64) → u64", "pt(v)", "H·V·slot in pool·L(pt v)·aligned", "lower 4.1.3",
                  "the entry at a physical address of the own pool");
REDOUBT_PRIMITIVE(pt_store, "(vmid u32, addr u64, value u64) → ()", "pt(v)", "H·V·slot in pool·L(pt v)·aligned·T for a leaf",
                  "lower 4.1.3", "one 64-bit store to an entry; a leaf store uses up the transaction");
REDOUBT_PRIMITIVE(pt_reset, "(vmid u32) → ()", "pt(v)", "H·V·L(pt v)", "own", "empties the pool: every word is zero, every page in its zone");
REDOUBT_PRIMITIVE(set_pt_vttbr, "(vmid u32, vttbr u64) → ()", "-", "none", "lower 4.18", "no effect");
REDOUBT_PRIMITIVE(get_pt_vttbr, "(vmid u32) → u64", "-", "H·V", "lower 4.2", "VMID and software root of the table, computed");

// --- core data ---
REDOUBT_PRIMITIVE(get_next_vmid, "() → u32", "core", "H·L(core)", "lower 4.4", "the VMID that the next VM gets");
REDOUBT_PRIMITIVE(set_next_vmid, "(vmid u32) → ()", "core", "H·L(core)·u32", "lower 4.4", "stores it, unchecked");
REDOUBT_PRIMITIVE(get_next_remap_ptr, "() → u64", "core", "H·L(core)", "lower 4.4", "end of the used part of the image window");
REDOUBT_PRIMITIVE(set_next_remap_ptr, "(remap u64) → ()", "core", "H·L(core)", "lower 4.4", "stores it, unchecked");

REDOUBT_PRIMITIVE(get_free_vmids, "() → u64", "core", "H·L(core)", "own", "VMIDs of destroyed VMs, a bit each");
REDOUBT_PRIMITIVE(set_free_vmids, "(vmids u64) → ()", "core", "H·L(core)", "own", "stores it");

// --- VM information ---
REDOUBT_PRIMITIVE(get_vm_state, "(vmid u32) → u32", "vm(v)", "H·V·L(vm v)", "lower 4.5", "state of the VM");
REDOUBT_PRIMITIVE(set_vm_state, "(vmid u32, state u32) → ()", "vm(v)", "H·V·L(vm v)·u32", "lower 4.5", "stores any state");
REDOUBT_PRIMITIVE(get_vcpu_state, "(vmid u32, vcpuid u32) → u32", "vm(v)", "H·V·C·L(vm v)", "lower 4.5", "state of the vCPU");
REDOUBT_PRIMITIVE(set_vcpu_state, "(vmid u32, vcpuid u32, state u32) → ()", "vm(v)", "H·V·C·L(vm v)·u32", "lower 4.5", "stores it");
REDOUBT_PRIMITIVE(set_vm_kvm, "(vmid u32, kvm u64) → ()", "vm(v)", "H·V·L(vm v)", "lower 4.5", "the host's handle of the VM");
REDOUBT_PRIMITIVE(set_vm_vcpu, "(vmid u32, vcpuid u32, vcpu u64) → ()", "vm(v)", "H·V·C·L(vm v)", "lower 4.5", "the host's handle of the vCPU");
REDOUBT_PRIMITIVE(get_vm_kvm, "(vmid u32) → u64", "vm(v)", "H·V·L(vm v)", "lower 4.18", "the host's handle of the VM");
REDOUBT_PRIMITIVE(get_vm_vcpu, "(vmid u32, vcpuid u32) → u64", "vm(v)", "H·V·C·L(vm v)", "lower 4.18", "the host's handle of the vCPU");
REDOUBT_PRIMITIVE(get_vm_next_load_idx, "(vmid u32) → u32", "vm(v)", "H·V·L(vm v)", "lower 4.5", "number of boot images so far");
REDOUBT_PRIMITIVE(set_vm_next_load_idx, "(vmid u32, load_idx u32) → ()", "vm(v)", "H·V·L(vm v)·u32", "lower 4.5", "stores it, unchecked");
REDOUBT_PRIMITIVE(get_vm_load_addr, "(vmid u32, load_idx u32) → u64", "vm(v)", "H·V·I·L(vm v)", "lower 4.5", "guest address of a boot image");
REDOUBT_PRIMITIVE(set_vm_load_addr, "(vmid u32, load_idx u32, load_addr u64) → ()", "vm(v)", "H·V·I·L(vm v)", "lower 4.5", "stores it");
REDOUBT_PRIMITIVE(get_vm_load_size, "(vmid u32, load_idx u32) → u64", "vm(v)", "H·V·I·L(vm v)", "lower 4.5", "bytes of a boot image");
REDOUBT_PRIMITIVE(set_vm_load_size, "(vmid u32, load_idx u32, size u64) → ()", "vm(v)", "H·V·I·L(vm v)", "lower 4.5", "stores it");
REDOUBT_PRIMITIVE(get_vm_remap_addr, "(vmid u32, load_idx u32) → u64", "vm(v)", "H·V·I·L(vm v)", "lower 4.5", "where the core sees a boot image");
REDOUBT_PRIMITIVE(set_vm_remap_addr, "(vmid u32, load_idx u32, remap_addr u64) → ()", "vm(v)", "H·V·I·L(vm v)", "lower 4.5", "stores it");
REDOUBT_PRIMITIVE(get_vm_mapped_pages, "(vmid u32, load_idx u32) → u64", "vm(v)", "H·V·I·L(vm v)", "lower 4.5", "pages of an image given so far");
REDOUBT_PRIMITIVE(set_vm_mapped_pages, "(vmid u32, load_idx u32, mapped u64) → ()", "vm(v)", "H·V·I·L(vm v)", "lower 4.5", "stores it");
REDOUBT_PRIMITIVE(get_vm_inc_exe, "(vmid u32) → u32", "vm(v)", "H·V·L(vm v)", "lower 4.5", "does the VM resume from a saved state?");
REDOUBT_PRIMITIVE(set_vm_inc_exe, "(vmid u32, inc_exe u32) → ()", "vm(v)", "H·V·L(vm v)·u32", "lower 4.5", "stores it (meant, not as written: W2)");

REDOUBT_PRIMITIVE(get_vm_item, "(vmid u32, item u32) → u64", "vm(v)", "H·V·item·L(vm v)", "own", "a word of the manifest, or of the progress of its check");
REDOUBT_PRIMITIVE(set_vm_item, "(vmid u32, item u32, value u64) → ()", "vm(v)", "H·V·item·L(vm v)", "own", "stores it");
REDOUBT_PRIMITIVE(get_owned_pages, "(vmid u32) → u64", "s2page", "H·V·L(s2page)", "own", "number of pages that the VM owns");
REDOUBT_PRIMITIVE(set_owned_pages, "(vmid u32, pages u64) → ()", "s2page", "H·V·L(s2page)", "own", "stores it");
REDOUBT_PRIMITIVE(get_shared_pages, "(vmid u32) → u64", "s2page", "H·V·L(s2page)", "own", "number of pages that the VM shares with the host");
REDOUBT_PRIMITIVE(set_shared_pages, "(vmid u32, pages u64) → ()", "s2page", "H·V·L(s2page)", "own", "stores it");

// --- page ownership ---
REDOUBT_PRIMITIVE(get_s2_page_vmid, "(index u64) → u32", "s2page", "H·N·L(s2page)", "lower 4.6", "owner of the page, or INVALID");
REDOUBT_PRIMITIVE(set_s2_page_vmid, "(index u64, vmid u32) → ()", "s2page", "H·N·L(s2page)·page state", "lower 4.6", "stores the owner");
REDOUBT_PRIMITIVE(get_s2_page_count, "(index u64) → u32", "s2page", "H·N·L(s2page)", "lower 4.6", "sharers besides the owner, 0 or 1 (R9)");
REDOUBT_PRIMITIVE(set_s2_page_count, "(index u64, count u32) → ()", "s2page", "H·N·L(s2page)·page state", "lower 4.6", "stores it");
REDOUBT_PRIMITIVE(get_s2_page_dma, "(index u64) → u32", "s2page", "H·N·L(s2page)", "own", "1: a page for devices (R9)");
REDOUBT_PRIMITIVE(set_s2_page_dma, "(index u64, dma u32) → ()", "s2page", "H·N·L(s2page)·page state", "own", "stores it");
REDOUBT_PRIMITIVE(get_s2_page_gfn, "(index u64) → u64", "s2page", "H·N·L(s2page)", "lower 4.6", "frame at which the owner sees the page");
REDOUBT_PRIMITIVE(set_s2_page_gfn, "(index u64, gfn u64) → ()", "s2page", "H·N·L(s2page)·page state", "lower 4.6", "stores it");

// --- memory regions: boot constants ---
REDOUBT_PRIMITIVE(get_mem_region_cnt, "() → u32", "-", "none", "lower 4.7", "number of memory regions");
REDOUBT_PRIMITIVE(get_mem_region_base, "(index u32) → u64", "-", "M", "lower 4.7", "first byte of a region");
REDOUBT_PRIMITIVE(get_mem_region_size, "(index u32) → u64", "-", "M", "lower 4.7", "bytes of a region");
REDOUBT_PRIMITIVE(get_mem_region_index, "(index u32) → u64", "-", "M", "lower 4.7", "ownership index of its first page, or INVALID64");
REDOUBT_PRIMITIVE(get_mem_region_flag, "(index u32) → u64", "-", "M", "lower 4.18", "flags of a region");

// --- SMMU ---
REDOUBT_PRIMITIVE(get_smmu_pgd_next, "() → u64", "spt", "H·L(spt)", "lower 4.8", "first free page of the SMMU pgd zone");
REDOUBT_PRIMITIVE(set_smmu_pgd_next, "(next u64) → ()", "spt", "H·L(spt)", "lower 4.8", "moves that bump pointer");
REDOUBT_PRIMITIVE(get_smmu_pmd_next, "() → u64", "spt", "H·L(spt)", "lower 4.8", "first free page of the SMMU pmd zone");
REDOUBT_PRIMITIVE(set_smmu_pmd_next, "(next u64) → ()", "spt", "H·L(spt)", "lower 4.8", "moves that bump pointer");
REDOUBT_PRIMITIVE(get_smmu_cfg_hw_ttbr, "(cbndx u32, index u32) → u64", "-", "H·S·B", "lower 4.8", "root table of a context bank");
REDOUBT_PRIMITIVE(smmu_pt_load, "(addr u64) → u64", "spt", "H·slot in SMMU pool·L(spt)", "lower 4.8", "an SMMU table entry");
REDOUBT_PRIMITIVE(smmu_pt_store, "(addr u64, value u64) → ()", "spt", "H·slot in SMMU pool·L(spt)·T for a leaf", "lower 4.8", "one store to an SMMU table entry");
REDOUBT_PRIMITIVE(smmu_pt_clear, "(cbndx u32, index u32) → ()", "spt", "H·S·B·L(spt)·T", "lower 4.8", "zeroes the root of a bank (all of it, not as written: W4)");
REDOUBT_PRIMITIVE(get_smmu_cfg_vmid, "(cbndx u32, index u32) → u32", "smmu", "H·S·B·L(smmu)", "lower 4.8", "principal that owns a bank");
REDOUBT_PRIMITIVE(set_smmu_cfg_vmid, "(cbndx u32, index u32, vmid u32) → ()", "smmu", "H·S·B·L(smmu)", "lower 4.8", "stores it, unchecked");
REDOUBT_PRIMITIVE(get_smmu_num, "() → u32", "-", "H", "lower 4.8", "number of SMMUs");
REDOUBT_PRIMITIVE(get_smmu_num_context_banks, "(index u32) → u32", "-", "H·S", "lower 4.8", "context banks of an SMMU");
REDOUBT_PRIMITIVE(get_smmu_size, "(index u32) → u64", "-", "H·S", "lower 4.8", "bytes of its register window");
REDOUBT_PRIMITIVE(get_smmu_base, "(index u32) → u64", "-", "H·S", "lower 4.8", "address of its register window");
REDOUBT_PRIMITIVE(get_smmu_pgshift, "(index u32) → u64", "-", "H·S", "lower 4.18", "page shift of its register window");

// --- barriers, TLB maintenance and device windows: Redoubt's own ---
REDOUBT_PRIMITIVE(dsb_ishst, "() → ()", "-", "none", "own", "stores so far are visible to every walker before later ones");
REDOUBT_PRIMITIVE(dsb_ish, "() → ()", "-", "none", "own", "all accesses and TLB maintenance so far are complete");
REDOUBT_PRIMITIVE(isb, "() → ()", "-", "none", "own", "later instructions see the changes");
REDOUBT_PRIMITIVE(tlbi_ipas2e1is, "(vmid u32, addr u64) → ()", "-", "none", "own", "invalidates stage-2 entries of one address on all CPUs");
REDOUBT_PRIMITIVE(tlbi_vmalle1is, "(vmid u32) → ()", "-", "none", "own", "invalidates the combined entries of a VMID on all CPUs");
REDOUBT_PRIMITIVE(tlbi_vmalls12e1is, "(vmid u32) → ()", "-", "none", "own", "invalidates everything of a VMID on all CPUs");
REDOUBT_PRIMITIVE(dsb_st, "() → ()", "-", "none", "own", "SMMU table stores so far are seen by every SMMU walk that starts later");
REDOUBT_PRIMITIVE(smmu_tlbi_iova, "(cbndx u32, index u32, addr u64) → ()", "-", "S·B", "own", "asks for the invalidation of one address in a bank");
REDOUBT_PRIMITIVE(smmu_tlbi_bank, "(cbndx u32, index u32) → ()", "-", "S·B", "own", "asks for the invalidation of a whole bank");
REDOUBT_PRIMITIVE(smmu_tlb_sync, "(cbndx u32, index u32) → ()", "-", "S·B", "own", "waits until a bank's invalidations are complete");
REDOUBT_PRIMITIVE(is_host_device, "(first u64, pages u64) → u32", "-", "none", "own", "do these frames lie in one device window of the host (R11)?");
// clang-format on

using Tickets = List<incr_ticket, get_now, log_hold, barrier, incr_now>;
using Publishing = List<acquire_shared, release_pt_shared, release_vm_shared, release_spt_shared,
                        release_s2page_shared, release_core_shared, release_smmu_shared>;
using BumpPointers = List<get_pgd_next, get_pud_next, get_pmd_next, set_pgd_next, set_pud_next, set_pmd_next>;
using PageTotals = List<get_owned_pages, set_owned_pages, get_shared_pages, set_shared_pages>;
using TableMemory = List<pt_load, pt_store>;
using Unused =
    List<set_pt_vttbr, get_vm_kvm, get_vm_vcpu, get_mem_region_flag, get_smmu_pgshift>;  // end at PTAlloc
using CoreData = List<get_next_vmid, set_next_vmid, get_next_remap_ptr, set_next_remap_ptr>;
using VmInformation =
    List<get_vm_state, set_vm_state, get_vcpu_state, set_vcpu_state, set_vm_kvm, set_vm_vcpu,
         get_vm_next_load_idx, set_vm_next_load_idx, get_vm_load_addr, set_vm_load_addr, get_vm_load_size,
         set_vm_load_size, get_vm_remap_addr, set_vm_remap_addr, get_vm_mapped_pages, set_vm_mapped_pages,
         get_vm_inc_exe, set_vm_inc_exe>;
using PageOwnership = List<get_s2_page_vmid, set_s2_page_vmid, get_s2_page_count, set_s2_page_count,
                           get_s2_page_gfn, set_s2_page_gfn>;
using PageDma = List<get_s2_page_dma, set_s2_page_dma>;
using Regions = List<get_mem_region_cnt, get_mem_region_base, get_mem_region_size, get_mem_region_index>;
using Smmu = List<get_smmu_pgd_next, set_smmu_pgd_next, get_smmu_pmd_next, set_smmu_pmd_next,
                  get_smmu_cfg_hw_ttbr, smmu_pt_load, smmu_pt_store, smmu_pt_clear, get_smmu_cfg_vmid,
                  set_smmu_cfg_vmid, get_smmu_num, get_smmu_num_context_banks, get_smmu_size, get_smmu_base>;
using SmmuMaintenance = List<dsb_st, smmu_tlbi_iova, smmu_tlbi_bank, smmu_tlb_sync>;
using TlbMaintenance = List<dsb_ishst, dsb_ish, isb, tlbi_ipas2e1is, tlbi_vmalle1is, tlbi_vmalls12e1is>;

}  // namespace redoubt::registry::prim
