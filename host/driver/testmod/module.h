/* SPDX-License-Identifier: BSD-3-Clause OR GPL-2.0-only */
/* What the files of the test module share. */
#ifndef REDOUBT_TEST_MODULE_H
#define REDOUBT_TEST_MODULE_H

#include <linux/mm.h>
#include <linux/types.h>

#include "redoubt_test.h"

/* calls.c */
int redoubt_test_call(struct redoubt_test_call* call);
int redoubt_test_sysreg(struct redoubt_test_sysreg* reg);

/* sgi.c */
int redoubt_test_sgi(const struct redoubt_test_sgi* sgi);
/* The call of `call`, between the arrival of a group 0 SGI and its end. */
int redoubt_test_call_with_fiq(struct redoubt_test_call* call);

/* walk.c: where the descriptor of `address` at `level` (1 to 3) lies under a table root; NULL if there is
 * none. */
u64* redoubt_test_descriptor(u64 root, unsigned int region_bits, u64 address, int level);
u64* redoubt_test_kernel_descriptor(u64 address, int level);
u64* redoubt_test_user_descriptor(u64 address, int level);
void redoubt_test_replace(u64* descriptor, u64 value, u64 address);

/* window.c */
int redoubt_test_window_init(void);
void redoubt_test_window_exit(void);
int redoubt_test_window_set(struct redoubt_test_window* window);
int redoubt_test_window_probe(struct redoubt_test_probe* probe);

/* user_map.c */
int redoubt_test_mmap(struct file* file, struct vm_area_struct* vma);
int redoubt_test_user_walk(const struct redoubt_test_user_walk* walk);

/* block.c */
int redoubt_test_block(struct redoubt_test_block* block);
int redoubt_test_linear(struct redoubt_test_linear* linear);

/* memory_run.c */
int redoubt_test_memory_run(struct redoubt_test_memory_run* run);

#endif
