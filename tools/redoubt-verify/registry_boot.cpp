// SPDX-License-Identifier: BSD-3-Clause
// The theorems about memory of VMs and their boot, for whatever MemManager and NPTOps do.
#include "core/vm/layers.hpp"
#include "tools/redoubt-verify/registry_from_spec.hpp"
#include "tools/redoubt-verify/theorems/boot_ops.hpp"

namespace redoubt::verify {
namespace {

const char* const kCalls =
    "whatever MemManager's and NPTOps' operations do and answer: makes the specified ones, in order, with "
    "all "
    "locks they need free; result and every part of the record as specified; INV-BOOT-2 of the steps";

const Names kFree{kLockOrder};

const std::vector<Expected> kMemoryOps{
    {"clear_vm_range", {"answers zero", "answers something"}, kFree},
    {"prot_and_map_vm_s2pt", {"ok", "exists", "denied", "no memory", "invalid parameter"}, kFree},
    {"load_and_map_vm_s2pt", {"ok", "exists", "denied", "no memory", "invalid parameter"}, kFree},
    {"grant_stage2_sg_gpa", {"ok", "exists", "not found", "denied", "invalid parameter"}, kFree},
    {"revoke_stage2_sg_gpa", {"ok", "not found", "denied", "invalid parameter"}, kFree},
    {"walk_to_pfn",
     {"answers zero", "answers something"},
     {"V: vmid is a principal", "A: address is inside the IPA space", kLockOrder}},
};

const std::vector<Expected> kBootAux{
    {"hash_image_step",
     {"ok", "denied", "changes something"},
     {"V: vmid is a principal", "I: load_idx is below 5", "L: vm lock is held",
      "P: the page frame is below 2^28", "the piece is a KiB of the page", kLockOrder}},
};

const std::vector<Expected> kBootOps{
    {"register_kvm", {"goes on", "changes something"}, kFree},
    {"remap_vm_image", {"ok", "denied", "invalid parameter", "changes something"}, kFree},
    {"verify_and_load_images",
     {"ok", "again", "denied", "invalid parameter", "changes something"},
     {kLockOrder, "P: the page frame is below 2^28"}},
    {"get_verify_left", {"answers zero", "answers something"}, kFree},
    {"donate_vm_page", {"ok", "denied", "exists", "invalid parameter"}, kFree},
    {"donate_vm_block_page", {"ok", "unchanged", "denied", "invalid parameter"}, kFree},
    {"map_vm_block", {"ok", "denied", "exists", "invalid parameter"}, kFree},
    {"reclaim_vm_pages", {"answers zero", "answers something"}, kFree},
    {"destroy_vm", {"ok", "not found", "busy", "invalid parameter", "changes something"}, kFree},
    {"save_encrypted_vcpu",
     {"ok", "busy", "not found", "no memory", "invalid parameter", "changes something"},
     kFree},
    {"load_encrypted_vcpu",
     {"ok", "denied", "busy", "not found", "invalid parameter", "changes something"},
     kFree},
    {"save_encrypt_buf", {"ok", "busy", "denied", "no memory", "invalid parameter"}, kFree},
    {"load_decrypt_buf", {"ok", "denied", "invalid parameter", "changes something"}, kFree},
};

template <class P>
void add(std::vector<Theorem>& all) {
  add_on_specs<registry::MemoryOpsEntry, MemoryOpsWorld, P>(all, kMemoryOps, kCalls);
  add_on_specs<registry::BootAuxEntry, BootAuxWorld, P>(all, kBootAux, kCalls);
  add_on_specs<registry::BootOpsEntry, BootOpsWorld, P>(all, kBootOps, kCalls);
}

}  // namespace

void add_boot_theorems(std::vector<Theorem>& all) {
  add<ModelParams>(all);
  add<QemuVirtParams>(all);
}

}  // namespace redoubt::verify
