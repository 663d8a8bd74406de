// SPDX-License-Identifier: BSD-3-Clause
// The runtime oracle of the debug core: calls and exits are checked against spec/, one at a time. The
// release core has none.
#pragma once
#include <cstdint>

#include "core/machine/fault.hpp"
#include "core/machine/types.hpp"
#include "machine/oracle/call_record.hpp"

// A test's build names one fault of core/machine/fault.hpp.
#ifndef REDOUBT_SEEDED_FAULT
#define REDOUBT_SEEDED_FAULT none
#endif

namespace redoubt::oracle {

// Steps of the machine that are checked.
enum class Primitive : std::uint32_t {
  map_page_host,
  host_hvc_handler,
  host_vcpu_run_handler,
  vm_exit_handler,
  count
};

// What WatchedMachine asks.
struct Watch {
  static constexpr Fault kSeeded = Fault::REDOUBT_SEEDED_FAULT;

  static CallRecord* record();  // nullptr unless this CPU's call is being checked
  static u64 fingerprint(u64 frame);
  static u64 last_vcpu(u64 vmid);
  // Where a vector register of a host's context is kept instead of the context; nullptr: it is there.
  static u64 const* host_vector(u64 context, u64 number);
};

// Before and after a call on this CPU: everybody else's waits in between. `argument` is the primitive's, if
// it has one; `result` is what it returned, or 0.
void begin_call();
void end_call(Primitive primitive, u64 argument, u64 result);

// The same in a checked core, nothing in any other.
template <bool Checked>
[[gnu::always_inline]] inline void begin() {
  if constexpr (Checked) begin_call();
}
template <bool Checked, class Result>
[[gnu::always_inline]] inline void end(Primitive primitive, u64 argument, Result result) {
  if constexpr (Checked) end_call(primitive, argument, static_cast<u64>(result));
}

struct Figures {
  u64 checked = 0, different = 0;
};
[[nodiscard]] Figures figures();

// Says on the console how many calls were checked.
void print_figures();

}  // namespace redoubt::oracle
