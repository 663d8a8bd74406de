// SPDX-License-Identifier: BSD-3-Clause OR GPL-2.0-only
/* The memory test: takes nearly all free pages, writes a pattern of each page's own, then verifies them all.
 */
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/swap.h>

#include "module.h"

#define LARGEST_ORDER 9
#define TEST_PAGES GFP_HIGHUSER_MOVABLE /* movable, so that the contiguous-memory area is tested too */
#define WORDS_PER_PAGE (PAGE_SIZE / sizeof(u64))
#define RESERVE_BYTES (24 * SZ_1M) /* left to the host, so that nothing is ever killed for memory */

static u64 pattern(u64 pfn, u64 word) {
  return (pfn * 0x9e3779b97f4a7c15ull) ^ (word * 0xc2b2ae3d27d4eb4full) ^ 0x5244425400000000ull;
}

static void write_pages(struct page* block, unsigned int order, u64 words) {
  u64 page, word;

  for (page = 0; page < BIT(order); page++) {
    u64* address = page_address(block + page);

    for (word = 0; word < words; word++) WRITE_ONCE(address[word], pattern(page_to_pfn(block + page), word));
  }
}

static void verify_pages(struct page* block, unsigned int order, u64 words,
                         struct redoubt_test_memory_run* run) {
  u64 page, word;

  for (page = 0; page < BIT(order); page++) {
    u64* address = page_address(block + page);

    for (word = 0; word < words; word++) {
      if (READ_ONCE(address[word]) == pattern(page_to_pfn(block + page), word)) continue;
      if (!run->errors++) run->first_bad = virt_to_phys(&address[word]);
    }
  }
}

static bool room_for(unsigned int order) {
  u64 wanted = (PAGE_SIZE << order) + RESERVE_BYTES;

  return si_mem_available() > 0 && (u64)si_mem_available() * PAGE_SIZE > wanted;
}

static void take_blocks(struct list_head* blocks, unsigned int order, u64 words,
                        struct redoubt_test_memory_run* run) {
  while (room_for(order)) {
    struct page* block = alloc_pages(TEST_PAGES | __GFP_NORETRY | __GFP_NOWARN, order);

    if (!block) return;
    set_page_private(block, order);
    list_add_tail(&block->lru, blocks);
    write_pages(block, order, words);
    run->covered_bytes += PAGE_SIZE << order;
    run->lowest = min(run->lowest, (u64)page_to_phys(block));
    run->highest = max(run->highest, (u64)page_to_phys(block) + (PAGE_SIZE << order) - PAGE_SIZE);
    cond_resched();
  }
}

static void verify_and_free(struct list_head* blocks, u64 words, struct redoubt_test_memory_run* run) {
  struct page *block, *next;

  list_for_each_entry(block, blocks, lru) {
    verify_pages(block, page_private(block), words, run);
    cond_resched();
  }
  list_for_each_entry_safe(block, next, blocks, lru) {
    unsigned int order = page_private(block);

    list_del(&block->lru);
    set_page_private(block, 0);
    __free_pages(block, order);
  }
}

int redoubt_test_memory_run(struct redoubt_test_memory_run* run) {
  u64 words = run->all_words ? WORDS_PER_PAGE : 1;
  struct sysinfo information;
  LIST_HEAD(blocks);
  int order;

  si_meminfo(&information);
  *run = (struct redoubt_test_memory_run){.all_words = run->all_words, .lowest = ~0ull};
  run->total_bytes = (u64)information.totalram * information.mem_unit;
  run->available_bytes = (u64)si_mem_available() * PAGE_SIZE;
  for (order = LARGEST_ORDER; order >= 0; order--) take_blocks(&blocks, order, words, run);
  verify_and_free(&blocks, words, run);
  return 0;
}
