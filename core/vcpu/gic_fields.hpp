// SPDX-License-Identifier: BSD-3-Clause
// Fields of the GICv3 virtualisation registers and offsets of a redistributor (Arm IHI 0069, 12.5 and 12.11).
#pragma once
#include "core/machine/field.hpp"

namespace redoubt::gic {

// Interrupts of a vCPU and of the physical CPU that the core knows by number.
inline constexpr u64 kSgis = 16;     // 0..15
inline constexpr u64 kPrivate = 32;  // SGIs and PPIs: 0..31
inline constexpr u64 kFirstSpi = 32;
inline constexpr u64 kEndOfSpis = 256;       // what a mailbox can name
inline constexpr u64 kSignal = 15;           // physical SGI of the core; Linux uses 0..7
inline constexpr u64 kNone = 1020;           // from here on an INTID names no interrupt
inline constexpr u64 kMaintenance = 25;      // physical PPI of the virtual interface
inline constexpr u64 kHypervisorTimer = 26;  // physical PPI of CNTHP
inline constexpr u64 kVirtualTimer = 27;     // PPI of CNTV: physical and the guest's alike
inline constexpr u64 kPriorityMask = 0xf8;   // five bits, which every implementation has
inline constexpr u64 kVirtualTimerBit = u64{1} << kVirtualTimer;

// ICH_LR<n>_EL2.
struct List {
  using VirtualId = Field<31, 0>;
  using PhysicalId = Field<44, 32>;  // if Hardware
  using TellEnd = Flag<41>;          // if not Hardware: maintenance interrupt when it is ended
  using Priority = Field<55, 48>;
  using Group1 = Flag<60>;
  using Hardware = Flag<61>;  // the guest's deactivation deactivates PhysicalId too
  using Pending = Flag<62>;
  using Active = Flag<63>;
};

// ICH_HCR_EL2.
struct Control {
  using Enable = Flag<0>;
  using EntryNotPresent = Flag<2>;  // LRENPIE: maintenance interrupt while EoiCount is not zero
  using NoPending = Flag<3>;        // NPIE: maintenance interrupt while no list register is just pending
  using TrapDeactivate = Flag<14>;  // TDIR
  using EoiCount = Field<31, 27>;   // interrupts ended that stood in no list register
};

// ICH_VTR_EL2.
struct Type {
  using ListRegisters = Field<4, 0>;     // minus one
  using TrapDeactivate = Flag<19>;       // TDS: Control::TrapDeactivate exists
  using PreemptionBits = Field<28, 26>;  // minus one
};

// ICH_VMCR_EL2.
struct CpuInterface {
  using Group1 = Flag<1>;
  using Priority = Field<31, 24>;  // interrupts of a lower number pass
};

// ICC_SGI1R_EL1.
struct Sgi {
  using TargetList = Field<15, 0>;
  using Affinity1 = Field<23, 16>;
  using Id = Field<27, 24>;
  using Affinity2 = Field<39, 32>;
  using AllOthers = Flag<40>;
  using Range = Field<47, 44>;
  using Affinity3 = Field<55, 48>;
};

// A vCPU's redistributor: two frames of 64 KiB.
inline constexpr u64 kFrame = 0x1'0000;
struct RdFrame {
  static constexpr u64 ctlr = 0x0, iidr = 0x4, typer = 0x8, typer_high = 0xc, statusr = 0x10, waker = 0x14,
                       pidr2 = 0xffe8;
};
struct SgiFrame {
  static constexpr u64 igroupr0 = 0x80, isenabler0 = 0x100, icenabler0 = 0x180, ispendr0 = 0x200,
                       icpendr0 = 0x280, isactiver0 = 0x300, icactiver0 = 0x380, ipriorityr = 0x400,
                       ipriorityr_end = 0x420, icfgr0 = 0xc00, icfgr1 = 0xc04, igrpmodr0 = 0xd00,
                       nsacr = 0xe00;
};
inline constexpr u64 kIdentification = 0x5200'043b;  // IIDR
inline constexpr u64 kArchitecture3 = 0x3b;          // PIDR2: GICv3
inline constexpr u64 kSgisAreEdge = 0xaaaa'aaaa;     // ICFGR0; every PPI is level: ICFGR1 = 0

// GICR_WAKER.
using ProcessorSleep = Flag<1>;
using ChildrenAsleep = Flag<2>;

// GICR_TYPER.
struct RedistributorType {
  using Last = Flag<4>;
  using ProcessorNumber = Field<23, 8>;
  using Affinity0 = Field<39, 32>;
};

}  // namespace redoubt::gic
