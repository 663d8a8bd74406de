// SPDX-License-Identifier: BSD-3-Clause
// Obligations of the record group of base primitives: what each preserves and all that it may change.
#pragma once
#include "core/machine/rows.hpp"
#include "core/machine/rows_cpu.hpp"
#include "core/registry/record_invariants.hpp"

namespace redoubt::registry {

using RecordObligations = Join<
    Preserving<inv::Records, field::none, prim::get_next_vmid, prim::get_next_remap_ptr, prim::get_vm_state,
               prim::get_vcpu_state, prim::get_vm_kvm, prim::get_vm_vcpu, prim::get_vm_next_load_idx,
               prim::get_vm_load_addr, prim::get_vm_load_size, prim::get_vm_remap_addr,
               prim::get_vm_mapped_pages, prim::get_vm_inc_exe, prim::get_shared_kvm, prim::get_shared_vcpu>,
    Preserving<inv::Records, field::core, prim::set_next_vmid, prim::set_next_remap_ptr>,
    Preserving<inv::Records, field::vm, prim::set_vm_state, prim::set_vcpu_state, prim::set_vm_kvm,
               prim::set_vm_vcpu, prim::set_vm_next_load_idx, prim::set_vm_load_addr, prim::set_vm_load_size,
               prim::set_vm_remap_addr, prim::set_vm_mapped_pages, prim::set_vm_inc_exe>>;

// The same of Redoubt's own.
using OwnRecordObligations = Join<
    Preserving<inv::Records, field::none, prim::get_free_vmids, prim::get_vm_item, prim::get_owned_pages,
               prim::get_shared_pages>,
    Preserving<inv::Records, field::core, prim::set_free_vmids>,
    Preserving<inv::Records, field::vm, prim::set_vm_item, prim::set_owned_pages, prim::set_shared_pages>>;

}  // namespace redoubt::registry
