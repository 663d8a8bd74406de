// SPDX-License-Identifier: BSD-3-Clause
// The only code of the core with FP and SIMD instructions: a vCPU's vector registers to and from its saved context.
#define Q0_BYTES 88              // core/machine/context.hpp: from FPSR to Q0, with FPCR right behind FPSR

    .arch armv8-a+fp+simd
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
