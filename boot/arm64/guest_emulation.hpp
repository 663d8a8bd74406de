// SPDX-License-Identifier: BSD-3-Clause
// What the core emulates for guests, behind the words of core/machine/guest_machine.hpp: interrupts, timer,
// PSCI, identification registers.
#pragma once
#include <array>

#include "boot/arm64/traps.hpp"
#include "core/machine/guest_machine.hpp"

namespace redoubt {

using GuestArguments = std::array<u64, 4>;

// For the vCPU that is loaded on this CPU, where the event concerns one. What it answers goes to this CPU's
// guest_answers.
GuestNext guest_event(GuestEvent event, GuestArguments const& arguments);
u64 guest_word(GuestWord word, u64 vmid, u64 vcpuid, u64 index);

// Traps that ask for a constant, reads of identification registers and calls for a version: answered in the
// frame and stepped over, as hardware with that constant would. Nothing else of the vCPU, its VM or this CPU
// changes, so the layers, for which such a trap is no exit, never hear of it. False: it is none of these, and
// nothing was done.
[[nodiscard]] bool answer_in_place(TrapFrame& frame, u64 esr);

}  // namespace redoubt
