// SPDX-License-Identifier: BSD-3-Clause
// R13 for guests: the level of the stage-1 walk on which the access was refused that a vCPU gets an abort
// for.
#include "boot/arm64/core_machine.hpp"
#include "boot/stage1_walk.hpp"
#include "core/machine/trap_fields.hpp"
#include "core/vcpu/vcpu_state.hpp"
#include "machine/el2/memory.hpp"

namespace redoubt {
namespace {

// The hardware machine itself: what the oracle of a debug core watches are the layers' steps, and the
// emulation below them is none.
using Tower = tower::MemoryOpsLayer<Hardware>;

// What the VM has at `ipa`. A page in the table of a VM stays the VM's while one of its vCPUs is ACTIVE.
bool read_guest_word(Tower& tower, VmId<u64> vmid, u64 ipa, u64& word) {
  if (ipa % 8 != 0 || ipa >= u64{1} << QemuVirtParams::ipa_bits) return false;
  u64 const pfn = tower.walk_to_pfn(vmid, Ipa<u64>(ipa));
  if (pfn == INVALID64) return false;
  word = el2::load<u64>(pfn << PAGE_SHIFT | (ipa & (PAGE_SIZE - 1)));
  return true;
}

}  // namespace

u64 walk_level_word(u64 vmid, u64 vcpuid) {
  auto const& saved = core_state.cpu.contexts[ctxt_id(VmId<u64>(vmid), VcpuId<u64>(vcpuid)).raw];
  if (AbortSyndrome::OnWalk::get(saved[ctxt::ESR_EL2]) == 0) return 0;
  Stage1Registers const registers{saved[ctxt::TTBR0_EL1], saved[ctxt::TTBR1_EL1], saved[ctxt::TCR_EL1]};
  u64 const page = FaultPage::Page::get(saved[ctxt::HPFAR_EL2]) << PAGE_SHIFT;
  Hardware machine(core_state);
  Tower tower(machine);
  WalkLevel const walk = find_walk_level(registers, saved[ctxt::FAR_EL2], page, [&](u64 at, u64& value) {
    return read_guest_word(tower, VmId<u64>(vmid), at, value);
  });
  return static_cast<u64>(walk.level) + 1;
}

}  // namespace redoubt
