// SPDX-License-Identifier: BSD-3-Clause
// The two specifications of layer 4 agree: the abstract state that proofs use, and the log of events
// (digest 4.3).
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <memory>

#include "machine/domain/concrete.hpp"
#include "spec/lock/lock_log.hpp"
#include "spec/lock/locks.hpp"
#include "tests/unit/lock/cpus.hpp"

namespace redoubt::test {
namespace {

using namespace spec::lock;
using State = spec::State<Concrete, ModelParams>;
using AbstractLocks = spec::Locks<Concrete, ModelParams>;
using V = VmId<u64>;

struct Family {
  u64 id;
  void (*acquire)(AbstractLocks&);
  void (*release)(AbstractLocks&);
};
const Family kFamilies[] = {
    {NPT_ID + 3, [](AbstractLocks& l) { l.acquire_lock_pt(V(3)); },
     [](AbstractLocks& l) { l.release_lock_pt(V(3)); }},
    {INFO_ID + 2, [](AbstractLocks& l) { l.acquire_lock_vm(V(2)); },
     [](AbstractLocks& l) { l.release_lock_vm(V(2)); }},
    {SPT_ID, [](AbstractLocks& l) { l.acquire_lock_spt(); }, [](AbstractLocks& l) { l.release_lock_spt(); }},
    {S2PAGE_ID, [](AbstractLocks& l) { l.acquire_lock_s2page(); },
     [](AbstractLocks& l) { l.release_lock_s2page(); }},
    {CORE_ID, [](AbstractLocks& l) { l.acquire_lock_core(); },
     [](AbstractLocks& l) { l.release_lock_core(); }},
    {SMMU_ID, [](AbstractLocks& l) { l.acquire_lock_smmu(); },
     [](AbstractLocks& l) { l.release_lock_smmu(); }},
};

static_assert(spec::LOCK_FALSE == static_cast<u64>(Ownership::not_held) &&
              spec::LOCK_OWN_WON == static_cast<u64>(Ownership::won) &&
              spec::LOCK_OWN_TRUE == static_cast<u64>(Ownership::own));

bool stuck(void (*operation)(AbstractLocks&), AbstractLocks& locks) {
  try {
    operation(locks);
  } catch (const redoubt::Stuck&) {
    return true;
  }
  return false;
}

// Random calls, wrong ones too; only the lock order is asserted in the log alone, so those calls are left
// out.
RC_GTEST_PROP(OneCpu, StateAndLogAgree, ()) {
  Concrete domain;
  State state(domain, ModelParams::pool_base);
  AbstractLocks abstract(state);
  auto view = std::make_unique<View<256>>();
  LockLog<256> log(*view);
  Alone nobody;
  for (unsigned i = 0; i < 30; ++i) {
    const Family& family = kFamilies[*rc::gen::inRange<std::size_t>(0, std::size(kFamilies))];
    const bool take = *rc::gen::arbitrary<bool>();
    const bool held = view->lock(family.id).status != Ownership::not_held;
    if (take && !held && !log.order_allows(family.id)) {
      continue;
    }
    const bool refused = stuck(take ? family.acquire : family.release, abstract);
    RC_ASSERT(refused == (take ? held : !held));
    const auto outcome = take ? log.acquire(family.id, nobody) : log.release(family.id);
    RC_ASSERT(refused == (outcome != spec::lock::Stuck::no));
    for (u64 id = CORE_ID; id < ID_END; ++id) {
      RC_ASSERT(state.lock.read(id, 0) == static_cast<u64>(view->lock(id).status));
    }
    if (!refused) {
      RC_ASSERT(state.tstate == view->tstate);
    }
  }
}

}  // namespace
}  // namespace redoubt::test
