// SPDX-License-Identifier: BSD-3-Clause
// The sentences of boot_error.hpp.
#include "boot/boot_error.hpp"

namespace redoubt {

// long: a table, one row an error
BootErrorText boot_error_text(BootError error) {
  switch (error) {
    case BootError::none:
      return {"no error", nullptr};
    case BootError::tree_missing:
      return {"no device tree in x0: start the packed image by the Linux boot protocol (QEMU -kernel, booti)",
              nullptr};
    case BootError::tree_misaligned:
      return {"the device tree is not 8-byte aligned", "address"};
    case BootError::tree_outside_ram:
      return {"the device tree lies outside RAM", "address"};
    case BootError::tree_truncated:
      return {"the device tree is cut off or has no valid header", "libfdt error"};
    case BootError::tree_corrupt:
      return {"the device tree is malformed", "libfdt error"};
    case BootError::tree_too_large:
      return {"the device tree is larger than 2 MiB", "bytes"};
    case BootError::tree_no_memory:
      return {"the device tree has no usable memory node", nullptr};
    case BootError::tree_memory_misaligned:
      return {"a memory region is not 4 KiB aligned", "address"};
    case BootError::tree_memory_overlaps:
      return {"two memory regions overlap", "address"};
    case BootError::tree_memory_outside_board:
      return {"a memory region lies outside this board's RAM window: use less memory", "address"};
    case BootError::tree_too_many_regions:
      return {"more than 32 memory regions", nullptr};
    case BootError::tree_too_many_reservations:
      return {"more than 32 memory reservations", nullptr};
    case BootError::tree_cells_unsupported:
      return {"#address-cells or #size-cells is not 1 or 2", nullptr};
    case BootError::tree_no_cpus:
      return {"the device tree has no CPU node", nullptr};
    case BootError::tree_too_many_cpus:
      return {"more than 8 CPUs: start the machine with fewer", nullptr};
    case BootError::tree_cpu_method:
      return {"a CPU's enable-method is not psci", "MPIDR"};
    case BootError::tree_boot_cpu_missing:
      return {"the boot CPU is not in the device tree", "MPIDR"};
    case BootError::tree_no_interrupt_controller:
      return {"no GICv3 where this board has it: start QEMU with gic-version=3", nullptr};
    case BootError::tree_no_room:
      return {"the edited device tree does not fit its buffer", "libfdt error"};
    case BootError::ram_too_small:
      return {"too little RAM for this board: give the machine more", "bytes needed"};
    case BootError::ram_too_large:
      return {"more RAM than this board supports: use less", "bytes supported"};
    case BootError::initrd_outside_ram:
      return {"the initrd lies outside RAM", "address"};
    case BootError::initrd_overlaps:
      return {"the initrd overlaps the image", "address"};
    case BootError::tree_overlaps:
      return {"the device tree overlaps the image", "address"};
    case BootError::core_outside_ram:
      return {"the core's image lies outside RAM", "address"};
    case BootError::core_misaligned:
      return {"the image is not at a 2 MiB aligned address: load it by its Image header", "address"};
    case BootError::core_no_room:
      return {"no free RAM for the core's tables: give the machine more", "contiguous bytes needed"};
    case BootError::stage1_tables_exhausted:
      return {"RAM is too fragmented to be mapped at EL2", "address"};
    case BootError::payload_missing:
      return {"no host kernel in the image: join them with redoubt-pack", nullptr};
    case BootError::payload_not_an_image:
      return {"the host kernel is not an arm64 Image: pack it again", nullptr};
    case BootError::payload_outside_ram:
      return {"the host kernel does not fit into RAM", "bytes needed"};
    case BootError::payload_overlaps_reservation:
      return {"the image overlaps memory that the boot loader reserved", "address"};
    case BootError::keys_malformed:
      return {"the key set in the image is malformed: pack it again", nullptr};
    case BootError::not_el2:
      return {"not started at EL2: start QEMU with virtualization=on", "exception level"};
    case BootError::e2h_stuck:
      return {"HCR_EL2.E2H cannot be cleared: this CPU has only VHE, use another", nullptr};
    case BootError::cpu_unsupported:
      return {"this CPU lacks 40-bit physical addresses or the 4 KiB granule: use another",
              "ID_AA64MMFR0_EL1"};
    case BootError::firmware_unsupported:
      return {"the firmware has no PSCI 0.2 or newer by SMC", "its version"};
    case BootError::redistributor_unsupported:
      return {"an unexpected GIC redistributor: start QEMU with gic-version=3", "address"};
  }
  return {"unknown error", nullptr};
}

}  // namespace redoubt
