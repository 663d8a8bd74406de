// SPDX-License-Identifier: BSD-3-Clause
// A bare guest of 64 KiB for tests of a VM's life: it puts a mark into memory of many kinds, looks for SECONDS
// whether all of it stays, says so, and switches off. `life: done` is the last line of a good run.

// The machine of abi/bundle.h.
#define REDOUBT_GUEST_UART_BASE 0x09000000
#define PSCI_SYSTEM_OFF 0x84000008
#define UART_DATA 0x000
#define UART_FLAGS 0x018
#define MASK 0x5a5a5a5a5a5a5a5a       // kScanMask of guest/checks: no file holds the mark itself
#define MASKED_MARK 0x0b51e55ed0c0ffee // kMaskedMark of tests/life/program
#define PAGES 64                       // one after the other
#define FIRST_PAGE 0x200000
#define REGIONS 6                      // of 2 MiB, one page in each
#define FIRST_REGION 0x400000

        .text
        .globl _start
_start: b       start                   // Linux's header of an arm64 Image
        .word   0
        .quad   0                       // offset from a 2 MiB boundary
        .quad   image_size
        .quad   0xa                     // little-endian, 4 KiB pages, anywhere in memory
        .quad   0, 0, 0
        .ascii  "ARMd"
        .word   0

start:  adr     x1, vectors
        msr     vbar_el1, x1
        isb
        mrs     x25, cntvct_el0
        mrs     x26, cntfrq_el0
        mov     x1, #SECONDS
        mul     x26, x26, x1
        ldr     x20, =MASKED_MARK
        ldr     x1, =MASK
        eor     x20, x20, x1
        adr     x21, put_mark
        bl      for_each_place
1:      adr     x21, look_at_mark
        bl      for_each_place
        mrs     x1, cntvct_el0
        sub     x1, x1, x25
        cmp     x1, x26
        b.lo    1b
        adr     x1, done
        bl      print
off:    ldr     w0, =PSCI_SYSTEM_OFF
        hvc     #0
        b       .

// Calls x21 with a page in x0: some of the image, some that the host gives one by one or as blocks.
for_each_place:
        mov     x29, x30
        adrp    x22, own
        mov     x23, #4
        mov     x24, #4096
        bl      places
        adr     x22, _start
        ldr     x1, =FIRST_PAGE
        add     x22, x22, x1
        mov     x23, #PAGES
        bl      places
        adr     x22, _start
        ldr     x1, =FIRST_REGION
        add     x22, x22, x1
        mov     x23, #REGIONS
        mov     x24, #0x200000
        bl      places
        ret     x29
// x22: first, x23: how many, x24: distance.
places: mov     x28, x30
2:      mov     x0, x22
        blr     x21
        add     x22, x22, x24
        subs    x23, x23, #1
        b.ne    2b
        ret     x28

put_mark:
        ldr     x1, [x0, #256]
        ldr     x2, [x0, #4088]
        orr     x1, x1, x2
        cbnz    x1, lost                // fresh memory is zero
        str     x20, [x0, #256]
        str     x20, [x0, #4088]
        ret
look_at_mark:
        ldr     x1, [x0, #256]
        ldr     x2, [x0, #4088]
        cmp     x1, x20
        ccmp    x2, x20, #0, eq
        b.ne    lost
        ret

lost:   adr     x1, gone
        bl      print
        b       off

// x1: text. Changes x1 to x4.
print:  ldr     x2, =REDOUBT_GUEST_UART_BASE
4:      ldrb    w3, [x1], #1
        cbz     w3, 5f
6:      ldr     w4, [x2, #UART_FLAGS]
        tbnz    w4, #5, 6b              // transmit FIFO full
        str     w3, [x2, #UART_DATA]
        b       4b
5:      ret
        .ltorg
done:   .asciz  "life: done\n"
gone:   .asciz  "life: LOST\n"

        .balign 2048
vectors:
        .rept   16
        b       lost
        .balign 128
        .endr

// Fills the image to 64 KiB.
        .data
        .balign 4096
        .globl own
own:    .space  15 * 4096
