// SPDX-License-Identifier: BSD-3-Clause
// Specification of layer 19, BootCore (upper digest 1.5): VMIDs.
#pragma once
#include "spec/vm/vm_power.hpp"

namespace redoubt::spec {

template <ValueDomain D, class P>
class BootCore : public VmPower<D, P> {
 public:
  using Base = VmPower<D, P>;
  using Base::Base;
  using typename Base::Bool;
  using typename Base::VmId;
  using typename Base::Word;

  // One that was never given, else the highest that was given back.
  VmId gen_vmid() {
    this->acquire_lock_core();
    VmId vmid{Word(0)};
    if (!s.halt) {
      vmid = next();
    }
    this->release_lock_core();
    return vmid;
  }
  void free_vmid(VmId vmid) {
    if (!this->guest(vmid)) {
      return;
    }
    this->acquire_lock_core();
    for (u64 v = 1; v < 16 && !s.halt; ++v) {
      const Word with = s.records.free_vmids | Word(u64{1} << v);
      s.records.free_vmids = select(vmid.raw == Word(v), with, s.records.free_vmids);
    }
    this->release_lock_core();
  }

 protected:
  using Base::s;

 private:
  VmId next() {
    auto& r = s.records;
    if (r.next_vmid < Word(16)) {
      const VmId fresh(r.next_vmid);
      r.next_vmid = r.next_vmid + Word(1);
      return fresh;
    }
    for (u64 v = 15; v > 0; --v) {
      const Word bit(u64{1} << v);
      if ((r.free_vmids & bit) != Word(0)) {
        r.free_vmids = r.free_vmids - bit;
        return VmId(Word(v));
      }
    }
    return VmId(Word(INVALID));
  }
};

}  // namespace redoubt::spec
