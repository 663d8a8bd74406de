// SPDX-License-Identifier: BSD-3-Clause
// What the core emulates for guests, behind the words of core/machine/guest_machine.hpp: interrupts, timer, PSCI,
// identification registers.
#pragma once
#include <array>

#include "core/machine/guest_machine.hpp"

namespace redoubt {

using GuestArguments = std::array<u64, 4>;

// The vCPU is the one loaded on this CPU. What the event answers goes to this CPU's guest_answers.
GuestNext guest_event(GuestEvent event, VmId<u64> vmid, VcpuId<u64> vcpuid, GuestArguments const& arguments);
u64 guest_word(GuestWord word, VmId<u64> vmid, VcpuId<u64> vcpuid, u64 index);

}  // namespace redoubt
