// SPDX-License-Identifier: BSD-3-Clause
// Calls into the core and to the firmware: what is offered answers, all else is refused and logged.
#include <array>
#include <cinttypes>

#include "guest/checks/checks.hpp"

namespace redoubt::checks {
namespace {

constexpr std::int64_t kNotSupported = REDOUBT_NOT_SUPPORTED;
constexpr std::uint64_t kHintBit = std::uint64_t{1} << 16;  // SVE hint of SMCCC 1.3, to be ignored

struct Refused {
  const char* name;
  std::uint64_t function;
};

std::string answered(std::int64_t status) { return text("answer %" PRId64, status); }

void check_version(const Host& host, Report& report) {
  Registers marked{REDOUBT_HOST_VERSION};
  for (std::size_t i = 4; i < marked.size(); ++i) marked[i] = 0x5a5a000000000000 + i;
  const Registers result = host.call(REDOUBT_TEST_HVC_0, marked);
  const std::uint64_t wanted = std::uint64_t{REDOUBT_ABI_MAJOR} << 32 | REDOUBT_ABI_MINOR;
  report.check("call-version", result[0] == 0 && result[1] == wanted && result[3] == 0,
               text("ABI %" PRIu64 ".%" PRIu64 ", %s build", result[1] >> 32, result[1] & 0xffffffff,
                    (result[2] & REDOUBT_BUILD_DEBUG) != 0 ? "debug" : "release"));
  bool preserved = true;
  for (std::size_t i = 4; i < marked.size(); ++i) preserved = preserved && result[i] == marked[i];
  report.check("call-preserves-registers", preserved, "x4..x17 come back as they were");
  const Registers uid = host.call(REDOUBT_TEST_HVC_0, {REDOUBT_SMCCC_VENDOR_UID});
  report.check("call-identity",
               uid[0] == REDOUBT_UID_0 && uid[1] == REDOUBT_UID_1 && uid[2] == REDOUBT_UID_2 &&
                   uid[3] == REDOUBT_UID_3,
               "vendor UID is Redoubt's");
}

void check_ignored_bits(const Host& host, Report& report) {
  const std::int64_t upper = host.hvc(0xdead'beef'0000'0000 | REDOUBT_HOST_VERSION);
  report.check("call-ignores-upper-half", upper == 0, "bits 63:32 of the function identifier");
  const std::int64_t hint = host.hvc(REDOUBT_HOST_VERSION | kHintBit);
  report.check("call-ignores-sve-hint", hint == 0, answered(hint));
}

void check_counters(const Host& host, Report& report) {
  const std::uint64_t hvc = host.counter_or_zero(REDOUBT_COUNTER_HVC);
  const std::uint64_t again = host.counter_or_zero(REDOUBT_COUNTER_HVC);
  report.check("counter-hvc", again == hvc + 1, text("one call, %" PRIu64 " more", again - hvc));
  const std::uint64_t smc = host.counter_or_zero(REDOUBT_COUNTER_SMC);
  for (int i = 0; i < 5; ++i) (void)host.smc(kPsciVersion);
  const std::uint64_t more = host.counter_or_zero(REDOUBT_COUNTER_SMC) - smc;
  report.check("counter-smc", more == 5, text("five SMCs, %" PRIu64 " more", more));
  const std::int64_t beyond = host.hvc(REDOUBT_HOST_COUNTER, REDOUBT_COUNTER_COUNT);
  const std::int64_t far = host.hvc(REDOUBT_HOST_COUNTER, ~std::uint64_t{0});
  report.check("counter-bad-index", beyond == REDOUBT_INVALID_PARAMETER && far == REDOUBT_INVALID_PARAMETER,
               answered(beyond));
}

void check_refused_hvc(const Host& host, Report& report) {
  static constexpr std::array kList{
      Refused{"unknown-host-call", REDOUBT_HOST_CALL(0xff)},
      Refused{"smc32-form-of-host-call", 0x86000100},
      Refused{"yielding-form-of-host-call", 0x46000100},
      Refused{"guest-range", 0xc6000000},
      Refused{"psci-by-hvc", kPsciVersion},
      Refused{"psci-cpu-on-by-hvc", kPsciCpuOn},
      Refused{"system-off-by-hvc", 0x84000008},
      Refused{"kvm-stub-vectors", 0},
      Refused{"reserved", 0xff000000},
  };
  for (const Refused& entry : kList) {
    const std::uint64_t position = host.log_position();
    const std::int64_t status = host.hvc(entry.function);
    const bool logged = host.logged(position, REDOUBT_EVENT_HVC_REFUSED, entry.function);
    report.check(std::string("hvc-") + entry.name, status == kNotSupported && logged,
                 answered(status) + (logged ? ", logged" : ", NOT logged"));
  }
  static constexpr std::array kImmediates{std::pair{REDOUBT_TEST_HVC_1, 1},
                                          std::pair{REDOUBT_TEST_HVC_FFFF, 0xffff}};
  for (const auto& [conduit, immediate] : kImmediates) {
    const std::uint64_t position = host.log_position();
    const auto status = static_cast<std::int64_t>(host.call(conduit, {REDOUBT_HOST_VERSION})[0]);
    const auto value = std::uint64_t{1} << 32 | static_cast<std::uint64_t>(immediate);
    const bool logged = host.logged(position, REDOUBT_EVENT_HVC_REFUSED, value);
    report.check(text("hvc-immediate-%x", static_cast<unsigned>(immediate)),
                 status == kNotSupported && logged,
                 answered(status) + (logged ? ", logged" : ", NOT logged"));
  }
}

void check_firmware(const Host& host, Report& report) {
  const std::int64_t version = host.smc(kPsciVersion);
  report.check("control-psci-version", version >= 0x10000,
               text("PSCI %" PRId64 ".%" PRId64, version >> 16, version & 0xffff));
  const std::int64_t affinity = host.smc(kPsciAffinityInfo, 0, 0);
  report.check("control-psci-affinity-info", affinity == 0, "CPU 0 is on");
  const std::int64_t missing = host.smc(kPsciAffinityInfo, 0xff'00ff'ffff, 0);
  report.check("psci-affinity-info-no-such-cpu", missing == -2, answered(missing));
  const std::int64_t features = host.smc(kPsciFeatures, kPsciCpuOn);
  report.check("control-psci-features", features == 0, "CPU_ON is offered");
  const std::int64_t smccc = host.smc(kSmcccVersion);
  report.check("control-smccc-version", smccc >= 0x10001,
               text("SMCCC %" PRId64 ".%" PRId64, smccc >> 16, smccc & 0xffff));
  const std::int64_t suspend = host.smc(kPsciFeatures, kPsciSystemSuspend);
  report.check("psci-features-system-suspend", suspend == kNotSupported, answered(suspend));
  const std::uint64_t entry = host.own_page();
  const std::int64_t on_again = host.smc(kPsciCpuOn, 0, entry, 0);
  report.check("psci-cpu-on-already-on", on_again == -4, answered(on_again));
  const std::int64_t no_such = host.smc(kPsciCpuOn, 0x00ff'ffff, entry, 0);
  report.check("psci-cpu-on-no-such-cpu", no_such == -2, answered(no_such));
}

void check_refused_smc(const Host& host, Report& report) {
  static constexpr std::array kList{
      Refused{"system-suspend", kPsciSystemSuspend},
      Refused{"cpu-suspend", kPsciCpuSuspend},
      Refused{"cpu-default-suspend", 0xc400000c},
      Refused{"unlisted-psci", 0x8400001f},
      Refused{"sdei-version", 0xc4000020},
      Refused{"trng-version", 0x84000050},
      Refused{"silicon-provider", 0xc2000001},
      Refused{"oem", 0xc3000001},
      Refused{"trusted-os", 0xf2000000},
      Refused{"host-call-by-smc", REDOUBT_HOST_VERSION},
      Refused{"unknown", 0xc4001234},
  };
  for (const Refused& entry : kList) {
    const std::uint64_t position = host.log_position();
    const std::int64_t status = host.smc(entry.function);
    const bool logged = host.logged(position, REDOUBT_EVENT_SMC_REFUSED, entry.function);
    report.check(std::string("smc-") + entry.name, status == kNotSupported && logged,
                 answered(status) + (logged ? ", logged" : ", NOT logged"));
  }
  const auto immediate = static_cast<std::int64_t>(host.call(REDOUBT_TEST_SMC_1, {kPsciVersion})[0]);
  report.check("smc-immediate-1", immediate == kNotSupported, answered(immediate));
}

}  // namespace

void check_calls(const Host& host, Report& report) {
  report.heading("calls: what is offered answers, all else is refused");
  check_version(host, report);
  check_ignored_bits(host, report);
  check_counters(host, report);
  check_refused_hvc(host, report);
  check_firmware(host, report);
  check_refused_smc(host, report);
}

}  // namespace redoubt::checks
