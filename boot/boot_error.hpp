// SPDX-License-Identifier: BSD-3-Clause
// Everything that can stop the boot before the host starts, each with the sentence that the console shows.
#pragma once
#include <cstdint>

namespace redoubt {

enum class BootError : std::uint8_t {
  none,
  tree_missing,
  tree_misaligned,
  tree_outside_ram,
  tree_truncated,
  tree_corrupt,
  tree_too_large,
  tree_no_memory,
  tree_memory_misaligned,
  tree_memory_overlaps,
  tree_memory_outside_board,
  tree_too_many_regions,
  tree_too_many_reservations,
  tree_cells_unsupported,
  tree_no_cpus,
  tree_too_many_cpus,
  tree_cpu_method,
  tree_boot_cpu_missing,
  tree_no_interrupt_controller,
  tree_no_room,
  ram_too_small,
  ram_too_large,
  initrd_outside_ram,
  initrd_overlaps,
  tree_overlaps,
  core_outside_ram,
  core_misaligned,
  core_no_room,
  stage1_tables_exhausted,
  payload_missing,
  payload_not_an_image,
  payload_outside_ram,
  payload_overlaps_reservation,
  keys_malformed,
  not_el2,
  e2h_stuck,
  cpu_unsupported,
  firmware_unsupported,
  redistributor_unsupported,
};

// An error and the number that explains it (what `detail_is` says); `error == none` is success.
struct [[nodiscard]] BootFailure {
  BootError error = BootError::none;
  std::uint64_t detail = 0;
  [[nodiscard]] constexpr bool ok() const { return error == BootError::none; }
};

struct BootErrorText {
  char const* message;    // what is wrong and what to do
  char const* detail_is;  // what the number means; nullptr: there is none
};

// Total: every error has a text.
[[nodiscard]] BootErrorText boot_error_text(BootError error);

}  // namespace redoubt
