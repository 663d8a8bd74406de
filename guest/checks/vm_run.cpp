// SPDX-License-Identifier: BSD-3-Clause
// `redoubt run` as a child.
#include "guest/checks/vm_run.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cstdio>

namespace redoubt::checks {
namespace {

constexpr unsigned kMostVms = 15;

[[noreturn]] void become(const std::vector<std::string>& arguments, int input, int output) {
  ::dup2(input, STDIN_FILENO);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  std::vector<char*> list{const_cast<char*>("redoubt")};
  for (const std::string& argument : arguments) list.push_back(const_cast<char*>(argument.c_str()));
  list.push_back(nullptr);
  ::execv("/bin/redoubt", list.data());
  ::_exit(127);
}

}  // namespace

long now_milliseconds() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000 + time.tv_nsec / 1'000'000;
}

VmRun::VmRun(const std::vector<std::string>& arguments) {
  std::array<int, 2> input{}, output{};
  if (::pipe2(input.data(), O_CLOEXEC) != 0 || ::pipe2(output.data(), O_CLOEXEC) != 0) return;
  child_ = ::fork();
  if (child_ == 0) become(arguments, input[0], output[1]);
  ::close(input[0]);
  ::close(output[1]);
  input_ = input[1];
  output_ = output[0];
}

VmRun::~VmRun() {
  if (child_ > 0) {
    kill(SIGKILL);
    finish();
  }
  if (input_ >= 0) ::close(input_);
  if (output_ >= 0) ::close(output_);
}

std::optional<std::string> VmRun::next_line(int milliseconds) {
  for (std::size_t end = pending_.find('\n');; end = pending_.find('\n')) {
    if (end != std::string::npos) {
      std::string line = pending_.substr(0, end);
      pending_.erase(0, end + 1);
      while (!line.empty() && line.back() == '\r') line.pop_back();
      std::printf("guest| %s\n", line.c_str());
      std::fflush(stdout);
      if (line.starts_with("redoubt: ") || line.starts_with("error: ")) remarks_.push_back(line);
      return line;
    }
    pollfd file{output_, POLLIN, 0};
    if (::poll(&file, 1, milliseconds) <= 0) return std::nullopt;
    std::array<char, 512> text{};
    const ssize_t length = ::read(output_, text.data(), text.size());
    if (length <= 0) return std::nullopt;
    pending_.append(text.data(), static_cast<std::size_t>(length));
  }
}

std::optional<std::string> VmRun::expect(const std::string& start, int seconds) {
  const long until = now_milliseconds() + seconds * 1000L;
  for (long left = seconds * 1000L; left > 0; left = until - now_milliseconds()) {
    const auto line = next_line(static_cast<int>(left));
    if (!line) return std::nullopt;
    if (line->starts_with(start)) return line->substr(start.size());
  }
  return std::nullopt;
}

void VmRun::send(const std::string& line) const {
  const std::string text = line + "\n";
  if (::write(input_, text.data(), text.size()) < 0) std::perror("error: the guest's console");
}

void VmRun::kill(int signal) const { ::kill(child_, signal); }

int VmRun::finish() {
  constexpr int kPatience = 60'000, kTries = 500, kPause = 10'000;
  while (next_line(kPatience)) {
  }
  int status = 0;
  for (int tries = 0; ::waitpid(child_, &status, WNOHANG) == 0; ++tries) {
    if (tries == kTries) kill(SIGKILL);
    ::usleep(kPause);
  }
  child_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1 - WTERMSIG(status);
}

int run_and_end(const std::vector<std::string>& arguments, std::string& last) {
  VmRun run(arguments);
  const int status = run.finish();
  last = run.remarks().empty() ? "" : run.remarks().back();
  return status;
}

std::optional<redoubt_ioc_vm> find_vm(const std::string& name) {
  const int device = ::open(REDOUBT_DEVICE, O_RDWR | O_CLOEXEC);
  std::optional<redoubt_ioc_vm> result;
  for (unsigned vmid = 1; vmid <= kMostVms && device >= 0; ++vmid) {
    redoubt_ioc_vm vm{};
    vm.vmid = vmid;
    if (::ioctl(device, REDOUBT_IOC_VM_INFO, &vm) == 0 && name == vm.name) result = vm;
  }
  if (device >= 0) ::close(device);
  return result;
}

}  // namespace redoubt::checks
