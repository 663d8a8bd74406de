/* SPDX-License-Identifier: BSD-3-Clause OR GPL-2.0-only */
/*
 * A VM bundle: what redoubt-sign writes, the host carries and the core checks at EL2 (R21).
 *
 * A bundle file is a struct redoubt_manifest in its first 4096 bytes (the rest of them zero), then the images
 * in the manifest's order, each padded with zeros to whole pages. All numbers are little-endian. The Ed25519
 * signature covers all bytes of the manifest before it.
 */
#ifndef REDOUBT_BUNDLE_H
#define REDOUBT_BUNDLE_H

#define REDOUBT_MANIFEST_MAGIC 0x314d4556544d4452ull /* "RDMTVEM1" */
#define REDOUBT_MANIFEST_VERSION 1u
#define REDOUBT_MANIFEST_IMAGES 5
#define REDOUBT_MANIFEST_BYTES 4096

struct redoubt_manifest_image {
  unsigned long long address; /* guest address, 4 KiB aligned, inside the memory */
  unsigned long long size;    /* bytes, > 0; images share no page */
  unsigned char sha512[64];   /* of these bytes, padded with zeros to whole pages */
  char kind[16];              /* "kernel", "initrd", "dtb", ...: for people */
};

struct redoubt_manifest {
  unsigned long long magic;
  unsigned int version;
  unsigned int image_count;       /* 1..REDOUBT_MANIFEST_IMAGES */
  unsigned long long memory_base; /* guest address, 2 MiB aligned */
  unsigned long long memory_size; /* bytes, a multiple of 2 MiB */
  unsigned int vcpus;             /* 1..8 */
  unsigned int reserved;          /* 0 */
  unsigned long long entry;       /* PC of vCPU 0 at its first run, inside an image */
  unsigned long long dtb;         /* x0 of vCPU 0 at its first run, inside an image */
  unsigned long long counter;     /* never decreases for one name */
  char name[32];                  /* NUL-terminated: letters, digits, '-', '_', '.' */
  unsigned char key[32];          /* Ed25519 public key: one of the core's key set */
  struct redoubt_manifest_image images[REDOUBT_MANIFEST_IMAGES];
  unsigned char signature[64]; /* Ed25519 over everything above */
};

/*
 * The machine that every VM sees; redoubt-sign describes it in the device tree, the core emulates the
 * redistributors and the CPU interface, the VMM the distributor and the console.
 */
#define REDOUBT_GUEST_GICD_BASE 0x08000000u
#define REDOUBT_GUEST_GICD_SIZE 0x00010000u
#define REDOUBT_GUEST_GICR_BASE 0x080a0000u
#define REDOUBT_GUEST_GICR_STRIDE 0x00020000u /* per vCPU: RD frame, SGI frame */
#define REDOUBT_GUEST_UART_BASE 0x09000000u   /* PL011 */
#define REDOUBT_GUEST_UART_SIZE 0x00001000u
#define REDOUBT_GUEST_UART_SPI 1u /* INTID 33, level */
#define REDOUBT_GUEST_RAM_BASE 0x40000000ull
#define REDOUBT_GUEST_MMIO_END 0x40000000ull /* below: devices; above: memory */

#endif
