// SPDX-License-Identifier: BSD-3-Clause
// Entry of the guest that answers: header of an arm64 Image, a stack, vectors that report.
        .text
        .globl _start
_start: b       first
        .word   0
        .quad   0                       // offset from a 2 MiB boundary
        .quad   image_size
        .quad   0xa                     // little-endian, 4 KiB pages, anywhere in memory
        .quad   0, 0, 0
        .ascii  "ARMd"
        .word   0

first:  adrp    x1, stack_end
        add     sp, x1, :lo12:stack_end
        adr     x1, vectors
        msr     vbar_el1, x1
        isb
        bl      guest_main
        b       .

        .balign 2048
vectors:
        .rept   16
        mrs     x0, esr_el1
        b       unexpected
        .balign 128
        .endr

        .bss
        .balign 4096
        .space  8192
stack_end:
