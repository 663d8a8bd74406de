// SPDX-License-Identifier: BSD-3-Clause OR GPL-2.0-only
/* User mappings of any physical page, and user translation tables that lead through any physical page. */
#include <linux/fs.h>
#include <linux/io.h>
#include <linux/mmu_notifier.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/version.h>

#include "module.h"

#define PAGE_ADDRESS 0x0000fffffffff000ull /* descriptor bits 47:12 */

static vm_fault_t insert_on_fault(struct vm_fault* fault) {
  u64 physical = (u64)(uintptr_t)fault->vma->vm_private_data;

  return vmf_insert_pfn(fault->vma, fault->address,
                        (physical >> PAGE_SHIFT) + ((fault->address - fault->vma->vm_start) >> PAGE_SHIFT));
}

static const struct vm_operations_struct on_fault_operations = {.fault = insert_on_fault};

static void mark_as_device_range(struct vm_area_struct* vma) {
  const vm_flags_t flags = VM_PFNMAP | VM_IO | VM_DONTEXPAND | VM_DONTDUMP;

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
  vm_flags_set(vma, flags);
#else
  vma->vm_flags |= flags;
#endif
}

int redoubt_test_mmap(struct file* file, struct vm_area_struct* vma) {
  u64 offset = (u64)vma->vm_pgoff << PAGE_SHIFT;
  u64 physical = offset & GENMASK_ULL(REDOUBT_TEST_MMAP_TYPE_SHIFT - 1, 0);
  u64 memory = (offset >> REDOUBT_TEST_MMAP_TYPE_SHIFT) & 3;

  if (memory == REDOUBT_TEST_DEVICE)
    vma->vm_page_prot = pgprot_device(vma->vm_page_prot);
  else if (memory == REDOUBT_TEST_UNCACHED)
    /* Linux makes such mappings execute-never; a hostile kernel need not. */
    vma->vm_page_prot = __pgprot(pgprot_val(pgprot_writecombine(vma->vm_page_prot)) & ~PTE_UXN);
  if (!(offset & REDOUBT_TEST_MMAP_ON_FAULT))
    return remap_pfn_range(vma, vma->vm_start, physical >> PAGE_SHIFT, vma->vm_end - vma->vm_start,
                           vma->vm_page_prot);
  mark_as_device_range(vma);
  vma->vm_private_data = (void*)(uintptr_t)physical;
  vma->vm_ops = &on_fault_operations;
  return 0;
}

/* A redirected table entry; the task does not survive its first access, so its address space puts the entry
 * back. */
struct redirection {
  struct mmu_notifier notifier;
  u64* descriptor;
  u64* copy; /* the table used instead of the task's own, if the caller named none */
  u64 own, address;
};

static void put_back(struct mmu_notifier* notifier, struct mm_struct* mm) {
  struct redirection* redirection = container_of(notifier, struct redirection, notifier);

  redoubt_test_replace(redirection->descriptor, redirection->own, redirection->address);
}

static void free_redirection(struct mmu_notifier* notifier) {
  struct redirection* redirection = container_of(notifier, struct redirection, notifier);

  if (redirection->copy) free_page((unsigned long)redirection->copy);
  kfree(redirection);
}

static const struct mmu_notifier_ops redirection_operations = {
    .release = put_back,
    .free_notifier = free_redirection,
};

static int prepare(struct redirection* redirection, const struct redoubt_test_user_walk* walk) {
  redirection->address = walk->address;
  if (walk->level != 1 && walk->level != 2) return -EINVAL;
  redirection->descriptor = redoubt_test_user_descriptor(walk->address, (int)walk->level);
  redirection->notifier.ops = &redirection_operations;
  if (!redirection->descriptor || (*redirection->descriptor & PMD_TYPE_MASK) != PMD_TYPE_TABLE)
    return -EINVAL;
  redirection->own = *redirection->descriptor;
  if (walk->physical) return 0;
  redirection->copy = (u64*)get_zeroed_page(GFP_KERNEL);
  if (!redirection->copy) return -ENOMEM;
  memcpy(redirection->copy, phys_to_virt(redirection->own & PAGE_ADDRESS), PAGE_SIZE);
  return 0;
}

int redoubt_test_user_walk(const struct redoubt_test_user_walk* walk) {
  struct redirection* redirection = kzalloc(sizeof(*redirection), GFP_KERNEL);
  u64 physical;
  int status;

  if (!redirection) return -ENOMEM;
  status = prepare(redirection, walk);
  if (!status) status = mmu_notifier_register(&redirection->notifier, current->mm);
  if (status) {
    free_redirection(&redirection->notifier);
    return status;
  }
  physical = redirection->copy ? virt_to_phys(redirection->copy) : walk->physical & PAGE_ADDRESS;
  redoubt_test_replace(redirection->descriptor, physical | PMD_TYPE_TABLE, walk->address);
  return 0;
}
