// SPDX-License-Identifier: BSD-3-Clause OR GPL-2.0-only
/* Physical SGIs of any group to any CPU, and a call that is made while one is pending as an FIQ. */
#include <asm/barrier.h>
#include <asm/sysreg.h>
#include <linux/irqflags.h>

#include "module.h"

int redoubt_test_sgi(const struct redoubt_test_sgi* sgi) {
  switch (sgi->which) {
    case REDOUBT_TEST_SGI1R:
      asm volatile("msr s3_0_c12_c11_5, %0" : : "r"(sgi->value));
      break;
    case REDOUBT_TEST_ASGI1R:
      asm volatile("msr s3_0_c12_c11_6, %0" : : "r"(sgi->value));
      break;
    case REDOUBT_TEST_SGI0R:
      asm volatile("msr s3_0_c12_c11_7, %0" : : "r"(sgi->value));
      break;
    default:
      return -EINVAL;
  }
  isb();
  return 0;
}

/* ICC_SGI0R_EL1 (IHI 0069, 12.2.21) to this CPU alone, whose affinity level 0 is below 16. */
static u64 to_self(u32 intid) {
  u64 mpidr;

  asm volatile("mrs %0, mpidr_el1" : "=r"(mpidr));
  return (u64)(intid & 15) << 24 | BIT((u32)mpidr & 15) | (mpidr >> 8 & 0xff) << 16 |
         (mpidr >> 16 & 0xff) << 32;
}

/* ICC_IGRPEN0_EL1. */
static void enable_group_0(u64 on) { asm volatile("msr s3_0_c12_c12_6, %0\n\tisb" : : "r"(on)); }

/* PSTATE.F is set: the kernel has no handler of FIQs. What is pending at the end is taken, so that it has
 * none to handle. */
int redoubt_test_call_with_fiq(struct redoubt_test_call* call) {
  struct redoubt_test_call plain = {.conduit = REDOUBT_TEST_HVC_0};
  unsigned long flags;
  unsigned int i;
  u64 intid;

  for (i = 0; i < ARRAY_SIZE(plain.x); i++) plain.x[i] = call->x[i];
  local_irq_save(flags);
  asm volatile("msr daifset, #1");
  enable_group_0(1);
  asm volatile("msr s3_0_c12_c11_7, %0\n\tisb\n\tdsb sy" : : "r"(to_self(call->reserved)) : "memory");
  redoubt_test_call(&plain);
  for (i = 0; i < 16; i++) {
    asm volatile("mrs %0, s3_0_c12_c8_0" : "=r"(intid)); /* ICC_IAR0_EL1 */
    if ((intid & 0xffffff) >= 1020) break;
    asm volatile("msr s3_0_c12_c8_1, %0\n\tisb" : : "r"(intid)); /* ICC_EOIR0_EL1 */
    call->reserved |= 0x100;
  }
  enable_group_0(0);
  local_irq_restore(flags);
  for (i = 0; i < ARRAY_SIZE(plain.x); i++) call->x[i] = plain.x[i];
  return 0;
}
