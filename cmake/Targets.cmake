# SPDX-License-Identifier: BSD-3-Clause
# Interface targets that everything links: warnings, and the header-only core.

add_library(redoubt_warnings INTERFACE)
target_compile_options(redoubt_warnings INTERFACE
  $<$<COMPILE_LANGUAGE:C,CXX>:-Wall;-Wextra;-Wpedantic;-Wconversion;-Wshadow>)

# Layers, specification and machines are headers; includes are written from the repository's root.
add_library(redoubt_core INTERFACE)
target_include_directories(redoubt_core INTERFACE "${CMAKE_SOURCE_DIR}")
target_compile_features(redoubt_core INTERFACE cxx_std_20)
if(REDOUBT_DEBUG_CORE)
  target_compile_definitions(redoubt_core INTERFACE REDOUBT_DEBUG_CORE=1)
endif()
