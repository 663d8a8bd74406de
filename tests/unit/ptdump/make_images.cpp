// SPDX-License-Identifier: BSD-3-Clause
// Writes images of a guest's table for the tests of the command and as seeds for the fuzzer: ptdump-images
// FOLDER.
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <string>

#include "tests/unit/ptdump/images.hpp"

namespace {

using redoubt::ptdump::Bytes;

void write(const std::string& path, Bytes bytes) {
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

// The table pages in use, a segment each: small enough to be a seed.
std::vector<redoubt::ptdump::CoreSegment> live_pages(const redoubt::ptdump::LayerTables& tables,
                                                     std::uint64_t vmid) {
  using namespace redoubt::ptdump;
  const CoreSegment pool = guest_pool(tables, vmid);
  std::vector<CoreSegment> pages;
  for (u64 offset = 0; offset < pool.bytes.size(); offset += kTableSize) {
    const Bytes page = pool.bytes.subspan(offset, kTableSize);
    if (std::any_of(page.begin(), page.end(), [](std::byte b) { return b != std::byte{0}; })) {
      pages.push_back({pool.address + offset, page});
    }
  }
  return pages;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace redoubt::ptdump;
  if (argc != 2) {
    std::fputs("error: usage: ptdump-images FOLDER\n", stderr);
    return 2;
  }
  const std::string folder = std::string(argv[1]) + "/";
  constexpr u64 kVm = 3;
  LayerTables tables;
  map_examples(tables, kVm);
  const CoreSegment pool = guest_pool(tables, kVm);
  write(folder + "good.raw", pool.bytes);
  const auto core = elf_core_of({pool});
  write(folder + "good.elf", core);
  write(folder + "truncated.elf", Bytes(core).first(core.size() / 2));
  write(folder + "header.elf", Bytes(core).first(40));
  write(folder + "empty.raw", Bytes());
  write(folder + "seeds/pages.elf", elf_core_of(live_pages(tables, kVm)));
  write(folder + "seeds/root.raw", pool.bytes.first(4 * kTableSize));
  tables.word(pool.address) = pool.address | 3;  // the root links itself
  write(folder + "cycle.raw", guest_pool(tables, kVm).bytes);
  std::ofstream(folder + "compressed.dump") << "KDUMP   and more";
  std::printf("pool of VM %llu at 0x%llx\n", static_cast<unsigned long long>(kVm),
              static_cast<unsigned long long>(pool.address));
  return 0;
}
