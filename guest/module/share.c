// SPDX-License-Identifier: BSD-3-Clause OR GPL-2.0-only
/* One page of a guest that its host may read and write while this module is loaded: /dev/redoubt-share. */
#define pr_fmt(format) "redoubt_guest: " format

#include <linux/arm-smccc.h>
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/psci.h>
#include <linux/uaccess.h>

#include "redoubt.h"

static char* page;

static s64 call(u64 function, u64 address) {
  struct arm_smccc_res result;

  arm_smccc_hvc(function, address, 0, 0, 0, 0, 0, 0, &result);
  return (s64)result.a0;
}

/* Other hypervisors, and machines without one, do not know these calls. */
static bool on_redoubt(void) {
  struct arm_smccc_res identity;

  if (arm_smccc_1_1_get_conduit() != SMCCC_CONDUIT_HVC) return false;
  arm_smccc_hvc(REDOUBT_SMCCC_VENDOR_UID, 0, 0, 0, 0, 0, 0, 0, &identity);
  return (u32)identity.a0 == REDOUBT_UID_0 && (u32)identity.a1 == REDOUBT_UID_1 &&
         (u32)identity.a2 == REDOUBT_UID_2 && (u32)identity.a3 == REDOUBT_UID_3;
}

static ssize_t share_read(struct file* file, char __user* to, size_t bytes, loff_t* position) {
  return simple_read_from_buffer(to, bytes, position, page, PAGE_SIZE);
}

static ssize_t share_write(struct file* file, const char __user* from, size_t bytes, loff_t* position) {
  return simple_write_to_buffer(page, PAGE_SIZE, position, from, bytes);
}

static const struct file_operations share_operations = {
    .owner = THIS_MODULE,
    .read = share_read,
    .write = share_write,
    .llseek = default_llseek,
};

static struct miscdevice device = {
    .minor = MISC_DYNAMIC_MINOR,
    .name = "redoubt-share",
    .fops = &share_operations,
    .mode = 0600,
};

static int __init share_init(void) {
  s64 status;
  int error;

  if (!on_redoubt()) {
    pr_err("this machine is no guest of Redoubt\n");
    return -ENODEV;
  }
  page = (char*)get_zeroed_page(GFP_KERNEL);
  if (!page) return -ENOMEM;
  status = call(REDOUBT_GUEST_MEM_SHARE, virt_to_phys(page));
  if (status) {
    pr_err("the page cannot be shared: status %lld\n", status);
    free_page((unsigned long)page);
    return -EIO;
  }
  error = misc_register(&device);
  if (!error) return 0;
  if (!call(REDOUBT_GUEST_MEM_UNSHARE, virt_to_phys(page))) free_page((unsigned long)page);
  return error;
}

/* The host may have read all of it; a page that stays shared is not used again. */
static void __exit share_exit(void) {
  misc_deregister(&device);
  if (call(REDOUBT_GUEST_MEM_UNSHARE, virt_to_phys(page)))
    pr_err("the page stays shared and is lost\n");
  else
    free_page((unsigned long)page);
}

module_init(share_init);
module_exit(share_exit);
MODULE_LICENSE("Dual BSD/GPL");
MODULE_DESCRIPTION("A page that a Redoubt guest shares with its host");
