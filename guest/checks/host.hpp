// SPDX-License-Identifier: BSD-3-Clause
// What a check may do: calls into the core, its counters and log, and the requests of the test module.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "abi/redoubt.h"
#include "host/driver/testmod/redoubt_test.h"

namespace redoubt::checks {

// Functions of the Power State Coordination Interface and of SMCCC (Arm DEN0022, DEN0028) by number.
inline constexpr std::uint64_t kPsciVersion = 0x84000000;
inline constexpr std::uint64_t kPsciCpuSuspend = 0xc4000001;
inline constexpr std::uint64_t kPsciCpuOn = 0xc4000003;
inline constexpr std::uint64_t kPsciAffinityInfo = 0xc4000004;
inline constexpr std::uint64_t kPsciFeatures = 0x8400000a;
inline constexpr std::uint64_t kPsciSystemSuspend = 0xc400000e;
inline constexpr std::uint64_t kSmcccVersion = 0x80000000;

using Registers = std::array<std::uint64_t, 18>;

struct LogRecord {
  std::uint64_t sequence;
  unsigned event;
  unsigned cpu;
  std::uint64_t microseconds;
  std::uint64_t value;
};

class Host {
 public:
  // Opens the test module's device; false if it is absent.
  [[nodiscard]] bool open();
  [[nodiscard]] int device() const { return device_; }

  // One call with x0..x17 as given; returns x0..x17 after it.
  [[nodiscard]] Registers call(redoubt_test_conduit conduit, Registers registers) const;
  // The usual cases: a function and its first arguments; returns x0.
  [[nodiscard]] std::int64_t smc(std::uint64_t function, std::uint64_t x1 = 0, std::uint64_t x2 = 0,
                                 std::uint64_t x3 = 0) const;
  [[nodiscard]] std::int64_t hvc(std::uint64_t function, std::uint64_t x1 = 0) const;

  // Whether the core answers its version call with this program's ABI.
  [[nodiscard]] bool core_present() const;
  // A counter of the core; nullopt if the core refuses it.
  [[nodiscard]] std::optional<std::uint64_t> counter(redoubt_counter which) const;
  [[nodiscard]] std::uint64_t counter_or_zero(redoubt_counter which) const {
    return counter(which).value_or(0);
  }

  // The sequence number that the next log record will get.
  [[nodiscard]] std::uint64_t log_position() const;
  // All records kept from `position` on.
  [[nodiscard]] std::vector<LogRecord> log_since(std::uint64_t position) const;
  [[nodiscard]] bool logged(std::uint64_t position, redoubt_event event, std::uint64_t value,
                            std::uint64_t mask = ~std::uint64_t{0}) const;

  // A system register as EL1 reads it. The caller survives only if the read is allowed.
  [[nodiscard]] std::uint64_t sysreg(redoubt_test_register name) const;
  // Physical address of a page of ordinary host memory, for controls.
  [[nodiscard]] std::uint64_t own_page() const;

 private:
  int device_ = -1;
};

// First line of a file, empty if it cannot be read. Writes return success.
std::string read_line(const std::string& path);
bool write_file(const std::string& path, const std::string& content);

}  // namespace redoubt::checks
