// SPDX-License-Identifier: BSD-3-Clause
// Fields of the registers by which primitives decode and configure traps (Arm ARM D24).
#pragma once
#include "core/machine/field.hpp"

namespace redoubt {

struct Syndrome {  // ESR_EL2
  using Class = Field<31, 26>;
  using Length32 = Flag<25>;  // IL
  static constexpr u64 kWait = 0x01, kHvc64 = 0x16, kSmc64 = 0x17, kSystemRegister = 0x18,
                       kInstructionAbort = 0x20, kDataAbort = 0x24;  // aborts: from a lower level
};
struct AbortSyndrome {  // ESR_EL2 of a data abort from a lower level
  using FaultStatus = Field<5, 0>;
  using IsWrite = Flag<6>;  // WnR
  using OnWalk = Flag<7>;   // S1PTW
  using CacheMaintenance = Flag<8>;
  using FarNotValid = Flag<10>;
  using Wide = Flag<15>;           // SF: the register is 64 bits wide
  using Register = Field<20, 16>;  // SRT
  using SignExtend = Flag<21>;     // SSE
  using SizeLog2 = Field<23, 22>;  // SAS, log2 of bytes
  using Valid = Flag<24>;          // ISV: the five fields above say something
};
struct CallSyndrome {  // ESR_EL2 of HVC and SMC
  using Immediate = Field<15, 0>;
};
struct RegisterSyndrome {  // ESR_EL2 of MSR, MRS
  using IsRead = Flag<0>;
  using Register = Field<9, 5>;  // Rt
};
struct FaultPage {            // HPFAR_EL2
  using Page = Field<43, 4>;  // FIPA: IPA bits [51:12]
};
struct TimerTraps {             // CNTHCTL_EL2, HCR_EL2.E2H = 0
  using CounterFree = Flag<0>;  // EL1PCTEN
  using TimerFree = Flag<1>;    // EL1PCEN
};
struct SavedPstate {                         // SPSR_ELx
  using StackOfLevel = Flag<0>;              // M[0]: SP_ELx and not SP_EL0
  using Level = Field<3, 2>;                 // M[3:2]
  using Width32 = Flag<4>;                   // M[4]
  static constexpr u64 kKept = 0xf140'0000;  // by an exception to EL1: NZCV, DIT, PAN
  static constexpr u64 kEl1Masked = 0x3c5;   // EL1h; D, A, I, F masked
  using Ssbs = Flag<12>;
  using Pan = Flag<22>;
};
struct SystemControl {       // SCTLR_EL1
  using PanKept = Flag<23>;  // SPAN
  using Ssbs = Flag<44>;     // DSSBS: SSBS at exception entry
};
static_assert(FaultPage::Page::mask == 0xfff'ffff'fff0);

}  // namespace redoubt
