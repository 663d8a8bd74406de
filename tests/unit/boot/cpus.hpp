// SPDX-License-Identifier: BSD-3-Clause
// Two CPUs for the tests of register tables: everything there is, and next to nothing.
#pragma once
#include "boot/id_registers.hpp"

namespace redoubt {

inline constexpr IdRegisters kNew{.pfr0 = 0x1111'1111'1111'1112,
                                  .pfr1 = 0x0111'1111'1111'1311,
                                  .dfr0 = 0x1111'1111'1111'1691,
                                  .isar1 = 0x1111'1111'1111'1151,
                                  .isar2 = 0x0000'0000'0001'0000,
                                  .mmfr0 = 0x2200'0000'0000'0006,
                                  .mmfr1 = 0x1111'1111'1131'1122,
                                  .mmfr2 = 0x1111'1111'1211'1111,
                                  .midr = 0,
                                  .mpidr = 0,
                                  .pmcr = 6u << 11};
inline constexpr IdRegisters kOld{.pfr0 = 0x0000'0000'0100'0011, .mmfr0 = 2};

}  // namespace redoubt
