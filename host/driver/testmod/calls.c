// SPDX-License-Identifier: BSD-3-Clause OR GPL-2.0-only
/* SMC and HVC with every register the calling convention names, and system register reads at EL1. */
#include <asm/sysreg.h>
#include <linux/bits.h>
#include <linux/errno.h>

#include "module.h"

/*
 * x0..x17 are loaded from and stored to the array, so that a caller sees what the callee changed. x19 holds
 * the array's address: SMCCC preserves it (DEN0028 section 2.6).
 */
#define DEFINE_CALL(name, instruction)                                                                   \
  static noinline void name(u64* x) {                                                                    \
    register u64* base asm("x19") = x;                                                                   \
    asm volatile(                                                                                        \
        "ldp x0, x1, [x19]\n\tldp x2, x3, [x19, #16]\n\t"                                                \
        "ldp x4, x5, [x19, #32]\n\tldp x6, x7, [x19, #48]\n\t"                                           \
        "ldp x8, x9, [x19, #64]\n\tldp x10, x11, [x19, #80]\n\t"                                         \
        "ldp x12, x13, [x19, #96]\n\tldp x14, x15, [x19, #112]\n\t"                                      \
        "ldp x16, x17, [x19, #128]\n\t" instruction                                                      \
        "\n\t"                                                                                           \
        "stp x0, x1, [x19]\n\tstp x2, x3, [x19, #16]\n\t"                                                \
        "stp x4, x5, [x19, #32]\n\tstp x6, x7, [x19, #48]\n\t"                                           \
        "stp x8, x9, [x19, #64]\n\tstp x10, x11, [x19, #80]\n\t"                                         \
        "stp x12, x13, [x19, #96]\n\tstp x14, x15, [x19, #112]\n\t"                                      \
        "stp x16, x17, [x19, #128]"                                                                      \
        :                                                                                                \
        : "r"(base)                                                                                      \
        : "x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14", \
          "x15", "x16", "x17", "cc", "memory");                                                          \
  }

DEFINE_CALL(hvc_0, "hvc #0")
DEFINE_CALL(hvc_1, "hvc #1")
DEFINE_CALL(hvc_ffff, "hvc #0xffff")
DEFINE_CALL(smc_0, "smc #0")
DEFINE_CALL(smc_1, "smc #1")

int redoubt_test_call(struct redoubt_test_call* call) {
  switch (call->conduit) {
    case REDOUBT_TEST_HVC_0:
      hvc_0(call->x);
      return 0;
    case REDOUBT_TEST_HVC_1:
      hvc_1(call->x);
      return 0;
    case REDOUBT_TEST_HVC_FFFF:
      hvc_ffff(call->x);
      return 0;
    case REDOUBT_TEST_SMC_0:
      smc_0(call->x);
      return 0;
    case REDOUBT_TEST_SMC_1:
      smc_1(call->x);
      return 0;
    case REDOUBT_TEST_HVC_FIQ:
      return redoubt_test_call_with_fiq(call);
    default:
      return -EINVAL;
  }
}

/* The kernel's own CPACR_EL1.SMEN would refuse the access before the hypervisor sees it; a hostile kernel
 * sets it. */
static u64 read_smcr(void) {
  u64 control, value;

  asm volatile("mrs %0, cpacr_el1" : "=r"(control));
  asm volatile("msr cpacr_el1, %0\n\tisb" : : "r"(control | GENMASK_ULL(25, 24)));
  asm volatile("mrs %0, s3_0_c1_c2_6" : "=r"(value));
  asm volatile("msr cpacr_el1, %0\n\tisb" : : "r"(control));
  return value;
}

/* Registers are named by their encoding, so that the assembler needs no architecture extension. */
int redoubt_test_sysreg(struct redoubt_test_sysreg* reg) {
  switch (reg->name) {
    case REDOUBT_TEST_CURRENT_EL:
      asm volatile("mrs %0, CurrentEL" : "=r"(reg->value));
      return 0;
    case REDOUBT_TEST_ID_AA64PFR0:
      asm volatile("mrs %0, s3_0_c0_c4_0" : "=r"(reg->value));
      return 0;
    case REDOUBT_TEST_ID_AA64PFR1:
      asm volatile("mrs %0, s3_0_c0_c4_1" : "=r"(reg->value));
      return 0;
    case REDOUBT_TEST_ID_AA64MMFR0:
      asm volatile("mrs %0, s3_0_c0_c7_0" : "=r"(reg->value));
      return 0;
    case REDOUBT_TEST_ID_AA64SMFR0:
      asm volatile("mrs %0, s3_0_c0_c4_5" : "=r"(reg->value));
      return 0;
    case REDOUBT_TEST_MPIDR:
      asm volatile("mrs %0, s3_0_c0_c0_5" : "=r"(reg->value));
      return 0;
    case REDOUBT_TEST_HCR_EL2:
      asm volatile("mrs %0, s3_4_c1_c1_0" : "=r"(reg->value));
      return 0;
    case REDOUBT_TEST_VTTBR_EL2:
      asm volatile("mrs %0, s3_4_c2_c1_0" : "=r"(reg->value));
      return 0;
    case REDOUBT_TEST_ELR_EL2:
      asm volatile("mrs %0, s3_4_c4_c0_1" : "=r"(reg->value));
      return 0;
    case REDOUBT_TEST_SMCR_EL1:
      reg->value = read_smcr();
      return 0;
    case REDOUBT_TEST_GCR_EL1:
      asm volatile("mrs %0, s3_0_c1_c0_6" : "=r"(reg->value));
      return 0;
    default:
      return -EINVAL;
  }
}
