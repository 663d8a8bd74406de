// SPDX-License-Identifier: BSD-3-Clause
// Entry of the hostile guest on each vCPU, its vectors, and the single accesses that may fault.
//
// The MMU stays off. An exception inside a leaf function returns to that function's caller, with the syndrome
// in TPIDR_EL1 and the fault address in TPIDR_EL0.

        .text
        .globl _start
_start: mov     x19, x0
        adrp    x1, stacks
        add     x1, x1, :lo12:stacks
        mrs     x2, mpidr_el1
        and     x2, x2, #7
        add     x2, x2, #1
        lsl     x2, x2, #12
        add     sp, x1, x2
        adr     x1, vectors
        msr     vbar_el1, x1
        isb
        mov     x0, x19
        bl      agent_main
        b       .

        .globl agent_load, agent_store, agent_hvc, agent_smc, agent_branch, agent_execute, agent_hold
agent_load:
        ldr     x0, [x0]
        ret
agent_store:
        str     x1, [x0]
        ret
// x0: array of x0 to x3, before and after.
agent_hvc:
        mov     x9, x0
        ldp     x0, x1, [x9]
        ldp     x2, x3, [x9, #16]
        hvc     #0
        stp     x0, x1, [x9]
        stp     x2, x3, [x9, #16]
        ret
agent_smc:
        mov     x9, x0
        ldp     x0, x1, [x9]
        ldp     x2, x3, [x9, #16]
        smc     #0
        stp     x0, x1, [x9]
        stp     x2, x3, [x9, #16]
        ret
agent_branch:
        br      x0
// x0: code (`instruction; ret`), x1, x2: its x0 and x1.
agent_execute:
        mov     x9, x0
        mov     x0, x1
        mov     x1, x2
        br      x9
// x0: device register, x1: canary. All other registers get values made of the canary, one device read happens,
// and the answer is the number of registers that changed.
agent_hold:
        stp     x29, x30, [sp, #-96]!
        stp     x19, x20, [sp, #16]
        stp     x21, x22, [sp, #32]
        stp     x23, x24, [sp, #48]
        stp     x25, x26, [sp, #64]
        stp     x27, x28, [sp, #80]
        .irp    n, 2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
        add     x\n, x1, #\n
        .endr
        ldr     x0, [x0]
        mov     x0, #0
        .irp    n, 2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
        sub     x\n, x\n, x1
        cmp     x\n, #\n
        cinc    x0, x0, ne
        .endr
        ldp     x19, x20, [sp, #16]
        ldp     x21, x22, [sp, #32]
        ldp     x23, x24, [sp, #48]
        ldp     x25, x26, [sp, #64]
        ldp     x27, x28, [sp, #80]
        ldp     x29, x30, [sp], #96
        ret

taken:  mrs     x16, esr_el1
        msr     tpidr_el1, x16
        mrs     x16, far_el1
        msr     tpidr_el0, x16
        msr     elr_el1, x30
        eret

        .balign 2048
vectors:
        .rept   16
        b       taken
        .balign 128
        .endr

        .bss
        .balign 4096
        .globl  scratch, spare
scratch: .space 4096
spare:  .space  4096
stacks: .space  8 * 4096
