// SPDX-License-Identifier: BSD-3-Clause
// Every layer of the tower as an object, bottom to top: what tools, tests and proofs iterate over.
#pragma once
#include "core/lock/layers.hpp"
#include "core/machine/layers.hpp"
#include "core/npt/layers.hpp"
#include "core/page/layers.hpp"
#include "core/spt/layers.hpp"
#include "core/trap/layers.hpp"
#include "core/vm/layers.hpp"

namespace redoubt::registry {

using Tower = List<AbstractMachineEntry, LockOpsEntry, LockOpsQEntry, LockOpsHEntry, LocksEntry, PtAllocEntry,
                   PtWalkEntry, NptWalkEntry, NptOpsEntry, MmioPtAllocEntry, MmioPtWalkEntry,
                   MmioSptWalkEntry, MmioSptOpsEntry, MemRegionEntry, PageIndexEntry, PageManagerEntry,
                   MemManagerEntry, MemoryOpsEntry, VmPowerEntry, BootCoreEntry, BootAuxEntry, BootOpsEntry,
                   VcpuOpsAuxEntry, VcpuOpsEntry, CtxtSwitchEntry, MemHandlerEntry, FaultHandlerEntry,
                   TrapDispatcherEntry, TrapHandlerRawEntry, TrapHandlerEntry>;

}  // namespace redoubt::registry
