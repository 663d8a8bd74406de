// SPDX-License-Identifier: BSD-3-Clause
// The tables of stage1.hpp: 39-bit addresses, so the walk starts at level 1 (Arm ARM D8.3).
#include "boot/arm64/stage1.hpp"

#include <array>

#include "boot/image_format.hpp"
#include "core/machine/field.hpp"
#include "machine/el2/barrier.hpp"
#include "machine/el2/registers.hpp"

extern "C" {
extern char _start[], __text_end[], __rodata_end[], __stacks_start[], __stacks_end[];

// Read by enable_mmu in start.S.
struct MmuConfig {
  std::uint64_t mair, tcr, ttbr0, sctlr;
};
constinit MmuConfig mmu_config{};
}

namespace redoubt::stage1_map {
namespace {

using Table = std::array<std::uint64_t, 512>;

constexpr std::size_t kTables = 32;
constexpr std::uint64_t kStackBytes = 8 * kPageSize;
constexpr std::uint64_t kStackStride = kStackBytes + kPageSize;  // as in link.ld

// Descriptor fields (Arm ARM D8.3.1, D8.3.2; AP[1] is RES1 at EL2).
constexpr std::uint64_t kValid = 1, kTableOrPage = 2;
constexpr std::uint64_t kNormal = Field<4, 2>::put(0) | Field<9, 8>::put(3);
constexpr std::uint64_t kDevice = Field<4, 2>::put(1);
constexpr std::uint64_t kCommon = kValid | Flag<6>::mask | Flag<10>::mask;
constexpr std::uint64_t kReadOnly = Flag<7>::mask;
constexpr std::uint64_t kExecuteNever = Flag<54>::mask;

constexpr std::uint64_t kText = kCommon | kNormal | kReadOnly;
constexpr std::uint64_t kConstants = kText | kExecuteNever;
constexpr std::uint64_t kData = kCommon | kNormal | kExecuteNever;
constexpr std::uint64_t kDeviceData = kCommon | kDevice | kExecuteNever;

// From a redistributor's first frame to its second one (Arm IHI 0069, 12.10).
constexpr std::uint64_t kPrivateInterrupts = 0x1'0000;

// MAIR_EL2: 0 normal write-back, 1 Device-nGnRE.
constexpr std::uint64_t kMair = 0x04ff;
// SCTLR_EL2: RES1 | M | C | SA | I | WXN.
constexpr std::uint64_t kSctlr =
    0x30c5'0830 | Flag<0>::mask | Flag<2>::mask | Flag<3>::mask | Flag<12>::mask | Flag<19>::mask;

alignas(kPageSize) constinit std::array<Table, kTables> tables{};
constinit std::size_t used = 1;  // tables[0] is the root

std::uint64_t address(void const* pointer) { return reinterpret_cast<std::uint64_t>(pointer); }

// The table behind `entry`, made if there is none; nullptr: none is left.
Table* next_table(std::uint64_t& entry) {
  if (entry == 0) {
    if (used == kTables) return nullptr;
    entry = address(&tables[used++]) | kTableOrPage | kValid;
  }
  return reinterpret_cast<Table*>(entry & Field<47, 12>::mask);
}

// Maps what is not mapped yet of `range` (page aligned); blocks where they fit. False: no table is left.
bool map(Range range, std::uint64_t attributes) {
  std::uint64_t at = range.base;
  while (at < range.end()) {
    Table* const level2 = next_table(tables[0][at >> 30]);
    if (level2 == nullptr) return false;
    std::uint64_t& entry = (*level2)[at >> 21 & 511];
    bool const whole = is_aligned(at, kBlockSize) && range.end() - at >= kBlockSize;
    if (whole || (entry != 0 && (entry & kTableOrPage) == 0)) {
      if (entry == 0) entry = at | attributes;
      at = align_down(at, kBlockSize) + kBlockSize;
      continue;
    }
    Table* const level3 = next_table(entry);
    if (level3 == nullptr) return false;
    std::uint64_t& page = (*level3)[at >> 12 & 511];
    if (page == 0) page = at | attributes | kTableOrPage;
    at += kPageSize;
  }
  return true;
}

bool map_image() {
  std::uint64_t const start = address(_start), text = address(__text_end), constants = address(__rodata_end),
                      stacks = address(__stacks_start), end = address(__stacks_end);
  bool mapped = map({start, text - start}, kText) && map({text, constants - text}, kConstants) &&
                map({constants, stacks - constants}, kData);
  for (std::uint64_t at = stacks; at < end; at += kStackStride)
    mapped = mapped && map({at + kPageSize, kStackBytes}, kData);
  return mapped;
}

std::uint64_t tcr() {
  std::uint64_t const pa_range = Field<3, 0>::get(el2::read<el2::reg::id_aa64mmfr0_el1>());
  constexpr std::uint64_t forty_eight_bits = 5;
  return Flag<31>::mask | Flag<23>::mask |                                          // RES1
         Field<5, 0>::put(64 - 39) | Field<9, 8>::put(1) | Field<11, 10>::put(1) |  // T0SZ, write-back walks
         Field<13, 12>::put(3) |                                                    // inner shareable
         Field<18, 16>::put(pa_range < forty_eight_bits ? pa_range : forty_eight_bits);
}

}  // namespace

void build_first(Board const& board, std::uint64_t tree) {
  map_image();
  map({board.uart, kPageSize}, kDeviceData);
  if (board.ram_window.contains(tree)) map({align_down(tree, kBlockSize), 2 * kBlockSize}, kData);
  mmu_config = {kMair, tcr(), address(&tables[0]), kSctlr};
}

BootFailure complete(Board const& board, BootInfo const& info) {
  // Of the core's own block, only what map_image gave it and the key set is accessible.
  if (info.keys.size != 0 && !map({info.keys.base, kPageSize}, kConstants))
    return {BootError::stage1_tables_exhausted, info.keys.base};
  for (auto const& region : info.memory) {
    Range const below{region.base, info.core_image.base - region.base};
    Range const above{info.core_image.end(), region.end() - info.core_image.end()};
    bool const split = region.contains(info.core_image);
    bool const mapped = split ? map(below, kData) && map(above, kData) : map(region, kData);
    if (!mapped) return {BootError::stage1_tables_exhausted, region.base};
  }
  for (std::size_t cpu = 0; cpu < info.cpus.size(); ++cpu) {
    std::uint64_t const frame = board.redistributors.base + cpu * board.redistributor_stride;
    // Control, and the private interrupts: the world switch holds the virtual timer's.
    if (!map({frame, kPageSize}, kDeviceData) || !map({frame + kPrivateInterrupts, kPageSize}, kDeviceData))
      return {BootError::stage1_tables_exhausted, frame};
  }
  if (info.smmu_present && !map(board.smmu, kDeviceData))
    return {BootError::stage1_tables_exhausted, board.smmu.base};
  el2::dsb_ishst();
  el2::isb();
  return {};
}

}  // namespace redoubt::stage1_map
