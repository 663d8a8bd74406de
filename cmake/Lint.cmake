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
  # What runs inside the host is built by scripts, with the cross compiler.
  foreach(inside IN ITEMS guest=guest/build-checks attack=tests/attack/build life=tests/life/build)
    string(REGEX MATCH "(.*)=(.*)" unused "${inside}")
    set(database "${CMAKE_BINARY_DIR}/inside-host/${CMAKE_MATCH_1}")
    set(name lint-tidy-${CMAKE_MATCH_1})
    execute_process(COMMAND_ERROR_IS_FATAL ANY
      COMMAND "${CMAKE_SOURCE_DIR}/${CMAKE_MATCH_2}" "--compile-commands=${database}/compile_commands.json")
    redoubt_command_test(NAME ${name} LABELS lint tidy TIMEOUT 300 PROCESSORS 2
      COMMAND "${CMAKE_SOURCE_DIR}/scripts/lint/tidy.py" "${database}" --target=aarch64-linux-gnu)
  endforeach()
endif()
