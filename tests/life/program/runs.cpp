// SPDX-License-Identifier: BSD-3-Clause
// Processes and pipes.
#include "tests/life/program/runs.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <array>

#include "guest/checks/host.hpp"

namespace redoubt::life {

long now_milliseconds() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000 + time.tv_nsec / 1'000'000;
}

Run::Run(const std::string& bundle, const std::string& name) {
  std::array<int, 2> input{}, output{};
  if (::pipe2(input.data(), O_CLOEXEC) != 0 || ::pipe2(output.data(), O_CLOEXEC) != 0) return;
  child_ = ::fork();
  if (child_ == 0) {
    ::dup2(input[0], STDIN_FILENO);
    ::dup2(output[1], STDOUT_FILENO);
    ::dup2(output[1], STDERR_FILENO);
    ::execl("/bin/redoubt", "redoubt", "run", "--quiet", "--name", name.c_str(), bundle.c_str(), nullptr);
    ::_exit(127);
  }
  ::close(input[0]);
  ::close(output[1]);
  input_ = input[1];
  from_ = output[0];
}

Run::~Run() {
  if (child_ > 0) {
    kill();
    finish();
  }
  if (input_ >= 0) ::close(input_);
  if (from_ >= 0) ::close(from_);
}

void Run::kill() const { ::kill(child_, SIGKILL); }

bool Run::read_some(int milliseconds) {
  pollfd file{from_, POLLIN, 0};
  if (::poll(&file, 1, milliseconds) <= 0) return false;
  std::array<char, 512> text{};
  const ssize_t length = ::read(from_, text.data(), text.size());
  if (length <= 0) return false;
  output_.append(text.data(), static_cast<std::size_t>(length));
  return true;
}

bool Run::answer(const std::string& after, const std::string& line) {
  constexpr int kPatience = 60'000;
  while (output_.find(after) == std::string::npos) {
    if (!read_some(kPatience)) return false;
  }
  const std::string text = line + "\n";
  return ::write(input_, text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

// Each thread's state and where in the kernel it waits.
std::string Run::threads() const {
  const std::string folder = "/proc/" + std::to_string(child_) + "/task";
  std::string result;
  DIR* const tasks = ::opendir(folder.c_str());
  for (const dirent* task = tasks != nullptr ? ::readdir(tasks) : nullptr; task != nullptr;
       task = ::readdir(tasks)) {
    if (task->d_name[0] == '.') continue;
    const std::string own = folder + "/" + task->d_name;
    result += " thread: " + checks::read_line(own + "/stat").substr(0, 24) + " waits in " +
              checks::read_line(own + "/wchan") + ", system call " +
              checks::read_line(own + "/syscall").substr(0, 24) + ";";
  }
  if (tasks != nullptr) ::closedir(tasks);
  return result;
}

int Run::finish(int seconds) {
  const long until = now_milliseconds() + seconds * 1000L;
  while (read_some(static_cast<int>(until - now_milliseconds()))) {
  }
  if (now_milliseconds() >= until) {
    output_ += " | no end within " + std::to_string(seconds) + " s:" + threads();
    kill();
  }
  int status = 0;
  ::waitpid(child_, &status, 0);
  child_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1 - WTERMSIG(status);
}

}  // namespace redoubt::life
