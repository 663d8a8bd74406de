// SPDX-License-Identifier: BSD-3-Clause OR GPL-2.0-only
/* Calls into the core, and whether it is there. */
#define pr_fmt(format) "redoubt: " format

#include <linux/arm-smccc.h>
#include <linux/errno.h>
#include <linux/irqflags.h>
#include <linux/moduleparam.h>
#include <linux/of.h>
#include <linux/printk.h>

#include <asm/sysreg.h>

#include "module.h"

/*
 * For each of the core's calls from REDOUBT_HOST_VM_CREATE on: how often it was made, the ticks of CNTVCT
 * that it took in all, and the longest; VCPU_RUN counts with the guest's own time. Racing CPUs may lose a
 * count.
 */
#define KINDS 16
static unsigned long call_count[KINDS], call_ticks[KINDS], call_longest[KINDS];
module_param_array(call_count, ulong, NULL, 0444);
module_param_array(call_ticks, ulong, NULL, 0444);
module_param_array(call_longest, ulong, NULL, 0444);

static void note_call(u64 function, u64 ticks) {
  u64 kind = (u32)function - (u32)REDOUBT_HOST_VM_CREATE;

  if (kind >= KINDS) return;
  call_count[kind]++;
  call_ticks[kind] += ticks;
  if (ticks > call_longest[kind]) call_longest[kind] = ticks;
}

/* Interrupts are masked so that the time is the core's alone, which masks them too. */
struct redoubt_result redoubt_call(u64 function, u64 x1, u64 x2, u64 x3, u64 x4, u64 x5) {
  struct arm_smccc_res result;
  unsigned long flags;
  u64 start;

  local_irq_save(flags);
  start = read_sysreg(cntvct_el0);
  arm_smccc_hvc(function, x1, x2, x3, x4, x5, 0, 0, &result);
  note_call(function, read_sysreg(cntvct_el0) - start);
  local_irq_restore(flags);
  return (struct redoubt_result){(s64)result.a0, result.a1, result.a2, result.a3};
}

int redoubt_errno(s64 status, int denied) {
  switch (status) {
    case REDOUBT_SUCCESS:
      return 0;
    case REDOUBT_NOT_SUPPORTED:
      return -EOPNOTSUPP;
    case REDOUBT_INVALID_PARAMETER:
      return -EINVAL;
    case REDOUBT_NOT_FOUND:
      return -ENOENT;
    case REDOUBT_DENIED:
      return -denied;
    case REDOUBT_NO_MEMORY:
      return -ENOSPC;
    case REDOUBT_BUSY:
      return -EBUSY;
    case REDOUBT_EXISTS:
      return -EEXIST;
    case REDOUBT_AGAIN:
      return -EAGAIN;
    default:
      return -EPROTO;
  }
}

/*
 * HVC is undefined on a machine without EL2, and some other hypervisor's elsewhere: only a host whose device
 * tree shows the core's memory is asked.
 */
static bool core_announced(void) {
  struct device_node *parent = of_find_node_by_path("/reserved-memory"), *child;
  bool found = false;

  if (!parent) return false;
  for_each_child_of_node(parent, child) found |= of_node_name_eq(child, "redoubt");
  of_node_put(parent);
  return found;
}

static bool core_answers(void) {
  struct arm_smccc_res identity;

  if (!core_announced()) return false;
  arm_smccc_hvc(REDOUBT_SMCCC_VENDOR_UID, 0, 0, 0, 0, 0, 0, 0, &identity);
  return (u32)identity.a0 == REDOUBT_UID_0 && (u32)identity.a1 == REDOUBT_UID_1 &&
         (u32)identity.a2 == REDOUBT_UID_2 && (u32)identity.a3 == REDOUBT_UID_3;
}

int redoubt_find_core(void) {
  struct redoubt_result version;

  if (!core_answers()) {
    pr_err("no core answers: this kernel was not started by Redoubt\n");
    return -ENODEV;
  }
  version = redoubt_call(REDOUBT_HOST_VERSION, 0, 0, 0, 0, 0);
  if (version.status != REDOUBT_SUCCESS || version.x1 >> 32 != REDOUBT_ABI_MAJOR ||
      (u32)version.x1 < REDOUBT_ABI_MINOR) {
    pr_err("the core's version %llu.%u does not fit this module's %u.%u: use those of one build\n",
           version.x1 >> 32, (u32)version.x1, REDOUBT_ABI_MAJOR, REDOUBT_ABI_MINOR);
    return -EPROTONOSUPPORT;
  }
  return 0;
}
