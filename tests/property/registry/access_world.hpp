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

// Gives one bank to the loaded principal, mostly, and maps a page there: of anybody, or a device.
template <class P>
Subject random_bank(Choice& c, State<P>& s) {
  const u64 bank = c.of({0, 1, 5, 8, 13}), gfn = c.below(4) << 18 | c.below(8);
  const u64 pfn = c.one_in(6) ? kDevicePages >> PAGE_SHIFT
                              : c.of({kFree + c.below(24), (kRam1 >> PAGE_SHIFT) + c.below(24)});
  for (u64 other = 0; other < EL2_SMMU_CFG_SIZE; ++other) {
    s.smmu.smmu_vmid.write(other, 0, c.of({INVALID, 0, 1, 2}));
  }
  s.smmu.smmu_vmid.write(bank, 0, c.one_in(6) ? INVALID : s.cpu.cur_vmid);
  MmioSptOps<MmioSptWalk<spec::Locks<Concrete, P, spec::MmioPtWalk<Concrete, P>>>> ops(s);
  const auto leaf = ops.spt_leaf(Pfn<u64>(pfn), DmaAccess::read_write, DmaMemory::write_back);
  ops.try_map_spt(ContextBank<u64>(bank & 7), SmmuIndex<u64>(bank >> 3), Iova<u64>(gfn << PAGE_SHIFT), leaf);
  s.updates = {};
  s.epoch = 0;
  flatten_smmu(s);
  return {.vmid = s.cpu.cur_vmid, .smmu = true, .bank = bank, .vm = true, .pfn = pfn, .gfn = gfn};
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
