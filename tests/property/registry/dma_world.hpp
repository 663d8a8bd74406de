// SPDX-License-Identifier: BSD-3-Clause
// Devices in a random state with VMs: pages for them, banks of host and VMs that map some.
#pragma once
#include "tests/property/registry/smmu_world.hpp"
#include "tests/property/registry/states.hpp"

namespace redoubt::test {

// Pages of the host that its devices may use.
inline constexpr u64 kHostDma = (kRam0 + 2 * PMD_SIZE + 0x10'0000) >> PAGE_SHIFT, kHostDmaPages = 4;

// Banks 0 and 8 are the host's, 1 is VM 1's, 9 and 15 are VM 2's, though the second SMMU has no bank 15;
// nobody owns the others.
inline u64 owner_of_bank(u64 bank) {
  return bank == 0 || bank == 8 ? HOSTVISOR : bank == 1 ? 1 : bank == 9 || bank == 15 ? 2 : INVALID;
}
// A bank of a principal, here and there any.
inline u64 bank_of(Choice& c, u64 vmid) {
  if (c.one_in(8)) {
    return c.below(EL2_SMMU_CFG_SIZE);
  }
  return vmid == HOSTVISOR ? c.of({0, 8}) : vmid == 1 ? 1 : c.of({9, 9, 9, 15});
}

// Of each six pages of region 1 (set_page): VM 1's private one, behind it its shared one; VM 2's.
inline constexpr u64 kFirstOfVm1 = (6 - kRam1Index % 6) % 6, kFirstOfVm2 = (8 - kRam1Index % 6) % 6;
static_assert(kFirstOfVm1 == 4 && kFirstOfVm2 == 0);

// A page that a principal may have for devices: the n-th of the host, or of region 1 for VM 1 and 2.
struct DmaPage {
  u64 vmid = 0, pfn = 0, gfn = 0, index = 0;
};
inline DmaPage dma_page(u64 vmid, u64 n) {
  if (vmid == HOSTVISOR) {
    const u64 pfn = kHostDma + n % kHostDmaPages;
    return {vmid, pfn, pfn, pfn - (kRam0 >> PAGE_SHIFT)};
  }
  const u64 k = n % 4 * 6 + (vmid == 1 ? kFirstOfVm1 : kFirstOfVm2), index = kRam1Index + k;
  return {vmid, (kRam1 >> PAGE_SHIFT) + k, index + 0x100, index};
}

// What a case is about: a principal, a page that may be one for devices, a bank.
struct DeviceSubject {
  DmaPage page;
  u64 bank = 0;
};
inline DeviceSubject random_device_subject(Choice& c) {
  const u64 vmid = c.of({0, 1, 1, 2});
  return {dma_page(vmid, c.below(8)), bank_of(c, vmid)};
}

// The tables of the banks, as their specification changes them.
template <class P>
using DeviceTables = MmioSptOps<MmioSptWalk<spec::Locks<Concrete, P, spec::MmioPtWalk<Concrete, P>>>>;
inline Descriptor<u64> device_leaf(const DmaPage& page) {
  return Descriptor<u64>(page.pfn << PAGE_SHIFT | 0x0040'0000'0000'07ff);
}

// Half of these pages are for devices, and a bank maps half of those.
template <class P>
void random_devices(Choice& c, State<P>& s) {
  for (u64 bank = 0; bank < EL2_SMMU_CFG_SIZE; ++bank) {
    s.smmu.smmu_vmid.write(bank, 0, owner_of_bank(bank));
  }
  DeviceTables<P> ops(s);
  const u64 first = c.below(3);  // who has tables where there are few
  for (u64 turn = 0; turn < 3; ++turn) {
    const u64 vmid = (first + turn) % 3;
    for (u64 n = 0; n < 4; ++n) {
      const DmaPage page = dma_page(vmid, n);
      if (s.s2_owner.read(page.index, 0) != vmid || !c.one_in(2)) {
        continue;
      }
      s.s2_dma.write(page.index, 0, 1);
      for (const u64 bank : {u64{0}, u64{8}, u64{1}, u64{9}}) {
        if (owner_of_bank(bank) == vmid && c.one_in(2)) {
          ops.try_map_spt(ContextBank<u64>(bank & 7), SmmuIndex<u64>(bank >> 3),
                          Iova<u64>(page.gfn << PAGE_SHIFT), device_leaf(page));
        }
      }
    }
  }
  s.updates = {};
  s.epoch = 0;
  flatten_smmu(s);
}

}  // namespace redoubt::test
