// SPDX-License-Identifier: BSD-3-Clause OR GPL-2.0-only
/* VMs: their files, the list of them, and their end, which gives every page back. */
#define pr_fmt(format) "redoubt: " format

#include <linux/anon_inodes.h>
#include <linux/ctype.h>
#include <linux/delay.h>
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "module.h"

static LIST_HEAD(vms);
static DEFINE_MUTEX(vms_lock); /* taken before any VM's lock */
static unsigned int count;     /* of VMs that the core knows */
static bool closed;            /* the host ends: no new ones */

unsigned int redoubt_vm_count(void) { return READ_ONCE(count); }

void redoubt_vm_get(struct redoubt_vm* vm) { kref_get(&vm->kref); }

/* No vCPU enters any more, and none is inside when this returns. */
static int stop_vcpus(struct redoubt_vm* vm) {
  unsigned int index;
  s64 status;

  WRITE_ONCE(vm->stopping, true);
  for (;;) {
    for (index = 0; index < REDOUBT_MAX_VCPUS; index++) {
      if (vm->vcpus[index]) redoubt_vcpu_interrupt(vm->vcpus[index]);
    }
    status = redoubt_call(REDOUBT_HOST_VM_STOP, vm->vmid, 0, 0, 0, 0).status;
    if (status != REDOUBT_BUSY) return redoubt_errno(status, EPERM);
    usleep_range(50, 200);
  }
}

/* Stops it, takes its pages back, ends it. With the VM's lock held; the second time nothing happens. */
static void shut_down(struct redoubt_vm* vm) {
  u64 kept;
  int status;

  if (vm->gone) return;
  vm->gone = true;
  status = stop_vcpus(vm);
  if (status) pr_err("the core does not stop VM %u: error %d\n", vm->vmid, status);
  kept = redoubt_memory_release(vm);
  if (kept) pr_err("VM %u: %llu pages stay lost to this host\n", vm->vmid, kept);
  status = redoubt_errno(redoubt_call(REDOUBT_HOST_VM_DESTROY, vm->vmid, 0, 0, 0, 0).status, EPERM);
  if (status) pr_err("the core does not end VM %u: error %d\n", vm->vmid, status);
}

static void release(struct kref* kref) {
  struct redoubt_vm* vm = container_of(kref, struct redoubt_vm, kref);
  unsigned int index;

  list_del(&vm->list);
  mutex_unlock(&vms_lock);
  mutex_lock(&vm->lock);
  shut_down(vm);
  mutex_unlock(&vm->lock);
  for (index = 0; index < REDOUBT_MAX_VCPUS; index++) redoubt_vcpu_free(vm->vcpus[index]);
  kfree(vm);
  mutex_lock(&vms_lock);
  WRITE_ONCE(count, count - 1);
  mutex_unlock(&vms_lock);
}

void redoubt_vm_put(struct redoubt_vm* vm) { kref_put_mutex(&vm->kref, release, &vms_lock); }

static struct redoubt_vm* find(u32 vmid) {
  struct redoubt_vm* vm;

  list_for_each_entry(vm, &vms, list) {
    if (vm->vmid == vmid) return vm;
  }
  return NULL;
}

int redoubt_vm_stop(u32 vmid) {
  struct redoubt_vm* vm;

  mutex_lock(&vms_lock);
  vm = find(vmid);
  if (vm) redoubt_vm_get(vm);
  mutex_unlock(&vms_lock);
  if (!vm) return -ENOENT;
  mutex_lock(&vm->lock);
  shut_down(vm);
  mutex_unlock(&vm->lock);
  redoubt_vm_put(vm);
  return 0;
}

void redoubt_vm_stop_all(void) {
  struct redoubt_vm* vm;

  mutex_lock(&vms_lock);
  closed = true;
  list_for_each_entry(vm, &vms, list) {
    mutex_lock(&vm->lock);
    shut_down(vm);
    mutex_unlock(&vm->lock);
  }
  mutex_unlock(&vms_lock);
}

