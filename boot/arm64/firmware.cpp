// SPDX-License-Identifier: BSD-3-Clause
// The SMC instruction and the two questions asked at boot.
#include "boot/arm64/firmware.hpp"

#include "boot/psci.hpp"
#include "boot/smccc.hpp"

namespace redoubt::firmware {

Result call(std::uint32_t function, std::uint64_t a1, std::uint64_t a2, std::uint64_t a3) {
  register std::uint64_t x0 asm("x0") = function;
  register std::uint64_t x1 asm("x1") = a1;
  register std::uint64_t x2 asm("x2") = a2;
  register std::uint64_t x3 asm("x3") = a3;
  asm volatile("smc #0"
               : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)
               :
               : "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17",
                 "memory");
  return {x0, x1, x2, x3};
}

Features probe() {
  Features features{.psci_version = static_cast<std::uint32_t>(call(psci::kVersion, 0, 0, 0).x0)};
  bool const can_ask = features.psci_version >> 16 >= 1;
  if (can_ask && static_cast<std::int32_t>(call(psci::kFeatures, smccc::kVersion, 0, 0).x0) >= 0)
    features.smccc_1_1 = static_cast<std::int32_t>(call(smccc::kVersion, 0, 0, 0).x0) >= smccc::kVersion1_1;
  return features;
}

}  // namespace redoubt::firmware
