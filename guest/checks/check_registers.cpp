// SPDX-License-Identifier: BSD-3-Clause
// Exception level, ID registers and EL2 registers as the host kernel sees them.
#include <array>
#include <cinttypes>

#include "guest/checks/checks.hpp"
#include "guest/checks/kernel_probe.hpp"

namespace redoubt::checks {
namespace {

std::uint64_t field(std::uint64_t value, unsigned high, unsigned low) {
  return value >> low & ((std::uint64_t{1} << (high - low + 1)) - 1);
}

struct Undefined {
  const char* name;
  redoubt_test_register reg;
};

void check_undefined(const Host& host, Report& report) {
  static constexpr std::array kList{
      Undefined{"HCR_EL2", REDOUBT_TEST_HCR_EL2}, Undefined{"VTTBR_EL2", REDOUBT_TEST_VTTBR_EL2},
      Undefined{"ELR_EL2", REDOUBT_TEST_ELR_EL2}, Undefined{"SMCR_EL1", REDOUBT_TEST_SMCR_EL1},
      Undefined{"GCR_EL1", REDOUBT_TEST_GCR_EL1},
  };
  for (const Undefined& entry : kList) {
    const TaskEnd end = probe_sysreg(host, entry.reg);
    const bool undefined = end.oops.seen && end.oops.title.find("ndefined instruction") != std::string::npos;
    report.check(std::string("register-") + entry.name,
                 !end.completed && undefined && end.oops.probe_in_trace,
                 undefined ? "reading it is UNDEFINED, the task dies" : "reading it was not refused");
  }
}

}  // namespace

void check_registers(const Host& host, Report& report) {
  report.heading("registers: the host runs at EL1 and sees what it may use");
  const TaskEnd level = probe_sysreg(host, REDOUBT_TEST_CURRENT_EL);
  report.check("control-register-CurrentEL", level.completed && level.value >> 2 == 1,
               text("EL%" PRIu64, level.value >> 2));
  const std::uint64_t features0 = host.sysreg(REDOUBT_TEST_ID_AA64PFR0);
  report.check("control-register-ID_AA64PFR0", field(features0, 7, 4) >= 1,
               text("EL1 field %" PRIu64, field(features0, 7, 4)));
  const std::uint64_t features1 = host.sysreg(REDOUBT_TEST_ID_AA64PFR1);
  report.check("register-mte-hidden", field(features1, 11, 8) == 0,
               text("ID_AA64PFR1.MTE %" PRIu64, field(features1, 11, 8)));
  report.check("register-sme-hidden",
               field(features1, 27, 24) == 0 && host.sysreg(REDOUBT_TEST_ID_AA64SMFR0) == 0,
               text("ID_AA64PFR1.SME %" PRIu64, field(features1, 27, 24)));
  check_undefined(host, report);
}

}  // namespace redoubt::checks
