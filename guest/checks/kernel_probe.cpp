// SPDX-License-Identifier: BSD-3-Clause
// One access by the host kernel, made in a task that may die of it, and the oops it leaves.
#include "guest/checks/kernel_probe.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>

#include "guest/checks/report.hpp"

namespace redoubt::checks {
namespace {

constexpr std::size_t kTableSpan = std::size_t{2} << 20;  // of a level-3 table

// The kernel's log from now on.
class KernelLog {
 public:
  KernelLog() : file_(::open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC)) { ::lseek(file_, 0, SEEK_END); }
  ~KernelLog() { ::close(file_); }
  KernelLog(const KernelLog&) = delete;
  KernelLog& operator=(const KernelLog&) = delete;
  // The next record's text; empty at the end.
  [[nodiscard]] std::string next() const {
    std::array<char, 8192> record{};
    const ssize_t length = ::read(file_, record.data(), record.size() - 1);
    if (length <= 0) return {};
    const std::string line(record.data(), static_cast<std::size_t>(length));
    return line.substr(line.find(';') + 1);
  }

 private:
  int file_;
};

void read_line_of_oops(const std::string& line, const std::string& address, Oops& oops) {
  static const std::string kTitle = "Internal error: ";
  if (line.starts_with(kTitle)) {
    oops.seen = true;
    oops.title = line.substr(kTitle.size(), line.find(" [#") - kTitle.size());
    oops.syndrome = std::strtoull(oops.title.substr(oops.title.rfind(':') + 1).c_str(), nullptr, 16);
  }
  if (line.starts_with("pc : ") &&
      (line.find("redoubt_test_") != std::string::npos || line.find(address) != std::string::npos)) {
    oops.probe_in_trace = true;
  }
  if (line.find("x1 : " + address) != std::string::npos) oops.address_in_register = true;
}

void read_log(const KernelLog& log, std::uint64_t address, TaskEnd& end) {
  static const std::string kUserSyndrome = ", ESR 0x";
  const std::string digits = text("%016llx", static_cast<unsigned long long>(address));
  for (std::string line = log.next(); !line.empty(); line = log.next()) {
    read_line_of_oops(line, digits, end.oops);
    const std::size_t at = line.find(kUserSyndrome);
    if (at != std::string::npos) {
      end.syndrome = std::strtoull(line.c_str() + at + kUserSyndrome.size(), nullptr, 16);
    }
  }
}

struct Shared {
  std::uint64_t value;
};

}  // namespace

TaskEnd run_in_task(const std::function<std::uint64_t()>& body, std::uint64_t address) {
  void* const memory =
      ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  auto* const shared = static_cast<Shared*>(memory);
  const KernelLog log;
  const pid_t child = ::fork();
  if (child == 0) {
    shared->value = body();
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  TaskEnd end;
  end.completed = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  end.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  end.value = shared->value;
  read_log(log, address, end);
  ::munmap(memory, sizeof(Shared));
  return end;
}

KernelWindow::KernelWindow(const Host& host, redoubt_test_window_kind kind, std::uint64_t physical,
                           redoubt_test_memory memory)
    : host_(host) {
  redoubt_test_window request{kind, memory, physical, 0};
  if (::ioctl(host.device(), REDOUBT_TEST_WINDOW, &request) == 0) address_ = request.virtual_address;
}

KernelWindow::~KernelWindow() {
  redoubt_test_window request{REDOUBT_TEST_WINDOW_RESTORE, 0, 0, 0};
  ::ioctl(host_.device(), REDOUBT_TEST_WINDOW, &request);
}

TaskEnd KernelWindow::probe(redoubt_test_operation operation, unsigned offset, std::uint64_t value) const {
  const auto body = [&]() -> std::uint64_t {
    redoubt_test_probe request{operation, offset, value};
    if (::ioctl(host_.device(), REDOUBT_TEST_PROBE, &request) != 0) ::_exit(3);
    return request.value;
  };
  return run_in_task(body, address_ + offset);
}

TaskEnd probe_sysreg(const Host& host, redoubt_test_register name) {
  return run_in_task([&] { return host.sysreg(name); }, 0);
}

TaskEnd probe_user_walk(const Host& host, std::uint64_t physical, unsigned table_level) {
  if (!write_file("/proc/sys/debug/exception-trace", "1")) return {};  // the kernel then logs the syndrome
  const std::size_t span = table_level == 3 ? kTableSpan : kTableSpan * 512;  // what the table translates
  const auto body = [&]() -> std::uint64_t {
    const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    char* const area = static_cast<char*>(::mmap(nullptr, 2 * span, PROT_READ | PROT_WRITE, flags, -1, 0));
    if (area == MAP_FAILED || ::madvise(area, 2 * span, MADV_NOHUGEPAGE) != 0) ::_exit(3);
    const std::size_t to_boundary = -reinterpret_cast<std::uint64_t>(area) & (span - 1);
    auto* const word = reinterpret_cast<volatile std::uint64_t*>(area + to_boundary);
    const auto aligned = reinterpret_cast<std::uint64_t>(word);
    *word = aligned;
    const redoubt_test_user_walk request{aligned, physical, table_level - 1, 0};
    if (::ioctl(host.device(), REDOUBT_TEST_USER_WALK, &request) != 0) ::_exit(3);
    if (*word != aligned) ::_exit(4);
    return 1;
  };
  return run_in_task(body, 0);
}

const char* name_of(redoubt_test_operation operation) {
  static constexpr std::array kNames{"load",      "store",  "load pair", "store pair",
                                     "exclusive", "DC ZVA", "DC CIVAC",  "execute"};
  return kNames.at(operation);
}

}  // namespace redoubt::checks
