/* SPDX-License-Identifier: BSD-3-Clause OR GPL-2.0-only */
/*
 * What the Linux module redoubt.ko offers to programs through /dev/redoubt, for the redoubt command.
 *
 * REDOUBT_IOC_VM_CREATE gives a VM file, its REDOUBT_IOC_VCPU_CREATE a vCPU file. When the last of a VM's
 * files is closed, also by a kill, the VM is stopped, its pages are taken back and it is destroyed. Order:
 * create, all vCPUs, load every image, verify, run. The core decides about everything; the module checks only
 * what protects the host. Reserved fields are 0. A call that the core refuses gives these errors: EINVAL
 * INVALID_PARAMETER, ENOENT NOT_FOUND, EKEYREJECTED DENIED at creation and verification, EPERM DENIED
 * elsewhere, ENOSPC NO_MEMORY, EBUSY BUSY, EEXIST EXISTS, EOPNOTSUPP NOT_SUPPORTED. Others: ENOMEM the host
 * has no memory left, ESHUTDOWN the VM was stopped, EINTR a signal is pending.
 */
#ifndef REDOUBT_IOCTL_H
#define REDOUBT_IOCTL_H

#include <linux/ioctl.h>

#include "redoubt.h"

#define REDOUBT_DEVICE "/dev/redoubt"
#define REDOUBT_NAME_BYTES 32 /* of a VM's name, with its NUL */
#define REDOUBT_EXIT_KINDS 9  /* members of enum redoubt_exit */

/* Of /dev/redoubt. */

struct redoubt_ioc_info {
  unsigned long long version; /* of the core: major << 32 | minor */
  unsigned long long build;   /* REDOUBT_BUILD_* */
  unsigned int vms;           /* that exist now */
  unsigned int reserved;
};

struct redoubt_ioc_create {
  unsigned long long manifest;   /* user address of a struct redoubt_manifest */
  unsigned int bytes;            /* REDOUBT_MANIFEST_BYTES at most */
  unsigned int vmid;             /* out */
  char name[REDOUBT_NAME_BYTES]; /* on this host; EADDRINUSE: a VM has it already */
};

/* One VM, found by its number; ENOENT: there is none. */
struct redoubt_ioc_vm {
  unsigned int vmid;  /* in: 1..15 */
  unsigned int state; /* enum redoubt_vm_state */
  unsigned int vcpus; /* files made */
  int process;        /* that made it */
  char name[REDOUBT_NAME_BYTES];
  unsigned long long memory;       /* bytes that the manifest names */
  unsigned long long pages;        /* that it owns */
  unsigned long long shared_pages; /* of these, shared with the host */
  unsigned long long blocks;       /* of 2 MiB given on demand */
  unsigned long long single_pages; /* of 4 KiB given on demand */
  unsigned long long exits[REDOUBT_EXIT_KINDS];
};

struct redoubt_ioc_log {
  unsigned long long sequence; /* in: wanted; out: of the record, or with ENOENT of the next to come */
  unsigned long long word;     /* x2 of REDOUBT_HOST_LOG_READ */
  unsigned long long value;
};

struct redoubt_ioc_counter {
  unsigned int which; /* enum redoubt_counter */
  unsigned int reserved;
  unsigned long long value;
};

struct redoubt_ioc_audit {
  unsigned long long invariant; /* out: 0 if all hold */
  unsigned long long frame;     /* out: page frame of the first that does not */
};

/* Of a VM's file. */

struct redoubt_ioc_image {
  unsigned int image; /* index in the manifest */
  unsigned int reserved;
  unsigned long long content; /* user address */
  unsigned long long bytes;   /* all of it; the last page is padded with zeros */
};

/* Of a vCPU's file: one stay in the guest. The fields are those of the mailbox. */
struct redoubt_ioc_run {
  /* Out. */
  unsigned int exit; /* enum redoubt_exit: INTERRUPT (kicked), MMIO, SYSTEM_OFF, SYSTEM_RESET or ERROR */
  unsigned int size;
  unsigned int is_write;
  unsigned int spi_taken;
  unsigned long long address;
  unsigned long long data;
  unsigned long long spi_active[4];
  /* In. */
  unsigned long long mmio_data;
  unsigned int mmio_abort;
  unsigned int spi_count;
  struct {
    unsigned short intid;
    unsigned char priority;
    unsigned char reserved;
  } spi[4]; /* levels: pending while listed */
};

#define REDOUBT_IOC_INFO _IOR('R', 0x00, struct redoubt_ioc_info)
#define REDOUBT_IOC_VM_CREATE _IOWR('R', 0x01, struct redoubt_ioc_create) /* -> file of the VM */
#define REDOUBT_IOC_VM_INFO _IOWR('R', 0x02, struct redoubt_ioc_vm)
#define REDOUBT_IOC_VM_STOP _IOW('R', 0x03, unsigned int) /* vmid: its REDOUBT_IOC_RUN return ESHUTDOWN */
#define REDOUBT_IOC_LOG _IOWR('R', 0x04, struct redoubt_ioc_log)
#define REDOUBT_IOC_COUNTER _IOWR('R', 0x05, struct redoubt_ioc_counter)
#define REDOUBT_IOC_AUDIT _IOR('R', 0x06, struct redoubt_ioc_audit)

#define REDOUBT_IOC_VCPU_CREATE _IOW('R', 0x10, unsigned int) /* index -> file of the vCPU */
#define REDOUBT_IOC_LOAD_IMAGE _IOW('R', 0x11, struct redoubt_ioc_image)
#define REDOUBT_IOC_VERIFY _IO('R', 0x12) /* can be interrupted and called again */
#define REDOUBT_IOC_KICK                                                                     \
  _IOW('R', 0x13, unsigned int)         /* vCPU: its RUN, or the next one, returns INTERRUPT \
                                         */
#define REDOUBT_IOC_STOP _IO('R', 0x14) /* as REDOUBT_IOC_VM_STOP */

#define REDOUBT_IOC_RUN _IOWR('R', 0x20, struct redoubt_ioc_run)

#endif
