// SPDX-License-Identifier: BSD-3-Clause
// The smallest guest: a bare arm64 Image that uses one feature of its machine after another, says so on the
// console, and switches off. `payload: done` is the last line of a good run.

// The machine of abi/bundle.h.
#define REDOUBT_GUEST_GICD_BASE 0x08000000
#define REDOUBT_GUEST_GICR_BASE 0x080a0000
#define REDOUBT_GUEST_UART_BASE 0x09000000
#define PSCI_VERSION 0x84000000
#define PSCI_SYSTEM_OFF 0x84000008
#define UART_DATA 0x000
#define UART_FLAGS 0x018
#define UART_IDENTITY 0xfe0 // its low byte is 0x11 in every PL011 (Arm DDI0183)
#define GICR_WAKER 0x14
#define GICR_SGI_FRAME 0x10000
#define GICR_IGROUPR0 0x80
#define GICR_ISENABLER0 0x100
#define TIMER_PPI 27
#define FAR_AWAY 0x01000000 // memory that no image touches
#define NOWHERE 0x8000000000 // neither memory nor device

// Translation tables: 39-bit addresses in pages of 4 KiB, so that a walk starts at level 1. All of it uncached.
#define TCR 0x0000000280190019 // T0SZ, T1SZ: 25; TG0, TG1: 4 KiB; IPS: 40 bits
#define MAIR 0x44              // 0: normal memory, not cacheable; 1: device
#define DEVICES 0x0060000000000405 // a block of 1 GiB at 0: device, not executable
#define MEMORY 0x0000000040000701  // a block of 1 GiB at 0x40000000
#define TABLE 3

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

        .macro  say text
        adr     x1, 1f
        bl      print
        .pushsection .rodata
1:      .asciz  "\text"
        .popsection
        .endm

        .macro  say_value text
        say     "\text"
        mov     x1, x19
        bl      print_hex
        .endm

start:  mov     x28, x0
        adrp    x1, stack_end
        add     sp, x1, :lo12:stack_end
        adr     x1, vectors
        msr     vbar_el1, x1
        isb
        say     "payload: up, "
        mrs     x19, currentel
        say_value "CurrentEL "
        mov     x19, x28
        say_value "payload: device tree at "
        ldr     w19, [x28]              // 0xedfe0dd0: the tree's magic, big-endian
        say_value "payload: its magic "
        bl      check_mmio
        bl      check_memory
        bl      check_psci
        bl      check_timer
        bl      check_walks
        say     "payload: done\n"
off:    ldr     w0, =PSCI_SYSTEM_OFF
        hvc     #0
        b       .

