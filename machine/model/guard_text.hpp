// SPDX-License-Identifier: BSD-3-Clause
// What a failed guard says in proofs and tests.
#pragma once
#include <string_view>

#include "core/machine/machine.hpp"

namespace redoubt {

// long: one case a guard
constexpr std::string_view guard_text(Guard guard) {
  switch (guard) {
    case Guard::vmid:
      return "vmid is a principal";
    case Guard::lock_held:
      return "the lock that protects the object is held";
    case Guard::lock_free:
      return "the lock is free and the lock order is kept";
    case Guard::in_pool:
      return "the slot lies in the principal's own pool";
    case Guard::aligned:
      return "the slot is 8-byte aligned";
    case Guard::one_leaf_store:
      return "at most one leaf store in a critical section";
    case Guard::bump_in_zone:
      return "the bump pointer lies in its zone";
    case Guard::page_index:
      return "the ownership index is in range";
    case Guard::page_state:
      return "owner, count and frame are values that a page can have";
    case Guard::region_index:
      return "the region index is in range";
    case Guard::barriers:
      return "the barrier rule of the lock is kept";
    case Guard::break_before_make:
      return "no stale translation is usable where a leaf is made or the lock is released";
    case Guard::smmu_index:
      return "the SMMU index is in range";
    case Guard::context_bank:
      return "the context bank is in range";
    case Guard::table_free:
      return "a table page that is zeroed serves no bank";
    case Guard::table_ready:
      return "a table page that is linked is zero, and a barrier orders its zeroing before the link";
    case Guard::bank_empty:
      return "the root of a bank whose pages are given back is empty";
    case Guard::vcpuid:
      return "vcpuid is below 8";
    case Guard::vm_item:
      return "item: the record of a VM has it";
    case Guard::load_index:
      return "load_idx is below 5";
    case Guard::frame:
      return "the page frame is below 2^28";
    case Guard::word32:
      return "the value fits 32 bits";
    case Guard::address:
      return "the address is inside the IPA space";
    case Guard::register_index:
      return "the index of a system register is below 256";
    case Guard::general_register:
      return "the number of a general register is below 32";
    case Guard::loaded:
      return "the one whose trap it is is loaded on this CPU";
  }
  return "unknown guard";
}

}  // namespace redoubt
