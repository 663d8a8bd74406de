// SPDX-License-Identifier: BSD-3-Clause
// The tower as it stands: every layer over the one below, on machine M.
#pragma once
#include "core/lock/locks.hpp"
#include "core/machine/abstract_machine.hpp"
#include "core/npt/npt_ops.hpp"
#include "core/npt/npt_walk.hpp"
#include "core/npt/pt_alloc.hpp"
#include "core/npt/pt_walk.hpp"
#include "core/page/mem_manager.hpp"
#include "core/page/mem_region.hpp"
#include "core/page/memory_ops.hpp"
#include "core/page/page_index.hpp"
#include "core/page/page_manager.hpp"
#include "core/spt/mmio_pt_alloc.hpp"
#include "core/spt/mmio_pt_walk.hpp"
#include "core/spt/mmio_spt_ops.hpp"
#include "core/spt/mmio_spt_walk.hpp"
#include "core/trap/fault_handler.hpp"
#include "core/trap/mem_handler.hpp"
#include "core/trap/trap_dispatcher.hpp"
#include "core/trap/trap_handler.hpp"
#include "core/trap/trap_handler_raw.hpp"
#include "core/vcpu/ctxt_switch.hpp"
#include "core/vcpu/vcpu_ops.hpp"
#include "core/vcpu/vcpu_ops_aux.hpp"
#include "core/vm/boot_aux.hpp"
#include "core/vm/boot_core.hpp"
#include "core/vm/boot_ops.hpp"
#include "core/vm/vm_power.hpp"

namespace redoubt::tower {

template <class M>
using LockOpsLayer = LockOps<AbstractMachine<M>>;
template <class M>
using LockOpsQLayer = LockOpsQ<LockOpsLayer<M>>;
template <class M>
using LockOpsHLayer = LockOpsH<LockOpsQLayer<M>>;
template <class M>
using LocksLayer = Locks<LockOpsHLayer<M>>;
template <class M>
using PtAllocLayer = PtAlloc<LocksLayer<M>>;
template <class M>
using PtWalkLayer = PtWalk<PtAllocLayer<M>>;
template <class M>
using NptWalkLayer = NptWalk<PtWalkLayer<M>>;
template <class M>
using NptOpsLayer = NptOps<NptWalkLayer<M>>;
template <class M>
using MmioPtAllocLayer = MmioPtAlloc<NptOpsLayer<M>>;
template <class M>
using MmioPtWalkLayer = MmioPtWalk<MmioPtAllocLayer<M>>;
template <class M>
using MmioSptWalkLayer = MmioSptWalk<MmioPtWalkLayer<M>>;
template <class M>
using MmioSptOpsLayer = MmioSptOps<MmioSptWalkLayer<M>>;
template <class M>
using MemRegionLayer = MemRegion<MmioSptOpsLayer<M>>;
template <class M>
using PageIndexTop = PageIndexLayer<MemRegionLayer<M>>;
template <class M>
using PageManagerLayer = PageManager<PageIndexTop<M>>;
template <class M>
using MemManagerLayer = MemManager<PageManagerLayer<M>>;

template <class M>
using MemoryOpsLayer = MemoryOps<MemManagerLayer<M>>;
template <class M>
using VmPowerLayer = VmPower<MemoryOpsLayer<M>>;
template <class M>
using BootCoreLayer = BootCore<VmPowerLayer<M>>;
template <class M>
using BootAuxLayer = BootAux<BootCoreLayer<M>>;
template <class M>
using BootOpsLayer = BootOps<BootAuxLayer<M>>;

template <class M>
using VcpuOpsAuxLayer = VcpuOpsAux<BootOpsLayer<M>>;
template <class M>
using VcpuOpsLayer = VcpuOps<VcpuOpsAuxLayer<M>>;
template <class M>
using CtxtSwitchLayer = CtxtSwitch<VcpuOpsLayer<M>>;
template <class M>
using MemHandlerLayer = MemHandler<CtxtSwitchLayer<M>>;
template <class M>
using FaultHandlerLayer = FaultHandler<MemHandlerLayer<M>>;
template <class M>
using TrapDispatcherLayer = TrapDispatcher<FaultHandlerLayer<M>>;
template <class M>
using TrapHandlerRawLayer = TrapHandlerRaw<TrapDispatcherLayer<M>>;
template <class M>
using TrapHandlerLayer = TrapHandler<TrapHandlerRawLayer<M>>;

template <class M>
using Top = BootOpsLayer<M>;

}  // namespace redoubt::tower
