# SPDX-License-Identifier: BSD-3-Clause
# Toolchain of the EL2 image: g++ 12 for AArch64, freestanding, general registers only.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc-12)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++-12)
set(CMAKE_ASM_COMPILER aarch64-linux-gnu-gcc-12)
set(CMAKE_OBJCOPY aarch64-linux-gnu-objcopy CACHE STRING "")
set(CMAKE_OBJDUMP aarch64-linux-gnu-objdump CACHE STRING "")
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)

# -mstrict-align and -mno-outline-atomics: no unaligned access while the MMU is off, no calls into libgcc.
string(JOIN " " redoubt_el2_flags
  -ffreestanding -march=armv8-a -mgeneral-regs-only -mstrict-align -mno-outline-atomics -fno-stack-protector
  -fno-asynchronous-unwind-tables -fno-unwind-tables -fno-common -ffunction-sections -fdata-sections)
set(CMAKE_C_FLAGS_INIT "${redoubt_el2_flags}")
set(CMAKE_CXX_FLAGS_INIT "${redoubt_el2_flags} -fno-exceptions -fno-rtti -fno-threadsafe-statics")
set(CMAKE_ASM_FLAGS_INIT "-march=armv8-a")
