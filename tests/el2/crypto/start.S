// SPDX-License-Identifier: BSD-3-Clause
// EL2 with the MMU on, as the core runs: level 1 blocks of 1 GiB, device below RAM. Then test_main, then off.
    .section .head, "ax"
    .globl _start
_start:
    adrp    x0, stack_end
    mov     sp, x0
    adrp    x0, table
    mov     x1, #0x405                      // block at 0, index 1: device; accessed
    str     x1, [x0]
    mov     x1, #0x701                      // block at 1 GiB, index 0: normal, inner shareable; accessed
    movk    x1, #0x4000, lsl #16
    str     x1, [x0, #8]
    mov     x1, #0x04ff                     // MAIR_EL2: write-back; Device-nGnRE
    msr     mair_el2, x1
    ldr     x1, =0x80823519                 // TCR_EL2: 39 bits, 4 KiB, write-back walks, 40-bit addresses
    msr     tcr_el2, x1
    msr     ttbr0_el2, x0
    dsb     sy
    isb
    ldr     x1, =0x30c5183d                 // SCTLR_EL2: MMU and caches on, no alignment check
    msr     sctlr_el2, x1
    isb
    bl      test_main                       // 0: good
    adrp    x1, exit_block
    add     x1, x1, :lo12:exit_block
    str     x0, [x1, #8]
    mov     w0, #0x20                       // semihosting SYS_EXIT_EXTENDED
    hlt     #0xf000
1:  b       1b

    .section .data, "aw"
    .balign 8
exit_block:
    .quad   0x20026, 0                      // ADP_Stopped_ApplicationExit, code

    .section .bss, "aw", %nobits
    .balign 4096
table:
    .skip   4096
    .globl stack_begin, stack_end
stack_begin:
    .skip   65536
stack_end:
