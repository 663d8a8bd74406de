// SPDX-License-Identifier: BSD-3-Clause OR GPL-2.0-only
/* The device /dev/redoubt, and what happens at the host's own end: no VM outlives it. */
#define pr_fmt(format) "redoubt: " format

#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/reboot.h>
#include <linux/sched/signal.h>
#include <linux/suspend.h>
#include <linux/uaccess.h>

#include "module.h"

union request {
  struct redoubt_ioc_info info;
  struct redoubt_ioc_create create;
  struct redoubt_ioc_vm vm;
  struct redoubt_ioc_log log;
  struct redoubt_ioc_counter counter;
  struct redoubt_ioc_audit audit;
  unsigned int vmid;
};

static int get_info(struct redoubt_ioc_info* info) {
  struct redoubt_result result = redoubt_call(REDOUBT_HOST_VERSION, 0, 0, 0, 0, 0);

  *info = (struct redoubt_ioc_info){.version = result.x1, .build = result.x2, .vms = redoubt_vm_count()};
  return redoubt_errno(result.status, EPERM);
}

static int read_log(struct redoubt_ioc_log* log) {
  struct redoubt_result result = redoubt_call(REDOUBT_HOST_LOG_READ, log->sequence, 0, 0, 0, 0);

  *log = (struct redoubt_ioc_log){.sequence = result.x1, .word = result.x2, .value = result.x3};
  return redoubt_errno(result.status, EPERM);
}

static int read_counter(struct redoubt_ioc_counter* counter) {
  struct redoubt_result result = redoubt_call(REDOUBT_HOST_COUNTER, counter->which, 0, 0, 0, 0);

  counter->value = result.x1;
  return redoubt_errno(result.status, EPERM);
}

static int audit(struct redoubt_ioc_audit* audit) {
  struct redoubt_result result = {};

  *audit = (struct redoubt_ioc_audit){};
  do {
    if (signal_pending(current)) return -EINTR;
    cond_resched();
    result = redoubt_call(REDOUBT_HOST_AUDIT, result.x1, 0, 0, 0, 0);
  } while (result.status == REDOUBT_SUCCESS && result.x1);
  if (result.status != REDOUBT_DENIED) return redoubt_errno(result.status, EPERM);
  *audit = (struct redoubt_ioc_audit){.invariant = result.x1, .frame = result.x2};
  return 0;
}

static int dispatch(unsigned int command, union request* request) {
  switch (command) {
    case REDOUBT_IOC_INFO:
      return get_info(&request->info);
    case REDOUBT_IOC_VM_CREATE:
      return redoubt_vm_create(&request->create);
    case REDOUBT_IOC_VM_INFO:
      return redoubt_vm_info(&request->vm);
    case REDOUBT_IOC_VM_STOP:
      return redoubt_vm_stop(request->vmid);
    case REDOUBT_IOC_LOG:
      return read_log(&request->log);
    case REDOUBT_IOC_COUNTER:
      return read_counter(&request->counter);
    case REDOUBT_IOC_AUDIT:
      return audit(&request->audit);
    default:
      return -ENOTTY;
  }
}

static long device_ioctl(struct file* file, unsigned int command, unsigned long argument) {
  union request request = {};
  size_t size = _IOC_SIZE(command);
  int status;

  if (_IOC_TYPE(command) != 'R' || size > sizeof(request)) return -ENOTTY;
  if ((_IOC_DIR(command) & _IOC_WRITE) && copy_from_user(&request, (void __user*)argument, size))
    return -EFAULT;
  status = dispatch(command, &request);
  /* A log that has nothing new says where it goes on. */
  if (status < 0 && !(command == REDOUBT_IOC_LOG && status == -ENOENT)) return status;
  if ((_IOC_DIR(command) & _IOC_READ) && copy_to_user((void __user*)argument, &request, size)) return -EFAULT;
  return status;
}

static const struct file_operations device_operations = {
    .owner = THIS_MODULE,
    .unlocked_ioctl = device_ioctl,
    .llseek = noop_llseek,
};

static struct miscdevice device = {
    .minor = MISC_DYNAMIC_MINOR,
    .name = "redoubt",
    .fops = &device_operations,
    .mode = 0600,
};

/* Before the machine stops, restarts or starts another kernel in its place. */
static int on_reboot(struct notifier_block* block, unsigned long event, void* data) {
  redoubt_vm_stop_all();
  return NOTIFY_DONE;
}

/* An image of all memory cannot hold what the host cannot read. */
static int on_sleep(struct notifier_block* block, unsigned long event, void* data) {
  if (event != PM_HIBERNATION_PREPARE || !redoubt_vm_count()) return NOTIFY_DONE;
  pr_err("hibernation is refused while VMs exist: %u\n", redoubt_vm_count());
  return notifier_from_errno(-EBUSY);
}

static struct notifier_block reboot_notifier = {.notifier_call = on_reboot};
static struct notifier_block sleep_notifier = {.notifier_call = on_sleep};

static int __init redoubt_init(void) {
  int status = redoubt_find_core();

  if (status) return status;
  status = register_reboot_notifier(&reboot_notifier);
  if (status) return status;
  status = register_pm_notifier(&sleep_notifier);
  if (!status) {
    status = misc_register(&device);
    if (!status) return 0;
    unregister_pm_notifier(&sleep_notifier);
  }
  unregister_reboot_notifier(&reboot_notifier);
  return status;
}

/* Files of VMs hold the module, so none is left here. */
static void __exit redoubt_exit(void) {
  misc_deregister(&device);
  unregister_pm_notifier(&sleep_notifier);
  unregister_reboot_notifier(&reboot_notifier);
}

module_init(redoubt_init);
module_exit(redoubt_exit);
MODULE_LICENSE("Dual BSD/GPL");
MODULE_DESCRIPTION("Protected VMs through the Redoubt core");
