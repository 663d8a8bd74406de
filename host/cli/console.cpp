// SPDX-License-Identifier: BSD-3-Clause
// The process on the terminal, and the one that runs the VM.
#include "host/cli/console.hpp"

#include <fmt/core.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "host/cli/error.hpp"
#include "host/cli/terminal.hpp"

namespace redoubt::cli {
namespace {

constexpr int kLastWords = 1000;  // ms

struct Ends {
  Descriptor mine, other;
};

Ends make_pair() {
  std::array<int, 2> files{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, files.data()) != 0)
    throw Error(kFailed, fmt::format("no console: {}", std::strerror(errno)));
  return {Descriptor(files[0]), Descriptor(files[1])};
}

// Passes characters both ways until the VM's side ends (false) or the user leaves (true).
bool relay(int data) {
  RawTerminal const raw(STDIN_FILENO);
  std::array<char, 1024> text{};
  for (;;) {
    std::array<pollfd, 2> files{{{STDIN_FILENO, POLLIN, 0}, {data, POLLIN, 0}}};
    if (::poll(files.data(), files.size(), -1) < 0) continue;
    if (files[1].revents != 0) {
      ssize_t const length = ::read(data, text.data(), text.size());
      if (length <= 0) return false;
      if (!write_all(STDOUT_FILENO, {text.data(), static_cast<std::size_t>(length)})) ::_exit(kFailed);
    }
    if (files[0].revents != 0) {
      ssize_t const length = ::read(STDIN_FILENO, text.data(), text.size());
      if (length <= 0) ::_exit(kFailed);  // the terminal is gone: the VM's side sees this process end
      Typed const typed = split_at_detach({text.data(), static_cast<std::size_t>(length)});
      write_all(data, typed.text);
      if (typed.detach) return true;
    }
  }
}

int wait_for(pid_t child, std::string const& name) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status)) return WEXITSTATUS(status);
  throw Error(kFailed,
              fmt::format("{}: its process was ended by signal {}; the VM is gone", name, WTERMSIG(status)));
}

}  // namespace

int with_console(std::string const& name, std::function<int(ConsoleFiles)> const& body) {
  if (::isatty(STDIN_FILENO) == 0) return body({});
  Ends data = make_pair(), control = make_pair();
  tell(fmt::format("redoubt: {}: Ctrl-] leaves the console", name));
  pid_t const child = ::fork();
  if (child < 0) throw Error(kFailed, fmt::format("no process for the VM: {}", std::strerror(errno)));
  if (child == 0) {
    data.mine.reset();
    control.mine.reset();
    ::setsid();
    return body({data.other.get(), data.other.get(), control.other.get()});
  }
  data.other.reset();
  control.other.reset();
  if (!relay(data.mine.get())) {
    data.mine.reset();  // what end_console() waits for
    return wait_for(child, name);
  }
  write_all(control.mine.get(), "D");
  tell(fmt::format("\nredoubt: {} goes on; redoubt stop {} ends it", name, name));
  return kGood;
}

void end_console(ConsoleFiles files) {
  if (files.control < 0) return;  // the VM's console is no process's
  ::shutdown(files.output, SHUT_WR);
  std::array<char, 256> typed{};
  pollfd file{files.output, POLLIN, 0};
  while (::poll(&file, 1, kLastWords) > 0 && ::read(files.output, typed.data(), typed.size()) > 0) {
  }
}

}  // namespace redoubt::cli
