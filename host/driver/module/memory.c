// SPDX-License-Identifier: BSD-3-Clause OR GPL-2.0-only
/*
 * Memory for VMs: chunks of the host's free memory, given to the core page by page or in blocks of 2 MiB.
 *
 * The kernel may read a few bytes past the end of a page of its own (load_unaligned_zeropad); if the next
 * page were a guest's, that read would be refused and the kernel would die of it. So the page before
 * everything that is given must be ours and not in use (R24): the first page of each chunk is kept as that
 * guard, unless the chunk follows another chunk of the same VM. A chunk of 4 MiB thus holds 511 single pages
 * and one block, or two blocks. Pages are marked offline while a VM has them, so that dumps of the kernel's
 * memory leave them out.
 */
#define pr_fmt(format) "redoubt: " format

#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/page-flags.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "module.h"

#define CHUNK_PAGES BIT(REDOUBT_CHUNK_ORDER)
#define CHUNK_GFP (GFP_KERNEL_ACCOUNT | __GFP_NORETRY | __GFP_NOWARN)

struct chunk {
  struct list_head list;
  struct page* first;
  unsigned int order;
  unsigned int next, end; /* pages not given yet, for single use */
  unsigned int blocks;    /* bit 0, bit 1: lower, upper block not given yet */
  DECLARE_BITMAP(given, CHUNK_PAGES);
};

/* A run of pages inside a chunk. */
struct run {
  struct chunk* chunk;
  unsigned int first, pages;
};

/*
 * The core moves pages under one lock of its own, for which the other CPUs would spin with their interrupts
 * masked. So one call at a time moves them, and who waits sleeps. Taken inside a VM's lock.
 */
static DEFINE_MUTEX(moving);

static struct redoubt_result move(u64 function, u64 x1, u64 x2, u64 x3, u64 x4, u64 x5) {
  struct redoubt_result result;

  mutex_lock(&moving);
  result = redoubt_call(function, x1, x2, x3, x4, x5);
  mutex_unlock(&moving);
  return result;
}

static u64 physical(const struct chunk* chunk, unsigned int page) {
  return page_to_phys(chunk->first + page);
}

int redoubt_memory_init(struct redoubt_memory* memory, u64 base, u64 size) {
  INIT_LIST_HEAD(&memory->chunks);
  memory->base = base;
  memory->size = size;
  memory->given = kvcalloc(BITS_TO_LONGS(size >> PAGE_SHIFT), sizeof(long), GFP_KERNEL_ACCOUNT);
  return memory->given ? 0 : -ENOMEM;
}

void redoubt_memory_reserve(struct redoubt_memory* memory, u64 address, u64 size) {
  u64 first = (address - memory->base) >> PAGE_SHIFT, pages = PAGE_ALIGN(size) >> PAGE_SHIFT;
  u64 all = memory->size >> PAGE_SHIFT;

  if (address < memory->base || first >= all) return;
  bitmap_set(memory->given, first, min(pages, all - first));
}

static bool follows_own_chunk(const struct redoubt_memory* memory, const struct page* first) {
  struct chunk* chunk;

  list_for_each_entry(chunk, &memory->chunks, list) {
    if (page_to_pfn(chunk->first) + BIT(chunk->order) == page_to_pfn(first)) return true;
  }
  return false;
}

static void mark(struct chunk* chunk, bool offline) {
  unsigned int page;

  for (page = 0; page < BIT(chunk->order); page++) {
    if (offline)
      __SetPageOffline(chunk->first + page);
    else
      __ClearPageOffline(chunk->first + page);
  }
}

static struct chunk* add_chunk(struct redoubt_memory* memory, unsigned int order) {
  struct chunk* chunk = kzalloc(sizeof(*chunk), GFP_KERNEL_ACCOUNT);
  bool guarded;

  if (!chunk) return NULL;
  chunk->first = alloc_pages(CHUNK_GFP, order);
  if (!chunk->first) {
    kfree(chunk);
    return NULL;
  }
  chunk->order = order;
  guarded = follows_own_chunk(memory, chunk->first);
  chunk->next = guarded ? 0 : 1;
  chunk->end = BIT(order);
  if (order == REDOUBT_CHUNK_ORDER) {
    chunk->blocks = guarded ? 3 : 2;
    chunk->end = guarded ? 0 : REDOUBT_BLOCK_PAGES;
  }
  mark(chunk, true);
  list_add(&chunk->list, &memory->chunks);
  return chunk;
}

