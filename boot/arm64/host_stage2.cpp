// SPDX-License-Identifier: BSD-3-Clause
// The host's stage-2 translation over the layers: one tower on the hardware machine, filled on fault.
#include "boot/arm64/host_stage2.hpp"

#include "boot/arm64/core_machine.hpp"
#include "boot/arm64/services.hpp"
#include "boot/layout.hpp"

namespace redoubt {
namespace {

using HostMachine = CoreMachine;
using Tower = CoreTower;
static_assert(SmmuTableMachine<HostMachine> && !SmmuMachine<HostMachine>);  // tables, no invalidation yet

constinit el2::CoreState& state = core_state;
constinit std::array<el2::CoreState::Window, 24> windows{};
constexpr VmId<u64> kHost{HOSTVISOR};

void set_up_pools(Range core_data) {
  state.pool_base = core_data.base + kPoolsOffset;
  for (u64 v = 0; v < PRINCIPALS; ++v) {
    const Pool<u64> pool = pool_of<QemuVirtParams>(state.pool_base, VmId<u64>(v));
    state.next[v] = {pool.pgd.raw, pool.pud.raw, pool.pmd.raw};
  }
}

// Written at boot, so that the records lie in .bss.
consteval auto first_core_words() { return RecordMemory{}.core; }

// Empty tables; no bank has an owner. SMMUv3 has no context banks: each stands for a stream table entry with
// a stage-2 table of its own, for which the core keeps eight roots.
void set_up_smmu(BootInfo const& info) {
  el2::SmmuRecords& smmu = state.smmu;
  const SmmuPool<u64> pool = smmu_pool_of<QemuVirtParams>(state.pool_base);
  smmu.next = {pool.pgd.raw, pool.pmd.raw};
  smmu.stamps = info.core_data.base + kSmmuStampsOffset;
  smmu.owner.fill(INVALID);
  if (info.smmu_present) {
    smmu.units[0] = {board->smmu.base, board->smmu.size, SMMU_NUM_CTXT_BANKS, 16};  // 64 KiB pages
    smmu.count = 1;
  }
}

void set_up_regions(BootInfo const& info) {
  state.pages = info.core_data.base + kOwnershipOffset;
  for (auto const& region : info.memory) {
    state.regions[state.region_count++] = {region.base, region.size, state.page_count};
    state.page_count += region.size / PAGE_SIZE;
  }
  std::size_t count = 0;
  for (auto const& window : info.host_devices) {
    windows[count++] = {window.base, window.size};
  }
  state.host_windows = {windows.data(), count};
}

// The ownership array starts as all zero: every page the host's. What the core keeps becomes its own.
void take_ownership(Tower& tower, Range core) {
  tower.acquire_lock_s2page();
  for (u64 at = core.base; at < core.end(); at += PAGE_SIZE) {
    tower.set_pfn_owner(Pfn<u64>(at >> PAGE_SHIFT), COREVISOR);
  }
  tower.release_lock_s2page();
}

// The mailboxes of the VMs stay the core's, and the host sees them (R23).
void share_mailboxes(Tower& tower) {
  const Range all{state.mailboxes + MAILBOX_PAGES * PAGE_SIZE, MAX_VM_NUM * MAILBOX_PAGES * PAGE_SIZE};
  tower.acquire_lock_s2page();
  for (u64 at = all.base; at < all.end(); at += PAGE_SIZE) {
    tower.set_pfn_count(Pfn<u64>(at >> PAGE_SHIFT), 1);
  }
  tower.release_lock_s2page();
}

// Every CPU has the host loaded, in the context of its own number.
void set_up_contexts() {
  for (u64 cpu = 0; cpu < TOTAL_CPU; ++cpu) {
    state.cpu.loaded[cpu].vmid = HOSTVISOR;
    state.cpu.loaded[cpu].vcpuid = cpu;
  }
}

// Calls `act`, with s2page held, if the host owns the page of `address`.
template <class Act>
bool if_host_owns(u64 address, Act act) {
  HostMachine machine(state);
  Tower tower(machine);
  tower.acquire_lock_s2page();
  const bool owned = tower.get_pfn_owner(Pfn<u64>(address >> PAGE_SHIFT)) == HOSTVISOR;
  if (owned) {
    act();
  }
  tower.release_lock_s2page();
  return owned;
}

u64 table_pages(u64 v) {
  const Pool<u64> pool = pool_of<QemuVirtParams>(state.pool_base, VmId<u64>(v));
  const u64 bytes =
      state.next[v][0] - pool.pgd.raw + state.next[v][1] - pool.pud.raw + state.next[v][2] - pool.pmd.raw;
  return 1 + bytes / PAGE_SIZE;
}

// Empties the hardware's root tables from principal `first` on, for all CPUs.
void revoke(u64 first) {
  for (u64 v = first; v < PRINCIPALS; ++v) {
    const u64 roots = pool_of<QemuVirtParams>(state.pool_base, VmId<u64>(v)).pgd.raw;
    for (u64 entry = 0; entry < 2 * PAGE_SIZE; entry += 8) {
      el2::store<u64>(roots + entry, 0);
    }
  }
  el2::dsb_ish();
  el2::tlbi_alle1is();
  el2::dsb_ish();
  el2::isb();
}

}  // namespace

constinit el2::CoreState core_state{};
constinit HostStage2 host_stage2;

void HostStage2::init(BootInfo const& info) {
  set_up_pools(info.core_data);
  set_up_smmu(info);
  set_up_regions(info);
  set_up_contexts();
  state.records.core = first_core_words();
  state.mailboxes = info.core_data.base + kMailboxesOffset;
  HostMachine machine(state);
  Tower tower(machine);
  take_ownership(tower, info.core_image);
  take_ownership(tower, info.core_data);
  share_mailboxes(tower);
  tower.init_s2pt(kHost);
}

std::uint64_t HostStage2::vttbr() const { return HostMachine::hardware_vttbr(state.pool_base, kHost); }

bool HostStage2::handle_fault(std::uint64_t ipa) {
  HostMachine machine(state);
  Tower tower(machine);
  oracle::begin<kCheckedCore>();
  const Status status = tower.map_page_host(Ipa<u64>(ipa));
  oracle::end<kCheckedCore>(oracle::Primitive::map_page_host, ipa, status);
  if (status == Status::ok) {
    const bool block = tower.get_level_s2pt(kHost, Ipa<u64>(ipa)) == Level::block;
    count(block ? REDOUBT_COUNTER_HOST_BLOCKS_2M : REDOUBT_COUNTER_HOST_PAGES_4K);
  }
  return succeeded(status);
}

std::uint64_t HostStage2::table_pages() const { return redoubt::table_pages(HOSTVISOR); }

HostStage2::VmTotals HostStage2::vm_totals() const {
  VmTotals totals{.vmids = state.records.core[static_cast<u64>(CoreField::next_vmid)] - 1};
  const u64 free = state.records.core[static_cast<u64>(CoreField::free_vmids)];
  constexpr u64 owned = static_cast<u64>(VmField::total) + static_cast<u64>(VmTotal::owned);
  for (u64 v = 1; v <= MAX_VM_NUM; ++v) {
    totals.vmids -= free >> v & 1;
    totals.pages += state.records.vms[v][owned];
    totals.table_pages += redoubt::table_pages(v) - 1;
  }
  return totals;
}

bool HostStage2::host_owns(std::uint64_t address) {
  return if_host_owns(address, [] {});
}

bool HostStage2::read_host_word(std::uint64_t address, std::uint64_t& word) {
  return if_host_owns(address, [&] { word = el2::load<u64>(address); });
}

void HostStage2::revoke_guests() { revoke(HOSTVISOR + 1); }

void HostStage2::revoke_all() {
  if (state.pool_base == 0) {
    return;  // stopped before there were tables, so before the host
  }
  revoke(HOSTVISOR);
}

}  // namespace redoubt
