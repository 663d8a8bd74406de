// SPDX-License-Identifier: BSD-3-Clause
// What a call answers, beside what its critical sections came to.
#pragma once
#include <string>
#include <vector>

#include "tests/attack/replay/sections.hpp"

namespace redoubt::replay {

struct CallTally {
  std::size_t compared = 0;
  std::size_t creations = 0;  // left out: VM_CREATE refused before a VMID was drawn
  std::size_t off = 0;        // left out: VCPU_RUN refused because the guest has switched the vCPU off
};

// Each call's x0 to x3 must follow from its sections; a call without any must be one that the specification
// refuses by its arguments. What is different, one line each.
std::vector<std::string> check_calls(const TraceFile& trace, Sections& sections, CallTally& tally);

}  // namespace redoubt::replay