/* A block becomes single pages. */
static bool split_block(struct chunk* chunk) {
  unsigned int block = chunk->blocks & 1 ? 0 : 1;

  if (!chunk->blocks) return false;
  chunk->blocks &= ~BIT(block);
  chunk->next = block * REDOUBT_BLOCK_PAGES;
  chunk->end = chunk->next + REDOUBT_BLOCK_PAGES;
  return true;
}

static struct chunk* chunk_with_pages(struct redoubt_memory* memory) {
  struct chunk* chunk;
  int order;

  list_for_each_entry(chunk, &memory->chunks, list) {
    if (chunk->next < chunk->end) return chunk;
  }
  list_for_each_entry(chunk, &memory->chunks, list) {
    if (split_block(chunk)) return chunk;
  }
  for (order = REDOUBT_CHUNK_ORDER; order > 0; order--) {
    chunk = add_chunk(memory, order);
    if (chunk && (chunk->next < chunk->end || split_block(chunk))) return chunk;
  }
  return NULL;
}

static bool take_pages(struct redoubt_memory* memory, unsigned int most, struct run* run) {
  struct chunk* chunk = chunk_with_pages(memory);

  if (!chunk) return false;
  *run = (struct run){chunk, chunk->next, min(most, chunk->end - chunk->next)};
  chunk->next += run->pages;
  return true;
}

static bool take_block(struct redoubt_memory* memory, struct run* run) {
  unsigned int block, single = 0;
  struct chunk* chunk;

  list_for_each_entry(chunk, &memory->chunks, list) {
    if (chunk->blocks) goto found;
    single += chunk->end - chunk->next;
  }
  /* What guards left over is used up first. */
  if (single >= REDOUBT_BLOCK_PAGES) return false;
  chunk = add_chunk(memory, REDOUBT_CHUNK_ORDER);
  if (!chunk) return false;
found:
  block = chunk->blocks & 1 ? 0 : 1;
  chunk->blocks &= ~BIT(block);
  *run = (struct run){chunk, block * REDOUBT_BLOCK_PAGES, REDOUBT_BLOCK_PAGES};
  return true;
}

static void account(const struct run* run, u64 taken) {
  bitmap_set(run->chunk->given, run->first, min_t(u64, taken, run->pages));
}

/* Copies the next part of an image; the page's rest is zero. */
static int fill(const struct run* run, const char __user* content, u64 bytes) {
  char* to = page_address(run->chunk->first + run->first);

  if (copy_from_user(to, content, bytes)) return -EFAULT;
  memset(to + bytes, 0, run->pages * PAGE_SIZE - bytes);
  return 0;
}

int redoubt_memory_load(struct redoubt_vm* vm, unsigned int image, const char __user* content, u64 bytes) {
  while (bytes) {
    u64 pages = min_t(u64, DIV_ROUND_UP(bytes, PAGE_SIZE), REDOUBT_CALL_PAGES), part;
    struct redoubt_result result;
    struct run run;
    int status;

    if (fatal_signal_pending(current)) return -EINTR;
    if (!take_pages(&vm->memory, pages, &run)) return -ENOMEM;
    part = min_t(u64, bytes, run.pages * PAGE_SIZE);
    status = fill(&run, content, part);
    if (status) return status;
    result =
        move(REDOUBT_HOST_VM_DONATE_IMAGE, vm->vmid, image, physical(run.chunk, run.first), run.pages, 0);
    account(&run, result.x1);
    if (result.status) return redoubt_errno(result.status, EPERM);
    content += part;
    bytes -= part;
    cond_resched();
  }
  return 0;
}

static int donate(struct redoubt_vm* vm, u64 address, const struct run* run, u64 flags) {
  struct redoubt_result result =
      move(REDOUBT_HOST_VM_DONATE, vm->vmid, address, physical(run->chunk, run->first), run->pages, flags);

  account(run, result.x1);
  return redoubt_errno(result.status, EPERM);
}

