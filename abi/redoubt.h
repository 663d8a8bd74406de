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
#define REDOUBT_ABI_MINOR 1

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
  REDOUBT_COUNTER_COUNT
};

/* Event types of the in-memory log; `value` is what the comment says. */
enum redoubt_event {
  REDOUBT_EVENT_BOOT = 1,         /* core ready; value: bytes of core memory */
  REDOUBT_EVENT_CPU_ON = 2,       /* value: MPIDR of the CPU the host asked for */
  REDOUBT_EVENT_CPU_UP = 3,       /* value: MPIDR of the CPU now at EL1 */
  REDOUBT_EVENT_CPU_OFF = 4,      /* value: MPIDR */
  REDOUBT_EVENT_HOST_ABORT = 5,   /* host access refused; value: intermediate physical address */
  REDOUBT_EVENT_HOST_UNDEF = 6,   /* host instruction refused; value: ESR_EL2 */
  REDOUBT_EVENT_SMC_REFUSED = 7,  /* value: function identifier */
  REDOUBT_EVENT_HVC_REFUSED = 8,  /* value: function identifier, or 1 << 32 | immediate */
  REDOUBT_EVENT_SYSTEM_OFF = 9,   /* value: 0 off, 1 reset */
  REDOUBT_EVENT_MMIO_REFUSED = 10 /* device access filtered; value: address */
};

#endif
