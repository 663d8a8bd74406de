// SPDX-License-Identifier: BSD-3-Clause
// The steps of vm_end.hpp.
#include "boot/arm64/vm_end.hpp"

#include <atomic>

#include "boot/arm64/core_machine.hpp"
#include "boot/arm64/host_stage2.hpp"
#include "core/page/page_state.hpp"

namespace redoubt {
namespace {

using EndTower = tower::BootOpsLayer<CoreMachine>;

constinit std::atomic<bool> ended{false};

// Out of line: tests/el2/lock_code.py knows the lock's code as it stands there.
[[gnu::noinline]] Status stop(EndTower& tower, VmId<u64> vmid) { return tower.stop_vm(vmid); }

template <class Act>
void for_each_vm(Act act) {
  for (u64 v = 1; v <= MAX_VM_NUM; ++v) act(VmId<u64>(v));
}

bool is_of_a_vm(u64 packed) {
  u64 const owner = PageState::Owner::get(packed);
  return owner != HOSTVISOR && owner <= MAX_VM_NUM;
}

void zero_pages(CoreMachine& machine) {
  for (u64 region = 0; region < machine.region_count(); ++region) {
    u64 const first = machine.region_base(region) >> PAGE_SHIFT, index = machine.region_page_index(region);
    for (u64 i = 0; i < machine.region_size(region) >> PAGE_SHIFT; ++i) {
      if (is_of_a_vm(machine.page_load(PageIndex<u64>(index + i))))
        machine.page_clear(Pfn<u64>(first + i), PAGE_SIZE);
    }
  }
}

// The contexts of host and core are the first and the last eight.
void zero_contexts(CoreMachine& machine) {
  for_each_vm([&](VmId<u64> vmid) {
    for (u64 vcpu = 0; vcpu < VCPU_PER_VM; ++vcpu) {
      ContextId<u64> const context = ctxt_id(vmid, VcpuId<u64>(vcpu));
      for (u64 word = 0; word < ctxt::WORDS; ++word) machine.shadow_store(context, word, 0);
    }
    auto const& contexts = core_state.cpu.contexts;
    auto const start = reinterpret_cast<u64>(&contexts[ctxt_id(vmid, VcpuId<u64>(0)).raw]);
    el2::clean_and_invalidate(start, VCPU_PER_VM * sizeof contexts[0]);
  });
}

}  // namespace

bool vms_have_ended() { return ended.load(std::memory_order_relaxed); }

void zero_vm_memory() {
  CoreMachine machine(core_state);
  zero_pages(machine);
  zero_contexts(machine);
}

// Who is stopped gets no page any more, so the roots stay empty; without them every vCPU faults into the core
// at its next instruction, and leaves.
void end_all_vms() {
  ended.store(true, std::memory_order_relaxed);
  CoreMachine machine(core_state);
  EndTower tower(machine);
  for_each_vm([&](VmId<u64> vmid) { (void)stop(tower, vmid); });
  host_stage2.revoke_guests();
  for_each_vm([&](VmId<u64> vmid) { machine.spin_until([&] { return stop(tower, vmid) != Status::busy; }); });
  zero_vm_memory();
}

}  // namespace redoubt
