// SPDX-License-Identifier: BSD-3-Clause
// Header and first instructions of the measuring guest: a stack for each of its two vCPUs, then C++.

        .section .text.start, "ax"
        .globl _start, start_second
_start: b       start                   // Linux's header of an arm64 Image
        .word   0
        .quad   0                       // offset from a 2 MiB boundary
        .quad   image_size
        .quad   0xa                     // little-endian, 4 KiB pages, anywhere in memory
        .quad   0, 0, 0
        .ascii  "ARMd"
        .word   0

start:  adrp    x1, stacks + 8192
        add     sp, x1, :lo12:stacks
        bl      measure_all
1:      wfi
        b       1b

// Entry of the second vCPU.
start_second:
        adrp    x1, stacks + 16384
        add     sp, x1, :lo12:stacks
        bl      serve_interrupts
2:      wfi
        b       2b

        .bss
        .balign 4096
stacks: .space  16384
