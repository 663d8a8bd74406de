// SPDX-License-Identifier: BSD-3-Clause
// What the core emulates for guests, behind the words of core/machine/guest_machine.hpp: interrupts, timer,
// PSCI, identification registers.
#pragma once
#include <array>

#include "core/machine/guest_machine.hpp"

namespace redoubt {

using GuestArguments = std::array<u64, 4>;

// For the vCPU that is loaded on this CPU, where the event concerns one. What it answers goes to this CPU's
// guest_answers.
GuestNext guest_event(GuestEvent event, GuestArguments const& arguments);
u64 guest_word(GuestWord word, u64 vmid, u64 vcpuid, u64 index);

}  // namespace redoubt
