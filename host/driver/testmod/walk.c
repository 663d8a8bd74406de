// SPDX-License-Identifier: BSD-3-Clause OR GPL-2.0-only
/* A raw stage-1 walk (4 KiB granule) to the descriptor itself, independent of the kernel's folding of levels.
 */
#include <asm/barrier.h>
#include <linux/io.h>

#include "module.h"

#define TABLE_ADDRESS 0x0000fffffffff000ull
#define TYPE_MASK 3ull
#define TYPE_TABLE 3ull
#define BITS_PER_LEVEL 9
#define PAGE_BITS 12

static unsigned int level_shift(int level) { return PAGE_BITS + BITS_PER_LEVEL * (3 - level); }

u64* redoubt_test_descriptor(u64 root, unsigned int region_bits, u64 address, int level) {
  int at = 3 - (int)(region_bits - PAGE_BITS - 1) / BITS_PER_LEVEL;
  u64 offset = address & GENMASK_ULL(region_bits - 1, 0);
  u64* table = phys_to_virt(root & TABLE_ADDRESS);

  for (; at < level; at++) {
    u64 descriptor = READ_ONCE(table[(offset >> level_shift(at)) & (BIT(BITS_PER_LEVEL) - 1)]);

    if ((descriptor & TYPE_MASK) != TYPE_TABLE) return NULL;
    table = phys_to_virt(descriptor & TABLE_ADDRESS);
  }
  return &table[(offset >> level_shift(level)) & (BIT(BITS_PER_LEVEL) - 1)];
}

static u64 translation_control(void) {
  u64 tcr;

  asm volatile("mrs %0, tcr_el1" : "=r"(tcr));
  return tcr;
}

u64* redoubt_test_kernel_descriptor(u64 address, int level) {
  u64 root;

  asm volatile("mrs %0, ttbr1_el1" : "=r"(root));
  return redoubt_test_descriptor(root, 64 - ((translation_control() >> 16) & 63), address, level);
}

u64* redoubt_test_user_descriptor(u64 address, int level) {
  u64 root;

  asm volatile("mrs %0, ttbr0_el1" : "=r"(root));
  return redoubt_test_descriptor(root, 64 - (translation_control() & 63), address, level);
}

/* Break, invalidate (VAAE1IS drops cached table entries as well as the leaf), make. */
void redoubt_test_replace(u64* descriptor, u64 value, u64 address) {
  u64 operand = (address >> PAGE_BITS) & GENMASK_ULL(43, 0);

  WRITE_ONCE(*descriptor, 0);
  asm volatile("dsb ishst\n\ttlbi vaae1is, %0\n\tdsb ish\n\tisb" : : "r"(operand) : "memory");
  WRITE_ONCE(*descriptor, value);
  asm volatile("dsb ishst\n\tisb" : : : "memory");
}
