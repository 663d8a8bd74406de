// SPDX-License-Identifier: BSD-3-Clause
// Random places for loads and stores of the loaded principal and its devices: mostly what some table maps.
#pragma once
#include "tests/property/registry/arguments.hpp"
#include "tests/property/registry/smmu_world.hpp"
#include "tests/property/registry/vm_world.hpp"

namespace redoubt::test {

inline bool is_access(std::string_view primitive) {
  return primitive.starts_with("mem_") || primitive.starts_with("dev_");
}

// A frame that the principal's table maps, through a page or a block; any if it maps none.
template <class P>
u64 mapped_frame(Choice& c, State<P>& s, u64 vmid) {
  std::vector<u64> frames;
  for (const auto& [key, leaf] : s.page.cells()) {
    if (key.first == vmid && (leaf & 1) != 0) {
      frames.push_back(key.second);
    }
  }
  for (const auto& [key, leaf] : s.block.cells()) {
    if (key.first == vmid && (leaf & 1) != 0) {
      frames.push_back((key.second << 9) + c.below(PMD_PAGE_NUM));
    }
  }
  return frames.empty() ? c.below(u64{1} << 28) : c.of(frames);
}

// A bank of the loaded principal, mostly, that maps a page of its for devices, mostly (INV-PAGE-11).
template <class P>
Subject random_bank(Choice& c, State<P>& s) {
  const u64 vmid = s.cpu.cur_vmid, own = vmid == HOSTVISOR ? c.of({0, 8}) : vmid == 1 ? 1 : 9;
  const DmaPage page = dma_page(vmid, c.below(8));
  if (s.s2_owner.read(page.index, 0) == vmid && !c.one_in(6)) {
    s.s2_dma.write(page.index, 0, 1);
    DeviceTables<P>(s).try_map_spt(ContextBank<u64>(own & 7), SmmuIndex<u64>(own >> 3),
                                   Iova<u64>(page.gfn << PAGE_SHIFT), device_leaf(page));
    s.updates = {};
    s.epoch = 0;
    flatten_smmu(s);
  }
  if (!c.one_in(6)) {
    return {.vmid = vmid, .smmu = true, .bank = own, .vm = true, .pfn = page.pfn, .gfn = page.gfn};
  }
  // Somebody else's, where its owner may have a page: what refuses the access is whose the bank is.
  const u64 other = c.of({0, 1, 3, 9}), owner = owner_of_bank(other);
  const DmaPage there = dma_page(owner == INVALID ? vmid : owner, c.below(4));
  return {.vmid = vmid, .smmu = true, .bank = other, .vm = true, .pfn = there.pfn, .gfn = there.gfn};
}

template <class P>
Subject random_access(Choice& c, State<P>& s, std::string_view primitive) {
  for (u64 n = 0; n < 24; ++n) {  // the word that an access reaches
    s.content.contents.write((kRam1 >> PAGE_SHIFT) + n, 0, mixed(12, n, 0));
    s.content.contents.write(kFree + n, 0, mixed(12, n, 1));
  }
  if (primitive.starts_with("dev_")) {
    return random_bank(c, s);
  }
  const u64 gfn = mapped_frame(c, s, s.cpu.cur_vmid);
  return {.vmid = s.cpu.cur_vmid, .vm = true, .pfn = gfn, .gfn = gfn};
}

}  // namespace redoubt::test