static void describe(struct redoubt_vm* vm, struct redoubt_ioc_vm* info) {
  struct redoubt_result result = {};
  unsigned int i;

  if (!vm->gone) result = redoubt_call(REDOUBT_HOST_VM_INFO, vm->vmid, 0, 0, 0, 0);
  info->state = vm->gone ? REDOUBT_VM_POWEROFF : result.x1;
  info->process = vm->process;
  info->memory = vm->memory.size;
  info->pages = result.x2;
  info->shared_pages = result.x3;
  info->blocks = vm->memory.blocks;
  info->single_pages = vm->memory.single_pages;
  strscpy(info->name, vm->name, sizeof(info->name));
  for (i = 0; i < REDOUBT_MAX_VCPUS; i++) info->vcpus += vm->vcpus[i] != NULL;
  for (i = 0; i < REDOUBT_EXIT_KINDS; i++) info->exits[i] = atomic64_read(&vm->exits[i]);
}

int redoubt_vm_info(struct redoubt_ioc_vm* info) {
  struct redoubt_vm* vm;

  *info = (struct redoubt_ioc_vm){.vmid = info->vmid};
  mutex_lock(&vms_lock);
  vm = find(info->vmid);
  if (vm) {
    mutex_lock(&vm->lock);
    describe(vm, info);
    mutex_unlock(&vm->lock);
  }
  mutex_unlock(&vms_lock);
  return vm ? 0 : -ENOENT;
}

static int load_image(struct redoubt_vm* vm, const struct redoubt_ioc_image* image) {
  int status;

  if (image->image >= vm->image_count || image->reserved || image->bytes != vm->images[image->image].size)
    return -EINVAL;
  if (vm->images[image->image].loaded) return -EEXIST;
  status = redoubt_memory_load(vm, image->image, u64_to_user_ptr(image->content), image->bytes);
  vm->images[image->image].loaded = true; /* or lost: an image is given once */
  return status;
}

static int verify(struct redoubt_vm* vm) {
  for (;;) {
    s64 status = redoubt_call(REDOUBT_HOST_VM_VERIFY, vm->vmid, 0, 0, 0, 0).status;

    if (status != REDOUBT_AGAIN) return redoubt_errno(status, EKEYREJECTED);
    if (signal_pending(current)) return -EINTR;
    cond_resched();
  }
}

static int kick(struct redoubt_vm* vm, unsigned int index) {
  struct redoubt_vcpu* vcpu = index < REDOUBT_MAX_VCPUS ? READ_ONCE(vm->vcpus[index]) : NULL;

  if (!vcpu) return -ENOENT;
  WRITE_ONCE(vcpu->kicked, true);
  redoubt_vcpu_interrupt(vcpu);
  return 0;
}

static long locked_ioctl(struct redoubt_vm* vm, unsigned int command, void __user* argument) {
  struct redoubt_ioc_image image;
  unsigned int index;

  if (vm->gone) return -ESHUTDOWN;
  switch (command) {
    case REDOUBT_IOC_VCPU_CREATE:
      return get_user(index, (unsigned int __user*)argument) ? -EFAULT : redoubt_vcpu_create(vm, index);
    case REDOUBT_IOC_LOAD_IMAGE:
      return copy_from_user(&image, argument, sizeof(image)) ? -EFAULT : load_image(vm, &image);
    case REDOUBT_IOC_VERIFY:
      return verify(vm);
    case REDOUBT_IOC_STOP:
      shut_down(vm);
      return 0;
    default:
      return -ENOTTY;
  }
}

static long vm_ioctl(struct file* file, unsigned int command, unsigned long argument) {
  struct redoubt_vm* vm = file->private_data;
  unsigned int index;
  long status;

  if (command == REDOUBT_IOC_KICK)
    return get_user(index, (unsigned int __user*)argument) ? -EFAULT : kick(vm, index);
  if (mutex_lock_killable(&vm->lock)) return -EINTR;
  status = locked_ioctl(vm, command, (void __user*)argument);
  mutex_unlock(&vm->lock);
  return status;
}

