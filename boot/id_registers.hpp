// SPDX-License-Identifier: BSD-3-Clause
// The CPU's identification registers: fields the core knows, and the view the host gets (R12).
#pragma once
#include <array>
#include <cstdint>

#include "core/machine/field.hpp"
#include "machine/el2/id_fields.hpp"
#include "machine/el2/registers.hpp"

namespace redoubt {

// Raw values of the registers that decide what the core writes elsewhere.
struct IdRegisters {
  std::uint64_t pfr0 = 0, pfr1 = 0, dfr0 = 0, isar1 = 0, isar2 = 0;
  std::uint64_t mmfr0 = 0, mmfr1 = 0, mmfr2 = 0, mmfr3 = 0;
  std::uint64_t midr = 0, mpidr = 0, pmcr = 0;
};

// Fields by register, with the manual's names.
namespace pfr0 {
using El0 = Field<3, 0>;  // 2: AArch32 too
using Ras = Field<31, 28>;
using Sve = Field<35, 32>;
using Mpam = Field<43, 40>;
using Amu = Field<47, 44>;
using Dit = Field<51, 48>;
using Csv2 = Field<59, 56>;
}  // namespace pfr0
namespace pfr1 {
using Bt = Field<3, 0>;
using Ssbs = Field<7, 4>;
using Mte = Field<11, 8>;
using Csv2Frac = Field<35, 32>;
using Sme = Field<27, 24>;
using Nmi = Field<39, 36>;
}  // namespace pfr1
namespace dfr0 {
using PmuVersion = Field<11, 8>;
using PmsVersion = Field<35, 32>;
using TraceFilter = Field<43, 40>;
using TraceBuffer = Field<47, 44>;
}  // namespace dfr0
namespace isar1 {
using Apa = Field<7, 4>;
using Api = Field<11, 8>;
}  // namespace isar1
namespace isar2 {
using Gpa3 = Field<11, 8>;
using Apa3 = Field<15, 12>;
using Mops = Field<19, 16>;
}  // namespace isar2
namespace mmfr0 {
using PaRange = Field<3, 0>;
using Granule4K = Field<31, 28>;  // 0xf: absent
using FineGrainedTraps = Field<59, 56>;
using Ecv = Field<63, 60>;
}  // namespace mmfr0
namespace mmfr1 {
using VmidBits = Field<7, 4>;  // 2: 16 bits
using Vh = Field<11, 8>;
using Lo = Field<19, 16>;
using Pan = Field<23, 20>;
using Hcx = Field<43, 40>;
}  // namespace mmfr1
namespace mmfr2 {
using Uao = Field<7, 4>;
using Nv = Field<27, 24>;
}  // namespace mmfr2

// What is not listed reads as zero. Left out on purpose: MTE, SME, AMU, MPAM, SPE, TRBE, trace, BRBE, RME,
// GCS, EL2, nested virtualisation, LORegions, LS64, and everything newer than this table. The order is the
// manual's.
inline constexpr el2::IdFields kVisibleFields{std::to_array<el2::IdField>({
    {el2::reg::id_aa64pfr0_el1, 0, 2},          // EL0: AArch64 and AArch32
    {el2::reg::id_aa64pfr0_el1, 4, 1},          // EL1: AArch64 only
    {el2::reg::id_aa64pfr0_el1, 12, 1},         // EL3
    {el2::reg::id_aa64pfr0_el1, 16, 1, true},   // FP
    {el2::reg::id_aa64pfr0_el1, 20, 1, true},   // AdvSIMD
    {el2::reg::id_aa64pfr0_el1, 24, 3},         // GIC system registers
    {el2::reg::id_aa64pfr0_el1, 28, 2},         // RAS
    {el2::reg::id_aa64pfr0_el1, 32, 1},         // SVE
    {el2::reg::id_aa64pfr0_el1, 48, 1},         // DIT
    {el2::reg::id_aa64pfr0_el1, 56, 3},         // CSV2
    {el2::reg::id_aa64pfr0_el1, 60, 1},         // CSV3
    {el2::reg::id_aa64pfr1_el1, 0, 1},          // BTI
    {el2::reg::id_aa64pfr1_el1, 4, 2},          // SSBS
    {el2::reg::id_aa64pfr1_el1, 12, 1},         // RAS_frac
    {el2::reg::id_aa64pfr1_el1, 32, 2},         // CSV2_frac
    {el2::reg::id_aa64zfr0_el1, 0, 1},          // SVE2
    {el2::reg::id_aa64zfr0_el1, 4, 2},          // SVE AES
    {el2::reg::id_aa64zfr0_el1, 16, 1},         // SVE BitPerm
    {el2::reg::id_aa64zfr0_el1, 20, 2},         // SVE BFloat16
    {el2::reg::id_aa64zfr0_el1, 32, 1},         // SVE SHA3
    {el2::reg::id_aa64zfr0_el1, 40, 1},         // SVE SM4
    {el2::reg::id_aa64zfr0_el1, 44, 1},         // SVE I8MM
    {el2::reg::id_aa64zfr0_el1, 52, 1},         // SVE F32MM
    {el2::reg::id_aa64zfr0_el1, 56, 1},         // SVE F64MM
    {el2::reg::id_aa64dfr0_el1, 0, 10},         // debug architecture
    {el2::reg::id_aa64dfr0_el1, 8, 8, true},    // PMU
    {el2::reg::id_aa64dfr0_el1, 12, 15},        // breakpoints
    {el2::reg::id_aa64dfr0_el1, 20, 15},        // watchpoints
    {el2::reg::id_aa64dfr0_el1, 28, 15},        // context-aware breakpoints
    {el2::reg::id_aa64dfr0_el1, 36, 1, true},   // double lock
    {el2::reg::id_aa64isar0_el1, 4, 2},         // AES
    {el2::reg::id_aa64isar0_el1, 8, 1},         // SHA1
    {el2::reg::id_aa64isar0_el1, 12, 2},        // SHA2
    {el2::reg::id_aa64isar0_el1, 16, 1},        // CRC32
    {el2::reg::id_aa64isar0_el1, 20, 2},        // atomics
    {el2::reg::id_aa64isar0_el1, 28, 1},        // RDM
    {el2::reg::id_aa64isar0_el1, 32, 1},        // SHA3
    {el2::reg::id_aa64isar0_el1, 36, 1},        // SM3
    {el2::reg::id_aa64isar0_el1, 40, 1},        // SM4
    {el2::reg::id_aa64isar0_el1, 44, 1},        // dot product
    {el2::reg::id_aa64isar0_el1, 48, 1},        // FHM
    {el2::reg::id_aa64isar0_el1, 52, 2},        // flag manipulation
    {el2::reg::id_aa64isar0_el1, 56, 2},        // TLBI range and outer shareable
    {el2::reg::id_aa64isar0_el1, 60, 1},        // RNDR
    {el2::reg::id_aa64isar1_el1, 0, 2},         // DC CVAP, CVADP
    {el2::reg::id_aa64isar1_el1, 4, 5},         // pointer authentication: address, QARMA5
    {el2::reg::id_aa64isar1_el1, 8, 5},         //   address, implementation defined
    {el2::reg::id_aa64isar1_el1, 12, 1},        // JSCVT
    {el2::reg::id_aa64isar1_el1, 16, 1},        // FCMA
    {el2::reg::id_aa64isar1_el1, 20, 3},        // LRCPC
    {el2::reg::id_aa64isar1_el1, 24, 1},        // pointer authentication: generic, QARMA5
    {el2::reg::id_aa64isar1_el1, 28, 1},        //   generic, implementation defined
    {el2::reg::id_aa64isar1_el1, 32, 1},        // FRINTTS
    {el2::reg::id_aa64isar1_el1, 36, 1},        // SB
    {el2::reg::id_aa64isar1_el1, 40, 1},        // SPECRES
    {el2::reg::id_aa64isar1_el1, 44, 2},        // BF16
    {el2::reg::id_aa64isar1_el1, 48, 1},        // DGH
    {el2::reg::id_aa64isar1_el1, 52, 1},        // I8MM
    {el2::reg::id_aa64isar2_el1, 0, 2},         // WFxT
    {el2::reg::id_aa64isar2_el1, 4, 1},         // RPRES
    {el2::reg::id_aa64isar2_el1, 8, 1},         // pointer authentication: generic, QARMA3
    {el2::reg::id_aa64isar2_el1, 12, 5},        //   address, QARMA3
    {el2::reg::id_aa64isar2_el1, 16, 1},        // MOPS
    {el2::reg::id_aa64isar2_el1, 20, 1},        // hinted conditional branches
    {el2::reg::id_aa64mmfr0_el1, 0, 2},         // physical addresses: the 40 bits of R8
    {el2::reg::id_aa64mmfr0_el1, 4, 2},         // ASID bits
    {el2::reg::id_aa64mmfr0_el1, 8, 1},         // mixed endian
    {el2::reg::id_aa64mmfr0_el1, 12, 1},        // secure memory
    {el2::reg::id_aa64mmfr0_el1, 16, 1},        // mixed endian at EL0
    {el2::reg::id_aa64mmfr0_el1, 20, 2},        // 16 KiB granule
    {el2::reg::id_aa64mmfr0_el1, 24, 0, true},  // 64 KiB granule
    {el2::reg::id_aa64mmfr0_el1, 28, 1, true},  // 4 KiB granule
    {el2::reg::id_aa64mmfr0_el1, 44, 1},        // ExS
    {el2::reg::id_aa64mmfr0_el1, 60, 1},        // ECV: self-synchronised counters
    {el2::reg::id_aa64mmfr1_el1, 0, 2},         // hardware access and dirty flags
    {el2::reg::id_aa64mmfr1_el1, 4, 2},         // VMID bits
    {el2::reg::id_aa64mmfr1_el1, 12, 2},        // hierarchical permission disables
    {el2::reg::id_aa64mmfr1_el1, 20, 3},        // PAN
    {el2::reg::id_aa64mmfr1_el1, 24, 1},        // SpecSEI
    {el2::reg::id_aa64mmfr1_el1, 28, 1},        // XNX
    {el2::reg::id_aa64mmfr1_el1, 36, 1},        // ETS
    {el2::reg::id_aa64mmfr1_el1, 44, 1},        // AFP
    {el2::reg::id_aa64mmfr1_el1, 48, 1},        // nTLBPA
    {el2::reg::id_aa64mmfr2_el1, 0, 1},         // CnP
    {el2::reg::id_aa64mmfr2_el1, 4, 1},         // UAO
    {el2::reg::id_aa64mmfr2_el1, 8, 1},         // LSM
    {el2::reg::id_aa64mmfr2_el1, 12, 1},        // IESB
    {el2::reg::id_aa64mmfr2_el1, 16, 1},        // 52-bit virtual addresses
    {el2::reg::id_aa64mmfr2_el1, 20, 1},        // CCIDX: the form of CCSIDR_EL1, which does not trap
    {el2::reg::id_aa64mmfr2_el1, 28, 1},        // small translation tables
    {el2::reg::id_aa64mmfr2_el1, 32, 1},        // unaligned atomics
    {el2::reg::id_aa64mmfr2_el1, 36, 1},        // IDS
    {el2::reg::id_aa64mmfr2_el1, 48, 1},        // TTL
    {el2::reg::id_aa64mmfr2_el1, 52, 2},        // BBM
    {el2::reg::id_aa64mmfr2_el1, 60, 1},        // E0PD
})};

// ID registers of AArch32 (CRm 1 to 3 of the group) pass unchanged: user space at EL0 may use all of it.
[[nodiscard]] constexpr bool is_aarch32_id_register(el2::SysReg reg) { return reg.crm <= 3; }

// What the host reads when `reg`, one of op0=3 op1=0 CRn=0 CRm=1..7, holds `value`.
[[nodiscard]] constexpr std::uint64_t host_view(el2::SysReg reg, std::uint64_t value) {
  return is_aarch32_id_register(reg) ? value : kVisibleFields.view(reg, value);
}

}  // namespace redoubt
