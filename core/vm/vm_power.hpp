// SPDX-License-Identifier: BSD-3-Clause
// Layer 18, VMPower: ending a VM, and whether anything of it still runs (upper digest 1.4).
#pragma once
#include "core/machine/constants.hpp"
#include "core/machine/fault.hpp"
#include "core/machine/types.hpp"
#include "core/vm/vm_state.hpp"

namespace redoubt {

// POWEROFF is one state of the VM, not a flag beside it: no vCPU enters from then on, and those that run
// leave at their next exit.
//   INV-VM-7  a vCPU is ACTIVE only in a VM that is VERIFIED or POWEROFF
template <class Lower>
class VmPower : public Lower {
 public:
  using Lower::Lower;
  using typename Lower::Bool;
  using typename Lower::VcpuId;
  using typename Lower::VmId;
  using typename Lower::Word;

  // Ends the VM. unchanged: has ended. not_found: there is none. Locks: takes vm(v).
  Status set_vm_poweroff(VmId vmid) {
    if (!bool(is_vm(vmid))) {
      return Status::invalid_parameter;
    }
    this->acquire_lock_vm(vmid);
    const Status status = end(vmid);
    this->release_lock_vm(vmid);
    return status;
  }

  // 0: the VM has ended. Stuck: V. Locks: takes vm(v).
  Word get_vm_poweron(VmId vmid) {
    this->acquire_lock_vm(vmid);
    const Word state = this->get_vm_state(vmid);
    this->release_lock_vm(vmid);
    return select(state == Word(vm_state::POWEROFF), Word(0), Word(1));
  }

  // set_vm_poweroff by the host. busy: the VM has ended, but a vCPU still runs, or it is still being made:
  // call again. Redoubt's own.
  Status stop_vm(VmId vmid) {
    if (!bool(is_vm(vmid))) {
      return Status::invalid_parameter;
    }
    this->acquire_lock_vm(vmid);
    Status status = Status::busy;
    if (Lower::seeded(Fault::unfinished_vm_stopped) || this->get_vm_state(vmid) != Word(vm_state::MAPPED)) {
      status = end(vmid);
    }
    if (succeeded(status)) {
      status = bool(is_quiet(vmid)) ? Status::ok : Status::busy;
    }
    this->release_lock_vm(vmid);
    return status;
  }

 protected:
  // Does no vCPU run? Lock vm(v) held.
  Bool is_quiet(VmId vmid) {
    const Word last(Lower::seeded(Fault::last_vcpu_ignored) ? VCPU_PER_VM - 1 : VCPU_PER_VM);
    return this->for_all(
        last, [&](Word c) { return this->get_vcpu_state(vmid, VcpuId(c)) != Word(vm_state::ACTIVE); });
  }

 private:
  Status end(VmId vmid) {
    const Word state = this->get_vm_state(vmid);
    if (state == Word(vm_state::UNUSED)) {
      return Status::not_found;
    }
    if (state == Word(vm_state::POWEROFF)) {
      return Status::unchanged;
    }
    this->set_vm_state(vmid, Word(vm_state::POWEROFF));
    return Status::ok;
  }
};

}  // namespace redoubt
