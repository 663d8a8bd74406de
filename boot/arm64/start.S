// SPDX-License-Identifier: BSD-3-Clause
// Entry of the core: Linux Image header, boot CPU and secondary CPUs up to the first line of C++.
#define SCTLR_EL2_OFF 0x30c50830  // RES1 bits only: MMU, caches and alignment checks off, little-endian
#define HCR_EL2_RW (1 << 31)
#define STACK_STRIDE_SHIFT_LOW 12  // a stack and its guard page are 9 pages: see link.ld

    .section .head, "ax"
    .globl _start
_start:
    b       boot_entry
    .word   0
    .quad   0                       // text_offset
    .quad   _image_memory_size      // image_size: the packer adds the payload's
    .quad   0xa                     // little-endian, 4 KiB pages, anywhere in RAM
    .quad   0, 0, 0
    .ascii  "ARM\x64"
    .word   0
    .globl image_descriptor
image_descriptor:                   // struct ImageDescriptor
    .quad   0x5442554445520a01
    .word   1
    .word   REDOUBT_BUILD_FLAGS
    .quad   _image_memory_size
    .quad   0, 0, 0, 0, 0

// x0: device tree. MMU and data cache off, image cleaned to the point of coherency (Linux boot protocol).
boot_entry:
    mrs     x20, cntpct_el0
    mov     x21, x0
    msr     daifset, #0xf
    mrs     x22, CurrentEL
    adrp    x1, _start
    adrp    x2, _image_end
    bl      clean_and_invalidate
    bl      relocate
    adrp    x1, __bss_start
    adrp    x2, __bss_end
1:  stp     xzr, xzr, [x1], #64     // both page aligned
    stp     xzr, xzr, [x1, #-48]
    stp     xzr, xzr, [x1, #-32]
    stp     xzr, xzr, [x1, #-16]
    cmp     x1, x2
    b.lo    1b
    adrp    x0, __stacks_start
    add     x0, x0, #(9 << STACK_STRIDE_SHIFT_LOW)
    mov     sp, x0
    mov     x29, xzr
    mov     x30, xzr
    lsr     x0, x22, #2
    cmp     x0, #2
    b.ne    refuse_exception_level  // x0: the level
    bl      reset_el2
    mov     x0, x21
    bl      boot_before_mmu         // builds the first stage-1 tables
    adrp    x1, _start              // drop what speculation may have put into the caches meanwhile
    adrp    x2, _image_end
    bl      clean_and_invalidate
    bl      enable_mmu
    mov     x0, x21
    mov     x1, x20
    b       boot_main

// x0: index of this CPU, as handed to the firmware's CPU_ON.
    .globl secondary_entry
secondary_entry:
    msr     daifset, #0xf
    mov     x19, x0
    bl      reset_el2
    bl      enable_mmu
    add     x1, x19, #1
    add     x1, x1, x1, lsl #3      // 9 pages a CPU
    adrp    x0, __stacks_start
    add     x0, x0, x1, lsl #STACK_STRIDE_SHIFT_LOW
    mov     sp, x0
    mov     x29, xzr
    mov     x30, xzr
    mov     x0, x19
    b       secondary_main

// Known state of the registers that decide how this code itself runs. E2H is cleared here and checked in C++.
reset_el2:
    mov     x0, #HCR_EL2_RW
    msr     hcr_el2, x0
    isb
    ldr     w0, =SCTLR_EL2_OFF
    msr     sctlr_el2, x0
    mov     x0, #0x22ff             // CPTR_EL2 with E2H = 0: nothing trapped
    msr     cptr_el2, x0
    adrp    x0, vectors
    add     x0, x0, :lo12:vectors
    msr     vbar_el2, x0
    msr     tpidr_el2, xzr          // no struct PerCpu yet
    msr     spsel, #1
    isb
    ret

// Loads struct MmuConfig: mair, tcr, ttbr0, sctlr.
enable_mmu:
    adrp    x0, mmu_config
    add     x0, x0, :lo12:mmu_config
    ldp     x1, x2, [x0]
    ldp     x3, x4, [x0, #16]
    msr     mair_el2, x1
    msr     tcr_el2, x2
    msr     ttbr0_el2, x3
    isb
    tlbi    alle2
    dsb     nsh
    ic      iallu
    dsb     nsh
    isb
    msr     sctlr_el2, x4
    isb
    ret

// x1..x2, page aligned: clean and invalidate by address to the point of coherency. Two lines a round: a page has an
// even number of them.
clean_and_invalidate:
    mrs     x3, ctr_el0
    ubfx    x3, x3, #16, #4
    mov     x4, #4
    lsl     x3, x4, x3              // bytes of the smallest line
    dsb     sy
1:  dc      civac, x1
    add     x1, x1, x3
    dc      civac, x1
    add     x1, x1, x3
    cmp     x1, x2
    b.lo    1b
    dsb     sy
    ret

// The image is linked at 0: adds its address to every R_AARCH64_RELATIVE word.
relocate:
    adrp    x0, _start
    adrp    x1, __rela_start
    add     x1, x1, :lo12:__rela_start
    adrp    x2, __rela_end
    add     x2, x2, :lo12:__rela_end
1:  cmp     x1, x2
    b.hs    2f
    ldp     x3, x4, [x1]            // offset; info is the type alone
    ldr     x5, [x1, #16]
    add     x1, x1, #24
    cmp     x4, #1027
    b.ne    1b                      // link.ld refuses other kinds
    add     x5, x5, x0
    str     x5, [x0, x3]
    b       1b
2:  ret