check_mmio:
        stp     x29, x30, [sp, #-16]!
        ldr     x2, =REDOUBT_GUEST_UART_BASE
        ldr     w19, [x2, #UART_IDENTITY]
        say_value "payload: UART identity "
        ldp     x29, x30, [sp], #16
        ret

check_memory:
        stp     x29, x30, [sp, #-16]!
        adr     x2, _start
        ldr     x3, =FAR_AWAY
        add     x2, x2, x3
        ldr     x19, [x2, #8]
        say_value "payload: fresh memory reads "
        adr     x2, _start
        ldr     x3, =FAR_AWAY
        add     x2, x2, x3
        str     x2, [x2, #8]
        ldr     x19, [x2, #8]
        say_value "payload: then what was written "
        ldp     x29, x30, [sp], #16
        ret

check_psci:
        stp     x29, x30, [sp, #-16]!
        ldr     w0, =PSCI_VERSION
        hvc     #0
        mov     x19, x0
        say_value "payload: PSCI by HVC "
        ldr     w0, =PSCI_VERSION
        smc     #0
        mov     x19, x0
        say_value "payload: PSCI by SMC "
        ldp     x29, x30, [sp], #16
        ret

// The virtual timer fires while the CPU waits; the interrupt is taken by polling, PSTATE.I stays set.
check_timer:
        stp     x29, x30, [sp, #-16]!
        ldr     x2, =REDOUBT_GUEST_GICD_BASE
        mov     w3, #0x12               // affinity routing, group 1
        str     w3, [x2]
        ldr     x2, =REDOUBT_GUEST_GICR_BASE
        str     wzr, [x2, #GICR_WAKER]
        add     x2, x2, #GICR_SGI_FRAME
        mov     w3, #-1
        str     w3, [x2, #GICR_IGROUPR0]
        mov     w3, #(1 << TIMER_PPI)
        str     w3, [x2, #GICR_ISENABLER0]
        mov     x3, #1
        msr     s3_0_c12_c12_5, x3      // ICC_SRE_EL1
        isb
        mov     x3, #0xff
        msr     s3_0_c4_c6_0, x3        // ICC_PMR_EL1
        mov     x3, #1
        msr     s3_0_c12_c12_7, x3      // ICC_IGRPEN1_EL1
        isb
        mrs     x3, cntfrq_el0
        lsr     x3, x3, #6
        msr     cntv_tval_el0, x3
        mov     x3, #1
        msr     cntv_ctl_el0, x3
        isb
2:      mrs     x19, isr_el1            // bit 7: an interrupt is pending
        tbnz    x19, #7, 3f
        wfi
        b       2b
3:      mrs     x19, s3_0_c12_c12_0     // ICC_IAR1_EL1
        msr     cntv_ctl_el0, xzr
        isb
        msr     s3_0_c12_c12_1, x19     // ICC_EOIR1_EL1
        isb
        say_value "payload: timer interrupt "
        ldp     x29, x30, [sp], #16
        ret

// Tables that lie nowhere: the step of the walk that meets them ends in an external abort on a walk of that
// level, fault status 0x14 + level. Entry 2 of level 1 names a missing table of level 2; entry 3 one of level 2,
// whose entry 0 names a missing table of level 3; the upper half has no table at all.
check_walks:
        stp     x29, x30, [sp, #-16]!
        adrp    x2, level1
        adrp    x3, level2
        ldr     x4, =DEVICES
        ldr     x5, =MEMORY
        stp     x4, x5, [x2]
        ldr     x4, =NOWHERE | TABLE
        orr     x5, x3, #TABLE
        stp     x4, x5, [x2, #16]
        str     x4, [x3]
        ldr     x4, =MAIR
        msr     mair_el1, x4
        ldr     x4, =TCR
        msr     tcr_el1, x4
        msr     ttbr0_el1, x2
        ldr     x4, =NOWHERE
        msr     ttbr1_el1, x4
        adr     x4, walk_vectors
        msr     vbar_el1, x4
        dsb     sy
        tlbi    vmalle1
        dsb     sy
        isb
        mrs     x21, sctlr_el1
        orr     x4, x21, #1             // M
        msr     sctlr_el1, x4
        isb
        ldr     x22, =0xffffff8000000000
        ldr     x20, [x22]
        mov     x23, x20
        ldr     x22, =0x80000000
        ldr     x20, [x22]
        orr     x23, x20, x23, lsl #8
        ldr     x22, =0xc0000000
        ldr     x20, [x22]
        orr     x23, x20, x23, lsl #8
        msr     sctlr_el1, x21
        adr     x4, vectors
        msr     vbar_el1, x4
        isb
        mov     x19, x23
        say_value "payload: aborts on walks of levels 1, 2, 3 "
        ldr     x4, =0x151617
        cmp     x23, x4
        b.ne    9f
        ldp     x29, x30, [sp], #16
        ret
9:      say     "payload: FAILED, other levels\n"
        b       off

// The fault status to x20, and past the load.
walk_abort:
        mrs     x20, elr_el1
        add     x20, x20, #4
        msr     elr_el1, x20
        mrs     x20, esr_el1
        and     x20, x20, #0x3f
        eret

// x1: text. Changes x1 to x4.
print:  ldr     x2, =REDOUBT_GUEST_UART_BASE
4:      ldrb    w3, [x1], #1
        cbz     w3, 5f
6:      ldr     w4, [x2, #UART_FLAGS]
        tbnz    w4, #5, 6b              // transmit FIFO full
        str     w3, [x2, #UART_DATA]
        b       4b
5:      ret

// x1: number, printed with a line end. Changes x1 to x6.
print_hex:
        ldr     x2, =REDOUBT_GUEST_UART_BASE
        mov     x5, #60
7:      lsr     x3, x1, x5
        and     x3, x3, #15
        add     w4, w3, #'0'
        add     w6, w3, #('a' - 10)
        cmp     w3, #10
        csel    w3, w4, w6, lo
        str     w3, [x2, #UART_DATA]
        subs    x5, x5, #4
        b.ge    7b
        mov     w3, #'\n'
        str     w3, [x2, #UART_DATA]
        ret

unexpected:
        mrs     x19, esr_el1
        say_value "payload: FAILED by an exception, ESR "
        mrs     x19, elr_el1
        say_value "payload: at "
        b       off

        .balign 2048
vectors:
        .rept   16
        b       unexpected
        .balign 128
        .endr
        .balign 2048
walk_vectors:
        .rept   16
        b       walk_abort
        .balign 128
        .endr
        .ltorg

        .section .rodata
        .bss
        .balign 4096
        .space  4096
stack_end:
level1: .space  4096
level2: .space  4096