static int vm_release(struct inode* inode, struct file* file) {
  redoubt_vm_put(file->private_data);
  return 0;
}

static const struct file_operations vm_operations = {
    .owner = THIS_MODULE,
    .unlocked_ioctl = vm_ioctl,
    .release = vm_release,
    .llseek = noop_llseek,
};

static int check_name(const char* name) {
  size_t length = strnlen(name, REDOUBT_NAME_BYTES), i;
  struct redoubt_vm* vm;

  if (!length || length == REDOUBT_NAME_BYTES) return -EINVAL;
  for (i = 0; i < length; i++) {
    if (!isalnum(name[i]) && !strchr("-_.", name[i])) return -EINVAL;
  }
  list_for_each_entry(vm, &vms, list) {
    if (!strcmp(vm->name, name)) return -EADDRINUSE;
  }
  return 0;
}

/* What the module itself needs of a manifest; the core has checked all of it. */
static int note_manifest(struct redoubt_vm* vm, const struct redoubt_manifest* manifest) {
  unsigned int i;
  int status = redoubt_memory_init(&vm->memory, manifest->memory_base, manifest->memory_size);

  if (status) return status;
  vm->image_count = min_t(unsigned int, manifest->image_count, REDOUBT_MANIFEST_IMAGES);
  for (i = 0; i < vm->image_count; i++) {
    vm->images[i].address = manifest->images[i].address;
    vm->images[i].size = manifest->images[i].size;
    redoubt_memory_reserve(&vm->memory, vm->images[i].address, vm->images[i].size);
  }
  return 0;
}

static struct redoubt_vm* make(const struct redoubt_manifest* manifest, const char* name) {
  struct redoubt_vm* vm = kzalloc(sizeof(*vm), GFP_KERNEL_ACCOUNT);
  struct redoubt_result result;
  int status;

  if (!vm) return ERR_PTR(-ENOMEM);
  kref_init(&vm->kref);
  mutex_init(&vm->lock);
  strscpy(vm->name, name, sizeof(vm->name));
  vm->process = task_tgid_vnr(current);
  result = redoubt_call(REDOUBT_HOST_VM_CREATE, virt_to_phys(manifest), REDOUBT_MANIFEST_BYTES, 0, 0, 0);
  if (result.status) {
    kfree(vm);
    return ERR_PTR(redoubt_errno(result.status, EKEYREJECTED));
  }
  vm->vmid = result.x1;
  INIT_LIST_HEAD(&vm->memory.chunks);
  status = note_manifest(vm, manifest);
  if (status) {
    shut_down(vm);
    kfree(vm);
    return ERR_PTR(status);
  }
  list_add(&vm->list, &vms);
  WRITE_ONCE(count, count + 1);
  return vm;
}

static struct redoubt_vm* make_named(const struct redoubt_manifest* manifest, const char* name) {
  struct redoubt_vm* vm;
  int status;

  mutex_lock(&vms_lock);
  status = closed ? -ESHUTDOWN : check_name(name);
  vm = status ? ERR_PTR(status) : make(manifest, name);
  mutex_unlock(&vms_lock);
  return vm;
}

int redoubt_vm_create(struct redoubt_ioc_create* request) {
  struct redoubt_manifest* manifest;
  struct redoubt_vm* vm;
  int file;

  if (request->bytes < sizeof(*manifest) || request->bytes > PAGE_SIZE) return -EINVAL;
  manifest = (void*)get_zeroed_page(GFP_KERNEL_ACCOUNT);
  if (!manifest) return -ENOMEM;
  if (copy_from_user(manifest, u64_to_user_ptr(request->manifest), request->bytes))
    vm = ERR_PTR(-EFAULT);
  else
    vm = make_named(manifest, request->name);
  free_page((unsigned long)manifest);
  if (IS_ERR(vm)) return PTR_ERR(vm);
  request->vmid = vm->vmid;
  file = anon_inode_getfd("redoubt-vm", &vm_operations, vm, O_RDWR | O_CLOEXEC);
  if (file < 0) redoubt_vm_put(vm);
  return file;
}
