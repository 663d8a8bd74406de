// SPDX-License-Identifier: BSD-3-Clause
// Constants of the architecture and of the specification that do not depend on the board (digest 2).
#pragma once
#include <cstdint>

#include "core/machine/types.hpp"

namespace redoubt {

using u64 = std::uint64_t;

// Identities and limits (digest 2.1).
inline constexpr u64 HOSTVISOR = 0;
inline constexpr u64 COREVISOR = 16;
inline constexpr u64 MAX_VM_NUM = 15;
inline constexpr u64 PRINCIPALS = 17;
inline constexpr u64 INVALID = 0xffff'ffff;  // an owner that is nobody: not RAM
inline constexpr u64 INVALID64 = ~u64{0};
inline constexpr u64 VCPU_PER_VM = 8;
inline constexpr u64 TOTAL_CPU = 8;
inline constexpr u64 MAX_LOAD_INFO_NUM = 5;
inline constexpr u64 MAX_MEMBLOCK_NUM = 32;

// Pages and blocks (digest 2.2).
inline constexpr u64 PAGE_SIZE = 4096;
inline constexpr u64 PMD_SIZE = u64{2} << 20;
inline constexpr u64 PMD_PAGE_NUM = 512;
inline constexpr u64 REMAP_START = 0x200'0000;  // window through which the core sees boot images
inline constexpr u64 REMAP_END = 0x400'0000;
inline constexpr u64 KVM_PFN_SPACE = u64{1} << 28;  // physical page frames are below this

// Address fields and table indices (digest 2.5, Arm ARM D8.2).
inline constexpr u64 PHYS_MASK = (u64{1} << 48) - 1;
inline constexpr u64 PAGE_MASK = 0x0fff'ffff'ffff'f000;
inline constexpr u64 PMD_PAGE_MASK = 0x0fff'ffff'ffe0'0000;
inline constexpr unsigned PGDIR_SHIFT = 39;
inline constexpr unsigned PUD_SHIFT = 30;
inline constexpr unsigned PMD_SHIFT = 21;
inline constexpr unsigned PAGE_SHIFT = 12;
inline constexpr u64 PTRS_PER_TABLE = 512;
inline constexpr unsigned VTTBR_VMID_SHIFT = 48;

// Stage-2 descriptors (digest 2.6, Arm ARM D8.3).
inline constexpr u64 PMD_TYPE_MASK = 3;
inline constexpr u64 PMD_TYPE_TABLE = 3;  // at levels 0 to 2; at level 3 the same bits mean "page"
inline constexpr u64 PMD_TYPE_BLOCK = 1;
inline constexpr u64 PMD_TABLE_BIT = 2;
inline constexpr u64 DESC_VALID = 1;
inline constexpr u64 PAGE_S2_KERNEL = 0xfff;
inline constexpr u64 PAGE_S2_DEVICE = 0x0040'0000'0000'0747;
inline constexpr u64 S2_RDWR = 0xc0;
inline constexpr u64 PAGE_S2_HOST_DEVICE = PAGE_S2_DEVICE | S2_RDWR;
inline constexpr u64 PAGE_GUEST = u64{1}
                                  << 57;  // invalid marker in the host's table: handed to somebody else
static_assert(PAGE_S2_HOST_DEVICE == 0x0040'0000'0000'07c7);

template <class W>
constexpr W phys_page(W x) {
  return x & W(PHYS_MASK & PAGE_MASK);
}
template <class W>
constexpr W pmd_page(W x) {
  return x & W(PHYS_MASK & PMD_PAGE_MASK);
}

template <class W>
constexpr auto is_vmid(VmId<W> vmid) {
  return vmid.raw <= W(COREVISOR);
}
// Is it a VM, neither host nor core?
template <class W>
constexpr auto is_vm(VmId<W> vmid) {
  return both(W(HOSTVISOR) < vmid.raw, vmid.raw <= W(MAX_VM_NUM));
}
template <class W>
constexpr auto is_frame(Pfn<W> pfn) {
  return pfn.raw < W(KVM_PFN_SPACE);
}

}  // namespace redoubt
