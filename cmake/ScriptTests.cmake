# SPDX-License-Identifier: BSD-3-Clause
# The commands answer --help with 0, and what they cannot use with 2 and a message.

if(REDOUBT_EL2 OR REDOUBT_ONLY_LABELS)
  return()
endif()

foreach(script run test .ci/run scripts/guest-inputs scripts/build-module scripts/make-boot scripts/qemu scripts/fresh scripts/expect
               scripts/abi-page
               scripts/lint/sources.py scripts/lint/format.py scripts/lint/tidy.py)
  string(REPLACE "/" "-" name "${script}")
  redoubt_command_test(NAME "script-help-${name}" LABELS unit TIMEOUT 20 MATCH "Usage: .*${script}"
    COMMAND "${CMAKE_SOURCE_DIR}/${script}" --help)
  if(NOT script STREQUAL "scripts/expect")
    redoubt_command_test(NAME "script-option-${name}" LABELS unit TIMEOUT 20 EXIT 2 MATCH "^error: .*"
      COMMAND "${CMAKE_SOURCE_DIR}/${script}" --no-such-option)
  endif()
endforeach()

# redoubt_refuses(NAME MATCH COMMAND...)
function(redoubt_refuses name match script)
  redoubt_command_test(NAME "script-refuses-${name}" LABELS unit TIMEOUT 20 EXIT 2 MATCH "${match}"
    COMMAND "${CMAKE_SOURCE_DIR}/${script}" ${ARGN})
endfunction()

redoubt_refuses(run-kernel "kernel 5.10.*6.1" run --kernel=5.10)
redoubt_refuses(run-cpu "CPU model" run --cpu=pentium)
redoubt_refuses(run-cpus "1 to 8" run --cpus=9)
redoubt_refuses(run-memory "memory" run --memory=12)
redoubt_refuses(test-long "no-such-part.*existing" test --long=no-such-part)
redoubt_refuses(guest-inputs-name "kernel-6.1" scripts/guest-inputs kernel-1.0)
redoubt_refuses(build-module-arguments "three arguments" scripts/build-module 6.1)
redoubt_refuses(build-module-kernel "guest-inputs kernel-4.4" scripts/build-module 4.4 "${CMAKE_SOURCE_DIR}/tests/scripts/module" out)
redoubt_refuses(build-module-source "no such folder" scripts/build-module 6.1 no-such-folder out)
redoubt_refuses(make-boot-kernel "choose one of 6.1" scripts/make-boot --kernel=4.4 out)
redoubt_refuses(make-boot-core "missing .*redoubt-core.img" scripts/make-boot --el2=no-such-folder out)
redoubt_refuses(qemu-image "no such file" scripts/qemu --image=no-such-image)
redoubt_refuses(tidy-build "compile_commands.json" scripts/lint/tidy.py no-such-build)
redoubt_refuses(sources-file "no such file" scripts/lint/sources.py no-such-file)

# What boots: tests that say NEEDS boot-6.1 find redoubt.img and initramfs.cpio.gz in ${REDOUBT_BOOT}/6.1.
if(TARGET redoubt-pack AND EXISTS "${CMAKE_SOURCE_DIR}/guest/build-initramfs")
  foreach(kernel 6.1 6.12)
    redoubt_command_test(NAME "boot-image-${kernel}" LABELS qemu TIMEOUT 300 COST 300 MAKES boot-${kernel}
      COMMAND "${CMAKE_SOURCE_DIR}/scripts/make-boot" --kernel=${kernel} "--el2=${REDOUBT_EL2_BUILD}"
              "--tools=${CMAKE_BINARY_DIR}" "${REDOUBT_BOOT}/${kernel}")
  endforeach()
endif()

# The debug core for the long parts that need its oracle, its audit or its trace, and one with a seeded fault:
# ${REDOUBT_BOOT}/debug-6.1 and ${REDOUBT_BOOT}/seeded.
if(TARGET redoubt-pack AND EXISTS "${CMAKE_SOURCE_DIR}/guest/build-initramfs")
  foreach(image IN ITEMS "redoubt-core;debug-6.1;long-oracle;long-attacks"
          "redoubt-seeded;seeded;long-oracle;long-attacks")
    list(GET image 0 core)
    list(GET image 1 folder)
    list(SUBLIST image 2 -1 labels)
    redoubt_command_test(NAME "boot-image-${folder}" LABELS ${labels} TIMEOUT 300 MAKES "boot-${folder}"
      COMMAND "${CMAKE_SOURCE_DIR}/scripts/make-boot" --kernel=6.1 "--el2=${REDOUBT_EL2_DEBUG_BUILD}" "--core=${core}"
              "--tools=${CMAKE_BINARY_DIR}" "${REDOUBT_BOOT}/${folder}")
  endforeach()
endif()

foreach(kernel 6.1 6.12)
  redoubt_command_test(NAME "script-module-${kernel}" LABELS qemu TIMEOUT 120
    COMMAND "${CMAKE_SOURCE_DIR}/scripts/build-module" ${kernel} "${CMAKE_SOURCE_DIR}/tests/scripts/module"
            "${CMAKE_BINARY_DIR}/module-${kernel}")
endforeach()

redoubt_command_test(NAME abi-page LABELS unit lint TIMEOUT 20 MATCH "says what the headers say"
  COMMAND "${CMAKE_SOURCE_DIR}/scripts/abi-page" --check)
redoubt_command_test(NAME lint-checks LABELS unit TIMEOUT 60 MATCH "^OK"
  COMMAND python3 "${CMAKE_SOURCE_DIR}/tests/scripts/lint_test.py")
redoubt_command_test(NAME packages LABELS unit TIMEOUT 60
  COMMAND "${CMAKE_SOURCE_DIR}/tests/scripts/packages_test")
