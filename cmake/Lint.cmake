# SPDX-License-Identifier: BSD-3-Clause
# Tests of the sources' form. The hosted preset checks the files; clang-tidy reads each preset's compile commands.

if(REDOUBT_EL2)
  redoubt_command_test(NAME lint-tidy LABELS lint tidy TIMEOUT 2400 PROCESSORS 2
    COMMAND "${CMAKE_SOURCE_DIR}/scripts/lint/tidy.py" "${CMAKE_BINARY_DIR}" --target=aarch64-linux-gnu)
elseif(NOT REDOUBT_ONLY_LABELS)
  redoubt_command_test(NAME lint-format LABELS lint TIMEOUT 120
    COMMAND "${CMAKE_SOURCE_DIR}/scripts/lint/format.py")
  redoubt_command_test(NAME lint-sources LABELS lint TIMEOUT 120
    COMMAND "${CMAKE_SOURCE_DIR}/scripts/lint/sources.py")
  # What ships in the core is checked on every run; the tools and the tests take ten minutes more: --long=tidy.
  redoubt_command_test(NAME lint-tidy LABELS lint tidy TIMEOUT 900 PROCESSORS 2
    COMMAND "${CMAKE_SOURCE_DIR}/scripts/lint/tidy.py" "${CMAKE_BINARY_DIR}" boot/ tools/redoubt-pack)
  redoubt_command_test(NAME lint-tidy-all LABELS long-tidy TIMEOUT 2400 PROCESSORS 2
    COMMAND "${CMAKE_SOURCE_DIR}/scripts/lint/tidy.py" "${CMAKE_BINARY_DIR}")
  # What runs inside the host is built by a script, with the cross compiler.
  execute_process(COMMAND_ERROR_IS_FATAL ANY
    COMMAND "${CMAKE_SOURCE_DIR}/guest/build-checks" "--compile-commands=${CMAKE_BINARY_DIR}/guest-checks/compile_commands.json")
  redoubt_command_test(NAME lint-tidy-guest LABELS lint tidy TIMEOUT 300 PROCESSORS 2
    COMMAND "${CMAKE_SOURCE_DIR}/scripts/lint/tidy.py" "${CMAKE_BINARY_DIR}/guest-checks" --target=aarch64-linux-gnu)
endif()
