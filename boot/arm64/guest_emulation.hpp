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
// enter, load and unload, which every run has, are functions of their own.
GuestNext guest_event(GuestEvent event, GuestArguments const& arguments);
GuestNext guest_enters(u64 vmid, u64 vcpuid);
GuestNext guest_loads();
GuestNext guest_unloads();
// GuestWord::power and GuestWord::walk_level; the other words are left in this CPU's guest_words when a vCPU
// is unloaded. walk_level_word: of a vCPU that is ACTIVE on this CPU and saved. Locks: takes pt(v).
[[nodiscard]] u64 power_word(u64 vmid, u64 vcpuid);
[[nodiscard]] u64 walk_level_word(u64 vmid, u64 vcpuid);

// What became of a trap that the layers need not hear of.
enum class InPlace : std::uint8_t {
  answered,   // and stepped over
  interrupt,  // likewise, and the vCPU is to leave as for an interrupt
  no,         // it is none of these, and nothing was done
};

// Traps that change nothing that a layer knows: reads of identification registers and calls for a version,
// answered as hardware with that constant would, and SGIs, which are the interrupt interface's. So for the
// layers there was no exit; where an SGI needs the host to wake a vCPU, there is one for an interrupt.
[[nodiscard]] InPlace answer_in_place(TrapFrame& frame, u64 esr);

}  // namespace redoubt
