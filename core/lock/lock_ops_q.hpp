// SPDX-License-Identifier: BSD-3-Clause
// Layer 2, LockOpsQ: the ticket lock seen as a queue of CPUs (digest 5.2). Same code, stronger specification.
#pragma once
#include "core/lock/lock_ops.hpp"

namespace redoubt {

template <class Lower>
class LockOpsQ : public Lower {
 public:
  using Lower::Lower;
  using typename Lower::LockId;

  // Joins the queue and waits to be its head. Stuck: this CPU is in the queue already.
  void wait_qlock(LockId lock) { wait_lock(lock); }
  // Leaves the queue. Stuck: this CPU is not its head.
  void pass_qlock(LockId lock) { pass_lock(lock); }

 private:  // hidden from here up
  using Lower::pass_lock;
  using Lower::wait_lock;
};

}  // namespace redoubt
