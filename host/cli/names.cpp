// SPDX-License-Identifier: BSD-3-Clause
// Names of the numbers of abi/redoubt.h.
#include "host/cli/names.hpp"

#include <fmt/core.h>

#include <array>
#include <string_view>

#include "abi/redoubt_ioctl.h"

namespace redoubt::cli {
namespace {

constexpr std::array<std::string_view, 17> kEvents{
    "none",        "boot",        "cpu-on",      "cpu-up",       "cpu-off",      "host-abort",
    "host-undef",  "smc-refused", "hvc-refused", "system-off",   "mmio-refused", "vm-created",
    "vm-verified", "vm-refused",  "vm-stopped",  "vm-destroyed", "guest-undef"};
static_assert(kEvents.size() == REDOUBT_EVENT_GUEST_UNDEF + 1);

constexpr std::array<std::string_view, REDOUBT_COUNTER_COUNT> kCounters{"el2-entries",
                                                                        "hvc",
                                                                        "smc",
                                                                        "stage2-faults",
                                                                        "sysreg-traps",
                                                                        "mmio-traps",
                                                                        "other-exceptions",
                                                                        "aborts-injected",
                                                                        "undef-injected",
                                                                        "host-pages-4k",
                                                                        "host-blocks-2m",
                                                                        "host-table-pages",
                                                                        "core-bytes",
                                                                        "core-image-base",
                                                                        "core-image-size",
                                                                        "core-data-base",
                                                                        "core-data-size",
                                                                        "el2-ticks",
                                                                        "boot-ticks",
                                                                        "vcpu-runs",
                                                                        "vm-exits",
                                                                        "vmids",
                                                                        "vm-pages",
                                                                        "vm-table-pages"};

constexpr std::array<std::string_view, 5> kStates{"unused", "?", "ready", "verified", "stopped"};
constexpr std::array<std::string_view, REDOUBT_EXIT_KINDS> kExits{
    "interrupt", "wfi", "mmio", "fault", "cpu-on", "cpu-off", "system-off", "system-reset", "error"};

template <class Names>
std::string name_in(Names const& names, unsigned index, std::string_view what) {
  return index < names.size() ? std::string(names[index]) : fmt::format("{}-{}", what, index);
}

}  // namespace

std::string event_name(unsigned event) { return name_in(kEvents, event, "event"); }
std::string counter_name(unsigned counter) { return name_in(kCounters, counter, "counter"); }
std::string state_name(unsigned state) { return name_in(kStates, state, "state"); }
std::string exit_name(unsigned exit) { return name_in(kExits, exit, "exit"); }

}  // namespace redoubt::cli
