// SPDX-License-Identifier: BSD-3-Clause
// The invariant of seals as an object; `holds` as in invariants.hpp.
#pragma once
#include "core/machine/seal_format.hpp"
#include "core/registry/cpu_invariants.hpp"
#include "core/registry/record_invariants.hpp"

namespace redoubt::registry::inv {

struct Seal1 {
  static constexpr std::string_view
      number = "INV-SEAL-1",
      source = "own", text = "a seal's version is below its VM's next one, so no nonce serves twice";
  template <class S>
  static bool holds(S& s) {
    for (const auto& [key, version] : s.content.version.cells()) {
      const u64 who = key.first & 0xff;
      const bool page = key.first >> 8 == static_cast<u64>(SealKind::page);
      if (version >= s.content.next_version.read(page ? who : who >> 3, 0)) {
        return false;
      }
    }
    return true;
  }
};

struct Contents : List<Npt10, Lock7, Cpu1, Cpu2, Cpu3, Vm1, Seal1> {};

}  // namespace redoubt::registry::inv
