/* SPDX-License-Identifier: BSD-3-Clause OR GPL-2.0-only */
/* What the files of the module share: VMs, their vCPUs, the memory given to them, calls into the core. */
#ifndef REDOUBT_MODULE_H
#define REDOUBT_MODULE_H

#include <linux/bitmap.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/types.h>
#include <linux/wait.h>

#include "bundle.h"
#include "redoubt_ioctl.h"

#define REDOUBT_MAX_VMID 15
#define REDOUBT_MAX_VCPUS 8
#define REDOUBT_CALL_PAGES 32 /* most that one call gives or takes back */
#define REDOUBT_CHUNK_ORDER 10
#define REDOUBT_BLOCK_ORDER 9
#define REDOUBT_BLOCK_PAGES (1u << REDOUBT_BLOCK_ORDER)

struct redoubt_vm;

struct redoubt_vcpu {
  struct redoubt_vm* vm;
  unsigned int index;
  struct mutex lock;          /* one thread runs it */
  struct redoubt_ioc_run run; /* what that thread was asked, and tells; protected by `lock` */
  struct redoubt_vcpu_mailbox* mailbox;
  wait_queue_head_t wait;
  int cpu;     /* that it runs on, or -1 */
  bool kicked; /* by REDOUBT_IOC_KICK: back to the VMM */
  bool woken;  /* by another vCPU: end of a wait */
};

/* Memory of one VM. Protected by the VM's lock. */
struct redoubt_memory {
  struct list_head chunks;
  u64 base, size;       /* of the guest's memory, as the manifest says */
  unsigned long* given; /* guest pages given so far, or reserved for an image */
  u64 blocks, single_pages;
};

struct redoubt_image_state {
  u64 address, size;
  bool loaded;
};

struct redoubt_vm {
  struct kref kref;      /* one for each file */
  struct list_head list; /* of all VMs */
  struct mutex lock;     /* memory, vCPU table, the calls that are no VCPU_RUN */
  u32 vmid;
  char name[REDOUBT_NAME_BYTES];
  pid_t process;
  bool stopping; /* no vCPU enters any more */
  bool gone;     /* stopped, pages taken back, destroyed */
  struct redoubt_memory memory;
  unsigned int image_count;
  struct redoubt_image_state images[REDOUBT_MANIFEST_IMAGES];
  struct redoubt_vcpu* vcpus[REDOUBT_MAX_VCPUS];
  unsigned long runnable; /* vCPUs that another one switched on */
  atomic64_t exits[REDOUBT_EXIT_KINDS];
};

/* calls.c: one call into the core. */
struct redoubt_result {
  s64 status;
  u64 x1, x2, x3;
};
struct redoubt_result redoubt_call(u64 function, u64 x1, u64 x2, u64 x3, u64 x4, u64 x5);
/* A negative errno for a status; `denied` for REDOUBT_DENIED. */
int redoubt_errno(s64 status, int denied);
/* Whether the core is there and speaks this ABI; says in the kernel's log what is wrong. */
int redoubt_find_core(void);

/* memory.c: all with the VM's lock held, and able to sleep. */
int redoubt_memory_init(struct redoubt_memory* memory, u64 base, u64 size);
/* Marks a range of guest memory as given by other means. */
void redoubt_memory_reserve(struct redoubt_memory* memory, u64 address, u64 size);
int redoubt_memory_load(struct redoubt_vm* vm, unsigned int image, const char __user* content, u64 bytes);
int redoubt_memory_fault(struct redoubt_vm* vm, u64 address);
/* Takes every page back from a stopped VM; frees those it got. Returns how many the core kept: 0 if all is
 * well. */
u64 redoubt_memory_release(struct redoubt_vm* vm);

/* vm.c */
int redoubt_vm_create(struct redoubt_ioc_create* request);
int redoubt_vm_info(struct redoubt_ioc_vm* info);
int redoubt_vm_stop(u32 vmid);
unsigned int redoubt_vm_count(void);
void redoubt_vm_stop_all(void);
void redoubt_vm_get(struct redoubt_vm* vm);
void redoubt_vm_put(struct redoubt_vm* vm);

/* vcpu.c */
int redoubt_vcpu_create(struct redoubt_vm* vm, unsigned int index);
void redoubt_vcpu_free(struct redoubt_vcpu* vcpu);
/* Makes it leave the guest or its wait, if it is there. */
void redoubt_vcpu_interrupt(struct redoubt_vcpu* vcpu);

#endif
