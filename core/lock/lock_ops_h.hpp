// SPDX-License-Identifier: BSD-3-Clause
// Layer 3, LockOpsH: the lock as one atomic step each to take and to release (digest 5.3).
#pragma once
#include "core/lock/lock_ops_q.hpp"

namespace redoubt {

template <class Lower>
class LockOpsH : public Lower {
 public:
  using Lower::Lower;
  using typename Lower::LockId;

  // Stuck: this CPU holds the lock already.
  void wait_hlock(LockId lock) { wait_qlock(lock); }
  // Stuck: this CPU does not hold the lock.
  void pass_hlock(LockId lock) { pass_qlock(lock); }

 private:  // hidden from here up
  using Lower::pass_qlock;
  using Lower::wait_qlock;
};

}  // namespace redoubt
