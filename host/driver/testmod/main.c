// SPDX-License-Identifier: BSD-3-Clause OR GPL-2.0-only
/* The device /dev/redoubt-test and the dispatch of its requests; each request lives in a file of its own. */
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/uaccess.h>

#include "module.h"

union request {
  struct redoubt_test_call call;
  struct redoubt_test_sysreg sysreg;
  struct redoubt_test_window window;
  struct redoubt_test_probe probe;
  struct redoubt_test_page page;
  struct redoubt_test_memory_run memory_run;
  struct redoubt_test_user_walk user_walk;
  struct redoubt_test_block block;
  struct redoubt_test_linear linear;
  struct redoubt_test_sgi sgi;
};

static int give_page(struct file* file, struct redoubt_test_page* page) {
  if (!file->private_data) file->private_data = (void*)get_zeroed_page(GFP_KERNEL);
  if (!file->private_data) return -ENOMEM;
  page->physical = virt_to_phys(file->private_data);
  return 0;
}

static int dispatch(struct file* file, unsigned int command, union request* request) {
  switch (command) {
    case REDOUBT_TEST_CALL:
      return redoubt_test_call(&request->call);
    case REDOUBT_TEST_SYSREG:
      return redoubt_test_sysreg(&request->sysreg);
    case REDOUBT_TEST_WINDOW:
      return redoubt_test_window_set(&request->window);
    case REDOUBT_TEST_PROBE:
      return redoubt_test_window_probe(&request->probe);
    case REDOUBT_TEST_PAGE:
      return give_page(file, &request->page);
    case REDOUBT_TEST_MEMORY_RUN:
      return redoubt_test_memory_run(&request->memory_run);
    case REDOUBT_TEST_USER_WALK:
      return redoubt_test_user_walk(&request->user_walk);
    case REDOUBT_TEST_BLOCK:
      return redoubt_test_block(&request->block);
    case REDOUBT_TEST_LINEAR:
      return redoubt_test_linear(&request->linear);
    case REDOUBT_TEST_SGI:
      return redoubt_test_sgi(&request->sgi);
    default:
      return -ENOTTY;
  }
}

/* No lock is held and nothing is owned while a request runs: a probe may end its task here. */
static long device_ioctl(struct file* file, unsigned int command, unsigned long argument) {
  union request request = {};
  size_t size = _IOC_SIZE(command);
  int status;

  if (_IOC_TYPE(command) != 'R' || size > sizeof(request)) return -ENOTTY;
  if ((_IOC_DIR(command) & _IOC_WRITE) && copy_from_user(&request, (void __user*)argument, size))
    return -EFAULT;
  status = dispatch(file, command, &request);
  if (status) return status;
  if ((_IOC_DIR(command) & _IOC_READ) && copy_to_user((void __user*)argument, &request, size)) return -EFAULT;
  return 0;
}

/* The misc core leaves its own pointer in private_data; here it is the page of give_page(). */
static int device_open(struct inode* inode, struct file* file) {
  file->private_data = NULL;
  return 0;
}

static int device_release(struct inode* inode, struct file* file) {
  if (file->private_data) free_page((unsigned long)file->private_data);
  return 0;
}

static const struct file_operations device_operations = {
    .owner = THIS_MODULE,
    .open = device_open,
    .unlocked_ioctl = device_ioctl,
    .mmap = redoubt_test_mmap,
    .release = device_release,
};

static struct miscdevice device = {
    .minor = MISC_DYNAMIC_MINOR,
    .name = "redoubt-test",
    .fops = &device_operations,
    .mode = 0600,
};

static int __init redoubt_test_init(void) {
  int status = redoubt_test_window_init();

  if (status) return status;
  status = misc_register(&device);
  if (status) redoubt_test_window_exit();
  return status;
}

static void __exit redoubt_test_exit(void) {
  misc_deregister(&device);
  redoubt_test_window_exit();
}

module_init(redoubt_test_init);
module_exit(redoubt_test_exit);
MODULE_LICENSE("Dual BSD/GPL");
MODULE_DESCRIPTION("Probes a hypervisor's isolation from inside the host kernel");
