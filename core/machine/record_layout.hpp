// SPDX-License-Identifier: BSD-3-Clause
// Where things stand in the records of core and VMs, and in the mailboxes that core and host share
// (digest 3.4).
#pragma once
#include <array>

#include "core/machine/constants.hpp"

namespace redoubt {

// Core data (CoreData); lock core.
enum class CoreField : std::uint32_t { next_vmid = 0, next_remap_ptr = 1 };
inline constexpr u64 CORE_WORDS = 2;

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
  mapped_pages = remap_addr + MAX_LOAD_INFO_NUM
};
inline constexpr u64 VM_WORDS = static_cast<u64>(VmField::mapped_pages) + MAX_LOAD_INFO_NUM;

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
  std::array<u64, CORE_WORDS> core{1, REMAP_START};  // the first VM is 1, the image window is empty
  std::array<std::array<u64, VM_WORDS>, PRINCIPALS> vms{};
};

}  // namespace redoubt
