/* SPDX-License-Identifier: BSD-3-Clause OR GPL-2.0-only */
/*
 * Every number, structure and status code of the interfaces that Redoubt's core offers.
 *
 * Plain C, used by the core (C++), by the Linux module (C) and by tools. Calls follow the SMC Calling
 * Convention 1.1 (Arm DEN0028): HVC #0, function identifier in w0, arguments in x1..x6, status in x0 and
 * results in x1..x3. All calls here are fast SMC64 calls of the vendor specific hypervisor service range.
 * The host's functions are 0x100..0x1ff, disjoint from the numbers that Linux guests use (0x00..0x3f).
 */
#ifndef REDOUBT_ABI_H
#define REDOUBT_ABI_H

#define REDOUBT_ABI_MAJOR 0
#define REDOUBT_ABI_MINOR 2

/* SMCCC general queries of the vendor specific hypervisor service (SMC32 numbers, DEN0028 section 6.2). */
#define REDOUBT_SMCCC_VENDOR_UID 0x8600ff01u /* -> w0..w3: the identity below */

/* Identity: UUID 7d1b9f42-5c3e-4a68-9b0d-52454420ab1e, as four little-endian words in w0..w3. */
#define REDOUBT_UID_0 0x429f1b7du
#define REDOUBT_UID_1 0x684a3e5cu
#define REDOUBT_UID_2 0x45520d9bu
#define REDOUBT_UID_3 0x1eab2044u

#define REDOUBT_HOST_CALL(n) (0xc6000100u | (n))

/* -> x0 = REDOUBT_SUCCESS, x1 = major << 32 | minor, x2 = build flags (REDOUBT_BUILD_*), x3 = 0 */
#define REDOUBT_HOST_VERSION REDOUBT_HOST_CALL(0x00)
/* x1 = sequence number wanted. -> x0 = status, x1 = sequence number of the record (the oldest kept one that
 * is not older than asked), x2 = event << 56 | CPU << 48 | microseconds since boot (48 bits), x3 = value.
 * REDOUBT_NOT_FOUND: nothing that new has been logged; x1 = next sequence number. */
#define REDOUBT_HOST_LOG_READ REDOUBT_HOST_CALL(0x01)
/* x1 = enum redoubt_counter. -> x0 = status, x1 = value (sum over all CPUs) */
#define REDOUBT_HOST_COUNTER REDOUBT_HOST_CALL(0x02)

/*
 * Life of a VM. Every argument is checked; a call that fails changes nothing. vmid is 1..15, vcpu 0..7,
 * addresses are multiples of 4 KiB unless said otherwise.
 */

/* x1 = physical address of a host page that holds a struct redoubt_manifest (bundle.h), x2 = its bytes. The
 * core copies it once, checks format, key and signature. -> x0 = status, x1 = vmid.
 * INVALID_PARAMETER: not a manifest; DENIED: not signed by a trusted key, or an older counter than one seen;
 * NO_MEMORY: all VMIDs in use. */
#define REDOUBT_HOST_VM_CREATE REDOUBT_HOST_CALL(0x10)
/* x1 = vmid, x2 = vcpu (below the manifest's number). -> x0 = status, x1 = physical address of the vCPU's
 * mailbox (struct redoubt_vcpu_mailbox). DENIED: not READY; EXISTS: was made before. */
#define REDOUBT_HOST_VCPU_CREATE REDOUBT_HOST_CALL(0x11)
/* x1 = vmid, x2 = image, x3 = physical address, x4 = pages (1..32). Gives the image's next pages, in order,
 * with their content. -> x0 = status, x1 = pages taken (also on failure: the first ones are gone).
 * DENIED: not READY, or a page that is not the host's alone; INVALID_PARAMETER: more pages than the image. */
