// SPDX-License-Identifier: BSD-3-Clause
// The invariants of CPU and saved contexts as objects; `holds` as in invariants.hpp.
#pragma once
#include "core/machine/context.hpp"
#include "core/registry/invariants.hpp"

namespace redoubt::registry::inv {

struct Cpu1 {
  static constexpr std::string_view
      number = "INV-CPU-1",
      source = "lower 6.4", text = "what is loaded on this CPU is a vCPU of a principal, the CPU one of 8";
  template <class S>
  static bool holds(S& s) {
    return s.cpu.cur_vmid <= COREVISOR && s.cpu.cur_vcpuid < VCPU_PER_VM && s.cpu.curid < TOTAL_CPU;
  }
};
struct Cpu2 {
  static constexpr std::string_view number = "INV-CPU-2", source = "lower 6.4",
                                    text = "host and core are loaded in the context of this CPU's number";
  template <class S>
  static bool holds(S& s) {
    const bool guest = s.cpu.cur_vmid != HOSTVISOR && s.cpu.cur_vmid != COREVISOR;
    return guest || s.cpu.cur_vcpuid == s.cpu.curid;
  }
};
struct Cpu3 {
  static constexpr std::string_view
      number = "INV-CPU-3",
      source = "lower 3.4", text = "only the registers of a context are saved, only for the 136 contexts";
  template <class S>
  static bool holds(S& s) {
    for (const auto& [key, value] : s.cpu.shadow.cells()) {
      if (key.first >= CTXT_POOL_SIZE || !is_register(key.second)) {
        return false;
      }
    }
    for (const auto& [key, value] : s.cpu.hw.cells()) {
      if (key.first != 0 || !is_register(key.second)) {
        return false;
      }
    }
    return true;
  }
};

struct Cpu : List<Cpu1, Cpu2, Cpu3> {};

}  // namespace redoubt::registry::inv
