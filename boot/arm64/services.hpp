// SPDX-License-Identifier: BSD-3-Clause
// What the trap handler calls: firmware services, calls of our own, emulated device accesses, the log.
#pragma once
#include <cstdint>

#include "abi/redoubt.h"
#include "boot/arm64/traps.hpp"
#include "boot/boot_info.hpp"

namespace redoubt {

// Fixed when the boot is complete.
extern constinit BootInfo boot_info;
extern constinit Board const* board;

// Boot CPU, before the host: PSCI states, log and time base.
void init_services(std::size_t boot_cpu, std::uint64_t entry_ticks, bool smccc_1_1);

// A CPU that has come up at the core's entry: where the host wants it, and the value for its x0.
[[nodiscard]] std::uint64_t take_start(std::size_t cpu, std::uint64_t& context);

// A trapped SMC / an HVC of the host with that immediate; results in `frame`.
void handle_smc(TrapFrame& frame, std::uint64_t immediate);
void handle_hvc(TrapFrame& frame, std::uint64_t immediate);

// The firmware's answer to ARCH_FEATURES about a workaround, and the workaround itself: for host and guests.
[[nodiscard]] std::int64_t workaround_features(std::uint32_t function);
std::int64_t run_workaround(std::uint32_t function, std::uint64_t argument);

// A data abort at `ipa` in a redistributor's first page. False: not such an access, or refused.
[[nodiscard]] bool emulate_redistributor(TrapFrame& frame, std::uint64_t esr, std::uint64_t ipa);

// Appends to the log; any CPU.
void log_event(redoubt_event event, std::uint64_t value);

}  // namespace redoubt