#define REDOUBT_HOST_VM_DONATE_IMAGE REDOUBT_HOST_CALL(0x12)
/* x1 = vmid. Hashes at most 2 KiB of the images. -> x0 = SUCCESS: every image is what the manifest says, the
 * VM can run; AGAIN: call again, x1 = bytes left; DENIED: an image is not complete, or not the signed one
 * (the VM can only be stopped). */
#define REDOUBT_HOST_VM_VERIFY REDOUBT_HOST_CALL(0x13)
/* x1 = vmid, x2 = guest address in the manifest's memory, x3 = physical address, x4 = pages (1..32),
 * x5 = REDOUBT_DONATE_*. Gives memory, zeroed by the core. -> x0 = status, x1 = pages taken. */
#define REDOUBT_HOST_VM_DONATE REDOUBT_HOST_CALL(0x14)
#define REDOUBT_DONATE_MAP 1u /* map each page; without it a VM_MAP_BLOCK must follow */
/* x1 = vmid, x2 = guest address, x3 = physical address (both 2 MiB aligned). Maps the 512 pages from there,
 * all given for these guest addresses without REDOUBT_DONATE_MAP, as one block. */
#define REDOUBT_HOST_VM_MAP_BLOCK REDOUBT_HOST_CALL(0x15)
/* x1 = vmid, x2 = vcpu. Runs it on this CPU until something is for the host. -> x0 = status, x1 = enum
 * redoubt_exit; the rest stands in the mailbox. DENIED: not verified or powered off; BUSY: runs elsewhere;
 * NOT_FOUND: no such vCPU, or it is off. */
#define REDOUBT_HOST_VCPU_RUN REDOUBT_HOST_CALL(0x16)
/* x1 = vmid. No vCPU enters from here on. -> SUCCESS: none runs any more; BUSY: some still do: kick them and
 * call again. */
#define REDOUBT_HOST_VM_STOP REDOUBT_HOST_CALL(0x17)
/* x1 = vmid, x2 = physical address, x3 = pages (1..32). Returns pages of a stopped VM, zeroed. -> x0 =
 * status, x1 = pages returned. DENIED: not stopped, or not the VM's page. */
#define REDOUBT_HOST_VM_RECLAIM REDOUBT_HOST_CALL(0x18)
/* x1 = vmid. The VMID and its tables are free again. BUSY: it still owns pages or was not stopped. */
#define REDOUBT_HOST_VM_DESTROY REDOUBT_HOST_CALL(0x19)
/* x1 = vmid. -> x0 = status, x1 = enum redoubt_vm_state, x2 = pages it owns, x3 = pages it shares. */
#define REDOUBT_HOST_VM_INFO REDOUBT_HOST_CALL(0x1a)
/* Debug core: checks the ownership array, and every table against it, 32 Ki entries a call. x1 = 0, or what
 * the last call answered. -> x0 = SUCCESS (x1 = where the next call goes on, 0: done), or DENIED (x1 = n of
 * the broken INV-PAGE-n, x2 = page frame, or position in the array for n below 4). */
#define REDOUBT_HOST_AUDIT REDOUBT_HOST_CALL(0x1b)
/* Debug core: what its oracle has seen. -> x0 = SUCCESS, x1 = calls and exits checked, x2 = those that
 * differed from their specification. */
#define REDOUBT_HOST_ORACLE REDOUBT_HOST_CALL(0x1d)

/* Debug core: x1 = number of the record wanted. -> x0 = status, x1 = number of the record (the oldest kept
 * one that is not older than asked), x2 = its place in the order of the locks, x3 = CPU << 32 | enum
 * redoubt_trace, x4..x9 = arguments, x10..x13 = results. NOT_FOUND: nothing that new; x1 = next number. */
#define REDOUBT_HOST_TRACE_READ REDOUBT_HOST_CALL(0x1c)

/* Calls of a guest: HVC #0 or SMC #0. PSCI 1.1, SMCCC queries, the vendor UID above, and these, whose numbers
 * and arguments are those of Linux's guest calls. */
