// SPDX-License-Identifier: BSD-3-Clause OR GPL-2.0-only
/*
 * The kernel window: a page of vmalloc memory whose descriptors the caller redirects, and the probes that
 * touch it.
 *
 * The area spans a whole aligned 2 MiB range, so the level-2 entry concerns nobody else.
 */
#include <asm/memory.h>
#include <asm/pgtable-hwdef.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/kdebug.h>
#include <linux/mutex.h>
#include <linux/sizes.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "module.h"

#define PAGE_ADDRESS 0x0000fffffffff000ull /* descriptor bits 47:12 */

static DEFINE_MUTEX(window_lock); /* protects the redirection, never held while a probe runs */
static void* area;
static u64 window; /* virtual address, 2 MiB aligned */
static u64 *leaf, *table;
static u64 own_leaf, own_table;
static u64* table_copy; /* the control of the table kind: walks through it give what the own table gives */

static void restore(void) {
  redoubt_test_replace(table, own_table, window);
  redoubt_test_replace(leaf, own_leaf, window);
}

/*
 * An oops prints the code at its program counter. After a refused fetch that read would be refused as well,
 * inside the oops, and the kernel deadlocks on its own lock; so the window is put back before the registers
 * are shown.
 */
static int on_oops(struct notifier_block* block, unsigned long event, void* data) {
  struct die_args* args = data;

  if (event == DIE_OOPS && (args->regs->pc & PAGE_MASK) == window) restore();
  return NOTIFY_DONE;
}

static struct notifier_block oops_notifier = {.notifier_call = on_oops};

int redoubt_test_window_init(void) {
  area = vmalloc(2 * SZ_2M);
  if (!area) return -ENOMEM;
  window = ALIGN((u64)area, SZ_2M);
  table = redoubt_test_kernel_descriptor(window, 2);
  leaf = redoubt_test_kernel_descriptor(window, 3);
  if (!table || !leaf) {
    vfree(area);
    return -EOPNOTSUPP;
  }
  table_copy = (u64*)get_zeroed_page(GFP_KERNEL);
  if (!table_copy) {
    vfree(area);
    return -ENOMEM;
  }
  own_table = *table;
  own_leaf = *leaf;
  memcpy(table_copy, phys_to_virt(own_table & PAGE_ADDRESS), PAGE_SIZE);
  register_die_notifier(&oops_notifier);
  return 0;
}

void redoubt_test_window_exit(void) {
  unregister_die_notifier(&oops_notifier);
  restore();
  free_page((unsigned long)table_copy);
  vfree(area);
}

static u64 memory_index(u32 memory) {
  switch (memory) {
    case REDOUBT_TEST_DEVICE:
      return MT_DEVICE_nGnRE;
    case REDOUBT_TEST_UNCACHED:
      return MT_NORMAL_NC;
    default:
      return MT_NORMAL;
  }
}

/*
 * Readable, writable and executable at EL1: the host kernel may give itself any stage-1 permission. The other
 * attributes are those of the window's own page, because their place depends on TCR_EL1.DS.
 */
static u64 leaf_for(const struct redoubt_test_window* request) {
  u64 replaced = PAGE_ADDRESS | PTE_ATTRINDX_MASK | PTE_PXN | PTE_CONT;

  return (own_leaf & ~replaced) | PTE_ATTRINDX(memory_index(request->memory)) |
         (request->physical & PAGE_ADDRESS);
}

int redoubt_test_window_set(struct redoubt_test_window* request) {
  u64 physical = request->physical & PAGE_ADDRESS;
  int status = 0;

  mutex_lock(&window_lock);
  restore();
  if (request->kind == REDOUBT_TEST_WINDOW_LEAF)
    redoubt_test_replace(leaf, leaf_for(request), window);
  else if (request->kind == REDOUBT_TEST_WINDOW_TABLE)
    redoubt_test_replace(table, (physical ? physical : virt_to_phys(table_copy)) | PMD_TYPE_TABLE, window);
  else if (request->kind != REDOUBT_TEST_WINDOW_RESTORE)
    status = -EINVAL;
  mutex_unlock(&window_lock);
  request->virtual_address = window;
  return status;
}

/* The probe's registers are fixed, so that an oops shows the address in x1. */
noinline int redoubt_test_window_probe(struct redoubt_test_probe* probe) {
  register u64 value asm("x0") = probe->value;
  register u64 address asm("x1") = window + (probe->offset & 0xfc0);

  switch (probe->operation) {
    case REDOUBT_TEST_LOAD:
      asm volatile("ldr x0, [x1]" : "=r"(value) : "r"(address) : "memory");
      break;
    case REDOUBT_TEST_STORE:
      asm volatile("str x0, [x1]" : : "r"(value), "r"(address) : "memory");
      break;
    case REDOUBT_TEST_LOAD_PAIR:
      asm volatile("ldp x0, x2, [x1]" : "=r"(value) : "r"(address) : "x2", "memory");
      break;
    case REDOUBT_TEST_STORE_PAIR:
      asm volatile("stp x0, x0, [x1]" : : "r"(value), "r"(address) : "memory");
      break;
    case REDOUBT_TEST_EXCLUSIVE:
      asm volatile("ldxr x2, [x1]\n\tstxr w3, x0, [x1]" : : "r"(value), "r"(address) : "x2", "x3", "memory");
      break;
    case REDOUBT_TEST_ZERO_BLOCK:
      asm volatile("dc zva, x1" : : "r"(value), "r"(address) : "memory");
      break;
    case REDOUBT_TEST_CLEAN:
      asm volatile("dc civac, x1\n\tdsb ish" : : "r"(value), "r"(address) : "memory");
      break;
    case REDOUBT_TEST_EXECUTE:
      asm volatile("isb\n\tblr x1" : "+r"(value) : "r"(address) : "x30", "memory");
      break;
    default:
      return -EINVAL;
  }
  probe->value = value;
  return 0;
}
