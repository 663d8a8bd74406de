// SPDX-License-Identifier: BSD-3-Clause
// Fields of the registers by which primitives decode and configure traps (Arm ARM D24).
#pragma once
#include "core/machine/field.hpp"

namespace redoubt {

struct AbortSyndrome {             // ESR_EL2 of a data abort from a lower level
  using Register = Field<20, 16>;  // SRT
  using IsWrite = Flag<6>;         // WnR
  using SizeLog2 = Field<23, 22>;  // SAS, log2 of bytes
};
struct FaultPage {            // HPFAR_EL2
  using Page = Field<43, 4>;  // FIPA: IPA bits [51:12]
};
struct TimerTraps {             // CNTHCTL_EL2, HCR_EL2.E2H = 0
  using CounterFree = Flag<0>;  // EL1PCTEN
  using TimerFree = Flag<1>;    // EL1PCEN
};
struct SavedPstate {             // SPSR_ELx
  using StackOfLevel = Flag<0>;  // M[0]: SP_ELx and not SP_EL0
  using Level = Field<3, 2>;     // M[3:2]
  using Width32 = Flag<4>;       // M[4]
};
static_assert(FaultPage::Page::mask == 0xfff'ffff'fff0);

}  // namespace redoubt
