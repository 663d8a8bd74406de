// SPDX-License-Identifier: BSD-3-Clause
// The stage-2 page-table layers alone, over any machine: what a program embeds that wants nothing else of the
// core.
#pragma once
#include "core/lock/locks.hpp"
#include "core/machine/abstract_machine.hpp"
#include "core/npt/npt_ops.hpp"
#include "core/npt/npt_walk.hpp"
#include "core/npt/pt_alloc.hpp"
#include "core/npt/pt_walk.hpp"

namespace redoubt {

// Operations: NptOps (npt_ops.hpp). An object holds a reference to the machine and no state, so make one
// where needed.
template <Machine M>
using Stage2 = NptOps<NptWalk<PtWalk<PtAlloc<Locks<LockOpsH<LockOpsQ<LockOps<AbstractMachine<M>>>>>>>>>;

}  // namespace redoubt
