# SPDX-License-Identifier: BSD-3-Clause
# --long=oracle: what QEMU runs, on the debug core, which checks each call and exit against spec/. A difference ends a run.
# The attacks, the fuzzer and the seeded fault belong to --long=attacks too.

set(checked "oracle checked [1-9][0-9]{3,} calls and exits, 0 differ")
set(oracle_image "${REDOUBT_BOOT}/debug-6.1/redoubt.img")
set(oracle_initrd "${REDOUBT_BOOT}/debug-6.1/initramfs.cpio.gz")

foreach(machine IN ITEMS "1;max;512M" "2;neoverse-n2;1G" "4;max;2G" "8;cortex-a76;4G")
  list(GET machine 0 count)
  list(GET machine 1 cpu)
  list(GET machine 2 memory)
  redoubt_command_test(NAME "oracle-story-${count}" LABELS long-oracle TIMEOUT 420 PROCESSORS 2 NEEDS boot-debug-6.1
    MATCH "${checked}"
    COMMAND "${here}/story" --kernel=6.1 "--image=${oracle_image}" "--initrd=${oracle_initrd}" --cpus=${count} --cpu=${cpu}
            --memory=${memory} --timeout=400)
endforeach()
redoubt_command_test(NAME oracle-parallel-cpus LABELS long-oracle TIMEOUT 420 PROCESSORS 2 NEEDS boot-debug-6.1 MATCH "${checked}"
  COMMAND "${here}/story" --kernel=6.1 --no-icount --kaslr "--image=${oracle_image}" "--initrd=${oracle_initrd}" --timeout=400)
redoubt_command_test(NAME oracle-interrupts LABELS long-oracle TIMEOUT 200 PROCESSORS 2 NEEDS boot-debug-6.1 MATCH "${checked}"
  COMMAND "${CMAKE_SOURCE_DIR}/scripts/qemu" "--image=${oracle_image}" "--initrd=${oracle_initrd}" --cpus=2 --timeout=180
    "--append=console=ttyAMA0 quiet panic=-1 nokaslr redoubt.mode=vm redoubt.bundle=interrupts")
foreach(restart IN ITEMS reset kexec)
  redoubt_command_test(NAME oracle-${restart} LABELS long-oracle TIMEOUT 320 PROCESSORS 2 NEEDS boot-debug-6.1
    MATCH "${checked}" COMMAND "${CMAKE_SOURCE_DIR}/tests/attack/run-attacks" "--image=${oracle_image}"
            "--initrd=${oracle_initrd}" --attacks=${restart} --timeout=300)
endforeach()
foreach(what_and_name IN ITEMS "all;attacks" "fuzz,6000,1;fuzz")
  list(GET what_and_name 0 what)
  list(GET what_and_name 1 name)
  redoubt_command_test(NAME "oracle-${name}" LABELS long-oracle long-attacks TIMEOUT 620 PROCESSORS 2 NEEDS boot-debug-6.1
    MATCH "${checked}" COMMAND "${CMAKE_SOURCE_DIR}/tests/attack/run-attacks" "--image=${oracle_image}" "--initrd=${oracle_initrd}"
            "--attacks=${what}" --timeout=600)
endforeach()

# Pages that are given are not counted: the call and the field are named.
redoubt_command_test(NAME oracle-names-a-seeded-fault LABELS long-oracle long-attacks TIMEOUT 420 PROCESSORS 2
  NEEDS boot-seeded EXIT 1 MATCH "oracle: host_hvc_handler: vm_total\\("
  COMMAND "${here}/story" --kernel=6.1 "--image=${REDOUBT_BOOT}/seeded/redoubt.img"
          "--initrd=${REDOUBT_BOOT}/seeded/initramfs.cpio.gz" --cpus=2 --memory=1G --timeout=400)
