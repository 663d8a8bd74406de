// SPDX-License-Identifier: BSD-3-Clause
// EL2 vectors: an exception of the host or a guest goes to C++ with all its registers; one of the core stops the machine.
#define FRAME_SIZE 256  // struct TrapFrame

    .macro unexpected kind
    .balign 128
    msr     sp_el0, x0              // the host never runs again
    mov     x0, #\kind
    b       unexpected_exception
    .endm

    // As `unexpected 4`, but the one load of can_read may fault.
    .macro core_sync
    .balign 128
    msr     sp_el0, x0              // the host has not run, or never runs again
    msr     tpidr_el0, x1
    mrs     x0, elr_el2
    adr     x1, probing_load
    cmp     x0, x1
    b.eq    probe_failed
    mrs     x1, tpidr_el0
    mov     x0, #4
    b       unexpected_exception
    .endm

    // `cause`: enum class ExceptionCause.
    .macro from_lower cause
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
    mov     x1, #\cause
    b       lower_common
    .endm

    .section .vectors, "ax"
    .balign 2048
    .globl vectors
vectors:
    unexpected 0                    // current EL with SP_EL0: sync, IRQ, FIQ, SError
    unexpected 1
    unexpected 2
    unexpected 3
    core_sync                       // current EL with SP_EL2
    unexpected 5
    unexpected 6
    unexpected 7
    from_lower 0                    // EL1 and EL0, AArch64: sync, IRQ, FIQ, SError
    from_lower 1
    from_lower 2
    from_lower 3
    from_lower 0                    // AArch32 at EL1: never, HCR_EL2.RW is set
    from_lower 1
    from_lower 2
    from_lower 3
    .balign 128

lower_common:
    mov     x29, xzr                // ends the chain of frame records
    mov     x30, xzr
    bl      handle_exception
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

// bool can_read(address), see probe.hpp.
    .globl can_read
can_read:
probing_load:
    ldr     x0, [x0]
    mov     x0, #1
    ret
probe_failed:
    adr     x1, 1f
    msr     elr_el2, x1
    eret
    dsb     nsh
    isb
1:  mov     x0, #0
    ret

// x0: which vector. The stack may be gone, so this runs on the CPU's emergency stack.
unexpected_exception:
    mov     x3, x29                 // chain of frame records of the interrupted code
    mrs     x1, tpidr_el2           // struct PerCpu begins with its emergency stack's top
    cbz     x1, 1f
    ldr     x1, [x1]
    b       2f
1:  adrp    x1, early_emergency_stack_top
    add     x1, x1, :lo12:early_emergency_stack_top
2:  mov     sp, x1
    mov     x1, x3
    mov     x29, xzr
    mov     x30, xzr
    bl      stop_on_exception
3:  wfe
    b       3b

// For a CPU that has no struct PerCpu yet: its stack pointer may be wrong or not set.
    .section .bss.early_emergency_stack, "aw", %nobits
    .balign 16
    .skip   4096
early_emergency_stack_top:
    .text

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
