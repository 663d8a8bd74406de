// SPDX-License-Identifier: BSD-3-Clause
// What the model machine records: every effect, in order.
#pragma once
#include <cstdint>

namespace redoubt {

enum class EventKind : std::uint8_t {
  incr_ticket,
  get_now,
  hold_lock,
  barrier,
  incr_now,
  pull,
  publish,
  pt_store,
  set_next,
  pool_reset,
  page_store,
  dsb_ishst,
  dsb_ish,
  isb,
  tlbi_ipas2e1is,
  tlbi_vmalle1is,
  tlbi_vmalls12e1is,
  spt_store,
  spt_zero,
  set_spt_next,
  set_spt_stamp,
  set_spt_generation,
  set_smmu_vmid,
  dsb_st,
  smmu_tlbi_iova,
  smmu_tlbi_bank,
  smmu_tlb_sync,
  set_core_word,
  set_vm_word,
  page_contents,
  hash,
  mailbox_store,
  set_seal_version,
  data_oracle,
  shadow_store,
  hw_write,
  set_cur,
  show_host,
  device_read,
  device_write,
  guest_event,
};

// One effect. `who` is a vmid, a lock id, an SMMU bank, or an ownership index; `at` an address or a zone.
// `epoch` counts the barriers before a store within its critical section: stores of one epoch may become
// visible in any order.
template <class W>
struct Event {
  EventKind kind{};
  W who{}, at{}, value{};
  unsigned epoch = 0;
};

}  // namespace redoubt
