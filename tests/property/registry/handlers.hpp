// SPDX-License-Identifier: BSD-3-Clause
// Whole handlers on the model machine: one trap of a random valid state, and what came of it.
#pragma once
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <functional>
#include <optional>

#include "core/trap/layers.hpp"
#include "tests/property/registry/every_primitive.hpp"
#include "tests/property/registry/tiny_params.hpp"
#include "tests/property/registry/vcpu_world.hpp"

namespace redoubt::test {

using HandlerState = State<TinyParams>;
using HandlerMachine = ModelMachine<Concrete, TinyParams>;
using Handlers = tower::TrapHandlerLayer<HandlerMachine>;

enum class Trap : std::uint8_t { call, fault, run, exit };

struct TrapOutcome {
  u64 result = 0;
  HandlerState after;
  std::vector<Event<u64>> events;
};

// Nothing if the state is none that the trap can come from.
inline std::optional<TrapOutcome> take(Trap trap, Concrete& domain, const HandlerState& from) {
  const bool host = from.cpu.cur_vmid == HOSTVISOR;
  if (host == (trap == Trap::exit)) {
    return std::nullopt;
  }
  HandlerMachine machine(domain, from);
  Handlers handlers(machine);
  u64 result = 0;
  switch (trap) {
    case Trap::call:
      handlers.host_hvc_handler();
      break;
    case Trap::fault:
      result = number(handlers.host_npt_handler());
      break;
    case Trap::run:
      result = number(handlers.host_vcpu_run_handler());
      break;
    case Trap::exit:
      result = number(handlers.vm_exit_handler());
      break;
  }
  return TrapOutcome{result, observe(machine, from), machine.events()};
}

inline bool resumes(const TrapOutcome& outcome) {
  return outcome.result == static_cast<u64>(Next::resume_guest);
}
inline u64 reg_of(const HandlerState& s, u64 number) { return s.cpu.hw.read(0, number); }
inline u64 saved(const HandlerState& s, u64 vmid, u64 vcpuid, u64 number) {
  return s.cpu.shadow.read(vmid * VCPU_PER_VM + vcpuid, number);
}

// Runs `one` on many random states; it says what is wrong, or nothing.
using OneTrap = std::function<std::string(Choice&, Concrete&)>;
inline void for_many_states(const char* name, unsigned rounds, const OneTrap& one) {
  std::string wrong;
  const bool good = rc::check(name, [&] {
    Choice choice(*random_stream());
    Concrete domain;
    for (unsigned i = 0; i < rounds; ++i) {
      Choice own = choice.branch();
      wrong = one(own, domain);
      if (!wrong.empty()) {
        RC_FAIL(wrong);
      }
    }
  });
  EXPECT_TRUE(good) << wrong;
}

}  // namespace redoubt::test
