// SPDX-License-Identifier: BSD-3-Clause
// A walk that does too little, so that the templates look too long: shows that zero_cost.py can fail.
#include <stdint.h>

uint64_t walk_pgd(void* core, uint64_t vmid, uint64_t vttbr, uint64_t addr, uint32_t alloc);
uint64_t walk_pud(void* core, uint64_t vmid, uint64_t pgd, uint64_t addr, uint32_t alloc);
uint64_t walk_pmd(void* core, uint64_t vmid, uint64_t pud, uint64_t addr, uint32_t alloc);
uint64_t walk_pte(void* core, uint64_t vmid, uint64_t pmd, uint64_t addr);
void set_pmd(void* core, uint64_t vmid, uint64_t pud, uint64_t addr, uint64_t pmd);
void set_pte(void* core, uint64_t vmid, uint64_t pmd, uint64_t addr, uint64_t pte);

static volatile uint64_t* entry(uint64_t table, uint64_t addr, int shift) {
  return (volatile uint64_t*)((table & 0x0000fffffffff000ull) | (((addr >> shift) & 511) << 3));
}

uint64_t walk_pgd(void* core, uint64_t vmid, uint64_t vttbr, uint64_t addr, uint32_t alloc) {
  (void)core, (void)vmid, (void)alloc;
  return *entry(vttbr, addr, 39);
}
uint64_t walk_pud(void* core, uint64_t vmid, uint64_t pgd, uint64_t addr, uint32_t alloc) {
  (void)core, (void)vmid, (void)alloc;
  return *entry(pgd, addr, 30);
}
uint64_t walk_pmd(void* core, uint64_t vmid, uint64_t pud, uint64_t addr, uint32_t alloc) {
  (void)core, (void)vmid, (void)alloc;
  return *entry(pud, addr, 21);
}
uint64_t walk_pte(void* core, uint64_t vmid, uint64_t pmd, uint64_t addr) {
  (void)core, (void)vmid;
  return *(volatile uint64_t*)(pmd + addr);
}
void set_pmd(void* core, uint64_t vmid, uint64_t pud, uint64_t addr, uint64_t pmd) {
  (void)core, (void)vmid;
  *entry(pud, addr, 21) = pmd;
}
void set_pte(void* core, uint64_t vmid, uint64_t pmd, uint64_t addr, uint64_t pte) {
  (void)core, (void)vmid;
  *entry(pmd, addr, 12) = pte;
}
