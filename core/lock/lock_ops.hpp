// SPDX-License-Identifier: BSD-3-Clause
// Layer 1, LockOps: the ticket lock (digest 5.1).
#pragma once
#include "core/lock/lock_id.hpp"

namespace redoubt {

template <class Lower>
class LockOps : public Lower {
 public:
  using Lower::Lower;
  using typename Lower::LockId;
  using typename Lower::Word;

  // Takes a ticket and waits for its turn. Afterwards this CPU owns the lock; what it protects is not pulled
  // yet. Waiting is bounded by the critical sections of at most seven other CPUs; tickets wrap at 2^32 (E10).
  void wait_lock(LockId lock) {
    const Word ticket = incr_ticket(Word(LOCK_BOUND), lock);
    this->spin_until([&] { return get_now(lock) == ticket; });
    log_hold(lock);
    barrier();
  }

  // Hands the lock to the next ticket. Only the holder may call this.
  void pass_lock(LockId lock) {
    barrier();
    incr_now(lock);
  }

 private:  // hidden from here up
  using Lower::barrier;
  using Lower::get_now;
  using Lower::incr_now;
  using Lower::incr_ticket;
  using Lower::log_hold;
};

}  // namespace redoubt
