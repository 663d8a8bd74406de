// SPDX-License-Identifier: BSD-3-Clause
// EL2 stage 1: identity, built once. Text RX, constants R, data RW, stacks between guard pages, RAM RW XN,
// devices.
#pragma once
#include "boot/boot_error.hpp"
#include "boot/boot_info.hpp"

namespace redoubt::stage1_map {

// MMU off: maps image, console and the 4 MiB around the device tree, and fills `mmu_config`.
void build_first(Board const& board, std::uint64_t tree);

// MMU on, before the host: adds what the device tree told (RAM alias, redistributors, SMMU). Only invalid
// entries become valid, so nothing needs to be invalidated. Nothing is changed afterwards.
BootFailure complete(Board const& board, BootInfo const& info);

}  // namespace redoubt::stage1_map
