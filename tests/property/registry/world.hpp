// SPDX-License-Identifier: BSD-3-Clause
// The surroundings of a concrete state: memory regions, device windows, page ownership, empty tables.
#pragma once
#include "machine/domain/concrete.hpp"
#include "spec/machine/state.hpp"
#include "spec/npt/layout.hpp"
#include "spec/spt/layout.hpp"
#include "tests/property/registry/records.hpp"

namespace redoubt::test {

template <class P>
using State = spec::State<Concrete, P>;

// Region 0: 8 MiB at 1 GiB, all host. Region 1: 2 MiB at 1.25 GiB, owners mixed. Region 2: reserved, without
// entries. Device windows: 1, a whole 2 MiB block at 128 MiB; 2, three pages at 256 MiB.
inline constexpr u64 kRam0 = 0x4000'0000, kRam0Size = 0x80'0000;
inline constexpr u64 kRam1 = 0x5000'0000, kRam1Size = 0x20'0000;
inline constexpr u64 kReserved = 0x6000'0000, kReservedSize = 0x20'0000;
inline constexpr u64 kDeviceBlock = 0x800'0000, kDevicePages = 0x1000'0000;
inline constexpr u64 kRam1Index = kRam0Size >> PAGE_SHIFT;
inline constexpr u64 kPageCount = (kRam0Size + kRam1Size) >> PAGE_SHIFT;

inline u64 device_window(u64 pfn) {
  if (pfn >= kDeviceBlock >> PAGE_SHIFT && pfn < (kDeviceBlock + PMD_SIZE) >> PAGE_SHIFT) {
    return 1;
  }
  return pfn >= kDevicePages >> PAGE_SHIFT && pfn < (kDevicePages >> PAGE_SHIFT) + 3 ? 2 : 0;
}

template <class S>
void add_region(S& s, u64 base, u64 size, u64 index) {
  s.regions.write(s.region_cnt, spec::MB_BASE, base);
  s.regions.write(s.region_cnt, spec::MB_SIZE, size);
  s.regions.write(s.region_cnt, spec::MB_INDEX, index);
  s.regions.write(s.region_cnt, spec::MB_FLAG, s.region_cnt + 3);
  ++s.region_cnt;
}

// Who owns the k-th page of region 1: VM 1 private and shared, VM 2, the core, nobody, the host.
template <class S>
void set_page(S& s, u64 index) {
  constexpr u64 owners[] = {1, 1, 2, COREVISOR, INVALID, HOSTVISOR};
  const u64 owner = owners[index % 6];
  s.s2_owner.write(index, 0, owner);
  if (index % 6 == 1) {
    s.s2_count.write(index, 0, 1);
  }
  s.s2_gfn.write(index, 0, owner == 1 || owner == 2 ? index + 0x100 : INVALID64);
}

// The state at boot: empty tables, bump pointers at their zones' starts, no lock held.
template <class P>
State<P> boot_state(Concrete& domain) {
  State<P> s(domain, P::pool_base);
  for (u64 v = 0; v < PRINCIPALS; ++v) {
    const auto b = spec::bounds<P>(s.pool_base, v);
    s.pt_next.write(v, static_cast<u64>(Zone::pgd), b.pgd);
    s.pt_next.write(v, static_cast<u64>(Zone::pud), b.pud);
    s.pt_next.write(v, static_cast<u64>(Zone::pmd), b.pmd);
  }
  const auto spt = spec::spt_bounds<P>(s.pool_base);
  s.smmu.spt_next.write(static_cast<u64>(SmmuZone::pgd), 0, spt.pgd);
  s.smmu.spt_next.write(static_cast<u64>(SmmuZone::pmd), 0, spt.pmd);
  s.smmu.spt_free.write(static_cast<u64>(SmmuZone::pgd), 0, (spt.pmd - spt.pgd) / PAGE_SIZE);
  s.smmu.spt_free.write(static_cast<u64>(SmmuZone::pmd), 0, (spt.end - spt.pmd) / PAGE_SIZE);
  s.smmu.smmu_num = SMMU_NUM;
  for (u64 smmu = 0; smmu < SMMU_NUM; ++smmu) {
    s.smmu.smmu_conf.write(smmu, spec::SMMU_CONF_BANKS, 8 - smmu);
    s.smmu.smmu_conf.write(smmu, spec::SMMU_CONF_SIZE, 0x20000);
    s.smmu.smmu_conf.write(smmu, spec::SMMU_CONF_BASE, 0x905'0000 + (smmu << 20));
  }
  s.smmu.smmu_conf.write(0, spec::SMMU_CONF_PGSHIFT, 12);
  s.smmu.smmu_conf.write(1, spec::SMMU_CONF_PGSHIFT, 16);
  boot_records(s.records);
  for (u64 v = 0; v < PRINCIPALS; ++v) {
    s.content.next_version.write(v, 0, 1);
  }
  s.tstate = 1;
  s.page_count = kPageCount;
  add_region(s, kRam0, kRam0Size, 0);
  add_region(s, kRam1, kRam1Size, kRam1Index);
  add_region(s, kReserved, kReservedSize, INVALID64);
  s.s2_gfn = typename State<P>::Map(domain, "s2_gfn", [](u64, u64) { return INVALID64; });
  for (u64 i = 0; i < 24; ++i) {
    set_page(s, kRam1Index + i);
  }
  s.host_device =
      typename State<P>::Map(domain, "host_device", [](u64 pfn, u64) { return device_window(pfn); });
  return s;
}

}  // namespace redoubt::test
