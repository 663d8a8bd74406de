// SPDX-License-Identifier: BSD-3-Clause
// The upper part of the tower: layers 27 to 34 over BootOps, on machine M.
#pragma once
#include "core/tower.hpp"
#include "core/trap/fault_handler.hpp"
#include "core/trap/mem_handler.hpp"
#include "core/trap/trap_dispatcher.hpp"
#include "core/trap/trap_handler.hpp"
#include "core/trap/trap_handler_raw.hpp"
#include "core/vcpu/ctxt_switch.hpp"
#include "core/vcpu/vcpu_ops.hpp"
#include "core/vcpu/vcpu_ops_aux.hpp"

namespace redoubt::tower {

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

}  // namespace redoubt::tower
