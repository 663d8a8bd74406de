// SPDX-License-Identifier: BSD-3-Clause
// What the virtual interrupt controller and timer need of the CPU they run on.
#pragma once
#include <concepts>
#include <utility>

#include "machine/el2/registers.hpp"

namespace redoubt {

// `read<R>` and `write<R>` are MRS and MSR. These store to this CPU's physical redistributor:
//   hold_timer(true)      GICR_ISACTIVER0 bit 27, (false) GICR_ICACTIVER0 bit 27
//   enable_interrupts()   GICR_ISENABLER0 bits 25, 26, 27 and the signal's, which the host may have disabled
//   clear_signal()        GICR_ICPENDR0, the signal's bit
// The signal is the physical SGI gic::kSignal:
//   has_signals()         can this CPU get it (firmware may keep it for itself)?
//   number()              of this CPU, for signal()
//   signal(cpu)           sends it to that CPU, after all that this one has written
//   catch_signal()        waits until it is pending here, but not for long, and clears it: who has meddled
//   with
//                         the redistributor waits no longer than that
template <class C>
concept VcpuHardware = requires(C& cpu, std::uint64_t value) {
  { cpu.template read<el2::reg::ich_vtr_el2>() } -> std::same_as<std::uint64_t>;
  cpu.template write<el2::reg::ich_hcr_el2>(value);
  cpu.hold_timer(true);
  cpu.enable_interrupts();
  { cpu.has_signals() } -> std::same_as<bool>;
  { cpu.number() } -> std::same_as<std::uint64_t>;
  cpu.signal(value);
  cpu.clear_signal();
  cpu.catch_signal();
};

inline constexpr unsigned kListRegisters = 16;  // at most

// Calls f.template operator()<n>() for each n below `count`, which is at most Maximum.
template <unsigned Maximum, class F>
[[gnu::always_inline]] constexpr void for_each_register(unsigned count, F f) {
  [&]<unsigned... N>(std::integer_sequence<unsigned, N...>) {
    (void)((N < count ? (f.template operator()<N>(), true) : false) && ...);
  }(std::make_integer_sequence<unsigned, Maximum>{});
}

}  // namespace redoubt
