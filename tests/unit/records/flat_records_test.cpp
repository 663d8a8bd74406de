// SPDX-License-Identifier: BSD-3-Clause
// The records in flat memory, as the EL2 and the bench machine keep them: after random stores every getter
// gives what the specification says, so no two fields share a word.
#include <gtest/gtest.h>

#include "core/machine/abstract_machine.hpp"
#include "machine/bench/bench_machine.hpp"
#include "spec/machine/abstract_machine.hpp"
#include "tests/property/registry/states.hpp"

namespace redoubt::test {
namespace {

using P = ModelParams;
using Machine = BenchMachine<P>;
using Code = AbstractMachine<Machine>;
using Spec = spec::AbstractMachine<Concrete, P>;
using V = VmId<u64>;
using C = VcpuId<u64>;
using I = LoadIndex<u64>;

// One setter by number, on code or specification.
template <class L>
void store(L& l, u64 which, V v, C c, I i, u64 value) {
  const u64 narrow = value & INVALID;
  switch (which) {
    case 0:
      return l.set_vm_state(v, narrow);
    case 1:
      return l.set_vcpu_state(v, c, narrow);
    case 2:
      return l.set_vm_kvm(v, value);
    case 3:
      return l.set_vm_vcpu(v, c, value);
    case 4:
      return l.set_vm_next_load_idx(v, narrow);
    case 5:
      return l.set_vm_load_addr(v, i, Ipa<u64>(value));
    case 6:
      return l.set_vm_load_size(v, i, value);
    case 7:
      return l.set_vm_remap_addr(v, i, CoreVa<u64>(value));
    case 8:
      return l.set_vm_mapped_pages(v, i, value);
    case 9:
      return l.set_vm_inc_exe(v, narrow);
    case 10:
      return l.set_next_vmid(V(narrow));
    default:
      return l.set_next_remap_ptr(CoreVa<u64>(value));
  }
}

// Everything that can be read, in a fixed order.
template <class L>
std::vector<u64> all(L& l) {
  std::vector<u64> words{l.get_next_vmid().raw, l.get_next_remap_ptr().raw};
  for (u64 v = 0; v < PRINCIPALS; ++v) {
    for (const u64 word :
         {l.get_vm_state(V(v)), l.get_vm_kvm(V(v)), l.get_vm_next_load_idx(V(v)), l.get_vm_inc_exe(V(v))}) {
      words.push_back(word);
    }
    for (u64 c = 0; c < VCPU_PER_VM; ++c) {
      words.push_back(l.get_vm_vcpu(V(v), C(c)));
      words.push_back(l.get_vcpu_state(V(v), C(c)));
    }
    for (u64 i = 0; i < MAX_LOAD_INFO_NUM; ++i) {
      words.push_back(l.get_vm_load_addr(V(v), I(i)).raw);
      words.push_back(l.get_vm_load_size(V(v), I(i)));
      words.push_back(l.get_vm_remap_addr(V(v), I(i)).raw);
      words.push_back(l.get_vm_mapped_pages(V(v), I(i)));
    }
  }
  return words;
}

TEST(FlatRecords, HoldWhatTheSpecificationHolds) {
  std::vector<u64> pool(pools_size<P>() / 8);
  auto machine = Machine::make({pool, P::pool_base, {}, 0});
  ASSERT_TRUE(machine);
  Code code(*machine);
  Concrete domain;
  State<P> state = boot_state<P>(domain);
  for (u64 id = 0; id < ID_END; ++id) {
    state.lock.write(id, 0, spec::LOCK_OWN_TRUE);
  }
  Spec spec(state);
  ASSERT_EQ(all(code), all(spec)) << "at boot";
  std::mt19937_64 draw(1);
  for (unsigned n = 0; n < 4000; ++n) {
    const u64 which = draw() % 12, value = draw();
    const V v(draw() % PRINCIPALS);
    const C c(draw() % VCPU_PER_VM);
    const I i(draw() % MAX_LOAD_INFO_NUM);
    store(code, which, v, c, i, value);
    store(spec, which, v, c, i, value);
    if (n % 100 == 0) {
      ASSERT_EQ(all(code), all(spec)) << "after " << n;
    }
  }
  EXPECT_EQ(all(code), all(spec));
}

}  // namespace
}  // namespace redoubt::test
