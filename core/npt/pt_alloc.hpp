// SPDX-License-Identifier: BSD-3-Clause
// Layer 5, PTAlloc: takes zeroed table pages from the zones of a principal's pool (digest 5.5).
#pragma once
#include "core/machine/params.hpp"

namespace redoubt {

// Pages are zero when they are handed out: the pool is zeroed at boot and whenever it is taken back as a
// whole.
//
//   INV-NPT-1  pgd <= pgd_next <= pud <= pud_next <= pmd <= pmd_next <= end, all page aligned
//   INV-NPT-2  every pool word at or above its zone's bump pointer is zero
// Protected by pt(vmid).
template <class Lower>
class PtAlloc : public Lower {
 public:
  using Lower::Lower;
  using typename Lower::Bool;
  using typename Lower::Descriptor;
  using typename Lower::Pa;
  using typename Lower::VmId;
  using typename Lower::Word;

  // A free table page of the zone. Fail-stop when the zone is used up: callers acting for host or guest ask
  // first. Stuck: V, L(pt vmid), bump pointer outside its zone.
  Pa alloc_pgd_page(VmId vmid) { return alloc<Zone::pgd>(vmid); }
  Pa alloc_pud_page(VmId vmid) { return alloc<Zone::pud>(vmid); }
  Pa alloc_pmd_page(VmId vmid) { return alloc<Zone::pmd>(vmid); }

  // Would the allocation succeed? Redoubt's own, so that exhaustion is a typed error and not a halt (R3, R5).
  Bool can_alloc_pgd_page(VmId vmid) { return fits<Zone::pgd>(vmid, next<Zone::pgd>(vmid)); }
  Bool can_alloc_pud_page(VmId vmid) { return fits<Zone::pud>(vmid, next<Zone::pud>(vmid)); }
  Bool can_alloc_pmd_page(VmId vmid) { return fits<Zone::pmd>(vmid, next<Zone::pmd>(vmid)); }

 private:
  template <Zone Z>
  Pa alloc(VmId vmid) {
    const VmId owner = Lower::seeded(Fault::neighbour_pool) ? vmid + Word(1) : vmid;
    const Pa page = next<Z>(owner);
    if (!fits<Z>(owner, page)) {
      this->panic(Stop::table_pool_exhausted);
    }
    if (!Lower::seeded(Fault::bump_not_advanced)) {
      set_next<Z>(owner, page + Word(Lower::seeded(Fault::alloc_two_pages) ? 2 * PAGE_SIZE : PAGE_SIZE));
    }
    return this->check64(page);
  }

  template <Zone Z>
  Bool fits(VmId vmid, Pa page) {
    const auto pool = this->pool(vmid);
    const Pa limit = Z == Zone::pgd ? pool.pud : Z == Zone::pud ? pool.pmd : pool.end;
    if (Lower::seeded(Fault::pool_bound_off_by_one)) {
      return page <= limit;
    }
    if (Z == Zone::pmd && Lower::seeded(Fault::pmd_limit_short)) {
      return page + Word(PAGE_SIZE) < limit;
    }
    return page + Word(PAGE_SIZE) <= limit;
  }

  template <Zone Z>
  Pa next(VmId vmid) {
    if constexpr (Z == Zone::pgd) {
      return get_pgd_next(vmid);
    }
    if constexpr (Z == Zone::pud) {
      return get_pud_next(vmid);
    }
    if constexpr (Z == Zone::pmd) {
      return get_pmd_next(vmid);
    }
  }

  template <Zone Z>
  void set_next(VmId vmid, Pa value) {
    if constexpr (Z == Zone::pgd) {
      set_pgd_next(vmid, value);
    }
    if constexpr (Z == Zone::pud) {
      set_pud_next(vmid, value);
    }
    if constexpr (Z == Zone::pmd) {
      set_pmd_next(vmid, value);
    }
  }

  // hidden from here up
  using Lower::get_int_new_level;
  using Lower::get_int_run_vcpuid;
  using Lower::get_mem_region_flag;
  using Lower::get_pgd_next;
  using Lower::get_pmd_next;
  using Lower::get_pud_next;
  using Lower::get_smmu_pgshift;
  using Lower::get_vm_kvm;
  using Lower::get_vm_vcpu;
  using Lower::set_pgd_next;
  using Lower::set_pmd_next;
  using Lower::set_pt_vttbr;
  using Lower::set_pud_next;
};

}  // namespace redoubt
