// SPDX-License-Identifier: BSD-3-Clause OR GPL-2.0-only
/* Runs of pages that a program gives to the core by itself, and accesses through the kernel's linear map. */
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/mm.h>

#include "module.h"

#define LARGEST_ORDER 10 /* 4 MiB, in every kernel */

/* What nobody frees by request is lost to the host on purpose: the core may have it still. */
int redoubt_test_block(struct redoubt_test_block* block) {
  unsigned long address;

  if (block->order > LARGEST_ORDER) return -EINVAL;
  if (block->physical) {
    free_pages((unsigned long)phys_to_virt(block->physical), block->order);
    return 0;
  }
  address = __get_free_pages(GFP_KERNEL | __GFP_ZERO | __GFP_NOWARN, block->order);
  if (!address) return -ENOMEM;
  block->physical = virt_to_phys((void*)address);
  return 0;
}

/* The registers are fixed, so that an oops shows the address in x1. */
noinline int redoubt_test_linear(struct redoubt_test_linear* linear) {
  register u64 value asm("x0") = linear->value;
  register u64 address asm("x1") = (u64)phys_to_virt(linear->physical);

  if (!pfn_valid(linear->physical >> PAGE_SHIFT)) return -EINVAL;
  if (linear->write)
    asm volatile("str x0, [x1]" : : "r"(value), "r"(address) : "memory");
  else
    asm volatile("ldr x0, [x1]" : "=r"(value) : "r"(address) : "memory");
  linear->value = value;
  linear->virtual_address = address;
  return 0;
}
