// SPDX-License-Identifier: BSD-3-Clause
// ESR_ELx and HPFAR_EL2 fields (Arm ARM D24.2.37, D24.2.69).
#pragma once
#include "core/machine/field.hpp"
#include "machine/el2/sysreg.hpp"

namespace redoubt::syndrome {

using ExceptionClass = Field<31, 26>;
using InstructionLength = Flag<25>;  // 1: 32-bit instruction
using Iss = Field<24, 0>;

// Exception classes.
inline constexpr std::uint64_t kUnknown = 0x00;
inline constexpr std::uint64_t kHvc64 = 0x16;
inline constexpr std::uint64_t kSmc64 = 0x17;
inline constexpr std::uint64_t kSystemRegister = 0x18;
inline constexpr std::uint64_t kInstructionAbortLower = 0x20;
inline constexpr std::uint64_t kInstructionAbortSame = 0x21;
inline constexpr std::uint64_t kDataAbortLower = 0x24;
inline constexpr std::uint64_t kDataAbortSame = 0x25;

// ISS of HVC and SMC.
using Immediate = Field<15, 0>;

// ISS of data and instruction aborts.
using FaultStatus = Field<5, 0>;
using WriteNotRead = Flag<6>;
using OnStage1Walk = Flag<7>;
using CacheMaintenance = Flag<8>;
using FarNotValid = Flag<10>;
using SixtyFourBit = Flag<15>;
using AccessRegister = Field<20, 16>;
using SignExtend = Flag<21>;
using AccessSize = Field<23, 22>;  // log2 of bytes
using AccessValid = Flag<24>;      // ISV: the four fields above are valid

inline constexpr std::uint64_t kExternalAbort = 0x10;        // synchronous, not on a walk
inline constexpr std::uint64_t kExternalAbortOnWalk = 0x14;  // plus the level; 0x13 for level -1

// Translation fault of any level: FaultStatus 0b0001LL, or 0b101011 for level -1.
[[nodiscard]] constexpr bool is_translation_fault(std::uint64_t status) {
  return (status & 0x3c) == 0x04 || status == 0x2b;
}

// ISS of MSR, MRS and system instructions.
using IsRead = Flag<0>;
using Crm = Field<4, 1>;
using Rt = Field<9, 5>;
using Crn = Field<13, 10>;
using Op1 = Field<16, 14>;
using Op2 = Field<19, 17>;
using Op0 = Field<21, 20>;

// The register that a trapped MSR or MRS names.
[[nodiscard]] constexpr el2::SysReg trapped_register(std::uint64_t esr) {
  return {static_cast<unsigned>(Op0::get(esr)), static_cast<unsigned>(Op1::get(esr)),
          static_cast<unsigned>(Crn::get(esr)), static_cast<unsigned>(Crm::get(esr)),
          static_cast<unsigned>(Op2::get(esr))};
}

}  // namespace redoubt::syndrome

namespace redoubt {

// HPFAR_EL2.FIPA holds bits [51:12] of the faulting IPA.
using FaultingPage = Field<43, 4>;

}  // namespace redoubt
