// SPDX-License-Identifier: BSD-3-Clause
// Calls of the firmware below: PSCI and SMCCC by SMC.
#pragma once
#include <cstdint>

namespace redoubt::firmware {

struct Result {
  std::uint64_t x0, x1, x2, x3;
};

// SMC #0. SMCCC 1.0 firmware may change x4 to x17.
[[nodiscard]] Result call(std::uint32_t function, std::uint64_t a1, std::uint64_t a2, std::uint64_t a3);

// PSCI_VERSION, and whether the firmware has SMCCC 1.1 or newer. Asked once at boot.
struct Features {
  std::uint32_t psci_version = 0;
  bool smccc_1_1 = false;
};
[[nodiscard]] Features probe();

}  // namespace redoubt::firmware
