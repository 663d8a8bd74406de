// SPDX-License-Identifier: BSD-3-Clause
// What the virtual interrupt controller and timer need of the CPU they run on.
#pragma once
#include <concepts>
#include <utility>

#include "machine/el2/registers.hpp"

namespace redoubt {

// `read<R>` and `write<R>` are MRS and MSR. The other two store to this CPU's physical redistributor:
//   hold_timer(true)      GICR_ISACTIVER0 bit 27, (false) GICR_ICACTIVER0 bit 27
//   enable_interrupts()   GICR_ISENABLER0 bits 25, 26 and 27, which the host may have disabled
template <class C>
concept VcpuHardware = requires(C& cpu, std::uint64_t value) {
  { cpu.template read<el2::reg::ich_vtr_el2>() } -> std::same_as<std::uint64_t>;
  cpu.template write<el2::reg::ich_hcr_el2>(value);
  cpu.hold_timer(true);
  cpu.enable_interrupts();
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
