// SPDX-License-Identifier: BSD-3-Clause
// Which recorded events are steps of a critical section, as the specification lists them.
#pragma once
#include "machine/model/event.hpp"
#include "spec/machine/state.hpp"

namespace redoubt {

// The step that an event is; `store` also for what is no step, see is_step.
constexpr spec::Step step_of(EventKind kind) {
  switch (kind) {
    case EventKind::dsb_ishst:
      return spec::Step::dsb_ishst;
    case EventKind::dsb_ish:
      return spec::Step::dsb_ish;
    case EventKind::isb:
      return spec::Step::isb;
    case EventKind::tlbi_ipas2e1is:
      return spec::Step::tlbi_ipas2e1is;
    case EventKind::tlbi_vmalle1is:
      return spec::Step::tlbi_vmalle1is;
    case EventKind::tlbi_vmalls12e1is:
      return spec::Step::tlbi_vmalls12e1is;
    case EventKind::spt_store:
      return spec::Step::spt_store;
    case EventKind::spt_zero:
      return spec::Step::spt_clear;
    case EventKind::dsb_st:
      return spec::Step::dsb_st;
    case EventKind::smmu_tlbi_iova:
      return spec::Step::smmu_tlbi_iova;
    case EventKind::smmu_tlbi_bank:
      return spec::Step::smmu_tlbi_bank;
    case EventKind::smmu_tlb_sync:
      return spec::Step::smmu_tlb_sync;
    default:
      return spec::Step::store;
  }
}
constexpr bool is_step(EventKind kind) {
  return kind == EventKind::pt_store || step_of(kind) != spec::Step::store;
}

}  // namespace redoubt
