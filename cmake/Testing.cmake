# SPDX-License-Identifier: BSD-3-Clause
# redoubt_test and redoubt_command_test: how every folder registers its tests. See cmake/README.md.

set(redoubt_labels unit property proof lint tidy qemu el2 concurrent bench fuzz heavy)

# Checks a test's arguments and says in OUT whether this preset wants it.
function(redoubt_check_test out name labels timeout)
  if(NOT name OR NOT labels OR NOT timeout)
    message(FATAL_ERROR "a test needs NAME, LABELS and TIMEOUT (given: '${name}' '${labels}' '${timeout}')")
  endif()
  set(wanted ${REDOUBT_TESTS})
  if(REDOUBT_ONLY_LABELS)
    set(wanted OFF)
  endif()
  foreach(label IN LISTS labels)
    if(NOT label IN_LIST redoubt_labels AND NOT label MATCHES "^long-[a-z]+$")
      message(FATAL_ERROR "${name}: unknown label '${label}' (known: ${redoubt_labels}, long-NAME)")
    endif()
    if(label IN_LIST REDOUBT_ONLY_LABELS)
      set(wanted ON)
    endif()
  endforeach()
  set(${out} ${wanted} PARENT_SCOPE)
endfunction()

# Owners of the precompiled headers; the tests reuse them. Empty sources, so their cost is paid once a preset.
function(redoubt_pch_owner name)
  if(TARGET ${name})
    return()
  endif()
  if(NOT EXISTS "${CMAKE_BINARY_DIR}/pch/${name}.cpp")
    file(WRITE "${CMAKE_BINARY_DIR}/pch/${name}.cpp" "")
  endif()
  add_library(${name} OBJECT "${CMAKE_BINARY_DIR}/pch/${name}.cpp")
  target_link_libraries(${name} PRIVATE redoubt_core redoubt_warnings redoubt::gtest redoubt::rapidcheck)
  if(name STREQUAL "redoubt_pch_proof")
    target_link_libraries(${name} PRIVATE redoubt::z3)
    target_precompile_headers(${name} PRIVATE <gtest/gtest.h> <rapidcheck.h> <rapidcheck/gtest.h> <z3++.h>)
  else()
    target_precompile_headers(${name} PRIVATE <gtest/gtest.h> <rapidcheck.h> <rapidcheck/gtest.h>)
  endif()
endfunction()

# redoubt_test(NAME n SOURCES f... LABELS l... TIMEOUT seconds [LIBS target...] [PCH test|proof|none]
#              [ARGS a...] [ENVIRONMENT v=x...] [PROCESSORS n])
# A GoogleTest/RapidCheck program and its ctest entry.
function(redoubt_test)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME;TIMEOUT;PCH;PROCESSORS" "SOURCES;LABELS;LIBS;ARGS;ENVIRONMENT")
  redoubt_check_test(wanted "${arg_NAME}" "${arg_LABELS}" "${arg_TIMEOUT}")
  if(NOT wanted)
    return()
  endif()
  add_executable(${arg_NAME} ${arg_SOURCES})
  target_link_libraries(${arg_NAME} PRIVATE redoubt_core redoubt_warnings redoubt_crypto redoubt::gtest_main
    redoubt::gtest redoubt::rapidcheck ${arg_LIBS})
  if(NOT arg_PCH)
    set(arg_PCH test)
    if("redoubt::z3" IN_LIST arg_LIBS)
      set(arg_PCH proof)
    endif()
  endif()
  if(NOT arg_PCH STREQUAL "none")
    redoubt_pch_owner(redoubt_pch_${arg_PCH})
    target_precompile_headers(${arg_NAME} REUSE_FROM redoubt_pch_${arg_PCH})
  endif()
  add_test(NAME "${REDOUBT_TEST_PREFIX}${arg_NAME}" COMMAND ${arg_NAME} ${arg_ARGS})
  redoubt_test_properties("${arg_NAME}" "${arg_LABELS}" "${arg_TIMEOUT}" "${arg_PROCESSORS}" "${arg_ENVIRONMENT}")
endfunction()

# redoubt_command_test(NAME n COMMAND c... LABELS l... TIMEOUT seconds [EXIT code] [MATCH regex] [PROCESSORS n]
#                      [ENVIRONMENT v=x...] [NEEDS fixture...] [MAKES fixture] [COST seconds])
# Runs a command; passes if it ends with exactly that exit code (0) and its output matches the regular expression.
# The costlier start first, so that a long test on one processor has others beside it.
function(redoubt_command_test)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME;TIMEOUT;EXIT;MATCH;PROCESSORS;MAKES;COST" "COMMAND;LABELS;ENVIRONMENT;NEEDS")
  redoubt_check_test(wanted "${arg_NAME}" "${arg_LABELS}" "${arg_TIMEOUT}")
  if(NOT wanted)
    return()
  endif()
  if(NOT DEFINED arg_EXIT)
    set(arg_EXIT 0)
  endif()
  list(GET arg_COMMAND 0 program) # as add_test does: a target's name stands for its file
  if(TARGET "${program}")
    list(REMOVE_AT arg_COMMAND 0)
    list(PREPEND arg_COMMAND "$<TARGET_FILE:${program}>")
  endif()
  add_test(NAME "${REDOUBT_TEST_PREFIX}${arg_NAME}"
    COMMAND "${CMAKE_SOURCE_DIR}/scripts/expect" "${arg_EXIT}" "${arg_MATCH}" ${arg_COMMAND})
  redoubt_test_properties("${arg_NAME}" "${arg_LABELS}" "${arg_TIMEOUT}" "${arg_PROCESSORS}" "${arg_ENVIRONMENT}")
  set_tests_properties("${REDOUBT_TEST_PREFIX}${arg_NAME}" PROPERTIES FIXTURES_REQUIRED "${arg_NEEDS}"
    FIXTURES_SETUP "${arg_MAKES}")
  if(DEFINED arg_COST)
    set_tests_properties("${REDOUBT_TEST_PREFIX}${arg_NAME}" PROPERTIES COST ${arg_COST})
  endif()
endfunction()

set(REDOUBT_RC_PARAMS "seed=1" CACHE STRING "RapidCheck's configuration in all but the long tests")

# Long tests draw their seeds anew and print them; all others repeat exactly.
function(redoubt_test_properties name labels timeout processors environment)
  if(NOT labels MATCHES "long-")
    list(PREPEND environment "RC_PARAMS=${REDOUBT_RC_PARAMS}")
  endif()
  list(APPEND environment "REDOUBT_CACHE=${REDOUBT_CACHE}" "GTEST_COLOR=no")
  if(NOT processors)
    set(processors 1)
  endif()
  set_tests_properties("${REDOUBT_TEST_PREFIX}${name}" PROPERTIES LABELS "${labels}" TIMEOUT ${timeout}
    PROCESSORS ${processors} ENVIRONMENT "${environment}")
endfunction()
