// SPDX-License-Identifier: BSD-3-Clause
// EL2 vectors: a synchronous exception of the host goes to C++ with all its registers; everything else stops the machine.
#define FRAME_SIZE 256  // struct TrapFrame

    .macro unexpected kind
    .balign 128
    msr     sp_el0, x0              // the host never runs again
    mov     x0, #\kind
    b       unexpected_exception
    .endm

    .macro host_sync
    .balign 128
    sub     sp, sp, #FRAME_SIZE
    stp     x0, x1, [sp, #0]
    stp     x2, x3, [sp, #16]
    stp     x4, x5, [sp, #32]
    stp     x6, x7, [sp, #48]
    stp     x8, x9, [sp, #64]
    stp     x10, x11, [sp, #80]
    stp     x12, x13, [sp, #96]
    stp     x14, x15, [sp, #112]
    stp     x16, x17, [sp, #128]
    stp     x18, x19, [sp, #144]
    stp     x20, x21, [sp, #160]
    stp     x22, x23, [sp, #176]
    stp     x24, x25, [sp, #192]
    stp     x26, x27, [sp, #208]
    stp     x28, x29, [sp, #224]
    str     x30, [sp, #240]
    mov     x0, sp
    b       host_sync_common
    .endm

    .section .vectors, "ax"
    .balign 2048
    .globl vectors
vectors:
    unexpected 0                    // current EL with SP_EL0: sync, IRQ, FIQ, SError
    unexpected 1
    unexpected 2
    unexpected 3
    unexpected 4                    // current EL with SP_EL2
    unexpected 5
    unexpected 6
    unexpected 7
    host_sync                       // host, AArch64
    unexpected 9
    unexpected 10
    unexpected 11
    host_sync                       // host's user space, AArch32
    unexpected 13
    unexpected 14
    unexpected 15
    .balign 128

host_sync_common:
    mov     x29, xzr                // ends the chain of frame records
    mov     x30, xzr
    bl      handle_host_exception
    ldp     x0, x1, [sp, #0]
    ldp     x2, x3, [sp, #16]
    ldp     x4, x5, [sp, #32]
    ldp     x6, x7, [sp, #48]
    ldp     x8, x9, [sp, #64]
    ldp     x10, x11, [sp, #80]
    ldp     x12, x13, [sp, #96]
    ldp     x14, x15, [sp, #112]
    ldp     x16, x17, [sp, #128]
    ldp     x18, x19, [sp, #144]
    ldp     x20, x21, [sp, #160]
    ldp     x22, x23, [sp, #176]
    ldp     x24, x25, [sp, #192]
    ldp     x26, x27, [sp, #208]
    ldp     x28, x29, [sp, #224]
    ldr     x30, [sp, #240]
    add     sp, sp, #FRAME_SIZE
    eret
    dsb     nsh                     // no straight-line speculation past ERET
    isb

// x0: which vector. The stack may be gone, so this runs on the CPU's emergency stack.
unexpected_exception:
    mov     x3, x29                 // chain of frame records of the interrupted code
    mov     x4, sp
    mrs     x1, tpidr_el2           // struct PerCpu begins with its emergency stack's top
    cbz     x1, 1f
    ldr     x1, [x1]
    mov     sp, x1
1:  mov     x1, x3
    mov     x2, x4
    mov     x29, xzr
    mov     x30, xzr
    bl      stop_on_exception
2:  wfe
    b       2b

// void enter_host(entry, context): first ERET of a CPU. No register carries anything of the core.
    .globl enter_host
enter_host:
    msr     elr_el2, x0
    mov     x0, #0x3c5              // EL1h, DAIF masked
    msr     spsr_el2, x0
    mrs     x2, tpidr_el2
    ldr     x2, [x2, #8]            // struct PerCpu: top of the stack
    mov     sp, x2
    mov     x0, x1
    .irp n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
    mov     x\n, xzr
    .endr
    isb
    eret
    dsb     nsh
    isb
