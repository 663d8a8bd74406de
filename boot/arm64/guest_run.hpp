// SPDX-License-Identifier: BSD-3-Clause
// Guests as the trap handler sees them: the host's calls about VMs, and the exits of a vCPU.
#pragma once
#include "boot/arm64/traps.hpp"

namespace redoubt {

// Is `function` one of the host's calls about VMs?
[[nodiscard]] bool is_vm_call(std::uint32_t function);
// Answers it. After a successful VCPU_RUN the guest is loaded, and the frame has its registers.
void handle_vm_call(TrapFrame& frame, std::uint32_t function);

// An exception of the guest that is loaded on this CPU. It goes on, or the host's registers are in the frame
// when this returns.
void handle_guest_exception(TrapFrame& frame, ExceptionCause cause);

}  // namespace redoubt
