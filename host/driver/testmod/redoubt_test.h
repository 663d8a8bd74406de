/* SPDX-License-Identifier: BSD-3-Clause OR GPL-2.0-only */
/*
 * The interface of /dev/redoubt-test: what the in-host checks ask the test module to do for them.
 *
 * Plain C, shared by the module and by the static check program. The module gives root what a hostile
 * kernel has anyway: any physical page in a user or kernel mapping, any SMC or HVC, any system register.
 */
#ifndef REDOUBT_TEST_H
#define REDOUBT_TEST_H

#include <linux/ioctl.h>
#include <linux/types.h>

/* Which instruction carries a call. */
enum redoubt_test_conduit {
  REDOUBT_TEST_HVC_0 = 0,    /* HVC #0 */
  REDOUBT_TEST_HVC_1 = 1,    /* HVC #1 */
  REDOUBT_TEST_HVC_FFFF = 2, /* HVC #0xffff */
  REDOUBT_TEST_SMC_0 = 3,    /* SMC #0 */
  REDOUBT_TEST_SMC_1 = 4,    /* SMC #1 */
  /* HVC #0 with interrupts masked while a group 0 SGI, its INTID in `reserved`, is pending at this CPU as an
   * FIQ. It must be in group 0 in this CPU's redistributor. It is ended afterwards; bit 8 of `reserved` says
   * that it was there. */
  REDOUBT_TEST_HVC_FIQ = 5
};

/* A call: x0..x17 before it and, on return, after it. */
struct redoubt_test_call {
  __u32 conduit;
  __u32 reserved;
  __u64 x[18];
};

/* One system register read at EL1. `name` in, `value` out. EL2 registers end the task by an oops. */
enum redoubt_test_register {
  REDOUBT_TEST_CURRENT_EL = 0,
  REDOUBT_TEST_ID_AA64PFR0 = 1,
  REDOUBT_TEST_ID_AA64PFR1 = 2,
  REDOUBT_TEST_ID_AA64MMFR0 = 3,
  REDOUBT_TEST_ID_AA64SMFR0 = 4,
  REDOUBT_TEST_MPIDR = 5,
  REDOUBT_TEST_HCR_EL2 = 6,
  REDOUBT_TEST_VTTBR_EL2 = 7,
  REDOUBT_TEST_ELR_EL2 = 8,
  REDOUBT_TEST_SMCR_EL1 = 9,
  REDOUBT_TEST_GCR_EL1 = 10,
  REDOUBT_TEST_REGISTER_COUNT
};
struct redoubt_test_sysreg {
  __u32 name;
  __u32 reserved;
  __u64 value;
};

/* What software may write to send physical SGIs. */
enum redoubt_test_sgi_register { REDOUBT_TEST_SGI1R = 0, REDOUBT_TEST_ASGI1R = 1, REDOUBT_TEST_SGI0R = 2 };
struct redoubt_test_sgi {
  __u32 which;
  __u32 reserved;
  __u64 value;
};

/* Memory types of a mapping, user or kernel. */
enum redoubt_test_memory { REDOUBT_TEST_CACHED = 0, REDOUBT_TEST_UNCACHED = 1, REDOUBT_TEST_DEVICE = 2 };

/* mmap offset: physical address | memory type << 48 | REDOUBT_TEST_MMAP_ON_FAULT (vmf_insert_pfn route). */
#define REDOUBT_TEST_MMAP_TYPE_SHIFT 48
#define REDOUBT_TEST_MMAP_ON_FAULT (1ull << 52)

/* The kernel window: one kernel virtual address whose translation the caller chooses. */
enum redoubt_test_window_kind {
  REDOUBT_TEST_WINDOW_RESTORE = 0, /* back to the module's own memory */
  REDOUBT_TEST_WINDOW_LEAF = 1,    /* level-3 entry maps `physical` */
  REDOUBT_TEST_WINDOW_TABLE =
      2 /* level-2 entry names `physical` as its level-3 table; 0: a copy of its own */
};
struct redoubt_test_window {
  __u32 kind;
  __u32 memory;          /* enum redoubt_test_memory, for LEAF */
  __u64 physical;        /* page address, or 0 where the kind allows it */
  __u64 virtual_address; /* out: where the window is */
};

