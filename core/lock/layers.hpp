// SPDX-License-Identifier: BSD-3-Clause
// Layers 1 to 4 as objects: the ticket lock in three views, and the locks of the protected objects.
#pragma once
#include "core/machine/layers.hpp"
#include "spec/lock/lock_ops.hpp"
#include "spec/lock/lock_ops_h.hpp"
#include "spec/lock/lock_ops_q.hpp"
#include "spec/lock/locks.hpp"

namespace redoubt::registry {

namespace prim {
// clang-format off: one table, a primitive a row: name; signature, lock, guards, source; effect
REDOUBT_PRIMITIVE(wait_lock, "(lk u32) → ()", "takes lk", "lock free·bars Valid", "lower 5.1", "draws a ticket and waits for its turn");
REDOUBT_PRIMITIVE(pass_lock, "(lk u32) → ()", "releases lk", "lock won·bars Valid", "lower 5.1", "hands the lock to the next ticket");
REDOUBT_PRIMITIVE(wait_qlock, "(lk u32) → ()", "takes lk", "lock free", "lower 5.2", "joins the queue and waits to be its head");
REDOUBT_PRIMITIVE(pass_qlock, "(lk u32) → ()", "releases lk", "lock won", "lower 5.2", "leaves the queue");
REDOUBT_PRIMITIVE(wait_hlock, "(lk u32) → ()", "takes lk", "lock free", "lower 5.3", "takes the lock in one step");
REDOUBT_PRIMITIVE(pass_hlock, "(lk u32) → ()", "releases lk", "lock won", "lower 5.3", "releases it in one step");
REDOUBT_PRIMITIVE(acquire_lock_pt, "(vmid u32) → ()", "takes pt(v)", "H·V·lock free", "lower 4.3", "takes the lock of a stage-2 table and pulls the table");
REDOUBT_PRIMITIVE(release_lock_pt, "(vmid u32) → ()", "releases pt(v)", "H·V·L(pt v)", "lower 4.3", "publishes the table and passes the lock on");
REDOUBT_PRIMITIVE(acquire_lock_spt, "() → ()", "takes spt", "H·lock free", "lower 4.3", "the same for the SMMU tables");
REDOUBT_PRIMITIVE(release_lock_spt, "() → ()", "releases spt", "H·L(spt)", "lower 4.3", "the same for the SMMU tables");
REDOUBT_PRIMITIVE(acquire_lock_s2page, "() → ()", "takes s2page", "H·lock free", "lower 4.3", "the same for page ownership");
REDOUBT_PRIMITIVE(release_lock_s2page, "() → ()", "releases s2page", "H·L(s2page)", "lower 4.3", "the same for page ownership");
REDOUBT_PRIMITIVE(acquire_lock_core, "() → ()", "takes core", "H·lock free", "lower 4.3", "the same for the core data");
REDOUBT_PRIMITIVE(release_lock_core, "() → ()", "releases core", "H·L(core)", "lower 4.3", "the same for the core data");
REDOUBT_PRIMITIVE(acquire_lock_vm, "(vmid u32) → ()", "takes vm(v)", "H·V·lock free", "lower 4.3", "the same for a VM's information");
REDOUBT_PRIMITIVE(release_lock_vm, "(vmid u32) → ()", "releases vm(v)", "H·V·L(vm v)", "lower 4.3", "the same for a VM's information");
REDOUBT_PRIMITIVE(acquire_lock_smmu, "() → ()", "takes smmu", "H·lock free", "lower 4.3", "the same for the owners of SMMU banks");
REDOUBT_PRIMITIVE(release_lock_smmu, "() → ()", "releases smmu", "H·L(smmu)", "lower 4.3", "the same for the owners of SMMU banks");
// clang-format on

using LockOperations = List<acquire_lock_pt, release_lock_pt, acquire_lock_spt, release_lock_spt,
                            acquire_lock_s2page, release_lock_s2page, acquire_lock_core, release_lock_core,
                            acquire_lock_vm, release_lock_vm, acquire_lock_smmu, release_lock_smmu>;
}  // namespace prim

struct LockOpsEntry {
  static constexpr unsigned number = 1;
  static constexpr std::string_view name = "LockOps", header = "core/lock/lock_ops.hpp",
                                    spec_header = "spec/lock/lock_ops.hpp", source = "lower 5.1";
  static constexpr bool growing = false;
  using Below = AbstractMachineEntry;
  template <class M>
  using Code = tower::LockOpsLayer<M>;
  template <class, class>
  using Spec = void;
  using LogSpec = spec::lock::LockOps<std::uint32_t, kLogLength>;
  using Fresh = OnLogs<inv::LogSteps, prim::wait_lock, prim::pass_lock>;
  using Own = List<>;
  using Hides = prim::Tickets;
  using HidesOwn = List<>;
  using Passthrough = Rest<Below, Hides>;
  using PassthroughOwn = RestOwn<Below, HidesOwn>;
};

struct LockOpsQEntry {
  static constexpr unsigned number = 2;
  static constexpr std::string_view name = "LockOpsQ", header = "core/lock/lock_ops_q.hpp",
                                    spec_header = "spec/lock/lock_ops_q.hpp", source = "lower 5.2";
  static constexpr bool growing = false;
  using Below = LockOpsEntry;
  template <class M>
  using Code = tower::LockOpsQLayer<M>;
  template <class, class>
  using Spec = void;
  using LogSpec = spec::lock::LockOpsQ<kLogLength>;
  using Fresh = OnLogs<inv::Logs, prim::wait_qlock, prim::pass_qlock>;
  using Own = List<>;
  using Hides = List<prim::wait_lock, prim::pass_lock>;
  using HidesOwn = List<>;
  using Passthrough = Rest<Below, Hides>;
  using PassthroughOwn = RestOwn<Below, HidesOwn>;
};

struct LockOpsHEntry {
  static constexpr unsigned number = 3;
  static constexpr std::string_view name = "LockOpsH", header = "core/lock/lock_ops_h.hpp",
                                    spec_header = "spec/lock/lock_ops_h.hpp", source = "lower 5.3";
  static constexpr bool growing = false;
  using Below = LockOpsQEntry;
  template <class M>
  using Code = tower::LockOpsHLayer<M>;
  template <class, class>
  using Spec = void;
  using LogSpec = spec::lock::LockOpsH<kLogLength>;
  using Fresh = OnLogs<inv::Logs, prim::wait_hlock, prim::pass_hlock>;
  using Own = List<>;
  using Hides = List<prim::wait_qlock, prim::pass_qlock>;
  using HidesOwn = List<>;
  using Passthrough = Rest<Below, Hides>;
  using PassthroughOwn = RestOwn<Below, HidesOwn>;
};

struct LocksEntry {
  static constexpr unsigned number = 4;
  static constexpr std::string_view name = "Locks", header = "core/lock/locks.hpp",
                                    spec_header = "spec/lock/locks.hpp", source = "lower 4.3";
  static constexpr bool growing = false;
  static constexpr bool theorems_are_generated = true;
  using TheoremPending = List<>;
  using Below = LockOpsHEntry;
  template <class M>
  using Code = tower::LocksLayer<M>;
  template <class D, class P>
  using Spec = spec::Locks<D, P>;

  static constexpr Fields section = field::lock | field::tstate | field::updates;
  using Fresh = Join<Preserving<inv::Acquiring, section, prim::acquire_lock_pt, prim::acquire_lock_spt,
                                prim::acquire_lock_s2page, prim::acquire_lock_core, prim::acquire_lock_vm,
                                prim::acquire_lock_smmu>,
                     Preserving<inv::Always, section, prim::release_lock_pt, prim::release_lock_spt,
                                prim::release_lock_s2page, prim::release_lock_core, prim::release_lock_vm,
                                prim::release_lock_smmu>>;
  using Own = List<>;
  using Hides = Join<List<prim::wait_hlock, prim::pass_hlock>, prim::Publishing>;
  using HidesOwn = List<>;
  using Passthrough = Rest<Below, Hides>;
  using PassthroughOwn = RestOwn<Below, HidesOwn>;
};

}  // namespace redoubt::registry