#define REDOUBT_GUEST_CALL(n) (0xc6000000u | (n))
/* -> x0 = SUCCESS, bit n set: call n exists, for the 64 calls in x0..x3 as 32-bit words (SMC32 number). */
#define REDOUBT_GUEST_FEATURES 0x86000000u
/* x1..x3 = 0. -> x0 = granule of sharing in bytes. */
#define REDOUBT_GUEST_MEMINFO REDOUBT_GUEST_CALL(2)
/* x1 = guest address of a page, x2 = x3 = 0. The host can read and write it until it is unshared. */
#define REDOUBT_GUEST_MEM_SHARE REDOUBT_GUEST_CALL(3)
#define REDOUBT_GUEST_MEM_UNSHARE REDOUBT_GUEST_CALL(4)

enum redoubt_vm_state {
  REDOUBT_VM_UNUSED = 0,
  REDOUBT_VM_MAPPED = 1,   /* being made by a VM_CREATE on another CPU */
  REDOUBT_VM_READY = 2,    /* takes vCPUs and images */
  REDOUBT_VM_VERIFIED = 3, /* runs */
  REDOUBT_VM_POWEROFF = 4  /* never runs again */
};

/* Why VCPU_RUN returned. */
enum redoubt_exit {
  REDOUBT_EXIT_INTERRUPT = 0, /* an interrupt of the host is pending: run again */
  REDOUBT_EXIT_WFI = 1,       /* nothing to do until `deadline` or an interrupt for it */
  REDOUBT_EXIT_MMIO = 2,      /* access to a device at `address` */
  REDOUBT_EXIT_FAULT = 3,     /* memory is missing at `address`: donate it */
  REDOUBT_EXIT_CPU_ON = 4,    /* the vCPUs in `runnable` may be run; this one too */
  REDOUBT_EXIT_CPU_OFF = 5,   /* this vCPU is off */
  REDOUBT_EXIT_SYSTEM_OFF = 6,
  REDOUBT_EXIT_SYSTEM_RESET = 7,
  REDOUBT_EXIT_ERROR = 8 /* an access to what is neither memory nor device; the vCPU has got an abort */
};

/*
 * Mailbox of one vCPU: a page that core and host share while the VM lives. The core never trusts it: it reads
 * each field of the host once, and only those that the last exit asks for.
 */
struct redoubt_vcpu_mailbox {
  /* Written by the core at each exit. */
  unsigned int exit;          /* enum redoubt_exit */
  unsigned int wake;          /* bit c: vCPU c has got an interrupt from this one: kick it, or end its wait */
  unsigned long long address; /* MMIO: guest address with its offset in the page; FAULT: of the page */
  unsigned int size;          /* MMIO: 1, 2, 4 or 8 bytes */
  unsigned int is_write;      /* MMIO */
  unsigned long long data;    /* MMIO write: the value, zero-extended from `size` */
  unsigned long long deadline; /* WFI: the host's counter value when its timer fires; ~0: never, 0: now */
  unsigned int runnable;       /* bit c: vCPU c is on */
  unsigned int spi_taken;      /* bit i: spi[i] below was delivered at this run */
  unsigned long long spi_active[4]; /* INTIDs below 256: delivered and not yet ended by the guest */
  /* Written by the host before VCPU_RUN. */
  unsigned long long mmio_data; /* the answer to an MMIO read */
  unsigned int mmio_abort;      /* 1: no such register: the vCPU gets an external abort instead */
  unsigned int spi_count;       /* 0..4: how many of spi[] are pending */
  struct {
    unsigned short intid;   /* 32..255 */
    unsigned char priority; /* GIC priority, 0 highest */
    unsigned char reserved;
  } spi[4];
};

#define REDOUBT_BUILD_DEBUG 1u /* stuck guards, ownership audit and dumps are compiled in */

