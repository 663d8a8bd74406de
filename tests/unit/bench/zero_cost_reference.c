// SPDX-License-Identifier: BSD-3-Clause
// The page-table walk as a C programmer writes it, for QEMU's virt board: what the templates must not exceed.
#include <stdint.h>

#define TABLE_ADDRESS 0x0000fffffffff000ull
#define TABLE_TYPE 3ull
#define PAGE 4096ull
#define CORE_VMID 16

// Pool area: the host's pool, fifteen guests' pools of 512 KiB, the core's. In each: root page, three zones.
#define HOST_POOL_SIZE (0xa000ull + (2048 + 16) * PAGE)
#define GUEST_POOL_SHIFT 19

struct core {
  uint64_t pool_base;
  uint64_t next[17][3];
};

_Noreturn void fail_stop(uint32_t why);

static inline uint64_t pool_start(const struct core* core, uint64_t vmid) {
  if (vmid == 0) return core->pool_base;
  return core->pool_base + HOST_POOL_SIZE + ((vmid - 1) << GUEST_POOL_SHIFT);
}

// First byte after a zone, from the start of the pool.
static inline uint64_t zone_end(uint64_t vmid, int zone) {
  switch (zone) {
    case 0:
      return 0x3000;
    case 1:
      return vmid == 0 ? 0xa000 : vmid == CORE_VMID ? 0x4000 : 0x9000;
    default:
      return vmid == 0 ? HOST_POOL_SIZE : vmid == CORE_VMID ? 0x8000 : 0x80000;
  }
}

static inline uint64_t alloc_table(struct core* core, uint64_t vmid, int zone) {
  uint64_t page = core->next[vmid][zone];
  if (page + PAGE > pool_start(core, vmid) + zone_end(vmid, zone)) fail_stop(1);
  core->next[vmid][zone] = page + PAGE;
  return page;
}

static inline volatile uint64_t* entry(uint64_t table, uint64_t addr, int shift) {
  // NOLINTNEXTLINE(performance-no-int-to-ptr): tables are named by physical address
  return (volatile uint64_t*)((table & TABLE_ADDRESS) | (((addr >> shift) & 511) << 3));
}

static inline uint64_t step(struct core* core, uint64_t vmid, volatile uint64_t* slot, uint32_t alloc,
                            int zone) {
  uint64_t found = *slot;
  if (found == 0 && alloc == 1) {
    found = alloc_table(core, vmid, zone) | TABLE_TYPE;
    *slot = found;
  }
  return found;
}

uint64_t walk_pgd(struct core* core, uint64_t vmid, uint64_t vttbr, uint64_t addr, uint32_t alloc) {
  return step(core, vmid, entry(vttbr, addr, 39), alloc, 0);
}

uint64_t walk_pud(struct core* core, uint64_t vmid, uint64_t pgd, uint64_t addr, uint32_t alloc) {
  if (pgd == 0) return 0;
  return step(core, vmid, entry(pgd, addr, 30), alloc, 1);
}

uint64_t walk_pmd(struct core* core, uint64_t vmid, uint64_t pud, uint64_t addr, uint32_t alloc) {
  if (pud == 0) return 0;
  return step(core, vmid, entry(pud, addr, 21), alloc, 2);
}

uint64_t walk_pte(struct core* core, uint64_t vmid, uint64_t pmd, uint64_t addr) {
  (void)core;
  (void)vmid;
  return pmd == 0 ? 0 : *entry(pmd, addr, 12);
}

void set_pmd(struct core* core, uint64_t vmid, uint64_t pud, uint64_t addr, uint64_t pmd) {
  (void)core;
  (void)vmid;
  *entry(pud, addr, 21) = pmd;
}

void set_pte(struct core* core, uint64_t vmid, uint64_t pmd, uint64_t addr, uint64_t pte) {
  (void)core;
  (void)vmid;
  *entry(pmd, addr, 12) = pte;
}
