// SPDX-License-Identifier: BSD-3-Clause
// PROVISIONAL: a fixed identity stage 2 without the page-table layers, to bring the boot up. They replace this file.
#include <array>

#include "boot/arm64/host_stage2.hpp"
#include "boot/image_format.hpp"
#include "machine/el2/barrier.hpp"
#include "machine/el2/memory.hpp"

namespace redoubt {
namespace {

using Table = std::array<std::uint64_t, 512>;

constexpr std::uint64_t kValid = 1, kTable = 2, kPage = 2;
constexpr std::uint64_t kAccess = 1u << 10 | 3u << 6;                  // AF, S2AP read and write
constexpr std::uint64_t kRam = kAccess | 3u << 8 | 0xfu << 2;          // inner shareable, write-back
constexpr std::uint64_t kDevice = kAccess | 1ull << 54 | 1u << 2;      // execute never, nGnRE

alignas(8192) constinit std::array<Table, 2> level1{};
alignas(4096) constinit std::array<Table, 24> pool{};
constinit std::size_t used = 0;

std::uint64_t address(Table const& table) { return reinterpret_cast<std::uint64_t>(table.data()); }

Table& next_table(std::uint64_t& entry) {
  if (entry == 0) entry = address(pool[used++]) | kTable | kValid;
  return *reinterpret_cast<Table*>(entry & ~std::uint64_t{0xfff});
}

void map(Range range, std::uint64_t attributes) {
  std::uint64_t at = range.base;
  while (at < range.end()) {
    Table& level2 = next_table(level1[at >> 39][at >> 30 & 511]);
    std::uint64_t& entry = level2[at >> 21 & 511];
    if (is_aligned(at, kBlockSize) && range.end() - at >= kBlockSize) {
      entry = at | attributes | kValid;
      at += kBlockSize;
    } else {
      next_table(entry)[at >> 12 & 511] = at | attributes | kPage | kValid;
      at += kPageSize;
    }
  }
}

}  // namespace

constinit HostStage2 host_stage2;

void HostStage2::init(BootInfo const& info) {
  for (auto const& region : info.memory) map(region, kRam);
  for (auto const& core : {info.core_image, info.core_data})
    for (std::uint64_t at = core.base; at < core.end(); at += kBlockSize)
      next_table(level1[at >> 39][at >> 30 & 511])[at >> 21 & 511] = 0;
  for (auto const& window : info.host_devices) map(window, kDevice);
  el2::dsb_ish();
}

std::uint64_t HostStage2::vttbr() const { return address(level1[0]); }

bool HostStage2::handle_fault(std::uint64_t) { return false; }

void HostStage2::revoke_all() {
  for (auto& table : level1)
    for (auto& entry : table) el2::store<std::uint64_t>(reinterpret_cast<std::uint64_t>(&entry), 0);
  el2::dsb_ish();
  el2::tlbi_alle1is();
  el2::dsb_ish();
  el2::isb();
}

}  // namespace redoubt