/* Status codes in x0. SMCCC's own NOT_SUPPORTED (-1) answers every call that does not exist. */
#define REDOUBT_SUCCESS 0
#define REDOUBT_NOT_SUPPORTED (-1)
#define REDOUBT_INVALID_PARAMETER (-2)
#define REDOUBT_NOT_FOUND (-3)
#define REDOUBT_DENIED (-4)
#define REDOUBT_NO_MEMORY (-5)
#define REDOUBT_BUSY (-6)
#define REDOUBT_EXISTS (-7)
#define REDOUBT_AGAIN (-8)

/* What the host can read with REDOUBT_HOST_COUNTER. */
enum redoubt_counter {
  REDOUBT_COUNTER_EL2_ENTRIES = 0,       /* all exceptions taken from the host to EL2 */
  REDOUBT_COUNTER_HVC = 1,               /* hypercalls */
  REDOUBT_COUNTER_SMC = 2,               /* trapped SMC instructions */
  REDOUBT_COUNTER_STAGE2_FAULT = 3,      /* stage-2 aborts, data and instruction */
  REDOUBT_COUNTER_SYSREG = 4,            /* trapped system register accesses */
  REDOUBT_COUNTER_MMIO = 5,              /* emulated device accesses */
  REDOUBT_COUNTER_OTHER = 6,             /* every other exception */
  REDOUBT_COUNTER_ABORTS_INJECTED = 7,   /* accesses refused, answered by an abort */
  REDOUBT_COUNTER_UNDEF_INJECTED = 8,    /* instructions refused, answered by UNDEFINED */
  REDOUBT_COUNTER_HOST_PAGES_4K = 9,     /* 4 KiB entries made in the host's stage-2 table */
  REDOUBT_COUNTER_HOST_BLOCKS_2M = 10,   /* 2 MiB entries made in the host's stage-2 table */
  REDOUBT_COUNTER_HOST_TABLE_PAGES = 11, /* page-table pages used by the host's stage-2 table */
  REDOUBT_COUNTER_CORE_BYTES = 12,       /* memory the core has taken for itself, in bytes */
  REDOUBT_COUNTER_CORE_IMAGE_BASE = 13,  /* physical address of the core's image */
  REDOUBT_COUNTER_CORE_IMAGE_SIZE = 14,  /* bytes reserved there */
  REDOUBT_COUNTER_CORE_DATA_BASE = 15,   /* physical address of the core's tables */
  REDOUBT_COUNTER_CORE_DATA_SIZE = 16,   /* bytes reserved there */
  REDOUBT_COUNTER_EL2_TICKS = 17,        /* CNTPCT ticks spent at EL2 after the first ERET */
  REDOUBT_COUNTER_BOOT_TICKS = 18,       /* CNTPCT ticks from the core's entry to its first ERET */
  REDOUBT_COUNTER_VCPU_RUNS = 19,        /* entries of vCPUs asked for by the host */
  REDOUBT_COUNTER_VM_EXITS = 20,         /* all exceptions taken from guests to EL2 */
  REDOUBT_COUNTER_VMIDS = 21,            /* VMIDs in use */
  REDOUBT_COUNTER_VM_PAGES = 22,         /* pages owned by VMs */
  REDOUBT_COUNTER_VM_TABLE_PAGES = 23,   /* page-table pages used by VMs, their roots not counted */
  REDOUBT_COUNTER_COUNT
};

