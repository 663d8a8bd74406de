// SPDX-License-Identifier: BSD-3-Clause
// What the console shows before the host starts.
#pragma once
#include "boot/boot_info.hpp"

namespace redoubt::banner {

void title();
void machine(Board const& board, BootInfo const& info, std::uint64_t keys);

}  // namespace redoubt::banner
