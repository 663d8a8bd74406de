// SPDX-License-Identifier: BSD-3-Clause
// The level of a fault on a stage-1 walk, for every granule and start level, on tables built here.
#include "boot/stage1_walk.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <map>

namespace redoubt {
namespace {

using Memory = std::map<std::uint64_t, std::uint64_t>;

struct Regime {
  unsigned granule, txsz;
  bool upper = false, wide = false;
};

std::uint64_t tcr_of(Regime const& regime) {
  std::uint64_t const lower = regime.granule == 12 ? 0 : regime.granule == 16 ? 1 : 2;
  std::uint64_t const upper = regime.granule == 12 ? 2 : regime.granule == 16 ? 3 : 1;
  return regime.txsz | std::uint64_t{regime.txsz} << 16 | lower << 14 | upper << 30 |
         std::uint64_t{regime.wide} << 59;
}

// One table a level for `address`; returns where the descriptors lie, by level + 1.
std::array<std::uint64_t, 5> build(Regime const& regime, std::uint64_t address, Memory& memory,
                                   Stage1Registers& out) {
  std::array<std::uint64_t, 5> entries{};
  unsigned const bits = regime.granule - 3;
  unsigned const input = 64 - regime.txsz;
  int const first = 4 - static_cast<int>((input - regime.granule + bits - 1) / bits);
  std::uint64_t table = 0x8000'0000;
  out = {.ttbr0 = table, .ttbr1 = table, .tcr = tcr_of(regime)};
  for (int level = first; level <= 3; ++level) {
    unsigned const shift = regime.granule + static_cast<unsigned>(3 - level) * bits;
    std::uint64_t index = (address & ((std::uint64_t{1} << input) - 1)) >> shift;
    if (level != first) index &= (1u << bits) - 1;
    entries[static_cast<std::size_t>(level + 1)] = table + index * 8;
    std::uint64_t const next = table + (std::uint64_t{1} << 20);
    memory[table + index * 8] = next | 3;
    table = next;
  }
  return entries;
}

TEST(Stage1Walk, FindsEachLevel) {
  for (auto const& regime :
       {Regime{12, 25}, Regime{12, 16}, Regime{12, 16, true}, Regime{12, 12, true, true}, Regime{14, 17},
        Regime{14, 16}, Regime{16, 22}, Regime{16, 12, true}, Regime{12, 34}}) {
    std::uint64_t const address = (regime.upper ? 0xffff'8000'1234'5678 | 0xfff0ull << 48 : 0x12'3456'7123);
    Memory memory;
    Stage1Registers registers{};
    auto const entries = build(regime, address, memory, registers);
    for (int level = -1; level <= 3; ++level) {
      std::uint64_t const ipa = entries[static_cast<std::size_t>(level + 1)];
      if (ipa == 0) continue;
      auto const found =
          find_walk_level(registers, address, ipa & ~0xfffull, [&](std::uint64_t at, std::uint64_t& value) {
            auto const it = memory.find(at);
            if (it == memory.end()) return false;
            value = it->second;
            return true;
          });
      EXPECT_TRUE(found.on_walk);
      EXPECT_EQ(found.level, level) << "granule " << regime.granule << " size " << regime.txsz;
    }
  }
}

RC_GTEST_PROP(Stage1WalkProperty, EndsForAnyTables, ()) {
  Stage1Registers const registers{*rc::gen::arbitrary<std::uint64_t>(), *rc::gen::arbitrary<std::uint64_t>(),
                                  *rc::gen::arbitrary<std::uint64_t>()};
  unsigned reads = 0;
  auto const descriptor = *rc::gen::arbitrary<std::uint64_t>() | 3;
  auto const result =
      find_walk_level(registers, *rc::gen::arbitrary<std::uint64_t>(), *rc::gen::arbitrary<std::uint64_t>(),
                      [&](std::uint64_t, std::uint64_t& value) {
                        ++reads;
                        value = descriptor;
                        return true;
                      });
  RC_ASSERT(reads <= 5u);
  RC_ASSERT(result.on_walk && result.level >= -1 && result.level <= 3);
}

}  // namespace
}  // namespace redoubt