/* What a kernel probe executes at window + offset. */
enum redoubt_test_operation {
  REDOUBT_TEST_LOAD = 0,
  REDOUBT_TEST_STORE = 1,
  REDOUBT_TEST_LOAD_PAIR = 2,
  REDOUBT_TEST_STORE_PAIR = 3,
  REDOUBT_TEST_EXCLUSIVE = 4,  /* LDXR, STXR */
  REDOUBT_TEST_ZERO_BLOCK = 5, /* DC ZVA */
  REDOUBT_TEST_CLEAN = 6,      /* DC CIVAC */
  REDOUBT_TEST_EXECUTE = 7,    /* BLR */
  REDOUBT_TEST_OPERATION_COUNT
};
struct redoubt_test_probe {
  __u32 operation;
  __u32 offset; /* bytes inside the page, a multiple of 64 */
  __u64 value;  /* what is stored; on return what was loaded */
};

/* One page of the module's own, for controls: its physical address. Freed with the file. */
struct redoubt_test_page {
  __u64 physical;
};

/* The memory test: every free page of the host gets its own pattern, then all are verified. */
struct redoubt_test_memory_run {
  __u32 all_words; /* in: 1 writes every word, 0 one word a page */
  __u32 reserved;
  __u64 available_bytes; /* out: MemAvailable before */
  __u64 total_bytes;     /* out: MemTotal */
  __u64 covered_bytes;   /* out: tested */
  __u64 errors;          /* out: words that read back wrong */
  __u64 first_bad;       /* out: physical address of the first of them */
  __u64 lowest;          /* out: lowest and highest physical page address tested */
  __u64 highest;
};

/* Makes the entry at `level` (1 or 2) of the calling task's user address name `physical` (0: a copy of the
 * present table) as its table; put back when the task's memory is torn down. The next access there walks
 * through that page.
 */
struct redoubt_test_user_walk {
  __u64 address;
  __u64 physical;
  __u32 level;
  __u32 reserved;
};

/* A run of 2^order pages. physical: 0 takes one, and is where it is on return; else it is freed. */
struct redoubt_test_block {
  __u64 physical;
  __u32 order;
  __u32 reserved;
};

/* One access through the kernel's own map of all memory. A refused one ends the task by an oops. */
struct redoubt_test_linear {
  __u64 physical;
  __u64 value; /* what is stored, or was loaded */
  __u32 write;
  __u32 reserved;
  __u64 virtual_address; /* out */
};

#define REDOUBT_TEST_CALL _IOWR('R', 0x80, struct redoubt_test_call)
#define REDOUBT_TEST_SYSREG _IOWR('R', 0x81, struct redoubt_test_sysreg)
#define REDOUBT_TEST_WINDOW _IOWR('R', 0x82, struct redoubt_test_window)
#define REDOUBT_TEST_PROBE _IOWR('R', 0x83, struct redoubt_test_probe)
#define REDOUBT_TEST_PAGE _IOR('R', 0x84, struct redoubt_test_page)
#define REDOUBT_TEST_MEMORY_RUN _IOWR('R', 0x85, struct redoubt_test_memory_run)
#define REDOUBT_TEST_USER_WALK _IOW('R', 0x86, struct redoubt_test_user_walk)
#define REDOUBT_TEST_BLOCK _IOWR('R', 0x87, struct redoubt_test_block)
#define REDOUBT_TEST_LINEAR _IOWR('R', 0x88, struct redoubt_test_linear)
#define REDOUBT_TEST_SGI _IOW('R', 0x89, struct redoubt_test_sgi)

#endif
