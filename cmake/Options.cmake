# SPDX-License-Identifier: BSD-3-Clause
# What a preset chooses, and the settings that hold for every preset.

option(REDOUBT_EL2 "Build the EL2 image (cross, freestanding) instead of the hosted programs" OFF)
option(REDOUBT_DEBUG_CORE "Compile stuck guards, audits and dumps into the EL2 image" OFF)
option(REDOUBT_TESTS "Build the hosted tests and the proof engine" ON)
set(REDOUBT_ONLY_LABELS "" CACHE STRING "Register only tests that carry one of these labels (empty: all)")
set(REDOUBT_TEST_PREFIX "" CACHE STRING "Put before every test name, so that presets can share one summary")
set(REDOUBT_EL2_BUILD "${CMAKE_SOURCE_DIR}/build/el2" CACHE PATH "Build directory of the EL2 image that tests boot")
set(REDOUBT_EL2_DEBUG_BUILD "${CMAKE_SOURCE_DIR}/build/el2-debug" CACHE PATH "Build directory of the debug core that long tests boot")
set(REDOUBT_BOOT "${CMAKE_BINARY_DIR}/boot-inputs") # what the boot-6.1 and boot-6.12 fixtures make

if(DEFINED ENV{REDOUBT_CACHE})
  set(redoubt_default_cache "$ENV{REDOUBT_CACHE}")
else()
  set(redoubt_default_cache "${CMAKE_SOURCE_DIR}/build/cache")
endif()
set(REDOUBT_CACHE "${redoubt_default_cache}" CACHE PATH "Download cache filled by scripts/guest-inputs")
set(REDOUBT_LIBFDT_ARM64 "${REDOUBT_CACHE}/libfdt-arm64" CACHE PATH "Debian's libfdt-dev:arm64, unpacked (include/, lib/)")

set(REDOUBT_LIBSODIUM_SOURCE "${REDOUBT_CACHE}/libsodium-source/libsodium" CACHE PATH "src/libsodium of Debian's source package")

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT REDOUBT_EL2)
  set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
endif()
