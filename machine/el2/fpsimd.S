// SPDX-License-Identifier: BSD-3-Clause
// The only code of the core with FP, SIMD and SVE instructions: vector registers to and from memory.
#define Q0_BYTES 88              // core/machine/context.hpp: from FPSR to Q0, with FPCR right behind FPSR

    .arch armv8-a+fp+simd+sve
    .section .text.fpsimd, "ax"

// void fpsimd_save_words(u64* fpsr): FPSR, FPCR and Q0..Q31 of this CPU into a saved context.
    .balign 16
    .globl fpsimd_save_words
    .type fpsimd_save_words, %function
fpsimd_save_words:
    mrs     x1, fpsr
    mrs     x2, fpcr
    stp     x1, x2, [x0]
    add     x0, x0, #Q0_BYTES
    stp     q0, q1, [x0, #0]
    stp     q2, q3, [x0, #32]
    stp     q4, q5, [x0, #64]
    stp     q6, q7, [x0, #96]
    stp     q8, q9, [x0, #128]
    stp     q10, q11, [x0, #160]
    stp     q12, q13, [x0, #192]
    stp     q14, q15, [x0, #224]
    stp     q16, q17, [x0, #256]
    stp     q18, q19, [x0, #288]
    stp     q20, q21, [x0, #320]
    stp     q22, q23, [x0, #352]
    stp     q24, q25, [x0, #384]
    stp     q26, q27, [x0, #416]
    stp     q28, q29, [x0, #448]
    stp     q30, q31, [x0, #480]
    ret
    .size fpsimd_save_words, . - fpsimd_save_words

// void fpsimd_restore_words(u64 const* fpsr): the other way.
    .balign 16
    .globl fpsimd_restore_words
    .type fpsimd_restore_words, %function
fpsimd_restore_words:
    ldp     x1, x2, [x0]
    msr     fpsr, x1
    msr     fpcr, x2
    add     x0, x0, #Q0_BYTES
    ldp     q0, q1, [x0, #0]
    ldp     q2, q3, [x0, #32]
    ldp     q4, q5, [x0, #64]
    ldp     q6, q7, [x0, #96]
    ldp     q8, q9, [x0, #128]
    ldp     q10, q11, [x0, #160]
    ldp     q12, q13, [x0, #192]
    ldp     q14, q15, [x0, #224]
    ldp     q16, q17, [x0, #256]
    ldp     q18, q19, [x0, #288]
    ldp     q20, q21, [x0, #320]
    ldp     q22, q23, [x0, #352]
    ldp     q24, q25, [x0, #384]
    ldp     q26, q27, [x0, #416]
    ldp     q28, q29, [x0, #448]
    ldp     q30, q31, [x0, #480]
    ret
    .size fpsimd_restore_words, . - fpsimd_restore_words

// void sve_save_words(u64* fpsr, u64* z): FPSR and FPCR likewise, and Z0..Z31 at EL2's vector length. Predicates stay in
// the CPU: nothing that a guest can execute touches them.
    .balign 16
    .globl sve_save_words
    .type sve_save_words, %function
sve_save_words:
    mrs     x2, fpsr
    mrs     x3, fpcr
    stp     x2, x3, [x0]
    str     z0, [x1, #0, mul vl]
    str     z1, [x1, #1, mul vl]
    str     z2, [x1, #2, mul vl]
    str     z3, [x1, #3, mul vl]
    str     z4, [x1, #4, mul vl]
    str     z5, [x1, #5, mul vl]
    str     z6, [x1, #6, mul vl]
    str     z7, [x1, #7, mul vl]
    str     z8, [x1, #8, mul vl]
    str     z9, [x1, #9, mul vl]
    str     z10, [x1, #10, mul vl]
    str     z11, [x1, #11, mul vl]
    str     z12, [x1, #12, mul vl]
    str     z13, [x1, #13, mul vl]
    str     z14, [x1, #14, mul vl]
    str     z15, [x1, #15, mul vl]
    str     z16, [x1, #16, mul vl]
    str     z17, [x1, #17, mul vl]
    str     z18, [x1, #18, mul vl]
    str     z19, [x1, #19, mul vl]
    str     z20, [x1, #20, mul vl]
    str     z21, [x1, #21, mul vl]
    str     z22, [x1, #22, mul vl]
    str     z23, [x1, #23, mul vl]
    str     z24, [x1, #24, mul vl]
    str     z25, [x1, #25, mul vl]
    str     z26, [x1, #26, mul vl]
    str     z27, [x1, #27, mul vl]
    str     z28, [x1, #28, mul vl]
    str     z29, [x1, #29, mul vl]
    str     z30, [x1, #30, mul vl]
    str     z31, [x1, #31, mul vl]
    ret
    .size sve_save_words, . - sve_save_words

// void sve_restore_words(u64 const* fpsr, u64 const* z): the other way.
    .balign 16
    .globl sve_restore_words
    .type sve_restore_words, %function
sve_restore_words:
    ldp     x2, x3, [x0]
    msr     fpsr, x2
    msr     fpcr, x3
    ldr     z0, [x1, #0, mul vl]
    ldr     z1, [x1, #1, mul vl]
    ldr     z2, [x1, #2, mul vl]
    ldr     z3, [x1, #3, mul vl]
    ldr     z4, [x1, #4, mul vl]
    ldr     z5, [x1, #5, mul vl]
    ldr     z6, [x1, #6, mul vl]
    ldr     z7, [x1, #7, mul vl]
    ldr     z8, [x1, #8, mul vl]
    ldr     z9, [x1, #9, mul vl]
    ldr     z10, [x1, #10, mul vl]
    ldr     z11, [x1, #11, mul vl]
    ldr     z12, [x1, #12, mul vl]
    ldr     z13, [x1, #13, mul vl]
    ldr     z14, [x1, #14, mul vl]
    ldr     z15, [x1, #15, mul vl]
    ldr     z16, [x1, #16, mul vl]
    ldr     z17, [x1, #17, mul vl]
    ldr     z18, [x1, #18, mul vl]
    ldr     z19, [x1, #19, mul vl]
    ldr     z20, [x1, #20, mul vl]
    ldr     z21, [x1, #21, mul vl]
    ldr     z22, [x1, #22, mul vl]
    ldr     z23, [x1, #23, mul vl]
    ldr     z24, [x1, #24, mul vl]
    ldr     z25, [x1, #25, mul vl]
    ldr     z26, [x1, #26, mul vl]
    ldr     z27, [x1, #27, mul vl]
    ldr     z28, [x1, #28, mul vl]
    ldr     z29, [x1, #29, mul vl]
    ldr     z30, [x1, #30, mul vl]
    ldr     z31, [x1, #31, mul vl]
    ret
    .size sve_restore_words, . - sve_restore_words