static int donate_block(struct redoubt_vm* vm, u64 address, const struct run* block) {
  struct run part = {block->chunk, block->first, REDOUBT_CALL_PAGES};
  struct redoubt_result result;

  for (; part.first < block->first + block->pages; part.first += part.pages) {
    int status = donate(vm, address + (part.first - block->first) * PAGE_SIZE, &part, 0);

    if (status) return status;
  }
  result = move(REDOUBT_HOST_VM_MAP_BLOCK, vm->vmid, address, physical(block->chunk, block->first), 0, 0);
  return redoubt_errno(result.status, EPERM);
}

/* The pages around `page` that are not given yet, in its aligned group of as many as a call takes. */
static int donate_pages(struct redoubt_vm* vm, u64 page) {
  struct redoubt_memory* memory = &vm->memory;
  u64 at = round_down(page, REDOUBT_CALL_PAGES), end = at + REDOUBT_CALL_PAGES;

  for (;;) {
    struct run run;
    u64 free_end;
    int status;

    at = find_next_zero_bit(memory->given, end, at);
    if (at >= end) return 0;
    free_end = find_next_bit(memory->given, end, at);
    if (!take_pages(memory, free_end - at, &run)) return test_bit(page, memory->given) ? 0 : -ENOMEM;
    status = donate(vm, memory->base + at * PAGE_SIZE, &run, REDOUBT_DONATE_MAP);
    if (status) return status;
    bitmap_set(memory->given, at, run.pages);
    memory->single_pages += run.pages;
    at += run.pages;
  }
}

int redoubt_memory_fault(struct redoubt_vm* vm, u64 address) {
  struct redoubt_memory* memory = &vm->memory;
  u64 page = (address - memory->base) >> PAGE_SHIFT;
  u64 block = round_down(page, REDOUBT_BLOCK_PAGES);
  struct run run;
  int status;

  if (address < memory->base || page >= memory->size >> PAGE_SHIFT) return -EFAULT;
  if (test_bit(page, memory->given)) return 0; /* another vCPU was first */
  if (find_next_bit(memory->given, block + REDOUBT_BLOCK_PAGES, block) < block + REDOUBT_BLOCK_PAGES ||
      !take_block(memory, &run))
    return donate_pages(vm, page);
  status = donate_block(vm, memory->base + block * PAGE_SIZE, &run);
  if (status) return status;
  bitmap_set(memory->given, block, REDOUBT_BLOCK_PAGES);
  memory->blocks++;
  return 0;
}

/* Takes back what was given of a chunk; stops at the first page that the core keeps. */
static void reclaim(u32 vmid, struct chunk* chunk) {
  unsigned int first = find_first_bit(chunk->given, CHUNK_PAGES);

  while (first < CHUNK_PAGES) {
    unsigned int end = find_next_zero_bit(chunk->given, CHUNK_PAGES, first);
    unsigned int pages = min(end - first, (unsigned int)REDOUBT_CALL_PAGES);
    struct redoubt_result result = move(REDOUBT_HOST_VM_RECLAIM, vmid, physical(chunk, first), pages, 0, 0);

    bitmap_clear(chunk->given, first, min_t(u64, result.x1, pages));
    if (result.status) {
      pr_err("the core does not return page %#llx: status %lld\n", physical(chunk, first), result.status);
      return;
    }
    cond_resched();
    first = find_next_bit(chunk->given, CHUNK_PAGES, first);
  }
}

u64 redoubt_memory_release(struct redoubt_vm* vm) {
  struct redoubt_memory* memory = &vm->memory;
  struct chunk *chunk, *next;
  u64 kept = 0;

  list_for_each_entry_safe(chunk, next, &memory->chunks, list) {
    reclaim(vm->vmid, chunk);
    list_del(&chunk->list);
    kept += bitmap_weight(chunk->given, CHUNK_PAGES);
    if (bitmap_empty(chunk->given, CHUNK_PAGES)) {
      mark(chunk, false);
      __free_pages(chunk->first, chunk->order);
    }
    kfree(chunk); /* a chunk with pages that the core kept is lost to the host, on purpose */
  }
  kvfree(memory->given);
  memory->given = NULL;
  return kept;
}
