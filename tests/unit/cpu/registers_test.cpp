// SPDX-License-Identifier: BSD-3-Clause
// The table of registers against digest 2.9 and 3.4, written down again here, and access by index.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "spec/machine/context.hpp"
#include "tests/unit/cpu/rig.hpp"

namespace redoubt::test {
namespace {

// Digest 2.9: every index that has a place, 0 to 30 apart.
const std::map<u64, std::string_view> kDigestIndices{
    {32, "pc"},        {33, "pstate"},      {35, "elr_el1"},   {36, "spsr_el1"},  {41, "far_el2"},
    {42, "hpfar_el2"}, {43, "hcr_el2"},     {44, "ec"},        {45, "dirty"},     {46, "flags"},
    {47, "mpidr_el1"}, {48, "csselr_el1"},  {49, "sctlr_el1"}, {50, "actlr_el1"}, {51, "cpacr_el1"},
    {52, "ttbr0_el1"}, {53, "ttbr1_el1"},   {54, "tcr_el1"},   {55, "esr_el1"},   {56, "afsr0_el1"},
    {57, "afsr1_el1"}, {58, "far_el1"},     {59, "mair_el1"},  {60, "vbar_el1"},  {61, "contextidr_el1"},
    {62, "tpidr_el0"}, {63, "tpidrro_el0"}, {64, "tpidr_el1"}, {65, "amair_el1"}, {66, "cntkctl_el1"},
    {67, "par_el1"},   {68, "mdscr_el1"},   {70, "elr_el2"},   {71, "spsr_0"},    {72, "esr_el2"}};
// Digest 3.4: what Ctxt has beside, and Redoubt's offset of the virtual counter.
const std::set<std::string_view> kDigestUnindexed{
    "spsr_el2",      "vmpidr_el2", "vttbr_el2", "tpidr_el2",   "sp_el0", "sp_el1", "pmselr_el0",
    "pmuserenr_el0", "mdcr_el2",   "cptr_el2",  "cnthctl_el2", "fpsr",   "fpcr",   "cntvoff_el2"};

TEST(CpuRegisters, TheTableIsTheDigests) {
  std::map<u64, std::string_view> indexed;
  std::set<std::string_view> unindexed;
  for (const ContextRegister& r : kContext) {
    if (r.name == "x") {
      EXPECT_EQ(r.number, 0u);
      EXPECT_EQ(r.count, 31u);
    } else if (r.name == "q") {
      EXPECT_GE(r.number, 73u);
      EXPECT_EQ(r.count, 64u);
    } else if (r.number < 73) {
      EXPECT_TRUE(indexed.emplace(r.number, r.name).second) << r.name;
    } else {
      EXPECT_TRUE(unindexed.insert(r.name).second) << r.name;
    }
  }
  EXPECT_EQ(indexed, kDigestIndices);
  EXPECT_EQ(unindexed, kDigestUnindexed);
}

TEST(CpuRegisters, SpecificationAndCodeNumberAlike) {
  const std::map<std::string_view, u64> specified{{"spsr_el2", spec::reg::spsr_el2},
                                                  {"vmpidr_el2", spec::reg::vmpidr_el2},
                                                  {"vttbr_el2", spec::reg::vttbr_el2},
                                                  {"tpidr_el2", spec::reg::tpidr_el2},
                                                  {"sp_el0", spec::reg::sp_el0},
                                                  {"sp_el1", spec::reg::sp_el1},
                                                  {"cntvoff_el2", spec::reg::cntvoff_el2},
                                                  {"pmselr_el0", spec::reg::pmselr_el0},
                                                  {"pmuserenr_el0", spec::reg::pmuserenr_el0},
                                                  {"mdcr_el2", spec::reg::mdcr_el2},
                                                  {"cptr_el2", spec::reg::cptr_el2},
                                                  {"cnthctl_el2", spec::reg::cnthctl_el2},
                                                  {"fpsr", spec::reg::fpsr},
                                                  {"fpcr", spec::reg::fpcr},
                                                  {"q", spec::reg::q0_low},
                                                  {"x", spec::reg::x0},
                                                  {"pc", spec::reg::pc},
                                                  {"esr_el2", spec::reg::esr_el2},
                                                  {"mdscr_el1", spec::reg::mdscr_el1},
                                                  {"esr_el1", spec::reg::esr_el1}};
  for (const auto& [name, number] : specified) {
    EXPECT_EQ(number_of(name), number) << name;
  }
  for (u64 i = 0; i < 400; ++i) {
    const bool listed = i <= 30 || kDigestIndices.contains(i);
    EXPECT_EQ(is_context_index(i), listed) << i;
    EXPECT_EQ(spec::reg::indexed(i), listed) << i;
  }
  EXPECT_FALSE(is_context_index(INVALID64));
  EXPECT_FALSE(spec::reg::indexed(INVALID64));
}

TEST(CpuRegisters, EveryIndexReadsAndWritesItsOwnPlace) {
  for (u64 i = 0; i < 80; ++i) {
    Rig rig;
    const bool listed = i <= 30 || kDigestIndices.contains(i);
    const u64 before = rig.start.cpu.shadow.read(2 * 8 + 1, i);
    EXPECT_EQ(rig.code.get_shadow_ctxt(Vm(2), Vcpu(1), i), listed ? before : 0) << i;
    rig.code.set_shadow_ctxt(Vm(2), Vcpu(1), i, 0x1234);
    EXPECT_EQ(rig.code.get_shadow_ctxt(Vm(2), Vcpu(1), i), listed ? 0x1234u : 0u) << i;
    for (u64 id = 0; id < CTXT_POOL_SIZE; ++id) {
      for (const u64 n : all_registers()) {
        const bool here = listed && id == 17 && n == i;
        ASSERT_EQ(rig.machine.cpu().shadow.read(id, n), here ? 0x1234 : rig.start.cpu.shadow.read(id, n))
            << i << " at " << id << ", " << n;
      }
    }
  }
}

TEST(CpuRegisters, ArgumentsOutOfRangeAreStuck) {
  Rig rig;
  EXPECT_THROW(rig.code.get_shadow_ctxt(Vm(17), Vcpu(0), 0), Refuted);
  EXPECT_THROW(rig.code.get_shadow_ctxt(Vm(16), Vcpu(8), 0), Refuted);
  EXPECT_THROW(rig.code.set_int_gpr(Vm(1), Vcpu(0), 32, 0), Refuted);
  EXPECT_THROW(rig.code.get_int_gpr(Vm(1), Vcpu(0), 32), Refuted);
  EXPECT_THROW(rig.code.get_sys_reg_desc_val(256), Refuted);
  EXPECT_THROW(rig.code.set_per_cpu(Vm(1), Vcpu(8)), Refuted);
  EXPECT_TRUE(rig.machine.events().empty());
}

}  // namespace
}  // namespace redoubt::test
