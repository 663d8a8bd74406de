// SPDX-License-Identifier: BSD-3-Clause
// Where things stand in the records of core and VMs, and in the mailboxes that core and host share
// (digest 3.4).
#pragma once
#include <array>

#include "core/machine/constants.hpp"

namespace redoubt {

// Core data (CoreData); lock core. free_vmids: bit v is set where VM v was destroyed and v is free again.
enum class CoreField : std::uint32_t { next_vmid = 0, next_remap_ptr = 1, free_vmids = 2 };
inline constexpr u64 CORE_WORDS = 3;

// What the core keeps of a VM besides the digest's fields, one word each; lock vm(v). The first ones are
// those of the signed manifest.
enum class VmItem : std::uint32_t {
  memory_base = 0,   // guest address, 2 MiB aligned
  memory_size = 1,   // bytes, a multiple of 2 MiB
  entry = 2,         // PC of vCPU 0 at its first run
  device_tree = 3,   // its x0
  vcpus = 4,         // how many the VM has
  runnable = 5,      // bit c: vCPU c is on (R22)
  verify_image = 6,  // image that is being hashed
  verify_bytes = 7,  // bytes of it that are hashed
  digest = 8,        // SHA-512 of each image as the manifest has it, eight words each, little-endian
};
inline constexpr u64 DIGEST_WORDS = 8;
inline constexpr u64 VM_ITEMS = static_cast<u64>(VmItem::digest) + DIGEST_WORDS * MAX_LOAD_INFO_NUM;

// Pages of a VM; lock s2page. `owned` counts the shared ones too.
enum class VmTotal : std::uint32_t { owned = 0, shared = 1 };
inline constexpr u64 VM_TOTALS = 2;

// VM information (VMInfo), by its first word in a record of 64-bit words; lock vm(v). Those per vCPU and per
// boot image are arrays.
enum class VmField : std::uint32_t {
  state = 0,
  kvm = 1,
  next_load_info = 2,
  inc_exe = 3,
  vcpu = 4,
  vcpu_state = vcpu + VCPU_PER_VM,
  load_addr = vcpu_state + VCPU_PER_VM,
  load_size = load_addr + MAX_LOAD_INFO_NUM,
  remap_addr = load_size + MAX_LOAD_INFO_NUM,
  mapped_pages = remap_addr + MAX_LOAD_INFO_NUM,
  item = mapped_pages + MAX_LOAD_INFO_NUM,  // VmItem
  total = item + VM_ITEMS                   // VmTotal; lock s2page
};
inline constexpr u64 VM_WORDS = static_cast<u64>(VmField::total) + VM_TOTALS;

// Mailboxes (R23): one region of pages that the core owns and the host sees, for each principal a page of its
// own and one a vCPU.
inline constexpr u64 MAILBOX_PAGES = 1 + VCPU_PER_VM;
template <class W>
constexpr W vm_mailbox(W base, VmId<W> vmid) {
  return base + vmid.raw * W(MAILBOX_PAGES * PAGE_SIZE);
}
template <class W>
constexpr W vcpu_mailbox(W base, VmId<W> vmid, VcpuId<W> vcpuid) {
  return vm_mailbox(base, vmid) + (vcpuid.raw + W(1)) * W(PAGE_SIZE);
}

// The records as a machine with flat memory keeps them. Each word changes only under its lock.
struct RecordMemory {
  std::array<u64, CORE_WORDS> core{1, REMAP_START, 0};  // the first VM is 1, the image window is empty
  std::array<std::array<u64, VM_WORDS>, PRINCIPALS> vms{};
};

}  // namespace redoubt
