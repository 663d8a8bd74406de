// SPDX-License-Identifier: BSD-3-Clause
// The world switch: each mover carries exactly the registers listed here, and a whole switch leaves nothing
// of one principal in the registers of another.
#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "tests/unit/cpu/rig.hpp"

namespace redoubt::test {
namespace {

// The 25 EL1 and EL0 system registers of digest 3.4, mpidr_el1 apart.
const std::vector<std::string_view> kSystem{
    "csselr_el1", "sctlr_el1",   "cpacr_el1",   "ttbr0_el1", "ttbr1_el1", "tcr_el1",
    "afsr0_el1",  "afsr1_el1",   "far_el1",     "mair_el1",  "vbar_el1",  "contextidr_el1",
    "amair_el1",  "cntkctl_el1", "par_el1",     "tpidr_el1", "spsr_el1",  "mdscr_el1",
    "sp_el0",     "tpidr_el0",   "tpidrro_el0", "actlr_el1", "sp_el1",    "elr_el1"};

using Pairs = std::set<std::pair<u64, u64>>;  // where it goes, where it comes from

Pairs same(const std::vector<std::string_view>& names) {
  Pairs pairs;
  for (const std::string_view name : names) {
    pairs.insert({number_of(name), number_of(name)});
  }
  return pairs;
}
Pairs range(u64 first, u64 last) {
  Pairs pairs;
  for (u64 n = first; n <= last; ++n) {
    pairs.insert({n, n});
  }
  return pairs;
}
Pairs join(Pairs a, const Pairs& b) {
  a.insert(b.begin(), b.end());
  return a;
}

const Pairs kGeneral = range(0, 30);
const Pairs kFault = same({"esr_el2", "ec", "far_el2", "hpfar_el2"});
const Pairs kFp = join(range(number_of("q"), number_of("q") + 63), same({"fpsr", "fpcr"}));
const Pairs kSaved = join(same(kSystem), {{number_of("esr_el1"), number_of("esr_el1")},
                                          {number_of("mpidr_el1"), number_of("vmpidr_el2")},
                                          {number_of("pc"), number_of("elr_el2")},
                                          {number_of("pstate"), number_of("spsr_el2")}});
const Pairs kLoaded = join(join(same(kSystem), kFault), {{number_of("esr_el1"), number_of("esr_el1")},
                                                         {number_of("vmpidr_el2"), number_of("mpidr_el1")},
                                                         {number_of("mpidr_el1"), number_of("mpidr_el1")},
                                                         {number_of("elr_el2"), number_of("pc")},
                                                         {number_of("spsr_el2"), number_of("pstate")}});

using Mover = void (Code::*)();

// After `mover`, the loaded context (or the CPU) has exactly these, and everything else is as it was.
void expect_moves(Mover mover, const Pairs& pairs, bool to_shadow) {
  Rig rig(2, 5);
  (rig.code.*mover)();
  Pairs moved;
  for (const u64 to : all_registers()) {
    for (const u64 from : all_registers()) {
      const u64 value = to_shadow ? rig.start.cpu.hw.read(0, from) : rig.start.cpu.shadow.read(21, from);
      if ((to_shadow ? rig.saved(2, 5, to) : rig.hw(to)) == value) {
        moved.insert({to, from});
      }
    }
  }
  EXPECT_EQ(moved, pairs);
  for (const u64 n : all_registers()) {
    const bool target = std::any_of(pairs.begin(), pairs.end(), [&](const auto& p) { return p.first == n; });
    if (to_shadow || !target) {
      EXPECT_EQ(rig.hw(n), rig.start.cpu.hw.read(0, n)) << n;
    }
    for (u64 id = 0; id < CTXT_POOL_SIZE; ++id) {
      if (id != 21 || !to_shadow || !target) {
        ASSERT_EQ(rig.machine.cpu().shadow.read(id, n), rig.start.cpu.shadow.read(id, n)) << id << ", " << n;
      }
    }
  }
}

TEST(CpuSwitch, MoversCarryExactlyTheirRegisters) {
  ASSERT_EQ(kSystem.size(), 24u);
  ASSERT_EQ(kSaved.size(), 28u);   // 25 of the digest, PC, PSTATE, ESR_EL1 (W5)
  ASSERT_EQ(kLoaded.size(), 33u);  // 32 of the digest, ESR_EL1
  expect_moves(&Code::host_to_core, kGeneral, true);
  expect_moves(&Code::vm_to_core, kGeneral, true);
  expect_moves(&Code::core_to_host, kGeneral, false);
  expect_moves(&Code::core_to_vm, kGeneral, false);
  expect_moves(&Code::exit_populate_fault, kFault, true);
  expect_moves(&Code::save_sysregs, kSaved, true);
  expect_moves(&Code::restore_sysregs, kLoaded, false);
  expect_moves(&Code::fpsimd_save_state, kFp, true);
  expect_moves(&Code::fpsimd_restore_state, kFp, false);
  expect_moves(&Code::timer_set_cntvoff, same({"cntvoff_el2"}), false);
}

// What software at EL1 and EL0 can write itself.
std::vector<u64> writable_at_el1() {
  std::vector<u64> all;
  for (const Pairs& pairs : {kGeneral, kFp, same(kSystem), same({"esr_el1"})}) {
    for (const auto& [to, from] : pairs) {
      all.push_back(to);
    }
  }
  return all;
}

// A principal runs: it changes all it can, and traps with a state of its own.
template <u64... Numbers>
void scribble(Machine& m, u64 salt) {
  const auto write = [&]<std::size_t... I>(std::index_sequence<I...>) {
    const auto one = [&]<u64 N>() {
      if constexpr (is_register(N)) {
        const auto all = writable_at_el1();
        if (std::find(all.begin(), all.end(), N) != all.end()) {
          m.template hw_write<N>(mixed(salt, N, 99));
        }
      }
    };
    (one.template operator()<I>(), ...);
  };
  write(std::make_index_sequence<ctxt::WORDS>{});
  m.template hw_write<ctxt::ELR_EL2>(mixed(salt, 70, 98));
  m.template hw_write<ctxt::SPSR_EL2>(mixed(salt, 73, 98));
  m.template hw_write<ctxt::ESR_EL2>(mixed(salt, 72, 98));
  m.template hw_write<ctxt::FAR_EL2>(mixed(salt, 41, 98));
  m.template hw_write<ctxt::HPFAR_EL2>(mixed(salt, 42, 98));
}

void leave_host(Code& c) {
  c.host_to_core();
  c.exit_populate_fault();
  c.save_sysregs();
  c.fpsimd_save_state();
}
void enter_vm(Code& c, u64 vmid, u64 vcpuid) {
  c.set_per_cpu(Vm(vmid), Vcpu(vcpuid));
  c.vm_el2_restore_state();
  c.timer_enable_traps();
  c.timer_set_cntvoff();
  c.activate_traps();
  c.restore_sysregs();
  c.fpsimd_restore_state();
  c.core_to_vm();
}
void leave_vm(Code& c) {
  c.vm_to_core();
  c.exit_populate_fault();
  c.save_sysregs();
  c.fpsimd_save_state();
  c.deactivate_traps();
}
void enter_host(Code& c) {
  c.set_per_cpu(Vm(HOSTVISOR), Vcpu(0));
  c.host_el2_restore_state();
  c.timer_set_cntvoff();
  c.restore_sysregs();
  c.fpsimd_restore_state();
  c.core_to_host();
}

std::map<u64, u64> registers(Rig& rig) {
  std::map<u64, u64> values;
  for (const u64 n : all_registers()) {
    values[n] = rig.hw(n);
  }
  return values;
}

TEST(CpuSwitch, HostAndGuestKeepTheirRegistersAndSeeNoOthers) {
  Rig rig(HOSTVISOR, 3);
  scribble(rig.machine, 1);
  const auto host = registers(rig);
  leave_host(rig.code);
  enter_vm(rig.code, 4, 2);
  const auto entered = registers(rig);
  std::set<u64> of_host;
  for (const u64 n : writable_at_el1()) {
    of_host.insert(host.at(n));
  }
  for (const auto& [n, value] : entered) {
    EXPECT_FALSE(of_host.contains(value)) << "the guest sees a value of the host in register " << n;
  }
  scribble(rig.machine, 2);
  const auto guest = registers(rig);
  leave_vm(rig.code);
  enter_host(rig.code);
  std::set<u64> of_guest;
  for (const u64 n : writable_at_el1()) {
    of_guest.insert(guest.at(n));
  }
  const auto back = registers(rig);
  for (const auto& [n, value] : back) {
    EXPECT_FALSE(of_guest.contains(value)) << "the host sees a value of the guest in register " << n;
  }
  for (const u64 n : writable_at_el1()) {
    EXPECT_EQ(back.at(n), host.at(n)) << "the host lost register " << n;
  }
  for (const char* n : {"elr_el2", "spsr_el2", "vmpidr_el2"}) {
    EXPECT_EQ(back.at(number_of(n)), host.at(number_of(n))) << n;
  }
  scribble(rig.machine, 3);
  leave_host(rig.code);
  enter_vm(rig.code, 4, 2);
  const auto again = registers(rig);
  for (const u64 n : writable_at_el1()) {
    EXPECT_EQ(again.at(n), guest.at(n)) << "the guest lost register " << n;
  }
}

TEST(CpuSwitch, StageTwoAndTraps) {
  Rig rig(4, 2);
  rig.code.vm_el2_restore_state();
  EXPECT_EQ(rig.hw(number_of("vttbr_el2")), rig.code.get_pt_vttbr(Vm(4)).raw);
  EXPECT_EQ(rig.hw(number_of("tpidr_el2")), rig.start.cpu.shadow.read(34, number_of("tpidr_el2")));
  EXPECT_EQ(rig.hw(number_of("hcr_el2")), mixed(3, static_cast<u64>(TrapSetting::guest_hcr), 0));
  rig.code.activate_traps();
  EXPECT_EQ(rig.hw(number_of("pmselr_el0")), 0u);
  EXPECT_EQ(rig.hw(number_of("cptr_el2")), mixed(3, static_cast<u64>(TrapSetting::guest_cptr), 0));
  rig.code.host_el2_restore_state();
  EXPECT_EQ(rig.hw(number_of("vttbr_el2")), 0x10000u);  // digest 2.3: pool_start(0), VMID 0
  EXPECT_EQ(rig.hw(number_of("tpidr_el2")), 0u);
  rig.code.deactivate_traps();
  EXPECT_EQ(rig.hw(number_of("pmuserenr_el0")), 0u);
  EXPECT_EQ(rig.hw(number_of("mdcr_el2")), mixed(3, static_cast<u64>(TrapSetting::host_mdcr), 0));
  const u64 before = rig.hw(number_of("cnthctl_el2"));
  rig.code.timer_enable_traps();
  EXPECT_EQ(rig.hw(number_of("cnthctl_el2")), (before & ~u64{3}) | 1);
}

}  // namespace
}  // namespace redoubt::test
