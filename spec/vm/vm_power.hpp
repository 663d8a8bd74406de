// SPDX-License-Identifier: BSD-3-Clause
// Specification of layer 18, VMPower (upper digest 1.4).
#pragma once
#include "spec/page/memory_ops.hpp"

namespace redoubt::spec {

// States by number: 0 none, 1 being made, 2 READY, 3 VERIFIED, 4 ended; of a vCPU: 0 none, 2 READY, 5 ACTIVE.
template <ValueDomain D, class P>
class VmPower : public MemoryOps<D, P> {
 public:
  using Base = MemoryOps<D, P>;
  using Base::Base;
  using typename Base::Bool;
  using typename Base::VmId;
  using typename Base::Word;

  Status set_vm_poweroff(VmId vmid) {
    return of_guest(vmid, [&] { return end(vmid); });
  }
  Word get_vm_poweron(VmId vmid) {
    this->acquire_lock_vm(vmid);
    const Word on = select(state(vmid) == Word(4), Word(0), Word(1));
    this->release_lock_vm(vmid);
    return s.halt ? Word(0) : on;
  }
  Status stop_vm(VmId vmid) {
    return of_guest(vmid, [&] {
      if (state(vmid) == Word(1)) {
        return Status::busy;
      }
      const Status status = end(vmid);
      if (status == Status::not_found) {
        return status;
      }
      return quiet(vmid) ? Status::ok : Status::busy;
    });
  }

 protected:
  using Base::s;

  // Runs body() in the critical section of a VM; host and core are none.
  template <class Body>
  Status of_guest(VmId vmid, Body body) {
    if (!this->guest(vmid)) {
      return Status::invalid_parameter;
    }
    this->acquire_lock_vm(vmid);
    const Status status = body();
    this->release_lock_vm(vmid);
    return status;
  }
  Word state(VmId vmid) { return s.halt ? Word(0) : s.records.vm_state.read(vmid.raw, Word(0)); }
  void become(VmId vmid, u64 next) {
    if (!s.halt) {
      s.records.vm_state.write(vmid.raw, Word(0), Word(next));
    }
  }
  // No vCPU is ACTIVE.
  Bool quiet(VmId vmid) {
    Bool all(true);
    for (u64 c = 0; c < 8; ++c) {
      all = both(all, s.records.vm_vcpu_state.read(vmid.raw, Word(c)) != Word(5));
    }
    return all;
  }

 private:
  Status end(VmId vmid) {
    if (state(vmid) == Word(0)) {
      return Status::not_found;
    }
    if (state(vmid) == Word(4)) {
      return Status::unchanged;
    }
    become(vmid, 4);
    return Status::ok;
  }
};

}  // namespace redoubt::spec
