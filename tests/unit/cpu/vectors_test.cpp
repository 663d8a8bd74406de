// SPDX-License-Identifier: BSD-3-Clause
// Vectors of the primitives of CPU and vCPU: code and specification give what is written here.
#include <gtest/gtest.h>

#include "spec/machine/abstract_machine.hpp"
#include "tests/unit/cpu/rig.hpp"

namespace redoubt::test {
namespace {

struct Both : Rig {
  using Rig::Rig;
  State<P> state = start;
  spec::AbstractMachine<Concrete, P> specified{state};
};

TEST(CpuVectors, DirtyBitsAddUpAndZeroClearsThem) {  // W8
  Both b;
  const auto set = [&](u64 value) {
    b.code.set_shadow_dirty_bit(Vm(1), Vcpu(0), value);
    b.specified.set_shadow_dirty_bit(Vm(1), Vcpu(0), value);
    EXPECT_EQ(b.specified.get_shadow_dirty_bit(Vm(1), Vcpu(0)), b.code.get_shadow_dirty_bit(Vm(1), Vcpu(0)));
    return b.code.get_shadow_dirty_bit(Vm(1), Vcpu(0));
  };
  EXPECT_EQ(set(0), 0u);
  EXPECT_EQ(set(u64{1} << 32), u64{1} << 32);
  EXPECT_EQ(set(8), (u64{1} << 32) | 8);
  EXPECT_EQ(set(INVALID64), INVALID64);
  EXPECT_EQ(set(0), 0u);
}

TEST(CpuVectors, SteppingOverAnInstruction) {  // W7
  for (const bool of_host : {true, false}) {
    Both b;
    const u64 pc = b.hw(ctxt::ELR_EL2), esr = b.hw(ctxt::ESR_EL2);
    of_host ? b.code.host_skip_instr() : b.code.core_handle_sys64();
    EXPECT_EQ(b.hw(ctxt::ELR_EL2), pc + 4);
    EXPECT_EQ(b.hw(ctxt::ESR_EL2), esr);
  }
}

TEST(CpuVectors, LoadingAPrincipal) {
  struct Row {
    u64 vmid, vcpuid, loaded;
  };
  for (const Row& r : {Row{0, 6, 3}, Row{16, 1, 3}, Row{1, 6, 6}, Row{15, 0, 0}}) {
    Both b;
    b.code.set_per_cpu(Vm(r.vmid), Vcpu(r.vcpuid));
    b.specified.set_per_cpu(Vm(r.vmid), Vcpu(r.vcpuid));
    EXPECT_EQ(b.code.get_cur_vmid().raw, r.vmid);
    EXPECT_EQ(b.code.get_cur_vcpuid().raw, r.loaded);
    EXPECT_EQ(b.specified.get_cur_vcpuid().raw, r.loaded);
  }
}

TEST(CpuVectors, AbortSyndromes) {
  struct Row {
    u64 hsr, rd, write, bytes;
  };
  // Data aborts of: ldrb w3; str x30; ldrh w0; str w31 (wzr).
  for (const Row& r : {Row{0x9303'0007, 3, 0, 1}, Row{0x93de'0047, 30, 0x40, 8}, Row{0x9340'0007, 0, 0, 2},
                       Row{0x939f'0047, 31, 0x40, 4}}) {
    Both b;
    EXPECT_EQ(b.code.host_dabt_get_rd(r.hsr), r.rd);
    EXPECT_EQ(b.code.host_dabt_is_write(r.hsr), r.write);
    EXPECT_EQ(b.code.host_dabt_get_as(r.hsr), r.bytes);
    EXPECT_EQ(b.specified.host_dabt_get_as(r.hsr), r.bytes);
  }
}

TEST(CpuVectors, FaultAddresses) {  // W15: more than 24 bits
  Both b;
  b.code.set_shadow_ctxt(Vm(1), Vcpu(1), ctxt::HPFAR_EL2, 0x8000'0000'0fed'cba7);
  EXPECT_EQ(b.code.get_vm_fault_addr(Vm(1), Vcpu(1)).raw, 0xf'edcb'a000u);
  b.machine.hw_write<ctxt::FAR_EL2>(0xffff'8000'1234'5abc);
  EXPECT_EQ(b.code.host_get_fault_ipa(Ipa<u64>(0x4020'1000)).raw, 0x4020'1abcu);
  b.machine.hw_write<ctxt::ESR_EL2>(0x1f'9300'0007);
  EXPECT_EQ(b.code.read_esr_el2(), 0x9300'0007u);
}

TEST(CpuVectors, ExceptionVectors) {  // Arm ARM D1.3.1.5, synchronous
  struct Row {
    u64 pstate, offset;
  };
  for (const Row& r : {Row{0x3c4, 0x000}, Row{0x3c5, 0x200}, Row{0x000, 0x400}, Row{0x8000'0010, 0x600},
                       Row{0x6000'03c5, 0x200}, Row{0x1f, 0x600}}) {
    Both b;
    EXPECT_EQ(b.code.get_exception_vector(r.pstate), r.offset) << r.pstate;
    EXPECT_EQ(b.specified.get_exception_vector(r.pstate), r.offset) << r.pstate;
  }
}

TEST(CpuVectors, ResetValues) {
  Both b;
  for (u64 i = 0; i < 256; ++i) {
    const u64 expected = i == 0 ? 0x8000'0000 : i == 2 ? 0x30d0'0800 : 0;  // MPIDR_EL1, SCTLR_EL1
    EXPECT_EQ(b.code.get_sys_reg_desc_val(i), expected) << i;
    EXPECT_EQ(b.specified.get_sys_reg_desc_val(i), expected) << i;
  }
}

TEST(CpuVectors, ANewVcpuHasNoRegistersOfOthers) {
  Both b;
  b.code.clear_shadow_gp_regs(Vm(3), Vcpu(7));
  b.code.reset_fp_regs(Vm(3), Vcpu(7));
  for (u64 n = 0; n < 31; ++n) {
    EXPECT_EQ(b.saved(3, 7, n), 0u);
    EXPECT_NE(b.saved(3, 6, n), 0u);
    EXPECT_NE(b.saved(4, 0, n), 0u);
  }
  for (u64 n = ctxt::Q0; n < ctxt::Q0 + 64; ++n) {
    EXPECT_EQ(b.saved(3, 7, n), 0u);
  }
  EXPECT_EQ(b.saved(3, 7, number_of("fpsr")) | b.saved(3, 7, number_of("fpcr")), 0u);
  EXPECT_NE(b.saved(3, 7, number_of("sctlr_el1")), 0u);
}

// Each takes one value, and the next one takes the next.
TEST(CpuVectors, HostValuesAreReadOnce) {
  Both b;
  u64 n = 0;
  const auto next = [&] { return mixed(1, 2, n++); };
  const Vm v(2);
  const Vcpu c(5);
  EXPECT_EQ(b.code.get_int_esr(v, c), next());
  EXPECT_EQ(b.code.get_int_gpr(v, c, 31), next());
  EXPECT_EQ(b.code.get_int_pc(v, c), next());
  EXPECT_EQ(b.code.get_int_pstate(v, c), next());
  EXPECT_EQ(b.code.get_int_new_pte(v, c).raw, next());
  EXPECT_EQ(b.code.get_int_new_level(v, c), next() & INVALID);
  EXPECT_EQ(b.code.get_int_run_vcpuid(v), next() & INVALID);
  EXPECT_EQ(b.code.read_actlr_el1(), next());  // of what is loaded, VM 2
  EXPECT_EQ(b.machine.oracles().data_log.read(2, 0), n);
  EXPECT_EQ(b.code.get_vm_fault_addr(v, c).raw, b.specified.get_vm_fault_addr(v, c).raw);
  EXPECT_EQ(b.machine.oracles().data_log.read(2, 0), n);  // the core's own copy, nobody's proposal
}

TEST(CpuVectors, DeviceAccesses) {
  Both b;
  b.code.writel_relaxed(0x1'2345'6789, 0x905'0020);
  b.code.writeq_relaxed(0x1'2345'6789, 0x905'0028);
  EXPECT_EQ(b.code.readl_relaxed(0x905'0000), mixed(1, 0, 0) & INVALID);
  EXPECT_EQ(b.code.readq_relaxed(0x905'0008), mixed(1, 0, 1));
  struct Row {
    u64 addr, width, write, value;
  };
  const Row rows[] = {{0x905'0020, 4, 1, 0x2345'6789},
                      {0x905'0028, 8, 1, 0x1'2345'6789},
                      {0x905'0000, 4, 0, 0},
                      {0x905'0008, 8, 0, 0}};
  EXPECT_EQ(b.machine.cpu().device_accesses, 4u);
  for (u64 i = 0; i < 4; ++i) {
    const auto& log = b.machine.cpu().device_log;
    EXPECT_EQ(log.read(i, spec::DEVICE_ADDRESS), rows[i].addr);
    EXPECT_EQ(log.read(i, spec::DEVICE_WIDTH), rows[i].width);
    EXPECT_EQ(log.read(i, spec::DEVICE_IS_WRITE), rows[i].write);
    EXPECT_EQ(log.read(i, spec::DEVICE_VALUE), rows[i].value);
  }
}

}  // namespace
}  // namespace redoubt::test
