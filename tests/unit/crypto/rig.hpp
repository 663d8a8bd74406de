// SPDX-License-Identifier: BSD-3-Clause
// A model machine whose state can be looked at and spoilt between calls, as the host can.
#pragma once
#include <gtest/gtest.h>

#include "core/registry/tower.hpp"
#include "tests/property/registry/checks.hpp"

namespace redoubt::test {

using P = ModelParams;
using Machine = ModelMachine<Concrete, P>;
using Code = AbstractMachine<Machine>;
using Spec = spec::AbstractMachine<Concrete, P>;
using V = VmId<u64>;
using C = VcpuId<u64>;
using F = Pfn<u64>;

class Rig : public testing::Test {
 protected:
  Rig() {
    boot_cpu(s_, domain_);
    for (u64 v = 0; v < PRINCIPALS; ++v) {
      for (u64 i = 0; i < 4; ++i) {
        s_.content.vm_key.write(v, i, mixed(7, v, i));
      }
    }
  }

  // One call of the code; the state is what the machine left.
  template <class Call>
  auto run(Call call) {
    Machine machine(domain_, s_);
    Code code(machine);
    const auto result = call(code);
    s_ = observe(machine, s_);
    return result;
  }
  Status seal(u64 vm, u64 in, u64 out) {
    return run([&](Code& c) { return c.encrypt_mem_buf(V(vm), F(in), F(out)); });
  }
  Status open(u64 vm, u64 frame) {
    return run([&](Code& c) { return c.decrypt_mem_buf(V(vm), F(frame)); });
  }
  // Does the call give this status and change nothing at all?
  template <class Call>
  void expect_refused(Status status, Call call) {
    const State<P> before = s_;
    EXPECT_EQ(call(), status);
    EXPECT_EQ(registry::field::none, difference(before, s_)) << "something changed";
  }

  void fill(u64 frame, u64 salt) {
    for (u64 i = 0; i < 512; ++i) {
      s_.content.contents.write(frame, i, mixed(salt, frame, i));
    }
  }
  Words page(u64 frame) { return page_of(s_.content, frame); }
  void flip(Concrete::Map& map, u64 k0, u64 k1, unsigned bit) {
    map.write(k0, k1, map.read(k0, k1) ^ u64{1} << bit);
  }
  Concrete::Map& mailbox() { return s_.content.mailbox; }
  Concrete::Map& contents() { return s_.content.contents; }

  Concrete domain_;
  State<P> s_ = boot_state<P>(domain_);
};

}  // namespace redoubt::test
