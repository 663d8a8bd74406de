// SPDX-License-Identifier: BSD-3-Clause
// The code of the base primitives on a model machine whose registers all hold different values.
#pragma once
#include "core/machine/abstract_machine.hpp"
#include "machine/model/model_machine.hpp"
#include "tests/property/registry/cpu_world.hpp"

namespace redoubt::test {

using P = ModelParams;
using Machine = ModelMachine<Concrete, P>;
using Code = AbstractMachine<Machine>;
using Vm = VmId<u64>;
using Vcpu = VcpuId<u64>;

// Every register of every context and of the CPU has a value that no other has. `vmid`, `vcpuid` is loaded.
inline State<P> full_state(Concrete& domain, u64 vmid, u64 vcpuid) {
  State<P> s = boot_state<P>(domain);
  boot_cpu(s, domain);
  for (u64 id = 0; id < CTXT_POOL_SIZE; ++id) {
    fill_registers(s, id, 0);
  }
  s.cpu.curid = 3;
  s.cpu.cur_vmid = vmid;
  s.cpu.cur_vcpuid = vcpuid;
  return s;
}

struct Rig {
  explicit Rig(u64 vmid = 2, u64 vcpuid = 5) : start(full_state(domain, vmid, vcpuid)) {}

  u64 hw(u64 number) { return machine.cpu().hw.read(0, number); }
  u64 saved(u64 vmid, u64 vcpuid, u64 number) { return machine.cpu().shadow.read(vmid * 8 + vcpuid, number); }

  Concrete domain;
  State<P> start;
  Machine machine{domain, start};
  Code code{machine};
};

// Numbers of all registers.
inline std::vector<u64> all_registers() {
  std::vector<u64> all;
  for (const ContextRegister& r : kContext) {
    for (u64 n = r.number; n < r.number + r.count; ++n) {
      all.push_back(n);
    }
  }
  return all;
}

// Number of the register with that name; x and q by their family.
inline u64 number_of(std::string_view name) {
  for (const ContextRegister& r : kContext) {
    if (r.name == name) {
      return r.number;
    }
  }
  throw std::invalid_argument(std::string("no register ") + std::string(name));
}

}  // namespace redoubt::test