/* Event types of the in-memory log; `value` is what the comment says. */
enum redoubt_event {
  REDOUBT_EVENT_BOOT = 1,          /* core ready; value: bytes of core memory */
  REDOUBT_EVENT_CPU_ON = 2,        /* value: MPIDR of the CPU the host asked for */
  REDOUBT_EVENT_CPU_UP = 3,        /* value: MPIDR of the CPU now at EL1 */
  REDOUBT_EVENT_CPU_OFF = 4,       /* value: MPIDR */
  REDOUBT_EVENT_HOST_ABORT = 5,    /* host access refused; value: intermediate physical address */
  REDOUBT_EVENT_HOST_UNDEF = 6,    /* host instruction refused; value: ESR_EL2 */
  REDOUBT_EVENT_SMC_REFUSED = 7,   /* value: function identifier */
  REDOUBT_EVENT_HVC_REFUSED = 8,   /* value: function identifier, or 1 << 32 | immediate */
  REDOUBT_EVENT_SYSTEM_OFF = 9,    /* value: 0 off, 1 reset */
  REDOUBT_EVENT_MMIO_REFUSED = 10, /* device access filtered; value: address */
  REDOUBT_EVENT_VM_CREATED = 11,   /* value: vmid */
  REDOUBT_EVENT_VM_VERIFIED = 12,  /* value: vmid */
  REDOUBT_EVENT_VM_REFUSED = 13,   /* image or signature; value: vmid << 32 | -status */
  REDOUBT_EVENT_VM_STOPPED = 14,   /* value: vmid */
  REDOUBT_EVENT_VM_DESTROYED = 15, /* value: vmid */
  REDOUBT_EVENT_GUEST_UNDEF = 16   /* guest instruction refused; value: vmid << 32 | low half of ESR_EL2 */
};

/* What a debug core's trace records: each call about VMs, and each critical section in which one of them, or
 * a guest, did something. Results that are a status have the sign of x0. */
enum redoubt_trace {
  REDOUBT_TRACE_CALL = 0,     /* function, x1..x5 -> x0..x3; after its sections. VCPU_RUN: only if refused */
  REDOUBT_TRACE_VMID = 1,     /* -> a VMID for a new VM, or 0xffffffff */
  REDOUBT_TRACE_BEGIN = 2,    /* vmid, bytes of memory: it is MAPPED */
  REDOUBT_TRACE_OPEN = 3,     /* vmid -> status */
  REDOUBT_TRACE_POWEROFF = 4, /* vmid -> status */
  REDOUBT_TRACE_VCPU = 5,     /* vmid, vcpu -> status */
  REDOUBT_TRACE_IMAGE_PAGE = 6,  /* vmid, page frame, image -> status, checksum of the content */
  REDOUBT_TRACE_VERIFY = 7,      /* vmid -> status */
  REDOUBT_TRACE_VERIFY_LEFT = 8, /* vmid -> bytes */
  REDOUBT_TRACE_PAGE = 9,        /* vmid, guest address, page frame -> status */
  REDOUBT_TRACE_BLOCK_PAGE = 10, /* the same, not mapped */
  REDOUBT_TRACE_BLOCK = 11,      /* vmid, guest address, first page frame -> status */
  REDOUBT_TRACE_STOP = 12,       /* vmid -> status */
  REDOUBT_TRACE_TAKE = 13,       /* vmid, page frame -> 1: is the host's again */
  REDOUBT_TRACE_DESTROY = 14,    /* vmid -> status */
  REDOUBT_TRACE_FREE = 15,       /* vmid: may be given again */
  REDOUBT_TRACE_ENTER = 16,      /* vmid, vcpu -> status */
  REDOUBT_TRACE_LEAVE = 17,      /* vmid, vcpu -> status */
  REDOUBT_TRACE_SHARE = 18,      /* vmid, guest address -> status */
  REDOUBT_TRACE_UNSHARE = 19,    /* vmid, guest address -> status */
  REDOUBT_TRACE_STATE = 20,      /* vmid -> enum redoubt_vm_state */
  REDOUBT_TRACE_PAGES = 21,      /* vmid -> pages it owns */
  REDOUBT_TRACE_SHARED = 22,     /* vmid -> pages it shares */
  REDOUBT_TRACE_COUNT
};
/* The checksum: start; then for each word of the page, exclusive or with it, times the factor. */
#define REDOUBT_TRACE_CHECKSUM_START 0xcbf29ce484222325ull
#define REDOUBT_TRACE_CHECKSUM_FACTOR 0x100000001b3ull

#endif
