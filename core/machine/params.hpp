// SPDX-License-Identifier: BSD-3-Clause
// Platform parameters: the geometry of the page-table pools and the width of addresses, one set per platform.
#pragma once
#include <string_view>

#include "core/machine/constants.hpp"

namespace redoubt {

// One principal's page-table pool, in bytes from its start: root page, then the three zones (digest 2.3).
struct PoolShape {
  u64 pgd_offset;  // level-1 tables; the root page lies before them
  u64 pud_offset;  // level-2 tables
  u64 pmd_offset;  // level-3 tables
  u64 size;
};

// The SMMU table pool, in bytes from its start: sixteen roots of 8 KiB, then the two zones (digest 2.4).
struct SmmuShape {
  u64 pgd_offset;  // level-2 tables; the roots lie before them
  u64 pmd_offset;  // level-3 tables
  u64 size;
};

// The model's set, on which the digest's test vectors are stated.
struct ModelParams {
  static constexpr std::string_view name = "model";
  static constexpr bool fixed_pool_base = true;
  static constexpr u64 pool_base = 0x10000;
  static constexpr PoolShape host{0x1000, 0x101000, 0x901000, 0x2000000};
  static constexpr PoolShape guest = host;
  static constexpr PoolShape core = host;
  static constexpr unsigned guest_pool_shift = 25;
  static constexpr unsigned ipa_bits = 48;
  static constexpr bool concatenated_root = false;  // hardware walks from level 0
  static constexpr bool smmu_own_space = true;      // numerically it overlaps the host's stage-2 pool (R7)
  static constexpr u64 smmu_pool_base = 0x10000;
  static constexpr SmmuShape smmu{0x100000, 0x200000, 0x300000};
};

// QEMU's virt machine: up to 4 GiB of RAM from 1 GiB on, devices in the first GiB, 40-bit addresses (R8,
// R17). The host's pool has one level-3 table per 2 MiB of RAM and of its device windows, so it cannot run
// out. The base is chosen at boot, so that the level-1 pair is 8 KiB aligned: base mod 8 KiB = 4 KiB.
struct QemuVirtParams {
  static constexpr std::string_view name = "qemu-virt";
  static constexpr bool fixed_pool_base = false;
  static constexpr u64 pool_base = 0x1000;  // what hosted runs use
  static constexpr u64 max_ram = u64{4} << 30;
  static constexpr u64 device_tables = 16;  // level-3 tables for the listed device windows
  static constexpr PoolShape host{0x1000, 0x3000, 0xa000,
                                  0xa000 + (max_ram / PMD_SIZE + device_tables) * PAGE_SIZE};
  static constexpr PoolShape guest{0x1000, 0x3000, 0x9000, 0x80000};
  static constexpr PoolShape core{0x1000, 0x3000, 0x4000, 0x8000};
  static constexpr unsigned guest_pool_shift = 19;
  static constexpr unsigned ipa_bits = 40;
  static constexpr bool concatenated_root = true;  // hardware starts at level 1 on two adjacent tables
  static constexpr bool smmu_own_space = false;    // behind the stage-2 pools, in the same address space (R7)
  static constexpr u64 smmu_pool_base = 0;
  static constexpr SmmuShape smmu{0x20000, 0x60000, 0x160000};
};

// Bytes from the pool base to the end of the last pool.
template <class P>
constexpr u64 pools_size() {
  return P::host.size + (MAX_VM_NUM << P::guest_pool_shift) + P::core.size;
}

// Bytes from the stage-2 pool base to the SMMU pool, where both share a space: behind the last pool, 8 KiB
// aligned.
template <class P>
constexpr u64 smmu_pool_offset() {
  return (P::pool_base + pools_size<P>() + 0x1fff) / 0x2000 * 0x2000 - P::pool_base;
}

// Table pages of both zones of the SMMU pool.
template <class P>
constexpr u64 smmu_table_pages() {
  return (P::smmu.size - P::smmu.pgd_offset) / PAGE_SIZE;
}

// The addresses of one principal's pool: [root, pgd) root page, [pgd, pud), [pud, pmd), [pmd, end) zones.
template <class W>
struct Pool {
  Pa<W> root, pgd, pud, pmd, end;
};

template <class P, class W>
[[gnu::always_inline]] constexpr Pa<W> pool_start(W base, VmId<W> vmid) {
  if constexpr (P::host.size == (u64{1} << P::guest_pool_shift)) {
    return Pa<W>(base + (vmid.raw << P::guest_pool_shift));
  } else {
    const W guests = base + W(P::host.size);
    const W guest = guests + ((vmid.raw - W(1)) << P::guest_pool_shift);
    return Pa<W>(select(vmid.raw == W(HOSTVISOR), base, guest));
  }
}

template <class P, class W>
[[gnu::always_inline]] constexpr W shape_field(VmId<W> vmid, u64 PoolShape::* field) {
  constexpr PoolShape host = P::host, guest = P::guest, core = P::core;
  const W other = guest.*field == core.*field
                      ? W(guest.*field)
                      : select(vmid.raw == W(COREVISOR), W(core.*field), W(guest.*field));
  if (host.*field == guest.*field && guest.*field == core.*field) {
    return other;
  }
  return select(vmid.raw == W(HOSTVISOR), W(host.*field), other);
}

// Zone boundaries of `vmid` (0..16) for the pool area that starts at `base`. Inlined, so that unused ones
// cost nothing.
template <class P, class W>
[[gnu::always_inline]] constexpr Pool<W> pool_of(W base, VmId<W> vmid) {
  const Pa<W> root = pool_start<P>(base, vmid);
  return {root, root + shape_field<P>(vmid, &PoolShape::pgd_offset),
          root + shape_field<P>(vmid, &PoolShape::pud_offset),
          root + shape_field<P>(vmid, &PoolShape::pmd_offset), root + shape_field<P>(vmid, &PoolShape::size)};
}

// Coherence of one shape: a root page, non-empty page-aligned zones in order.
constexpr bool coherent(const PoolShape& s) {
  const u64 all = s.pgd_offset | s.pud_offset | s.pmd_offset | s.size;
  return all % PAGE_SIZE == 0 && s.pgd_offset == PAGE_SIZE && s.pgd_offset < s.pud_offset &&
         s.pud_offset < s.pmd_offset && s.pmd_offset < s.size;
}

// Coherence of a set: guest pools fill their stride exactly, the area fits the address space, and
//   INV-NPT-8  where hardware starts at level 1, every principal's level-1 pair is 8 KiB aligned (given the
//              base's alignment) and inside its zone
template <class P>
constexpr bool coherent() {
  const bool shapes = coherent(P::host) && coherent(P::guest) && coherent(P::core);
  const bool stride = P::guest.size == u64{1} << P::guest_pool_shift;
  const bool fits = P::pool_base + pools_size<P>() < u64{1} << 40 && P::pool_base % PAGE_SIZE == 0;
  const bool pair =
      !P::concatenated_root ||
      (P::pool_base % 0x2000 == 0x1000 && P::host.size % 0x2000 == 0 && P::guest.size % 0x2000 == 0 &&
       P::guest.pud_offset - P::guest.pgd_offset == 0x2000 && P::ipa_bits == 40);
  return shapes && stride && fits && pair && P::ipa_bits <= 48;
}

// Coherence of the SMMU pool: room for the roots, non-empty page-aligned zones in order, concatenated roots
// aligned to their 8 KiB, and where the space is shared nothing in common with a stage-2 pool.
template <class P>
constexpr bool coherent_smmu() {
  constexpr SmmuShape s = P::smmu;
  const u64 start = P::smmu_own_space ? P::smmu_pool_base : P::pool_base + smmu_pool_offset<P>();
  const bool aligned = (s.pgd_offset | s.pmd_offset | s.size) % PAGE_SIZE == 0 && start % 0x2000 == 0;
  const bool order = u64{16} * 0x2000 <= s.pgd_offset && s.pgd_offset < s.pmd_offset && s.pmd_offset < s.size;
  const bool apart = P::smmu_own_space || P::pool_base + pools_size<P>() <= start;
  return aligned && order && apart && start + s.size < u64{1} << 40;
}
static_assert(coherent<ModelParams>());
static_assert(coherent<QemuVirtParams>());
static_assert(coherent_smmu<ModelParams>() && coherent_smmu<QemuVirtParams>());
static_assert(ModelParams::pool_base + pools_size<ModelParams>() == 0x2201'0000);  // R7: 17 pools

}  // namespace redoubt
