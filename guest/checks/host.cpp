// SPDX-License-Identifier: BSD-3-Clause
// What a check may do: calls into the core, its counters and log, and the requests of the test module.
#include "guest/checks/host.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace redoubt::checks {
namespace {

constexpr std::uint64_t kNewest = std::uint64_t{1} << 62;  // a sequence number no log reaches

// A request of the module that cannot fail unless program and module do not fit together.
template <class Request>
void request(int device, unsigned long command, Request& argument) {
  if (::ioctl(device, command, &argument) != 0) {
    std::perror("error: request to /dev/redoubt-test");
    std::exit(3);
  }
}

}  // namespace

bool Host::open() {
  device_ = ::open("/dev/redoubt-test", O_RDWR | O_CLOEXEC);
  return device_ >= 0;
}

Registers Host::call(redoubt_test_conduit conduit, Registers registers) const {
  redoubt_test_call argument{};
  argument.conduit = conduit;
  std::copy(registers.begin(), registers.end(), argument.x);
  request(device_, REDOUBT_TEST_CALL, argument);
  std::copy(std::begin(argument.x), std::end(argument.x), registers.begin());
  return registers;
}

std::int64_t Host::smc(std::uint64_t function, std::uint64_t x1, std::uint64_t x2, std::uint64_t x3) const {
  return static_cast<std::int64_t>(call(REDOUBT_TEST_SMC_0, {function, x1, x2, x3})[0]);
}

std::int64_t Host::hvc(std::uint64_t function, std::uint64_t x1) const {
  return static_cast<std::int64_t>(call(REDOUBT_TEST_HVC_0, {function, x1})[0]);
}

bool Host::core_present() const {
  const Registers result = call(REDOUBT_TEST_HVC_0, {REDOUBT_HOST_VERSION});
  return result[0] == REDOUBT_SUCCESS && result[1] >> 32 == REDOUBT_ABI_MAJOR;
}

std::optional<std::uint64_t> Host::counter(redoubt_counter which) const {
  const Registers result = call(REDOUBT_TEST_HVC_0, {REDOUBT_HOST_COUNTER, which});
  if (result[0] != REDOUBT_SUCCESS) return std::nullopt;
  return result[1];
}

std::uint64_t Host::log_position() const {
  return call(REDOUBT_TEST_HVC_0, {REDOUBT_HOST_LOG_READ, kNewest})[1];
}

std::vector<LogRecord> Host::log_since(std::uint64_t position) const {
  std::vector<LogRecord> records;
  for (;;) {
    const Registers result = call(REDOUBT_TEST_HVC_0, {REDOUBT_HOST_LOG_READ, position});
    if (result[0] != REDOUBT_SUCCESS || result[1] < position) return records;
    records.push_back({result[1], static_cast<unsigned>(result[2] >> 56),
                       static_cast<unsigned>(result[2] >> 48 & 0xff), result[2] & 0xffffffffffff, result[3]});
    position = result[1] + 1;
  }
}

bool Host::logged(std::uint64_t position, redoubt_event event, std::uint64_t value,
                  std::uint64_t mask) const {
  const std::vector<LogRecord> records = log_since(position);
  return std::any_of(records.begin(), records.end(), [&](const LogRecord& record) {
    return record.event == event && (record.value & mask) == (value & mask);
  });
}

std::uint64_t Host::sysreg(redoubt_test_register name) const {
  redoubt_test_sysreg argument{name, 0, 0};
  request(device_, REDOUBT_TEST_SYSREG, argument);
  return argument.value;
}

std::uint64_t Host::own_page() const {
  redoubt_test_page argument{};
  request(device_, REDOUBT_TEST_PAGE, argument);
  return argument.physical;
}

std::string read_line(const std::string& path) {
  std::string line;
  if (std::FILE* file = std::fopen(path.c_str(), "re")) {
    for (int c = std::fgetc(file); c != EOF && c != '\n'; c = std::fgetc(file))
      line.push_back(static_cast<char>(c));
    std::fclose(file);
  }
  return line;
}

bool write_file(const std::string& path, const std::string& content) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return false;
  const bool written = ::write(file, content.data(), content.size()) == static_cast<ssize_t>(content.size());
  return ::close(file) == 0 && written;
}

}  // namespace redoubt::checks
