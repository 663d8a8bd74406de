// SPDX-License-Identifier: BSD-3-Clause
// Tables of stage-2 attribute encodings.
#include "tools/redoubt-ptdump/attributes.hpp"

#include <fmt/format.h>

#include <array>

#include "core/machine/field.hpp"

namespace redoubt::ptdump {
namespace {

using Contiguous = Flag<52>;
using Software = Field<58, 55>;
using HighAddress = Field<50, 48>;

constexpr std::array<std::string_view, 4> kAccess{"none", "r-", "-w", "rw"};
constexpr std::array<std::string_view, 4> kExecute{"x", "x-el0", "-", "x-el1"};
constexpr std::array<std::string_view, 4> kShareability{"non", "reserved", "outer", "inner"};
constexpr std::array<std::string_view, 4> kDevice{"device-ngnrne", "device-ngnre", "device-ngre",
                                                  "device-gre"};
constexpr std::array<std::string_view, 4> kCache{"reserved", "nc", "wt", "wb"};

std::string memory_type(u64 attribute) {
  const u64 outer = attribute >> 2, inner = attribute & 3;
  if (outer == 0) {
    return std::string(kDevice[inner]);
  }
  return outer == inner ? fmt::format("normal-{}", kCache[outer])
                        : fmt::format("normal-outer-{}-inner-{}", kCache[outer], kCache[inner]);
}

}  // namespace

Attributes decode(std::uint64_t leaf) {
  return {.access = kAccess[Stage2Leaf::S2Ap::get(leaf)],
          .execute = kExecute[Stage2Leaf::ExecuteNever::get(leaf)],
          .memory = memory_type(Stage2Leaf::MemAttr::get(leaf)),
          .shareability = kShareability[Stage2Leaf::Shareability::get(leaf)],
          .accessed = Stage2Leaf::AccessFlag::get(leaf) != 0,
          .contiguous = Contiguous::get(leaf) != 0,
          .software = static_cast<unsigned>(Software::get(leaf))};
}

bool has_reserved_encoding(std::uint64_t leaf) {
  const u64 memory = Stage2Leaf::MemAttr::get(leaf);
  return Stage2Leaf::Shareability::get(leaf) == 1 || HighAddress::get(leaf) != 0 ||
         ((memory >> 2) != 0 && (memory & 3) == 0);
}

}  // namespace redoubt::ptdump
